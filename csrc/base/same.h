/*
** Whether two short runs of bytes are the same: names and keys, most of which
** are too short for a call of memcmp to pay. Both are loaded in two words that
** may overlap.
*/
#ifndef UL_SAME_H
#define UL_SAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline bool ul_same_words(const char *a, const char *b, size_t length,
                                 size_t word) {
  uint64_t a_first = 0, a_last = 0, b_first = 0, b_last = 0;
  memcpy(&a_first, a, word);
  memcpy(&b_first, b, word);
  memcpy(&a_last, a + length - word, word);
  memcpy(&b_last, b + length - word, word);
  return ((a_first ^ b_first) | (a_last ^ b_last)) == 0;
}

static inline bool ul_same(const char *a, const char *b, size_t length) {
  if (length > 32) return memcmp(a, b, length) == 0;
  if (length > 16)
    return ul_same_words(a, b, 16, 8) &&
           ul_same_words(a + length - 16, b + length - 16, 16, 8);
  if (length >= 8) return ul_same_words(a, b, length, 8);
  if (length >= 4) return ul_same_words(a, b, length, 4);
  return length == 0 ||
         (a[0] == b[0] && a[length / 2] == b[length / 2] &&
          a[length - 1] == b[length - 1]);
}

#endif
