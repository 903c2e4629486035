/*
** The header blocks of an answer as libcurl hands them over, line by line:
** interim ones (1xx), the final one, trailers. Keeps the final block's
** fields, and says what they mean for the body: how it is framed (RFC 9112
** 6.3) and coded (RFC 9110 8.4). Plain C; owns the fields' text.
*/
#ifndef UL_ANSWER_H
#define UL_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "failure.h"

typedef enum ul_framing {
  UL_FRAMING_CLOSE,    /* the body ends where the connection does */
  UL_FRAMING_LENGTH,
  UL_FRAMING_CHUNKED,
  UL_FRAMING_HTTP2
} ul_framing;

typedef struct ul_answer {
  const char *host;         /* for messages; not owned */
  bool is_head;             /* the request was a HEAD */
  bool unpacks;             /* a good answer (2xx) is a gzip file */
  size_t max_header_bytes;  /* of all blocks together */
  size_t header_bytes;
  ul_buffer fields;         /* name NUL value NUL ...; names in lower case */
  int status;               /* of the block being read; 0 before any */
  bool is_complete;         /* the final block has ended */
  bool is_bodyless;         /* HEAD, 204, 304: no body, whatever fields say */
  bool is_gzip;
  ul_framing framing;
  bool has_length;
  uint64_t content_length;  /* bytes of the body on the wire */
} ul_answer;

/* A zeroed answer, or one of which only the buffer is left to be used again. */
void ul_answer_init(ul_answer *answer, const char *host, bool is_head,
                    size_t max_header_bytes);

/* Takes one line with its line end. False: `failure` is set, stop. */
bool ul_answer_take(ul_answer *answer, const char *line, size_t length,
                    ul_failure *failure);

/* The next field after `*place` (0 at first). False past the last. */
bool ul_answer_next(const ul_answer *answer, size_t *place, const char **name,
                    const char **value);

const char *ul_framing_name(ul_framing framing);

void ul_answer_free(ul_answer *answer);

#endif
