/* core.system: what the machine says of itself. */
#include <errno.h>
#include <lauxlib.h>
#include <limits.h>
#include <lua.h>
#include <unistd.h>

#include "core.h"
#include "fail.h"

#ifndef HOST_NAME_MAX
#define HOST_NAME_MAX 255
#endif

static int system_host(lua_State *L) {
  char name[HOST_NAME_MAX + 1];
  if (gethostname(name, sizeof name) != 0)
    return ul_fail_system(L, "cannot read", "the name of this host", errno);
  name[sizeof name - 1] = '\0';
  lua_pushstring(L, name);
  return 1;
}

static const luaL_Reg functions[] = {
  {"host", system_host},
  {NULL, NULL},
};

int ul_open_system(lua_State *L) {
  luaL_newlib(L, functions);
  return 1;
}
