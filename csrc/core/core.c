/*
** Module usagelua.core: what needs no network. One row per part; each part
** is a table of functions, made by the opener beside its name.
*/
#include <lauxlib.h>
#include <lua.h>

#include "core.h"

static const luaL_Reg parts[] = {
  {"digest", ul_open_digest},
  {"file", ul_open_file},
  {"mask", ul_open_mask},
  {"origin", ul_open_origin},
  {"secret", ul_open_secret},
  {"terminal", ul_open_terminal},
  {"clock", ul_open_clock},
  {"zone", ul_open_zone},
  {"json", ul_open_json},
  {NULL, NULL},
};

UL_EXPORT int luaopen_usagelua_core(lua_State *L) {
  luaL_checkversion(L);
  lua_newtable(L);
  for (const luaL_Reg *part = parts; part->name != NULL; part++) {
    lua_pushcfunction(L, part->func);
    lua_call(L, 0, 1);
    lua_setfield(L, -2, part->name);
  }
  return 1;
}
