/*
** What conditions and functions say of the rows of a fold. Of texts and
** booleans a condition is asked once for each different one: by its verdicts
** in C where those tell, else by the fold's judge, in Lua. Where one cannot
** say, the row is for Lua to judge.
*/
#ifndef UL_FOLD_JUDGE_H
#define UL_FOLD_JUDGE_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

#include "fold_spec.h"

typedef enum ul_fold_verdicts {
  UL_ALL_SAID,
  UL_SOME_NEW,
  UL_SOME_DOUBTED
} ul_fold_verdicts;

/* What is known so far of the rows that come next in the batch; asks nobody. */
ul_fold_verdicts ul_fold_look_at(const ul_fold *fold, size_t rows);

/* Of what follows, false: it cannot be said of some row up to `end`, which is
** excluded. They ask Lua, may raise, and want the fold at index 1. */

/* Judges what is new to the conditions. */
bool ul_fold_judge_rows(lua_State *L, ul_fold *fold, size_t row, size_t end);

/* Fills in the columns that follow from others. What is no row is dead. */
bool ul_fold_derive_rows(lua_State *L, ul_fold *fold, size_t row, size_t end);

/* Asks the functions of the rules; `functions` is where they stand on the
** stack (fold_row.h). */
bool ul_fold_filter_rows(lua_State *L, ul_fold *fold, int functions,
                         size_t row, size_t end);

/* Asks the functions of groups, of rows that their rule lets in. */
bool ul_fold_group_rows(lua_State *L, ul_fold *fold, int functions, size_t row,
                        size_t end);

/* Room for what the rules' functions say of the batch; false: no memory. */
bool ul_fold_make_filters(ul_fold *fold);

#endif
