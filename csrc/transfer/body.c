#include "body.h"

#include <inttypes.h>

/* What gzip may add to bytes that it cannot make smaller. */
#define CODING_SLACK_BYTES 65536

void ul_body_init(ul_body *body, const char *host, size_t held_bytes,
                  uint64_t max_bytes) {
  *body = (ul_body){.host = host, .held_bytes = held_bytes,
                    .max_bytes = max_bytes, .incoming = body->incoming,
                    .outgoing = body->outgoing};
  ul_buffer_reuse(&body->incoming, SIZE_MAX / 4);
  ul_buffer_reuse(&body->outgoing, SIZE_MAX / 4);
}

static size_t held(const ul_body *body) {
  return body->incoming.length + body->outgoing.length;
}

bool ul_body_has_room(const ul_body *body, size_t length) {
  if (held(body) == 0) return true;  /* one piece always fits */
  return held(body) < body->held_bytes &&
         length <= body->held_bytes - held(body);
}

static bool fail_size(const ul_body *body, ul_failure *failure) {
  return ul_failure_note(failure, "limit", "body_bytes",
                         "the answer from %s is larger than %" PRIu64
                         " bytes (max_body_bytes)",
                         body->host, body->max_bytes);
}

/* A coded body may be a little longer than what it holds, not more: a row
** of empty members would otherwise never end. */
static uint64_t max_wire_bytes(const ul_body *body) {
  uint64_t slack = body->max_bytes / 64 + CODING_SLACK_BYTES;
  if (!body->is_gzip || body->max_bytes > UINT64_MAX - slack)
    return body->max_bytes;
  return body->max_bytes + slack;
}

ul_taken ul_body_take(ul_body *body, const char *bytes, size_t length,
                      ul_failure *failure) {
  if (!ul_body_has_room(body, length)) {
    body->is_paused = true;
    return UL_TAKEN_NOT;
  }
  body->wire_bytes += length;
  if (body->wire_bytes > max_wire_bytes(body)) {
    fail_size(body, failure);
    return UL_TAKEN_FAIL;
  }
  if (!ul_buffer_append(&body->incoming, bytes, length)) {
    ul_failure_memory(failure);
    return UL_TAKEN_FAIL;
  }
  return UL_TAKEN;
}

/* Makes what came readable, once what was readable is used up. */
static void turn(ul_body *body) {
  if (body->outgoing.length > 0) return;
  ul_buffer read = body->outgoing;
  body->outgoing = body->incoming;
  body->incoming = read;
}

static void next_plain(ul_body *body, size_t room, ul_piece *piece) {
  size_t length = body->outgoing.length < room ? body->outgoing.length : room;
  *piece = (ul_piece){body->outgoing.bytes, length};
  ul_buffer_consume(&body->outgoing, length);
  body->body_bytes += length;
}

static bool check_inflated(const ul_body *body, ul_failure *failure) {
  const ul_inflate *inflate = &body->inflate;
  if (inflate->bytes_out > body->max_bytes) return fail_size(body, failure);
  if (inflate->bytes_out > UL_RATIO_FREE_BYTES &&
      ul_inflate_exceeds(inflate, UL_MAX_RATIO))
    return ul_failure_note(failure, "limit", "ratio",
                           "the answer from %s expands more than %d : 1 "
                           "(%" PRIu64 " bytes out of %" PRIu64 ")",
                           body->host, UL_MAX_RATIO, inflate->bytes_out,
                           inflate->bytes_in);
  return true;
}

static bool fail_inflate(const ul_body *body, ul_inflate_result result,
                         ul_failure *failure) {
  if (result == UL_INFLATE_NO_MEMORY) return ul_failure_memory(failure);
  return ul_failure_note(failure, "encoding", "gzip",
                         "the gzip answer from %s is broken after %" PRIu64
                         " bytes: %s",
                         body->host, body->inflate.bytes_in,
                         body->inflate.problem);
}

static bool next_inflated(ul_body *body, char *scratch, size_t room,
                          ul_piece *piece, ul_failure *failure) {
  size_t used, made;
  ul_inflate_result result =
    ul_inflate_run(&body->inflate, body->outgoing.bytes, body->outgoing.length,
                   &used, scratch, room, &made);
  ul_buffer_consume(&body->outgoing, used);
  if (result != UL_INFLATE_OK) return fail_inflate(body, result, failure);
  *piece = (ul_piece){scratch, made};
  body->body_bytes += made;
  return check_inflated(body, failure);
}

/* Input may be used up without output: a header, an empty member. */
static bool has_coded(const ul_body *body) {
  return held(body) > 0 || body->inflate.is_full;
}

bool ul_body_next(ul_body *body, char *scratch, size_t room, ul_piece *piece,
                  ul_failure *failure) {
  *piece = (ul_piece){scratch, 0};
  if (!body->is_gzip) {
    turn(body);
    if (body->outgoing.length > 0) next_plain(body, room, piece);
    return true;
  }
  while (piece->length == 0 && has_coded(body)) {
    turn(body);
    if (!next_inflated(body, scratch, room, piece, failure)) return false;
  }
  return true;
}

bool ul_body_wants_more(const ul_body *body) {
  return body->is_paused && held(body) <= body->held_bytes / 2;
}

bool ul_body_check_end(const ul_body *body, bool may_be_empty,
                       ul_failure *failure) {
  if (!body->is_gzip || ul_inflate_is_whole(&body->inflate)) return true;
  if (body->wire_bytes == 0 && may_be_empty) return true;
  return ul_failure_note(failure, "cut", "gzip",
                         "the gzip answer from %s is cut: it ends after "
                         "%" PRIu64 " bytes, inside the stream",
                         body->host, body->wire_bytes);
}

void ul_body_free(ul_body *body) {
  ul_buffer_free(&body->incoming);
  ul_buffer_free(&body->outgoing);
  ul_inflate_close(&body->inflate);
}
