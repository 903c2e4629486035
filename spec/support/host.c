/*
** A plain Lua that runs one script, or -e CODE, built like the modules that it
** loads: the suite under sanitizers needs a host that was built with them, and
** one that adds nothing of its own, as the interpreter `usagelua` does.
*/
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <string.h>

static void set_arguments(lua_State *L, int argc, char **argv) {
  lua_createtable(L, argc, 2);
  for (int i = 0; i < argc; i++) {
    lua_pushstring(L, argv[i]);
    lua_rawseti(L, -2, i - 1);
  }
  lua_setglobal(L, "arg");
}

static int run(lua_State *L, int argc, char **argv) {
  if (argc > 2 && strcmp(argv[1], "-e") == 0) return luaL_dostring(L, argv[2]);
  return luaL_dofile(L, argv[1]);
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  lua_State *L = luaL_newstate();
  if (L == NULL) return 1;
  luaL_openlibs(L);
  set_arguments(L, argc, argv);
  int status = run(L, argc, argv);
  if (status != LUA_OK) fprintf(stderr, "%s\n", lua_tostring(L, -1));
  lua_close(L);
  return status == LUA_OK ? 0 : 1;
}
