#include "cells.h"

#include <stdbool.h>
#include <stdint.h>

#include "cells_ranges.h"

#define COUNT(ranges) (sizeof(ranges) / sizeof *(ranges))
#define STRAY 0xfffdU  /* what a terminal shows for a byte out of place */

static bool is_in(const range *ranges, size_t count, uint32_t code) {
  size_t low = 0, high = count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (code > ranges[middle].last)
      low = middle + 1;
    else
      high = middle;
  }
  return low < count && code >= ranges[low].first;
}

static size_t cells_of(uint32_t code) {
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return 0;
  if (code < 0x300) return 1;
  if (is_in(zero, COUNT(zero), code)) return 0;
  return is_in(wide, COUNT(wide), code) ? 2 : 1;
}

static size_t sequence_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  if (lead >= 0xf0 && lead < 0xf5) return 4;
  return 0;
}

/* The code point at `text`; `*length` is how many bytes it takes. */
static uint32_t decode(const unsigned char *text, size_t left,
                       size_t *length) {
  static const unsigned char lead_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  size_t count = sequence_length(*text);
  *length = 1;
  if (count == 0 || count > left) return STRAY;
  uint32_t code = *text & lead_bits[count];
  for (size_t i = 1; i < count; i++) {
    if ((text[i] & 0xc0) != 0x80) return STRAY;
    code = code << 6 | (text[i] & 0x3fU);
  }
  if (code < least[count] || (code >= 0xd800 && code < 0xe000)) return STRAY;
  *length = count;
  return code;
}

size_t ul_cells_width(const char *text, size_t length) {
  size_t width = 0, count;
  for (size_t i = 0; i < length; i += count)
    width += cells_of(
      decode((const unsigned char *)text + i, length - i, &count));
  return width;
}

size_t ul_cells_cut(const char *text, size_t length, size_t cells) {
  size_t i = 0, width = 0, count;
  while (i < length) {
    width += cells_of(
      decode((const unsigned char *)text + i, length - i, &count));
    if (width > cells) break;
    i += count;
  }
  return i;
}
