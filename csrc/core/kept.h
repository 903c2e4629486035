/*
** Rows that are kept, as typed columns: texts and booleans as codes, figures
** as int64 or double (column.h). Rows stand in chunks, each of the size that
** it needs; a column that is the same in all rows of a chunk takes no room
** there. Dictionaries are one for all chunks. It owns its memory, and knows
** how much that is.
*/
#ifndef UL_KEPT_H
#define UL_KEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "column.h"
#include "figure.h"

/* Rows of a full chunk, where they are not as they came. */
enum { UL_KEPT_CHUNK_ROWS = 4096 };

/* A column in one chunk. */
typedef struct ul_kept_cells {
  uint32_t code;      /* that of all rows, where there are no codes */
  uint32_t *codes;    /* NULL: see above */
  ul_figure *figures; /* of numbers; NULL where no row has one */
} ul_kept_cells;

typedef struct ul_kept_chunk {
  size_t rows;
  size_t before; /* rows of the chunks before it */
  uint32_t columns;      /* that there were when it was made; it has nothing */
                         /* in those that came later */
  ul_kept_cells cells[]; /* one for each */
} ul_kept_chunk;

typedef struct ul_kept_column {
  ul_column_kind kind;
  ul_dictionary dictionary; /* of texts */
} ul_kept_column;

typedef struct ul_kept {
  ul_kept_column *columns;
  uint32_t column_count;
  ul_buffer chunks; /* of ul_kept_chunk * */
  size_t rows;
  size_t cell_bytes; /* of all chunks */
} ul_kept;

/* Rows of these columns; false without memory, and then it is empty. */
bool ul_kept_init(ul_kept *kept, const ul_column *columns, uint32_t count,
                  uint64_t seed);
void ul_kept_free(ul_kept *kept);

/* Keeps the first `rows` rows of the columns, whose codes are those of the
** dictionaries here; false without memory, and then nothing was kept. */
bool ul_kept_add(ul_kept *kept, const ul_column *columns, size_t rows);

/* One more column, without a value in the rows that are there; false without
** memory. */
bool ul_kept_add_column(ul_kept *kept, ul_column_kind kind, uint64_t seed);

/* Takes over the rows of another one, which is empty afterwards. `map` says for
** each of its columns which one that is here, of the same kind; no two are one.
** False without memory, and then no row was moved. */
bool ul_kept_append(ul_kept *kept, ul_kept *other, const uint32_t *map);

/* Whether both have as many rows in each chunk. */
bool ul_kept_is_parallel(const ul_kept *kept, const ul_kept *other);

/* Puts the columns of another one, which is parallel, behind ours; the other is
** empty afterwards. False without memory, and then both are as they were. */
bool ul_kept_attach(ul_kept *kept, ul_kept *other);

/* Fills `kept`, which is all zero, with a copy of these columns of the rows,
** figures in other units. False without memory; what was made until then is
** `kept`'s. */
bool ul_kept_copy(ul_kept *kept, const ul_kept *from, const uint32_t *columns,
                  const ul_scale *scales, uint32_t count);

/* All that it takes, in bytes. */
size_t ul_kept_bytes(const ul_kept *kept);

static inline uint32_t ul_kept_chunk_count(const ul_kept *kept) {
  return (uint32_t)(kept->chunks.length / sizeof(void *));
}

static inline ul_kept_chunk *ul_kept_chunk_at(const ul_kept *kept,
                                              uint32_t index) {
  return ((ul_kept_chunk **)(void *)kept->chunks.bytes)[index];
}

/* The chunk that has the row, which is one; `*at` is its place in there. */
const ul_kept_chunk *ul_kept_find(const ul_kept *kept, size_t row, size_t *at);

static inline ul_column_value ul_kept_value(const ul_kept_chunk *chunk,
                                            uint32_t column, size_t at) {
  if (column >= chunk->columns) return (ul_column_value){.code = 0};
  const ul_kept_cells *cells = &chunk->cells[column];
  ul_column_value value = {.code = cells->codes != NULL ? cells->codes[at]
                                                        : cells->code};
  if (value.code != 0 && cells->figures != NULL)
    value.figure = cells->figures[at];
  return value;
}

#endif
