/*
** Memory that runs out when it is told to: loaded before the C library
** (LD_PRELOAD), it answers malloc, calloc and realloc; as a Lua module,
** scarce(n, "once" | "on") lets the n-th call from now fail, alone or with
** all that follow, and scarce() ends that and gives the number of failures.
*/
#include <errno.h>
#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);

static long left = -1; /* calls that still succeed; below 0: all do */
static bool for_good;
static long failures;

static bool fails(void) {
  if (left < 0) return false;
  if (left > 0) {
    left--;
    return false;
  }
  if (!for_good) left = -1;
  failures++;
  errno = ENOMEM;
  return true;
}

void *malloc(size_t size) { return fails() ? NULL : __libc_malloc(size); }

void *calloc(size_t count, size_t size) {
  return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *block, size_t size) {
  return size > 0 && fails() ? NULL : __libc_realloc(block, size);
}

static int scarce(lua_State *L) {
  left = -1; /* what the arguments need is granted */
  lua_Integer calls = luaL_optinteger(L, 1, 0);
  bool on = strcmp(luaL_optstring(L, 2, "on"), "on") == 0;
  lua_pushinteger(L, failures);
  failures = 0;
  for_good = on;
  left = calls - 1;
  return 1;
}

int luaopen_scarce(lua_State *L) {
  lua_pushcfunction(L, scarce);
  return 1;
}
