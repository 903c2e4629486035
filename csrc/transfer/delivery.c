#include "delivery.h"

#include "multi.h"

/* A body that cannot be decoded is not worth the rest of its bytes. The next
** step hands the exchange out for the last time. */
static ul_delivery fail(ul_exchange *exchange) {
  if (exchange->easy != NULL) ul_multi_mark(exchange);
  ul_multi_stop(exchange);
  return UL_DELIVERY_FAIL;
}

static bool may_be_empty(const ul_exchange *exchange) {
  return exchange->answer.framing != UL_FRAMING_CLOSE;
}

static ul_delivery end(ul_exchange *exchange) {
  if (exchange->phase != UL_PHASE_ENDED) return UL_DELIVERY_WAIT;
  if (!ul_body_check_end(&exchange->body, may_be_empty(exchange),
                         &exchange->failure))
    return UL_DELIVERY_FAIL;
  return UL_DELIVERY_END;
}

ul_delivery ul_delivery_next(ul_exchange *exchange, char *scratch, size_t room,
                             ul_piece *piece) {
  ul_failure *failure = &exchange->failure;
  if (ul_has_failed(failure)) return fail(exchange);
  if (!ul_body_next(&exchange->body, scratch, room, piece, failure))
    return fail(exchange);
  ul_multi_resume(exchange);
  if (ul_has_failed(failure)) return fail(exchange);
  return piece->length > 0 ? UL_DELIVERY_PIECE : end(exchange);
}
