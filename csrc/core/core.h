/*
** The parts of usagelua.core. Each ul_open_* leaves one table (or function)
** on the stack; core.c lists them. Nothing here touches the network.
*/
#ifndef UL_CORE_H
#define UL_CORE_H

#include <lua.h>

#include "export.h"

struct ul_store;
int ul_open_clock(lua_State *L);
int ul_open_zone(lua_State *L);
int ul_open_json(lua_State *L);
int ul_open_fold(lua_State *L);
int ul_open_rows(lua_State *L);

UL_EXPORT int luaopen_usagelua_core(lua_State *L);

int ul_open_csv(lua_State *L);
int ul_open_digest(lua_State *L);
int ul_open_file(lua_State *L);
int ul_open_mask(lua_State *L);
int ul_open_origin(lua_State *L);
int ul_open_secret(lua_State *L);
int ul_open_spool(lua_State *L);
int ul_open_system(lua_State *L);
int ul_open_terminal(lua_State *L);
int ul_open_token(lua_State *L);

/* The credentials taken out of the environment (store.h), for a second Lua
** state: the first lends its store, which stays its own, the second uses it
** and so shares it. */
struct ul_store *ul_secret_store(lua_State *L);
void ul_secret_use_store(lua_State *L, struct ul_store *store);

#endif
