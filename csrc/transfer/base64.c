#include "base64.h"

static const char alphabet[] =
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t ul_base64_length(size_t length) {
  return (length + 2) / 3 * 4;
}

/* The letter of six bits at `i`, or the padding behind the last byte. */
static char letter(unsigned bits, size_t i, size_t length) {
  if (i >= length) return '=';
  return alphabet[bits & 63];
}

static unsigned at(const char *bytes, size_t length, size_t i) {
  return i < length ? (unsigned char)bytes[i] : 0;
}

char *ul_base64_encode(char *out, const char *bytes, size_t length) {
  for (size_t i = 0; i < length; i += 3) {
    unsigned group = at(bytes, length, i) << 16 |
                     at(bytes, length, i + 1) << 8 | at(bytes, length, i + 2);
    *out++ = letter(group >> 18, i, length);
    *out++ = letter(group >> 12, i, length);
    *out++ = letter(group >> 6, i + 1, length);
    *out++ = letter(group, i + 2, length);
  }
  return out;
}
