/*
** The batch of rows of a fold: room for them, which of them are none any more,
** and what becomes of a full one: its rows go through the rules, or are kept.
*/
#ifndef UL_FOLD_BATCH_H
#define UL_FOLD_BATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "fold_spec.h"

/* Rows that are added up at once: few enough to stay in the cache. */
enum { UL_FOLD_BATCH_ROWS = 1024 };

/* Whether the row was taken back. */
static inline bool ul_fold_is_dead(const ul_fold *fold, size_t row) {
  return row < fold->dead.length && fold->dead.bytes[row];
}

/* Of the four below, false: no memory. */

/* Takes rows back, up to `end`, which is excluded. */
bool ul_fold_bury(ul_fold *fold, size_t row, size_t end);

/* Room for so many more rows. */
bool ul_fold_make_more_room(ul_fold *fold, size_t rows);

static inline bool ul_fold_make_room(ul_fold *fold, size_t rows) {
  return fold->rows + rows <= fold->room || ul_fold_make_more_room(fold, rows);
}

/* Ends the batch: an empty one follows, but where rows are kept. */
bool ul_fold_add_up(ul_fold *fold);

/* Rows that are kept stay in the batch until there are at least so many. */
bool ul_fold_keep_rows(ul_fold *fold, size_t least);

#endif
