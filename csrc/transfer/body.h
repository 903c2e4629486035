/*
** The body of an answer between libcurl and its reader. One buffer takes what
** comes, as it comes, and is full at a named limit; a second one is read from
** and inflated, so that what is handed out is never moved by what arrives.
** Counts bytes and keeps the limits on them. Plain C; owns both buffers.
*/
#ifndef UL_BODY_H
#define UL_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "failure.h"
#include "inflate.h"

/* Beyond so many bytes, more than so many out of one is an attack. */
#define UL_RATIO_FREE_BYTES (32u << 20)
#define UL_MAX_RATIO 200

typedef struct ul_body {
  const char *host;      /* for messages; not owned */
  ul_buffer incoming, outgoing;
  size_t held_bytes;     /* the limit on both together */
  uint64_t max_bytes;    /* of the decoded body */
  uint64_t wire_bytes;   /* as they came, still coded, without chunk framing */
  uint64_t body_bytes;   /* decoded and handed out */
  bool is_gzip;
  bool is_paused;        /* libcurl holds the rest back */
  ul_inflate inflate;
} ul_body;

/* Bytes handed out: valid until the body is next asked, or closed. */
typedef struct ul_piece {
  const char *bytes;
  size_t length;
} ul_piece;

typedef enum ul_taken {
  UL_TAKEN,
  UL_TAKEN_NOT,   /* full: hold it back */
  UL_TAKEN_FAIL   /* `failure` is set */
} ul_taken;

/* A zeroed body, or one of which only the buffers are left to be used again. */
void ul_body_init(ul_body *body, const char *host, size_t held_bytes,
                  uint64_t max_bytes);

/* Whether so many bytes more would be taken. */
bool ul_body_has_room(const ul_body *body, size_t length);

ul_taken ul_body_take(ul_body *body, const char *bytes, size_t length,
                      ul_failure *failure);

/* The next piece, at most `room` bytes, inflated into `scratch` or standing
** in the body's own memory; of length 0 when nothing is at hand.
** False: `failure` is set. */
bool ul_body_next(ul_body *body, char *scratch, size_t room, ul_piece *piece,
                  ul_failure *failure);

/* Whether so little is held that libcurl may go on. */
bool ul_body_wants_more(const ul_body *body);

/* After the last byte: whether the content coding has come to its end.
** `may_be_empty`: the framing itself vouches for a body of no bytes. */
bool ul_body_check_end(const ul_body *body, bool may_be_empty,
                       ul_failure *failure);

void ul_body_free(ul_body *body);

#endif
