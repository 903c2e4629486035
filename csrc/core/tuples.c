/* The set of tuples, see tuples.h. */
#include "tuples.h"

#include <string.h>

#define ROWS_LIMIT_BYTES ((size_t)1 << 36)

enum { FIRST_SLOTS = 64 };

void ul_tuples_init(ul_tuples *tuples, uint32_t width, uint64_t seed) {
  *tuples = (ul_tuples){.width = width, .seed = seed};
  ul_buffer_init(&tuples->rows, ROWS_LIMIT_BYTES);
  ul_buffer_init(&tuples->slots, ROWS_LIMIT_BYTES);
}

void ul_tuples_free(ul_tuples *tuples) {
  ul_buffer_free(&tuples->rows);
  ul_buffer_free(&tuples->slots);
}

static uint32_t *slots_of(const ul_tuples *tuples) {
  return (uint32_t *)(void *)tuples->slots.bytes;
}

static uint32_t hash(const ul_tuples *tuples, const uint32_t *numbers) {
  uint64_t mixed = tuples->seed;
  for (uint32_t i = 0; i < tuples->width; i++) {
    mixed = (mixed ^ numbers[i]) * 0x9e3779b97f4a7c15u;
    mixed ^= mixed >> 32;
  }
  return (uint32_t)mixed;
}

static bool is_same(const ul_tuples *tuples, uint32_t index,
                    const uint32_t *numbers) {
  const uint32_t *row = ul_tuples_at(tuples, index);
  for (uint32_t i = 0; i < tuples->width; i++)
    if (row[i] != numbers[i]) return false;
  return true;
}

/* The slot where the tuple stands, or the free one where it would. */
static uint32_t *find(const ul_tuples *tuples, const uint32_t *numbers) {
  uint32_t *slots = slots_of(tuples);
  uint32_t i = hash(tuples, numbers) & tuples->mask;
  while (slots[i] != 0 && !is_same(tuples, slots[i] - 1, numbers))
    i = (i + 1) & tuples->mask;
  return &slots[i];
}

static bool grow(ul_tuples *tuples) {
  size_t count = tuples->mask == 0 ? FIRST_SLOTS
                                   : ((size_t)tuples->mask + 1) * 2;
  ul_buffer slots;
  ul_buffer_init(&slots, ROWS_LIMIT_BYTES);
  if (count > UINT32_MAX ||
      !ul_buffer_reserve(&slots, count * sizeof(uint32_t)))
    return false;
  slots.length = count * sizeof(uint32_t);
  memset(slots.bytes, 0, slots.length);
  ul_buffer_free(&tuples->slots);
  tuples->slots = slots;
  tuples->mask = (uint32_t)(count - 1);
  for (uint32_t i = 0; i < tuples->count; i++)
    *find(tuples, ul_tuples_at(tuples, i)) = i + 1;
  return true;
}

static bool is_crowded(const ul_tuples *tuples) {
  return tuples->mask == 0 || tuples->count >= tuples->mask / 4 * 3;
}

uint32_t ul_tuples_add(ul_tuples *tuples, const uint32_t *numbers) {
  if (tuples->width == 0) {
    tuples->count = 1; /* there is but one */
    return 0;
  }
  if (tuples->count > 0 && is_same(tuples, tuples->last, numbers))
    return tuples->last;
  if (is_crowded(tuples) && !grow(tuples)) return UL_TUPLES_NONE;
  uint32_t *slot = find(tuples, numbers);
  if (*slot == 0) {
    if (!ul_buffer_append(&tuples->rows, (const char *)numbers,
                          tuples->width * sizeof *numbers))
      return UL_TUPLES_NONE;
    *slot = ++tuples->count;
  }
  tuples->last = *slot - 1;
  return tuples->last;
}
