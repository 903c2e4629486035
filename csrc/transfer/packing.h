/*
** Whole gzip files as texts, and back: functions of the module. Bound to Lua;
** they own nothing beyond their call.
*/
#ifndef UL_PACKING_H
#define UL_PACKING_H

#include <lua.h>

/* unpack(bytes, most) -> text | nil, problem */
int ul_packing_unpack(lua_State *L);

/* pack(text) -> bytes */
int ul_packing_pack(lua_State *L);

#endif
