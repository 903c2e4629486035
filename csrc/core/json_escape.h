/*
** The escapes of JSON strings, read and written. Plain C over given bytes.
*/
#ifndef UL_JSON_ESCAPE_H
#define UL_JSON_ESCAPE_H

#include <stddef.h>

enum {
  UL_ESCAPE_CUT = 0,
  UL_ESCAPE_WRONG = -1,
  UL_ESCAPE_SURROGATE = -2 /* half of a pair without the other half */
};

/* Reads the escape at `p`, which is a backslash; two halves of a surrogate
** pair are one escape. Writes its UTF-8 (at most 4 bytes) to `out` and its
** size to `*size`. Gives how many bytes it took, or why it took none. */
int ul_unescape(const char *p, const char *end, char *out, size_t *size);

enum { UL_ESCAPED_BYTES = 6 };

/* Writes the escape of a quote, backslash or control character (at most
** UL_ESCAPED_BYTES) and gives its size. */
size_t ul_escape(char c, char *out);

#endif
