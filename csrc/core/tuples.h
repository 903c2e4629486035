/*
** A set of tuples of 32-bit numbers, all of one width, numbered from 0 in the
** order of their coming: groups by their keys, the different things of a
** group. It knows nothing of what the numbers stand for. It owns its memory;
** tuples move when one is added.
*/
#ifndef UL_TUPLES_H
#define UL_TUPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"

#define UL_TUPLES_NONE UINT32_MAX

typedef struct ul_tuples {
  uint32_t width;
  uint64_t seed;
  ul_buffer rows;  /* of `width` numbers each */
  ul_buffer slots; /* of uint32_t: index + 1, 0 for a free one */
  uint32_t count, mask;
  uint32_t last; /* the tuple found or added last */
} ul_tuples;

/* `seed` is something that no sender of the numbers can know. */
void ul_tuples_init(ul_tuples *tuples, uint32_t width, uint64_t seed);
void ul_tuples_free(ul_tuples *tuples);

/* The index of the tuple, added where it is not there yet; UL_TUPLES_NONE
** without memory. Whether it was added shows in `count`. */
uint32_t ul_tuples_add(ul_tuples *tuples, const uint32_t *numbers);

/* The same of `count` rows: number `i` of a row's tuple is `codes[i][row]`.
** Gives their indexes; `scratch` has room for one tuple. False without
** memory. */
bool ul_tuples_add_rows(ul_tuples *tuples, const uint32_t *const *codes,
                        const size_t *rows, uint32_t count, uint32_t *scratch,
                        uint32_t *indexes);

static inline const uint32_t *ul_tuples_at(const ul_tuples *tuples,
                                           uint32_t index) {
  const uint32_t *rows = (const uint32_t *)(const void *)tuples->rows.bytes;
  return rows + (size_t)index * tuples->width;
}

#endif
