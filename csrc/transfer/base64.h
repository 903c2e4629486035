/* Base64 (RFC 4648 4), encoding only, into memory of the caller. */
#ifndef UL_BASE64_H
#define UL_BASE64_H

#include <stddef.h>

/* Bytes that encoding `length` bytes takes, padding included. */
size_t ul_base64_length(size_t length);

/* Writes the encoding to `out` and returns its end; no NUL is written. */
char *ul_base64_encode(char *out, const char *bytes, size_t length);

#endif
