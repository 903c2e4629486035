/* Percent-encoding of every byte but RFC 3986's unreserved ones, into memory
** of the caller. What comes out is right in a query and in a form. */
#ifndef UL_PERCENT_H
#define UL_PERCENT_H

#include <stddef.h>

/* Bytes that the encoding takes. */
size_t ul_percent_length(const char *bytes, size_t length);

/* Writes the encoding to `out` and returns its end; no NUL is written. */
char *ul_percent_encode(char *out, const char *bytes, size_t length);

#endif
