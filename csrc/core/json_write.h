/*
** JSON text, piece by piece into a buffer. It writes what it is told and
** keeps no state: commas and nesting are the caller's.
*/
#ifndef UL_JSON_WRITE_H
#define UL_JSON_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"

typedef enum ul_written {
  UL_WRITTEN,
  UL_WRITTEN_NOT_UTF8, /* nothing was written */
  UL_WRITTEN_NO_ROOM   /* no memory, or beyond the buffer's limit */
} ul_written;

/* Quoted and escaped. Of what may be escaped only what must be is. */
ul_written ul_json_write_string(ul_buffer *out, const char *bytes,
                                size_t length);

/* False when there is no room. The double is finite. */
bool ul_json_write_integer(ul_buffer *out, int64_t value);
bool ul_json_write_real(ul_buffer *out, double value);
bool ul_json_write_newline(ul_buffer *out, size_t spaces);

#endif
