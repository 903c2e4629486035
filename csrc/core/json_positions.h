/*
** Rows that are arrays: which node of the plan (json_plan.h) the value at each
** of their positions has, by the names that a side value lists, as texts or
** under a path in objects (`meta.columns[].name`). It owns the list.
*/
#ifndef UL_JSON_POSITIONS_H
#define UL_JSON_POSITIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "json_plan.h"

typedef struct ul_json_positions {
  bool are_wanted; /* rows are arrays */
  uint32_t side;   /* which side value lists the names */
  ul_buffer path;  /* of the name in each of its values; empty: that is it */
  bool are_known;
  bool are_wrong;  /* it is no list of names: for others to say */
  ul_buffer nodes; /* of uint32_t, by position from 0; 0: nobody's */
} ul_json_positions;

void ul_positions_init(ul_json_positions *positions);
void ul_positions_free(ul_json_positions *positions);

/* Another document has names of its own. */
void ul_positions_forget(ul_json_positions *positions);

/* Reads them from the side value at `at` of a tape; false without memory. */
bool ul_positions_read(ul_json_positions *positions, const ul_json_plan *plan,
                       const char *at);

static inline uint64_t ul_positions_count(const ul_json_positions *positions) {
  return positions->nodes.length / sizeof(uint32_t);
}

/* 0 also behind the last one. */
static inline uint32_t ul_positions_node(const ul_json_positions *positions,
                                         uint64_t position) {
  const uint32_t *nodes =
    (const uint32_t *)(const void *)positions->nodes.bytes;
  return position < ul_positions_count(positions) ? nodes[position] : 0;
}

#endif
