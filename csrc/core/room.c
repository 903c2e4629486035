/* Room in Lua's memory, see room.h. */
#include "room.h"

enum { KB = 1024, LEAST_KB = 1024, MOST_KB = 1 << 30 };

/* A whole collection takes time in proportion to what Lua holds; it is worth
** it where making takes as much, and then it comes first in any case. */
void ul_make_room(lua_State *L, size_t bytes) {
  size_t kb = bytes / KB;
  if (kb < LEAST_KB || kb > MOST_KB || !lua_gc(L, LUA_GCISRUNNING)) return;
  if (kb < (size_t)lua_gc(L, LUA_GCCOUNT) / 2) return;
  lua_gc(L, LUA_GCCOLLECT);
  lua_gc(L, LUA_GCSTEP, -(int)kb);
}
