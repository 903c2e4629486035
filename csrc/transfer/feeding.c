#include "feeding.h"

#include "beside.h"
#include "multi.h"

/* A thread is not worth its making for less. */
#define FIRST_BYTES ((uint64_t)1 << 20)
#define FULL_BYTES ((size_t)64 << 10)

/* Of a plain body, while it is read: so much that the threads seldom wait for
** each other. So many bodies may hold it at the same time. */
#define HELD_BYTES ((size_t)512 << 10)
#define HELD_COUNT 4

ul_delivery ul_feeding_next(ul_exchange *exchange, char *scratch, size_t room,
                            ul_piece *piece, CURLMcode *code) {
  *code = CURLM_OK;
  ul_delivery delivery = ul_delivery_next(exchange, scratch, room, piece);
  bool has_come = delivery == UL_DELIVERY_WAIT;
  while (delivery == UL_DELIVERY_WAIT && has_come) {
    *code = ul_multi_go_on(exchange, &has_come);
    if (has_come) delivery = ul_delivery_next(exchange, scratch, room, piece);
  }
  return delivery;
}

bool ul_feeding_pays(const ul_exchange *exchange, const ul_sink *sink,
                     const ul_piece *piece) {
  return sink->take != NULL && piece->length >= FULL_BYTES &&
         exchange->body.body_bytes >= FIRST_BYTES &&
         exchange->multi->in_flight_count <= HELD_COUNT &&
         ul_beside_is_worth();
}

/* What comes meanwhile, as far as there is room. */
static void receive(ul_feeding *feeding, const ul_beside *beside) {
  ul_exchange *exchange = feeding->exchange;
  bool has_come = true;
  while (has_come && !exchange->body.is_paused && !ul_beside_is_done(beside))
    feeding->code = ul_multi_go_on(exchange, &has_come);
}

static void next(ul_feeding *feeding, char *scratch, size_t room) {
  if (feeding->code != CURLM_OK) return;
  feeding->delivery = ul_feeding_next(feeding->exchange, scratch, room,
                                      &feeding->piece, &feeding->code);
}

static bool has_piece(const ul_feeding *feeding) {
  return feeding->code == CURLM_OK && feeding->is_taken &&
         feeding->delivery == UL_DELIVERY_PIECE;
}

static void give(ul_feeding *feeding, ul_beside *beside) {
  ul_beside_give(beside, feeding->piece.bytes, feeding->piece.length);
  feeding->given += feeding->piece.length;
}

/* A piece stands in the body's own memory: there is no next before it is
** read. */
static void feed_plain(ul_feeding *feeding, ul_beside *beside, size_t most) {
  ul_body *body = &feeding->exchange->body;
  size_t usual = body->held_bytes;
  if (body->held_bytes < HELD_BYTES) body->held_bytes = HELD_BYTES;
  while (has_piece(feeding)) {
    give(feeding, beside);
    receive(feeding, beside);
    feeding->is_taken = ul_beside_wait(beside);
    if (!feeding->is_taken || feeding->given >= most) break;
    next(feeding, *feeding->scratch, body->held_bytes);
  }
  body->held_bytes = usual;
}

/* The next is inflated meanwhile. */
static void feed_inflated(ul_feeding *feeding, ul_beside *beside,
                          size_t most) {
  size_t other = 1;
  while (has_piece(feeding)) {
    give(feeding, beside);
    bool is_last = feeding->given >= most;
    if (!is_last) next(feeding, feeding->scratch[other], UL_PIECE_BYTES);
    feeding->is_taken = ul_beside_wait(beside);
    if (is_last) break;
    other = 1 - other;
  }
}

bool ul_feeding_run(ul_feeding *feeding, size_t most) {
  ul_beside beside;
  if (!ul_beside_open(&beside, feeding->sink->take, feeding->sink))
    return false;
  if (feeding->exchange->body.is_gzip)
    feed_inflated(feeding, &beside, most);
  else
    feed_plain(feeding, &beside, most);
  ul_beside_close(&beside);
  return true;
}
