/*
** Windows that failed, and what of a rule's groups they would have added to: a
** taint names the values of some group columns, and touches every group that
** has those. What is known of a figure bounds it from below then, or means
** nothing. Their memory is Lua's.
*/
#ifndef UL_FOLD_TAINTS_H
#define UL_FOLD_TAINTS_H

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#include "fold_spec.h"

/* What a sign says of a taint: */
#define UL_TAINT_TOUCHES '1'
/* and of a figure: */
#define UL_FIGURE_UNTOUCHED '0'
#define UL_FIGURE_AT_LEAST '1'
#define UL_FIGURE_UNKNOWN '2'

typedef struct ul_fold_taint {
  bool is_nobodys; /* no group has its values */
  bool touched;
  uint32_t *key; /* a code by group column, or UL_TAINT_ANY */
  bool *slots;   /* whose figures it touches */
} ul_fold_taint;

typedef struct ul_fold_taints {
  uint32_t count, slot_count;
  ul_fold_taint *list;
  bool *grows; /* by slot: whether it only grows, as long as it has no part below 0 */
  char *sign;  /* of a group: a byte for each taint, and for each slot */
} ul_fold_taints;

/* Those of the table at `index`, { list = { { key, certain, slots }, ... },
** grows }; none where there is none. Leaves what anchors them on the stack. */
void ul_fold_read_taints(lua_State *L, int index, ul_fold *fold,
                         const ul_group_rule *rule, ul_fold_taints *taints);

/* Begins the sign of a group; whether any touches it. */
bool ul_fold_touch(ul_fold_taints *taints, const ul_group_rule *rule,
                   uint32_t group);

/* Says in the sign what is left of a figure of that group, which has a value or
** none; false where that means nothing. */
bool ul_fold_leave_figure(ul_fold_taints *taints, uint32_t slot,
                          const ul_group_cell *cell, bool has_value);

/* Pushes the sign. */
void ul_fold_push_sign(lua_State *L, const ul_fold_taints *taints);

/* Pushes a list: of each taint, whether it touched any. */
void ul_fold_push_touched(lua_State *L, const ul_fold_taints *taints);

#endif
