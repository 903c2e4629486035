/* The error of a reader, see reader_error.h. */
#include "reader_error.h"

int ul_reader_error(lua_State *L, int index, int place,
                    ul_reader_error_push *push, void *reader) {
  lua_pushnil(L);
  if (lua_getiuservalue(L, index, place) == LUA_TTABLE) return 2;
  lua_pop(L, 1);
  push(L, reader);
  lua_pushvalue(L, -1);
  lua_setiuservalue(L, index, place);
  return 2;
}

void ul_reader_error_open(lua_State *L, const char *kind, const char *code) {
  lua_createtable(L, 0, 7);
  lua_pushstring(L, kind);
  lua_setfield(L, -2, "kind");
  lua_pushstring(L, code);
  lua_setfield(L, -2, "code");
}

void ul_reader_error_count(lua_State *L, const char *name, uint64_t value) {
  lua_pushinteger(L, (lua_Integer)value);
  lua_setfield(L, -2, name);
}
