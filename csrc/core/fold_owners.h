/*
** Figures that belong to one thing each (`of team`), and gauges: group.h notes
** whose each reading is, and of which moment. Here they become one figure for a
** group, as usagelua.aggregate.sum and usagelua.aggregate.last make it. Where a
** group has none for a reason, that is Lua's to tell.
*/
#ifndef UL_FOLD_OWNERS_H
#define UL_FOLD_OWNERS_H

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#include "fold_spec.h"
#include "group_figure.h"

typedef struct ul_owners ul_owners;

/* Whether the slot's figures are made here. */
bool ul_owners_has(const ul_slot *slot);

/* Reads what the table at `index` says of a slot's readings, by places in its
** list `of`: { id, part, at, shared, contains, over }; `instant` is where the
** function stands that reads odd date-times. Gathers them by their owners, in
** the unit that `scale` says. Leaves what anchors it on the stack. */
ul_owners *ul_owners_push(lua_State *L, int index, int instant, ul_fold *fold,
                          const ul_group_rule *rule, const ul_slot *slot,
                          ul_scale scale);

/* As ul_figure_read does. */
ul_figure_result ul_owners_figure(const ul_owners *owners, uint32_t group,
                                  const ul_group_cell *cell, ul_scale scale,
                                  ul_column_value *value);

#endif
