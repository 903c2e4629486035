/*
** A rule over the rows of batches: conditions let rows in, which are added up
** in groups. What comes out are parts of figures that usagelua.aggregate
** merges, kept as that wants them: exact, in the vendor's unit, whatever
** order the rows came in. It owns its memory; columns are the batch's.
*/
#ifndef UL_GROUP_H
#define UL_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "column.h"
#include "condition.h"
#include "exact_sum.h"
#include "tuples.h"

/* The ways of adding up, as usagelua.aggregate.kinds has them. */
typedef enum ul_adding {
  UL_ADDING_NONE, /* the dataset has not what the figure is made of */
  UL_ADDING_COUNT,
  UL_ADDING_SUM,
  UL_ADDING_MEAN,
  UL_ADDING_MAX,
  UL_ADDING_MIN,
  UL_ADDING_SINGLE,
  UL_ADDING_DISTINCT,
  UL_ADDING_LAST,
  UL_ADDING_QUANTILE
} ul_adding;

enum {
  UL_GROUP_OF = 8,    /* columns that say whose a figure is, at most */
  UL_GROUP_LAST = 3,  /* behind them, in a tuple of `last`: the figure */
  UL_GROUP_TUPLE = 1 + UL_GROUP_OF + UL_GROUP_LAST
};

#define UL_NO_COLUMN UINT32_MAX

typedef struct ul_slot {
  ul_adding adding;
  uint32_t source; /* column, or UL_NO_COLUMN: rows are counted */
  uint32_t of_count, of[UL_GROUP_OF];
  /* distinct: group and code; sum: group and owner; last: the figure too */
  ul_tuples tuples;
  ul_buffer values; /* quantile: of ul_group_value */
} ul_slot;

/* One of the values of a group, of which all are kept. */
typedef struct ul_group_value {
  uint32_t group, code;
  ul_figure figure;
} ul_group_value;

/* One figure of one group. */
typedef struct ul_group_cell {
  uint64_t count; /* of values */
  union {
    ul_exact_sum sum;
    struct {
      int64_t integer;
      double real;
    } best; /* single: the last one */
  } of;
  bool has_integer, has_real, is_negative;
} ul_group_cell;

typedef struct ul_group_rule {
  ul_condition *conditions;
  uint32_t condition_count;
  bool *passed;    /* scratch, of each condition; and which wanted value: */
  uint32_t *which;
  uint32_t *by; /* the group columns, `groups.width` of them */
  uint32_t *key;          /* scratch: one of a group, */
  const uint32_t **codes; /* and where the codes of its columns begin */
  ul_slot *slots;
  uint32_t slot_count;
  ul_tuples groups;
  ul_buffer cells; /* `slot_count` for each group */
  ul_buffer direct; /* of uint32_t: groups from 1, by the bits of their keys'
                    ** codes, as long as those are few; 0: not known yet */
  uint32_t *shifts; /* how far the code of each group column is shifted there */
  uint32_t direct_bits;
  bool has_filter;  /* a function of the row decides, and no condition */
  ul_buffer filter; /* of bool by row: what it said */
  uint64_t seen, taken;
} ul_group_rule;

/* Room for what the counts say, all zero; false without memory. Conditions
** are then initialized by the caller, `by` and the slots filled in, and
** `ul_group_start` called. */
bool ul_group_init(ul_group_rule *rule, uint32_t width, uint32_t conditions,
                   uint32_t slots);
void ul_group_start(ul_group_rule *rule, uint64_t seed);
void ul_group_free(ul_group_rule *rule);

/* Whether the conditions, or the filter, let a row in. */
bool ul_group_lets_in(const ul_group_rule *rule, const ul_column *columns,
                      size_t row);

/* Adds the first `rows` rows of the columns, but for those that are dead, of
** which the first `dead_rows` may be; false without memory. */
bool ul_group_add(ul_group_rule *rule, const ul_column *columns, size_t rows,
                  const bool *dead, size_t dead_rows);

/* The group of the key, made where it is not there yet; UL_TUPLES_NONE without
** memory. */
uint32_t ul_group_open(ul_group_rule *rule, const uint32_t *key);

static inline const ul_group_cell *ul_group_cell_at(const ul_group_rule *rule,
                                                    uint32_t group,
                                                    uint32_t slot) {
  const ul_group_cell *cells =
    (const ul_group_cell *)(const void *)rule->cells.bytes;
  return cells + (size_t)group * rule->slot_count + slot;
}

#endif
