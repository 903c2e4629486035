/*
** The parts of usagelua.core. Each ul_open_* leaves one table (or function)
** on the stack; core.c lists them. Nothing here touches the network.
*/
#ifndef UL_CORE_H
#define UL_CORE_H

#include <lua.h>

#include "export.h"

int ul_open_json(lua_State *L);

UL_EXPORT int luaopen_usagelua_core(lua_State *L);

#endif
