/* What others in this folder need of core.fold. */
#ifndef UL_FOLD_H
#define UL_FOLD_H

#include <lua.h>

#include "fold_spec.h"

/* The fold at `index`; raises where there is none. It is the value's. */
ul_fold *ul_fold_check(lua_State *L, int index);

/* The rule that the number at `index` says, from 1. */
ul_group_rule *ul_fold_check_rule(lua_State *L, const ul_fold *fold,
                                  int index);

/* Methods of a fold, each told of in its own file: fold_add.c, */
int ul_fold_add(lua_State *L);

/* fold_shown.c, */
int ul_fold_condition(lua_State *L);
int ul_fold_counts(lua_State *L);
int ul_fold_different(lua_State *L);
int ul_fold_figure(lua_State *L);
int ul_fold_key(lua_State *L);
int ul_fold_reading(lua_State *L);
int ul_fold_value(lua_State *L);

/* fold_result.c. */
int ul_fold_result(lua_State *L);
int ul_fold_merge(lua_State *L);

#endif
