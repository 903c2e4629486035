/*
** A body on its way to a sink that needs no Lua. What comes is received, and
** inflated, by the caller's thread while another one reads what has come: of
** two processors both have work, and what is read once need not wait.
*/
#ifndef UL_FEEDING_H
#define UL_FEEDING_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#include "delivery.h"
#include "exchange.h"
#include "sink.h"

/* What is handed out at a time; an inflated piece has no more room. */
#define UL_PIECE_BYTES ((size_t)96 << 10)

typedef char ul_scratch[UL_PIECE_BYTES];

typedef struct ul_feeding {
  ul_exchange *exchange;
  ul_sink *sink;         /* has `take` */
  ul_scratch *scratch;   /* two of them */
  ul_delivery delivery;
  ul_piece piece;        /* where delivery says so */
  size_t given;          /* bytes, so far */
  CURLMcode code;        /* not CURLM_OK: libcurl does not go on */
  bool is_taken;         /* false: the sink takes no more */
} ul_feeding;

/* The next piece, if need be of what libcurl has by now: as
** ul_delivery_next. */
ul_delivery ul_feeding_next(ul_exchange *exchange, char *scratch, size_t room,
                            ul_piece *piece, CURLMcode *code);

/* Whether it pays, with this piece next: there is much, and it comes faster
** than it is read. */
bool ul_feeding_pays(const ul_exchange *exchange, const ul_sink *sink,
                     const ul_piece *piece);

/* Feeds the piece and what is behind it, until so many bytes are given in
** all, or nothing more is at hand. False where there is no second thread:
** nothing was done. */
bool ul_feeding_run(ul_feeding *feeding, size_t most);

#endif
