/*
** What becomes of the parts of figures that a rule has added up (group.h):
** they are read as values, as usagelua.aggregate.kinds reads them, or merged
** with those of another table of groups.
*/
#ifndef UL_GROUP_FIGURE_H
#define UL_GROUP_FIGURE_H

#include <stdbool.h>
#include <stdint.h>

#include "figure.h"
#include "group.h"

typedef enum ul_figure_result {
  UL_FIGURE_READ,
  UL_FIGURE_ODD, /* it has none for a reason, which is Lua's to tell */
  UL_FIGURE_NO_MEMORY
} ul_figure_result;

/* Whether figures of the slot are merged here: not where all values are kept. */
bool ul_figure_is_merged(const ul_slot *slot);

/* A sum in another unit. */
ul_figure_result ul_figure_total(const ul_exact_sum *sum, ul_scale scale,
                                 ul_column_value *value);

/* The figure in another unit, absent where no value came. `different` is how
** many things a distinct count has. Whose it is, fold_owners.h knows. */
ul_figure_result ul_figure_read(const ul_slot *slot, const ul_group_cell *cell,
                                uint64_t different, ul_scale scale,
                                ul_column_value *value);

/* Adds a cell of the same kind of slot to one; false without memory. The
** different things of a distinct count, and owners, are not in the cell. */
bool ul_figure_merge(const ul_slot *slot, ul_group_cell *cell,
                     const ul_group_cell *other);

#endif
