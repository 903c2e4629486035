/*
** Module usagelua.core: what needs no network. One row per part; each part
** is a table of functions, made by the opener beside its name when it is
** first used.
*/
#include <lauxlib.h>
#include <lua.h>
#include <string.h>

#include "core.h"

static const luaL_Reg parts[] = {
  {"csv", ul_open_csv},
  {"digest", ul_open_digest},
  {"file", ul_open_file},
  {"mask", ul_open_mask},
  {"origin", ul_open_origin},
  {"secret", ul_open_secret},
  {"spool", ul_open_spool},
  {"system", ul_open_system},
  {"terminal", ul_open_terminal},
  {"token", ul_open_token},
  {"clock", ul_open_clock},
  {"zone", ul_open_zone},
  {"json", ul_open_json},
  {"fold", ul_open_fold},
  {"rows", ul_open_rows},
  {NULL, NULL},
};

static const luaL_Reg *find_part(const char *name) {
  const luaL_Reg *part = parts;
  while (part->name != NULL && strcmp(part->name, name) != 0) part++;
  return part->name != NULL ? part : NULL;
}

/* __index: opens a part when it is first used. */
static int core_index(lua_State *L) {
  const char *name = lua_tostring(L, 2);
  const luaL_Reg *part = name != NULL ? find_part(name) : NULL;
  if (part == NULL) return 0;
  lua_pushcfunction(L, part->func);
  lua_call(L, 0, 1);
  lua_pushvalue(L, -1);
  lua_setfield(L, 1, part->name);
  return 1;
}

UL_EXPORT int luaopen_usagelua_core(lua_State *L) {
  luaL_checkversion(L);
  lua_newtable(L);
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, core_index);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
  /* What is made later is collected earlier: the mask must be the last. */
  lua_getfield(L, -1, "mask");
  lua_pop(L, 1);
  return 1;
}
