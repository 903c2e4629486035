/*
** From an item to rows of the batch: each column reads its value from where it
** comes from. An item that is not just as the columns expect it is kept as it
** came, for Lua to judge; so is, until the next take, one of which a condition
** has to say something for the first time.
*/
#ifndef UL_FOLD_ITEMS_H
#define UL_FOLD_ITEMS_H

#include <stdbool.h>
#include <stddef.h>

#include "fold_spec.h"

/* For a reader of JSON, whose taker it is (json_select.h), with the fold as
** context. False: no memory. */
bool ul_fold_take_item(void *fold, const char *bytes, size_t length);

/* The same of a row of CSV (csv_read.h). */
bool ul_fold_take_row(void *fold, const char *bytes, size_t length);

/* The items in `doubts` or `pending`. */
static inline size_t ul_fold_count_kept(const ul_buffer *list) {
  return list->length / sizeof(ul_fold_kept);
}

static inline ul_fold_kept *ul_fold_kept_at(const ul_buffer *list, size_t i) {
  return (ul_fold_kept *)(void *)list->bytes + i;
}

#endif
