/* The first few of many texts, see least.h. */
#include "least.h"

#include <string.h>

#define LIMIT_BYTES ((size_t)1 << 31)

void ul_least_init(ul_least *least) {
  *least = (ul_least){.count = 0};
  for (uint32_t i = 0; i < UL_LEAST_TEXTS; i++)
    ul_buffer_init(&least->texts[i], LIMIT_BYTES);
}

void ul_least_free(ul_least *least) {
  for (uint32_t i = 0; i < UL_LEAST_TEXTS; i++)
    ul_buffer_free(&least->texts[i]);
}

/* Below zero, zero or above, as the text stands before the kept one. */
static int compare(const char *bytes, size_t length, const ul_buffer *kept) {
  size_t common = length < kept->length ? length : kept->length;
  int sign = common > 0 ? memcmp(bytes, kept->bytes, common) : 0;
  if (sign != 0) return sign;
  return (length > kept->length) - (length < kept->length);
}

static void find_largest(ul_least *least) {
  least->largest = 0;
  for (uint32_t i = 1; i < least->count; i++) {
    const ul_buffer *largest = &least->texts[least->largest];
    const ul_buffer *text = &least->texts[i];
    if (compare(text->bytes, text->length, largest) > 0) least->largest = i;
  }
}

static bool is_kept(const ul_least *least, const char *bytes, size_t length) {
  for (uint32_t i = 0; i < least->count; i++)
    if (compare(bytes, length, &least->texts[i]) == 0) return true;
  return false;
}

static bool is_full(const ul_least *least) {
  return least->count == UL_LEAST_TEXTS;
}

bool ul_least_note(ul_least *least, const char *bytes, size_t length) {
  if (is_full(least)) {
    int sign = compare(bytes, length, &least->texts[least->largest]);
    if (sign >= 0) {
      least->more = least->more || sign > 0;
      return true;
    }
  }
  if (is_kept(least, bytes, length)) return true;
  least->more = least->more || is_full(least);
  uint32_t place = is_full(least) ? least->largest : least->count;
  ul_buffer_clear(&least->texts[place]);
  if (!ul_buffer_append(&least->texts[place], bytes, length)) return false;
  if (!is_full(least)) least->count++;
  find_largest(least);
  return true;
}
