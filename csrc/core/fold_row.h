/*
** The row that a rule's function is asked about: an empty table whose fields
** are read out of the batch when the function names them, so that no row is
** built. It shows the fold's present row, and only while a function runs.
*/
#ifndef UL_FOLD_ROW_H
#define UL_FOLD_ROW_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fold_spec.h"

/* Pushes what a code of a column of texts or booleans stands for. */
void ul_fold_push_code(lua_State *L, const ul_column *column, uint32_t code);

/* Pushes the column's value in the present row. */
void ul_fold_push_cell(lua_State *L, const ul_fold *fold, uint32_t column);

/* fold:row(columns, other, metatable) -> row. `columns` maps names to columns;
** what it does not map is asked of `other(name)`. */
int ul_fold_row(lua_State *L);

/* fold:functions(list): for each rule { row, where, groups }, the latter by
** number: { function, codes by value }; false for a rule without any. */
int ul_fold_functions(lua_State *L);

/* fold:untold(): what the function asks now cannot be told from the columns. */
int ul_fold_untold(lua_State *L);

/* Pushes the functions of all rules of the fold at index 1; gives where they
** begin, for the two below. */
int ul_fold_push_functions(lua_State *L, const ul_fold *fold);

/* Asks whether a row passes; false in `*told` where that cannot be said. May
** raise. */
bool ul_fold_ask_where(lua_State *L, ul_fold *fold, int functions,
                       uint32_t rule, size_t row, bool *told);

/* Pushes the value that a group's function gives, and its code or nil where it
** has none so far; false, and pushes nothing, where that cannot be said. May
** raise. */
bool ul_fold_ask_group(lua_State *L, ul_fold *fold, int functions,
                       uint32_t column, size_t row);

#endif
