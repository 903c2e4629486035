/*
** A userdata that takes bytes from the other C module begins with ul_sink.
** usagelua.core and usagelua.transfer are separate shared objects; this
** layout is all they share. The metatable of such a userdata has the field
** `__sink` = true. The sink keeps its own error; the giver only learns that
** it will take no more.
*/
#ifndef UL_SINK_H
#define UL_SINK_H

#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct ul_sink ul_sink;

struct ul_sink {
  /* Takes all bytes, or returns false. `index` is the absolute stack index
  ** of the userdata. May raise (memory). The bytes belong to the caller. */
  bool (*write)(lua_State *L, int index, const char *bytes, size_t length);
  /* The same without Lua, in any thread, while nobody else uses the userdata;
  ** NULL where Lua is needed. Of why it returned false `write`, called with no
  ** bytes, knows what is to be raised. */
  bool (*take)(void *sink, const char *bytes, size_t length);
  /* It keeps next to nothing of what it takes: the giver may hand it much at a
  ** time, before Lua looks at what has become of it. */
  bool adds_up;
};

/* The sink at `index`, or NULL where the value is none. Leaves the stack. */
static inline ul_sink *ul_tosink(lua_State *L, int index) {
  if (lua_type(L, index) != LUA_TUSERDATA || !lua_getmetatable(L, index)) return NULL;
  lua_getfield(L, -1, "__sink");
  bool is_sink = lua_toboolean(L, -1);
  lua_pop(L, 2);
  return is_sink ? lua_touserdata(L, index) : NULL;
}

/* Pushes the metatable of a new type of sinks. So many values on top of the
** stack are upvalues of its methods, and stay. */
static inline void ul_push_sink_type(lua_State *L, const char *name,
                                     const luaL_Reg *metamethods,
                                     const luaL_Reg *methods, int upvalues) {
  luaL_newmetatable(L, name);
  luaL_setfuncs(L, metamethods, 0);
  lua_pushboolean(L, true);
  lua_setfield(L, -2, "__sink");
  lua_newtable(L);
  for (int i = 0; i < upvalues; i++) lua_pushvalue(L, -2 - upvalues);
  luaL_setfuncs(L, methods, upvalues);
  lua_setfield(L, -2, "__index");
}

#endif
