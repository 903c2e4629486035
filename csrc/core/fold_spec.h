/*
** The description of a fold, as Lua gives it, made into what fold.c runs on:
** the paths of an item, typed columns, rules. All of it is owned by ul_fold.
*/
#ifndef UL_FOLD_SPEC_H
#define UL_FOLD_SPEC_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "column.h"
#include "group.h"
#include "item.h"

/* Where a column's values come from. */
typedef enum ul_fold_from {
  UL_FROM_NOTHING,
  UL_FROM_ITEM,
  UL_FROM_MEMBER,
  UL_FROM_KEY
} ul_fold_from;

typedef struct ul_fold_source {
  ul_fold_from from;
  uint32_t value; /* its number among those of its place */
} ul_fold_source;

typedef struct ul_fold_column {
  ul_fold_source source, other; /* the other where the first holds nothing */
  bool has_other;
  bool of_member; /* another one for each member of an item */
} ul_fold_column;

typedef struct ul_fold {
  bool open;
  bool has_each, each_optional;
  ul_item item;
  ul_column *columns;
  ul_fold_column *sources;
  uint32_t column_count;
  ul_group_rule *rules;
  uint32_t rule_count;
  size_t rows;         /* in the batch */
  size_t room;         /* for rows, in every column */
  uint64_t total_rows; /* of the batches before */
} ul_fold;

/* Fills the fold, which is all zero, from the table at `spec`. Raises for a
** table that is none of ours, and for lack of memory; what was made until
** then is the fold's. */
void ul_fold_read_spec(lua_State *L, int spec, ul_fold *fold);

void ul_fold_free(ul_fold *fold);

#endif
