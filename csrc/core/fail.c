#include "fail.h"

#include <errno.h>
#include <lauxlib.h>
#include <stdarg.h>
#include <string.h>

#define FAIL_TYPE "usagelua.failure"

/* The codes that callers decide by; others are told by their message. */
static const struct code {
  int error;
  const char *name;
} codes[] = {
  {ENOENT, "ENOENT"}, {EACCES, "EACCES"},   {EPERM, "EPERM"},
  {EEXIST, "EEXIST"}, {ENOTDIR, "ENOTDIR"}, {EISDIR, "EISDIR"},
  {ENOSPC, "ENOSPC"}, {EPIPE, "EPIPE"},     {EBADF, "EBADF"},
  {EROFS, "EROFS"},   {EFBIG, "EFBIG"},     {EWOULDBLOCK, "EWOULDBLOCK"},
  {EBUSY, "EBUSY"},   {ENOTEMPTY, "ENOTEMPTY"},
};

static int failure_tostring(lua_State *L) {
  lua_getfield(L, 1, "message");
  return 1;
}

/* Pops the message, pushes the error that bears it. */
static void push_failure(lua_State *L, const char *kind) {
  lua_createtable(L, 0, 3);
  lua_insert(L, -2);
  lua_setfield(L, -2, "message");
  lua_pushstring(L, kind);
  lua_setfield(L, -2, "kind");
  if (luaL_newmetatable(L, FAIL_TYPE)) {
    lua_pushcfunction(L, failure_tostring);
    lua_setfield(L, -2, "__tostring");
  }
  lua_setmetatable(L, -2);
}

int ul_fail_push(lua_State *L, const char *kind, const char *format, ...) {
  va_list arguments;
  lua_pushnil(L);
  va_start(arguments, format);
  lua_pushvfstring(L, format, arguments);
  va_end(arguments);
  push_failure(L, kind);
  return 2;
}

int ul_fail_raise(lua_State *L, const char *kind, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  lua_pushvfstring(L, format, arguments);
  va_end(arguments);
  push_failure(L, kind);
  return lua_error(L);
}

void ul_fail_memory(lua_State *L) {
  lua_pushliteral(L, "not enough memory"); /* without a place, as Lua's */
  lua_error(L);
  __builtin_unreachable();
}

int ul_fail_system(lua_State *L, const char *what, const char *path,
                   int error) {
  if (error == ENOMEM) ul_fail_memory(L);
  ul_fail_push(L, "io", "%s %s: %s", what, path, strerror(error));
  for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
    if (codes[i].error != error) continue;
    lua_pushstring(L, codes[i].name);
    lua_setfield(L, -2, "code");
  }
  return 2;
}
