/* What others in this folder need of core.rows: rows kept as columns. */
#ifndef UL_ROWS_H
#define UL_ROWS_H

#include <lua.h>

#include "kept.h"

/* Pushes new, closed rows; they are open when the caller has filled them. */
ul_kept *ul_rows_push(lua_State *L);

/* The rows at `index`; raises where there are none. They are the value's. */
ul_kept *ul_rows_check(lua_State *L, int index);

/* One value of a column as Lua has it. */
void ul_rows_push_value(lua_State *L, const ul_kept *kept, uint32_t column,
                        ul_column_value value);

#endif
