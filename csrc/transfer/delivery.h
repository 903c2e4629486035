/*
** The way of a body from a transfer to its reader: pieces while there are
** any, then wait, end or failure; reading makes room, so libcurl goes on.
*/
#ifndef UL_DELIVERY_H
#define UL_DELIVERY_H

#include <stddef.h>

#include "exchange.h"

typedef enum ul_delivery {
  UL_DELIVERY_PIECE,
  UL_DELIVERY_WAIT,   /* nothing at hand, more may come */
  UL_DELIVERY_END,    /* all was handed out, and all was well */
  UL_DELIVERY_FAIL    /* exchange->failure says why; from now on always */
} ul_delivery;

/* The next piece of at most `room` bytes; it stands in `scratch` (of `room`
** bytes) or in the exchange until the next call. A failure comes at once,
** before what is still held: an answer that is not whole is not used. */
ul_delivery ul_delivery_next(ul_exchange *exchange, char *scratch, size_t room,
                             ul_piece *piece);

#endif
