/*
** core.spool: holds the bytes of an answer until it is known to be whole, to
** be read again then. A sink (sink.h), so that the transfer module feeds it;
** what it takes a second sink may check on the way (a reader).
*/
#include <errno.h>
#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>

#include "core.h"
#include "fail.h"
#include "holding.h"
#include "sink.h"

#define SPOOL "usagelua.spool"
#define MEMORY_BYTES ((lua_Integer)8 << 20)
#define PIECE_BYTES ((size_t)64 << 10)

typedef struct spool {
  ul_sink sink; /* first: see sink.h */
  bool open;
  bool sealed;  /* it is being read */
  bool refused; /* by the check */
  int error;    /* an errno, and no more is taken */
  ul_holding holding;
} spool;

/* User values: the sink that checks, or nil; the folder. */
enum { CHECK = 1, FOLDER, USER_VALUES = FOLDER };

static spool *checkspool(lua_State *L) {
  spool *s = luaL_checkudata(L, 1, SPOOL);
  luaL_argcheck(L, s->open, 1, "the spool is closed");
  return s;
}

/* ---- taking ---- */

/* Whether the check takes the bytes too. May raise. */
static bool is_checked(lua_State *L, int index, const char *bytes,
                       size_t length) {
  if (lua_getiuservalue(L, index, CHECK) == LUA_TNIL) {
    lua_pop(L, 1);
    return true;
  }
  ul_sink *check = lua_touserdata(L, -1);
  bool taken = check->write(L, lua_gettop(L), bytes, length);
  lua_pop(L, 1);
  return taken;
}

static void hold(lua_State *L, int index, spool *s, const char *bytes,
                 size_t length) {
  lua_getiuservalue(L, index, FOLDER);
  s->error =
    ul_holding_write(&s->holding, lua_tostring(L, -1), bytes, length);
  lua_pop(L, 1);
  if (s->error == ENOMEM) ul_fail_memory(L);
}

static bool take_bytes(lua_State *L, int index, const char *bytes,
                       size_t length) {
  spool *s = lua_touserdata(L, index);
  if (!s->open || s->sealed || s->refused || s->error != 0) return false;
  s->refused = !is_checked(L, index, bytes, length);
  if (s->refused || !s->open) return false;
  hold(L, index, s, bytes, length);
  return s->error == 0;
}

static const ul_sink bytes_sink = {.write = take_bytes};

/* nil and an error of kind "io". */
static int push_failure(lua_State *L, const char *what, int error) {
  lua_getiuservalue(L, 1, FOLDER);
  return ul_fail_system(L, what, lua_tostring(L, -1), error);
}

/* The check keeps its error, and gives it again for nothing. */
static int push_refusal(lua_State *L) {
  lua_getiuservalue(L, 1, CHECK);
  lua_getfield(L, -1, "feed");
  lua_insert(L, -2);
  lua_pushliteral(L, "");
  lua_call(L, 2, 2);
  return 2;
}

static int spool_feed(lua_State *L) {
  const spool *s = checkspool(L);
  size_t length;
  const char *bytes = luaL_checklstring(L, 2, &length);
  luaL_argcheck(L, !s->sealed, 1, "the spool is being read");
  bool taken = take_bytes(L, 1, bytes, length);
  if (s->refused) return push_refusal(L);
  if (!taken)
    return push_failure(L, "cannot hold the answer in", s->error);
  lua_pushboolean(L, true);
  return 1;
}

/* ---- reading ---- */

static int spool_rewind(lua_State *L) {
  spool *s = checkspool(L);
  s->sealed = true;
  int error = ul_holding_rewind(&s->holding);
  if (error != 0) return push_failure(L, "cannot read in", error);
  lua_pushboolean(L, true);
  return 1;
}

/* spool:read() -> piece | nil at the end | nil, err */
static int spool_read(lua_State *L) {
  spool *s = checkspool(L);
  char piece[PIECE_BYTES];
  size_t length;
  luaL_argcheck(L, s->sealed, 1, "the spool has to be rewound first");
  int error = ul_holding_read(&s->holding, piece, sizeof piece, &length);
  if (error != 0) return push_failure(L, "cannot read in", error);
  if (length == 0)
    lua_pushnil(L);
  else
    lua_pushlstring(L, piece, length);
  return 1;
}

/* spool:give(sink) -> whether there was a piece | nil, err. The sink keeps
** its own error; then kind is "sink". */
static int spool_give(lua_State *L) {
  spool *s = checkspool(L);
  char piece[PIECE_BYTES];
  size_t length;
  ul_sink *sink = ul_tosink(L, 2);
  luaL_argexpected(L, sink != NULL, 2, "sink");
  luaL_argcheck(L, s->sealed, 1, "the spool has to be rewound first");
  int error = ul_holding_read(&s->holding, piece, sizeof piece, &length);
  if (error != 0) return push_failure(L, "cannot read in", error);
  if (length > 0 && !sink->write(L, 2, piece, length))
    return ul_fail_push(L, "sink", "the reader takes no more");
  lua_pushboolean(L, length > 0);
  return 1;
}

/* ---- looking ---- */

static int spool_size(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)checkspool(L)->holding.size);
  return 1;
}

static int spool_on_disk(lua_State *L) {
  lua_pushboolean(L, checkspool(L)->holding.file >= 0);
  return 1;
}

static int spool_close(lua_State *L) {
  spool *s = luaL_checkudata(L, 1, SPOOL);
  if (!s->open) return 0;
  s->open = false;
  ul_holding_free(&s->holding);
  return 0;
}

static int spool_tostring(lua_State *L) {
  const spool *s = luaL_checkudata(L, 1, SPOOL);
  if (s->open)
    lua_pushfstring(L, SPOOL " (%I bytes, %s)", (lua_Integer)s->holding.size,
                    s->holding.file >= 0 ? "in a file" : "in memory");
  else
    lua_pushliteral(L, SPOOL " (closed)");
  return 1;
}

/* ---- making ---- */

static const char *default_folder(void) {
  const char *folder = getenv("TMPDIR");
  return folder != NULL && *folder != '\0' ? folder : "/tmp";
}

/* Both options stand in the user values afterwards. */
static void take_options(lua_State *L, int self) {
  if (lua_getfield(L, 1, "check") != LUA_TNIL)
    luaL_argcheck(L, ul_tosink(L, -1) != NULL, 1, "check has to be a sink");
  lua_setiuservalue(L, self, CHECK);
  lua_getfield(L, 1, "folder");
  lua_pushstring(L, luaL_optstring(L, -1, default_folder()));
  lua_setiuservalue(L, self, FOLDER);
  lua_settop(L, self);
}

static size_t checkmemory(lua_State *L) {
  lua_getfield(L, 1, "memory_bytes");
  lua_Integer bytes = luaL_optinteger(L, -1, MEMORY_BYTES);
  luaL_argcheck(L, bytes >= 0, 1, "memory_bytes has to be 0 or more");
  lua_pop(L, 1);
  return (size_t)bytes;
}

/* new([{ memory_bytes, check, folder }]) -> spool */
static int spool_new(lua_State *L) {
  lua_settop(L, 1);
  if (lua_isnil(L, 1)) {
    lua_newtable(L);
    lua_replace(L, 1);
  }
  luaL_checktype(L, 1, LUA_TTABLE);
  size_t memory_bytes = checkmemory(L);
  spool *s = lua_newuserdatauv(L, sizeof *s, USER_VALUES);
  memset(s, 0, sizeof *s);
  s->sink = bytes_sink;
  ul_holding_init(&s->holding, memory_bytes);
  luaL_setmetatable(L, SPOOL);
  take_options(L, 2);
  s->open = true;
  return 1;
}

static const luaL_Reg methods[] = {
  {"close", spool_close},     {"feed", spool_feed},
  {"give", spool_give},       {"on_disk", spool_on_disk},
  {"read", spool_read},       {"rewind", spool_rewind},
  {"size", spool_size},       {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
  {"__gc", spool_close},
  {"__close", spool_close},
  {"__tostring", spool_tostring},
  {NULL, NULL},
};

static const luaL_Reg functions[] = {
  {"new", spool_new},
  {NULL, NULL},
};

int ul_open_spool(lua_State *L) {
  ul_push_sink_type(L, SPOOL, metamethods, methods, 0);
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  return 1;
}
