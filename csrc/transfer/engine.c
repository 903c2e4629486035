/*
** The userdata usagelua.engine: many transfers at once over one libcurl multi
** handle (multi.c). Reads arguments, keeps exchanges from being collected
** while they are in flight, hands out those that changed.
*/
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>

#include "binding.h"
#include "wiping.h"

static ul_multi *checkengine(lua_State *L) {
  ul_multi *multi = luaL_checkudata(L, 1, UL_ENGINE_TYPE);
  if (multi->handle == NULL)
    luaL_error(L, "attempt to use a closed %s", UL_ENGINE_TYPE);
  return multi;
}

static lua_Integer option_integer(lua_State *L, int table, const char *name,
                                  lua_Integer otherwise) {
  lua_Integer value = otherwise;
  if (lua_getfield(L, table, name) != LUA_TNIL) {
    int is_integer;
    value = lua_tointegerx(L, -1, &is_integer);
    if (!is_integer || value < 0)
      luaL_error(L, "%s: a whole number from 0 expected, got %s", name,
                 luaL_tolstring(L, -1, NULL));
  }
  lua_pop(L, 1);
  return value;
}

/* Leaves the string on the stack; NULL for nil. */
static const char *option_text(lua_State *L, int table, const char *name) {
  int type = lua_getfield(L, table, name);
  if (type != LUA_TNIL && type != LUA_TSTRING)
    luaL_error(L, "%s: a string expected, got %s", name, luaL_typename(L, -1));
  return lua_tostring(L, -1);
}

static bool option_flag(lua_State *L, int table, const char *name) {
  lua_getfield(L, table, name);
  bool value = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return value;
}

static void set_anchors(lua_State *L, bool is_weak) {
  lua_newtable(L);
  if (is_weak) {
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "v");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
  }
  lua_setiuservalue(L, -2, UL_ENGINE_ANCHORS);
}

static ul_multi *push_closed(lua_State *L, int options) {
  ul_multi *multi = lua_newuserdatauv(L, sizeof *multi, UL_ENGINE_VALUES);
  memset(multi, 0, sizeof *multi);
  luaL_setmetatable(L, UL_ENGINE_TYPE);
  set_anchors(L, option_flag(L, options, "is_weak"));
  if (lua_getfield(L, options, "failure") == LUA_TFUNCTION)
    lua_setiuservalue(L, -2, UL_ENGINE_FAILURE);
  else
    lua_pop(L, 1);
  return multi;
}

static long limit_to_long(lua_Integer value) {
  return value < 1000000 ? (long)value : 1000000;
}

/* Nothing but memory can be lacking. */
static void open_multi(lua_State *L, ul_multi *multi, long max_connections) {
  if (ul_wiping_init_curl() != CURLE_OK ||
      !ul_multi_open(multi, max_connections))
    ul_raise_memory(L);
}

/* transfer.engine { ca_file, max_connections = 0, is_weak, failure } ->
** engine | nil, err */
int ul_engine_new(lua_State *L) {
  if (lua_isnoneornil(L, 1)) {
    lua_settop(L, 0);
    lua_newtable(L);
  }
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_Integer max_connections = option_integer(L, 1, "max_connections", 0);
  const char *ca_file = option_text(L, 1, "ca_file");
  ul_multi *multi = push_closed(L, 1);
  ul_failure failure = {0};
  open_multi(L, multi, limit_to_long(max_connections));
  if (ca_file != NULL && !ul_trust_load(&multi->trust, ca_file, &failure)) {
    ul_multi_close(multi);
    return ul_push_failure(L, &failure);
  }
  return 1;
}

void ul_engine_anchor(lua_State *L, int engine, int index) {
  index = lua_absindex(L, index);
  lua_getiuservalue(L, engine, UL_ENGINE_ANCHORS);
  lua_pushvalue(L, index);
  lua_rawsetp(L, -2, *(ul_exchange **)lua_touserdata(L, index));
  lua_pop(L, 1);
}

void ul_engine_translate(lua_State *L, int engine, int sink) {
  if (lua_getiuservalue(L, engine, UL_ENGINE_FAILURE) == LUA_TNIL) {
    lua_pop(L, 1);
    return;
  }
  lua_insert(L, -2);
  if (sink != 0)
    lua_pushvalue(L, sink);
  else
    lua_pushnil(L);
  lua_call(L, 2, 1);
}

int ul_engine_refuse(lua_State *L, int engine, const ul_failure *failure) {
  engine = lua_absindex(L, engine);
  int count = ul_push_failure(L, failure);
  ul_engine_translate(L, engine, 0);
  return count;
}

/* engine:open(request) -> exchange | nil, err */
static int engine_open(lua_State *L) {
  ul_multi *multi = checkengine(L);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 2);
  ul_failure failure = {0};
  ul_exchange *exchange = ul_exchange_push(L, 1);
  if (!ul_request_read(L, 2, multi, exchange, &failure))
    return ul_engine_refuse(L, 1, &failure);
  ul_engine_anchor(L, 1, 3);
  if (!ul_multi_start(multi, exchange, &failure)) {
    ul_exchange_close(L, 3);
    return ul_engine_refuse(L, 1, &failure);
  }
  lua_settop(L, 3);
  return 1;
}

void ul_engine_check(lua_State *L, CURLMcode code) {
  if (code == CURLM_OK) return;
  if (code == CURLM_OUT_OF_MEMORY) ul_raise_memory(L);
  /* without the place in our own code that luaL_error would name */
  lua_pushfstring(L, "libcurl does not go on: %s", curl_multi_strerror(code));
  lua_error(L);
}

/* engine:begin(): what was opened goes out, where what it needs is at hand;
** its server need not wait for the next step */
static int engine_begin(lua_State *L) {
  ul_engine_check(L, ul_multi_begin(checkengine(L)));
  return 0;
}

/* Puts the series that have news into the list below the anchors. */
static lua_Integer add_news(lua_State *L, ul_multi *multi, lua_Integer place) {
  ul_link *news;
  while ((news = ul_multi_take_news(multi)) != NULL) {
    if (lua_rawgetp(L, -1, news) != LUA_TNIL)
      lua_rawseti(L, -3, place++);
    else
      lua_pop(L, 1);
  }
  return place;
}

/* Pushes the list of changed exchanges, and series. All room is made before
** the first is taken off, so that none is lost where memory runs out. One that
** nobody holds any more may wait for the collector; it is left out. */
static void push_changed(lua_State *L, ul_multi *multi) {
  size_t room = multi->changed_count + ul_multi_news_count(multi);
  lua_createtable(L, (int)room, 0);
  lua_getiuservalue(L, 1, UL_ENGINE_ANCHORS);
  for (lua_Integer i = add_news(L, multi, 1); multi->changed_count > 0;) {
    ul_exchange *exchange = ul_multi_take_changed(multi);
    if (lua_rawgetp(L, -1, exchange) != LUA_TNIL)
      lua_rawseti(L, -3, i++);
    else
      lua_pop(L, 1);
    if (exchange->easy != NULL) continue;
    lua_pushnil(L);
    lua_rawsetp(L, -2, exchange);
  }
  lua_pop(L, 1);
}

/* engine:step([wait_s]) -> changed, interrupted */
static int engine_step(lua_State *L) {
  ul_multi *multi = checkengine(L);
  double wait_s = luaL_optnumber(L, 2, 0);
  bool interrupted;
  luaL_argcheck(L, !isnan(wait_s), 2, "seconds expected, got nan");
  ul_engine_check(L, ul_multi_step(multi, wait_s, &interrupted));
  push_changed(L, multi);
  lua_pushboolean(L, interrupted);
  return 2;
}

/* engine:watch(fd): steps end when it is readable */
static int engine_watch(lua_State *L) {
  ul_multi *multi = checkengine(L);
  lua_Integer fd = luaL_checkinteger(L, 2);
  luaL_argcheck(L, fd >= 0 && fd < 1 << 20 && fcntl((int)fd, F_GETFD) >= 0, 2,
                "no open file descriptor");
  int problem = ul_loop_watch(&multi->loop, (int)fd);
  if (problem == ENOMEM) return ul_raise_memory(L);
  if (problem != 0) {
    lua_pushfstring(L, "the descriptor cannot be watched: %s",
                    strerror(problem));
    return lua_error(L);
  }
  return 0;
}

/* engine:wake(): the next step, or the one now running, ends at once */
static int engine_wake(lua_State *L) {
  checkengine(L)->is_woken = true;
  return 0;
}

/* engine:active() -> exchanges in flight, or ended and not yet handed out */
static int engine_active(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)ul_multi_active(checkengine(L)));
  return 1;
}

/* engine:series(request, urls, in_flight) -> series | nil, err */
static int engine_series(lua_State *L) {
  (void)checkengine(L);
  return ul_series_new(L);
}

static int engine_close(lua_State *L) {
  ul_multi *multi = luaL_checkudata(L, 1, UL_ENGINE_TYPE);
  ul_multi_close(multi);
  return 0;
}

static int engine_tostring(lua_State *L) {
  ul_multi *multi = luaL_checkudata(L, 1, UL_ENGINE_TYPE);
  if (multi->handle == NULL)
    lua_pushfstring(L, "%s (closed)", UL_ENGINE_TYPE);
  else
    lua_pushfstring(L, "%s (%d in flight)", UL_ENGINE_TYPE,
                    (int)multi->in_flight_count);
  return 1;
}

static const luaL_Reg methods[] = {
  {"active", engine_active},
  {"begin", engine_begin},
  {"close", engine_close},
  {"open", engine_open},
  {"series", engine_series},
  {"step", engine_step},
  {"wake", engine_wake},
  {"watch", engine_watch},
  {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
  {"__close", engine_close},
  {"__gc", engine_close},
  {"__index", NULL},
  {"__tostring", engine_tostring},
  {NULL, NULL},
};

void ul_engine_register(lua_State *L) {
  luaL_newmetatable(L, UL_ENGINE_TYPE);
  luaL_setfuncs(L, metamethods, 0);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}
