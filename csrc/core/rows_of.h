/* Rows kept as columns, made of Lua tables. */
#ifndef UL_ROWS_OF_H
#define UL_ROWS_OF_H

#include <lua.h>

/* core.rows.of(list, const) -> rows, names, kinds; nothing where a value is
** none of a column, or two of one column are of different kinds */
int ul_rows_of(lua_State *L);

/* Makes the type that owns what is being made. */
void ul_rows_of_register(lua_State *L);

#endif
