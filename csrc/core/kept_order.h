/*
** The order of kept rows: their numbers, sorted by some of their columns. It
** is that of usagelua.order: absent, false, true, numbers by their value,
** texts by their bytes. Equal rows stay as they stood. It owns its memory.
*/
#ifndef UL_KEPT_ORDER_H
#define UL_KEPT_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "figure.h"
#include "kept.h"

typedef struct ul_order_key {
  uint32_t column;
  ul_scale scale;     /* in which figures are compared */
  bool is_descending;
  bool absent_last;   /* in either direction */
} ul_order_key;

/* Sorts `count` row numbers, from 0, by the keys: the first decides, the next
** ones among equals. False without memory; then they are in some order. */
bool ul_kept_sort(const ul_kept *kept, uint32_t *numbers, size_t count,
                  const ul_order_key *keys, uint32_t key_count);

#endif
