/*
** Undoes gzip (RFC 1952) piece by piece, over zlib. It knows the end of the
** stream, which libcurl 7.88 does not ask for: a file cut in half is not
** whole. Several members one after the other are one body (RFC 1952 2.2);
** any other byte after a member is refused. Owns zlib's state.
*/
#ifndef UL_INFLATE_H
#define UL_INFLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#define ZLIB_CONST
#include <zlib.h>

typedef struct ul_inflate {
  z_stream stream;
  bool is_open;         /* zlib's state exists */
  bool is_in_member;
  bool is_full;         /* the output ran out: there may be more inside */
  uint64_t members;     /* whole ones so far */
  uint64_t bytes_in, bytes_out;
  const char *problem;  /* what is wrong with the stream; static */
} ul_inflate;

typedef enum ul_inflate_result {
  UL_INFLATE_OK,
  UL_INFLATE_BROKEN,    /* `problem` says how */
  UL_INFLATE_NO_MEMORY
} ul_inflate_result;

/* Inflates until input or room is used up. `*used` bytes were taken of `in`,
** `*made` written to `out`. A zeroed ul_inflate is a fresh one. */
ul_inflate_result ul_inflate_run(ul_inflate *gzip, const char *in,
                                 size_t length, size_t *used, char *out,
                                 size_t room, size_t *made);

/* Whether the input may end here: after at least one whole member. */
bool ul_inflate_is_whole(const ul_inflate *gzip);

/* Whether the output is beyond `ratio` times the input. */
bool ul_inflate_exceeds(const ul_inflate *gzip, uint64_t ratio);

void ul_inflate_close(ul_inflate *gzip);

#endif
