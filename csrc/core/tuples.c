/* The set of tuples, see tuples.h. */
#include "tuples.h"

#include <string.h>

#define ROWS_LIMIT_BYTES ((size_t)1 << 36)

enum { FIRST_SLOTS = 64, SPARSE_SLOTS = 1 << 14 };

/* Most tuples are narrow: functions marked so are compiled for each width up
** to NARROW, as a constant, and once for all others. */
#define EACH_WIDTH static inline __attribute__((always_inline))

enum { NARROW = 3 };

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

EACH_WIDTH uint32_t hash(const ul_tuples *tuples, const uint32_t *numbers,
                         const uint32_t width) {
  uint64_t mixed = tuples->seed;
  for (uint32_t i = 0; i < width; i++) {
    mixed = (mixed ^ numbers[i]) * 0x9e3779b97f4a7c15u;
    mixed ^= mixed >> 32;
  }
  return (uint32_t)mixed;
}

EACH_WIDTH bool is_same(const ul_tuples *tuples, uint32_t index,
                        const uint32_t *numbers, const uint32_t width) {
  const uint32_t *rows = (const uint32_t *)(const void *)tuples->rows.bytes;
  const uint32_t *row = rows + (size_t)index * width;
  uint32_t differ = 0;
  for (uint32_t i = 0; i < width; i++) differ |= row[i] ^ numbers[i];
  return differ == 0;
}

/* The slot where the tuple stands, or the free one where it would. */
EACH_WIDTH uint32_t *find(const ul_tuples *tuples, const uint32_t *numbers,
                          const uint32_t width) {
  uint32_t *slots = slots_of(tuples);
  uint32_t i = hash(tuples, numbers, width) & tuples->mask;
  while (slots[i] != 0 && !is_same(tuples, slots[i] - 1, numbers, width))
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
    *find(tuples, ul_tuples_at(tuples, i), tuples->width) = i + 1;
  return true;
}

/* Few tuples stand far apart, so that the first look mostly finds them. */
static bool is_crowded(const ul_tuples *tuples) {
  if (tuples->mask < SPARSE_SLOTS) return tuples->count >= tuples->mask / 4;
  return tuples->count >= tuples->mask / 2;
}

static uint32_t append(ul_tuples *tuples, const uint32_t *numbers) {
  if (!ul_buffer_append(&tuples->rows, (const char *)numbers,
                        tuples->width * sizeof *numbers))
    return UL_TUPLES_NONE;
  return tuples->count++;
}

EACH_WIDTH uint32_t add(ul_tuples *tuples, const uint32_t *numbers,
                        const uint32_t width) {
  if (tuples->count > 0 && is_same(tuples, tuples->last, numbers, width))
    return tuples->last;
  if (is_crowded(tuples) && !grow(tuples)) return UL_TUPLES_NONE;
  uint32_t *slot = find(tuples, numbers, width);
  if (*slot == 0) {
    uint32_t index = append(tuples, numbers);
    if (index == UL_TUPLES_NONE) return index;
    *slot = index + 1;
  }
  tuples->last = *slot - 1;
  return tuples->last;
}

uint32_t ul_tuples_add(ul_tuples *tuples, const uint32_t *numbers) {
  if (tuples->width > 0) return add(tuples, numbers, tuples->width);
  tuples->count = 1; /* there is but one */
  return 0;
}

/* ---- many rows ---- */

/* A large set answers late: the slots and tuples of rows to come are asked for
** while those before them are looked for. */
enum { FAR_SLOTS = 1 << 15, TUPLE_AHEAD = 6, SLOT_AHEAD = 12 };

typedef struct coming {
  const uint32_t *const *codes;
  const size_t *rows;
  uint32_t count;
} coming;

EACH_WIDTH const uint32_t *slot_of(const ul_tuples *tuples, const coming *c,
                                   uint32_t i, const uint32_t width) {
  uint32_t numbers[NARROW];
  for (uint32_t j = 0; j < width; j++) numbers[j] = c->codes[j][c->rows[i]];
  return slots_of(tuples) + (hash(tuples, numbers, width) & tuples->mask);
}

EACH_WIDTH void look_ahead(const ul_tuples *tuples, const coming *c,
                           uint32_t i, const uint32_t width) {
  if (i + SLOT_AHEAD < c->count)
    __builtin_prefetch(slot_of(tuples, c, i + SLOT_AHEAD, width));
  if (i + TUPLE_AHEAD >= c->count) return;
  uint32_t index = *slot_of(tuples, c, i + TUPLE_AHEAD, width);
  if (index != 0) __builtin_prefetch(ul_tuples_at(tuples, index - 1));
}

EACH_WIDTH bool add_rows(ul_tuples *tuples, const uint32_t *const *codes,
                         const size_t *rows, uint32_t count,
                         uint32_t *scratch, uint32_t *indexes,
                         const uint32_t width) {
  uint32_t narrow[NARROW];
  uint32_t *numbers = width <= NARROW ? narrow : scratch;
  coming c = {codes, rows, count};
  for (uint32_t i = 0; i < count; i++) {
    if (width <= NARROW && tuples->mask >= FAR_SLOTS)
      look_ahead(tuples, &c, i, width);
    for (uint32_t j = 0; j < width; j++) numbers[j] = codes[j][rows[i]];
    indexes[i] = add(tuples, numbers, width);
    if (indexes[i] == UL_TUPLES_NONE) return false;
  }
  return true;
}

bool ul_tuples_add_rows(ul_tuples *tuples, const uint32_t *const *codes,
                        const size_t *rows, uint32_t count, uint32_t *scratch,
                        uint32_t *indexes) {
  switch (tuples->width) {
    case 0:
      tuples->count = 1;
      memset(indexes, 0, count * sizeof *indexes);
      return true;
    case 1: return add_rows(tuples, codes, rows, count, scratch, indexes, 1);
    case 2: return add_rows(tuples, codes, rows, count, scratch, indexes, 2);
    case NARROW:
      return add_rows(tuples, codes, rows, count, scratch, indexes, NARROW);
    default:
      return add_rows(tuples, codes, rows, count, scratch, indexes,
                      tuples->width);
  }
}
