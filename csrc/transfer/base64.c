#include "base64.h"

static const char alphabet[] =
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t ul_base64_length(size_t length) {
  return (length + 2) / 3 * 4;
}

static unsigned at(const char *bytes, size_t length, size_t i) {
  return i < length ? (unsigned char)bytes[i] : 0;
}

char *ul_base64_encode(char *out, const char *bytes, size_t length) {
  for (size_t i = 0; i < length; i += 3) {
    unsigned group = at(bytes, length, i) << 16 |
                     at(bytes, length, i + 1) << 8 | at(bytes, length, i + 2);
    *out++ = alphabet[group >> 18];
    *out++ = alphabet[group >> 12 & 63];
    *out++ = i + 1 < length ? alphabet[group >> 6 & 63] : '=';
    *out++ = i + 2 < length ? alphabet[group & 63] : '=';
  }
  return out;
}
