/* core.digest: SHA-256, to name files by their content. By libmd. */
#include <lauxlib.h>
#include <lua.h>
#include <sha2.h>
#include <stdint.h>

#include "core.h"

static int digest_sha256(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  char hex[SHA256_DIGEST_STRING_LENGTH];
  SHA256Data((const uint8_t *)text, length, hex);
  lua_pushstring(L, hex);
  return 1;
}

static const luaL_Reg functions[] = {
  {"sha256", digest_sha256},
  {NULL, NULL},
};

int ul_open_digest(lua_State *L) {
  luaL_newlib(L, functions);
  return 1;
}
