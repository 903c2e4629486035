/*
** The userdata usagelua.series: a list of plain GETs to one host, so many in
** flight at once (slots.c). Hands out good answers many at a time, and all
** others as the exchanges that they are.
*/
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "binding.h"
#include "slots.h"

#define MAX_IN_FLIGHT 65536

/* User values: the engine, and the URLs, whose texts the slots point into. */
enum { ENGINE = 1, URLS, VALUES = 2 };

static ul_slots *toslots(lua_State *L) {
  return luaL_checkudata(L, 1, UL_SERIES_TYPE);
}

static ul_slots *checkseries(lua_State *L) {
  ul_slots *slots = toslots(L);
  if (slots->multi == NULL || slots->multi->handle == NULL)
    luaL_error(L, "attempt to use a closed %s", UL_SERIES_TYPE);
  return slots;
}

/* --- making one --- */

static ul_slots *push_closed(lua_State *L) {
  ul_slots *slots = lua_newuserdatauv(L, sizeof *slots, VALUES);
  memset(slots, 0, sizeof *slots);
  luaL_setmetatable(L, UL_SERIES_TYPE);
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, ENGINE);
  return slots;
}

/* A list of its own, whatever becomes of the caller's. */
static void copy_urls(lua_State *L, int list, lua_Integer count) {
  lua_createtable(L, (int)count, 0);
  for (lua_Integer i = 1; i <= count; i++) {
    if (lua_rawgeti(L, list, i) != LUA_TSTRING)
      luaL_error(L, "series: a url expected at place %I, got %s", i,
                 luaL_typename(L, -1));
    lua_rawseti(L, -2, i);
  }
}

/* The texts of the list on top of the stack; NULL: no memory. */
static ul_text *texts_of(lua_State *L, lua_Integer count) {
  ul_text *urls = malloc((size_t)count * sizeof *urls);
  if (urls == NULL) return NULL;
  for (lua_Integer i = 0; i < count; i++) {
    lua_rawgeti(L, -1, i + 1);
    urls[i].bytes = lua_tolstring(L, -1, &urls[i].length);
    lua_pop(L, 1);
  }
  return urls;
}

static bool is_plain(const ul_exchange *model) {
  return strcmp(model->method, "GET") == 0 && model->upload.bytes == NULL &&
         model->fields == model->usual && !model->has_key_in_url;
}

/* Of the request at 2, whose URL is the list's first; leaves nothing. The
** userdata that it is read into is closed, and what it had goes on. */
static ul_exchange *read_model(lua_State *L, ul_multi *multi,
                               ul_failure *failure) {
  ul_exchange *model = ul_exchange_push(L, 1);
  if (!ul_request_read(L, 2, multi, model, failure)) return NULL;
  if (!is_plain(model))
    luaL_error(L, "series: a plain GET expected, without fields or auth");
  *(ul_exchange **)lua_touserdata(L, -1) = NULL;
  lua_pop(L, 1);
  return model;
}

/* engine:series(request, urls, in_flight) -> series | nil, err */
int ul_series_new(lua_State *L) {
  ul_multi *multi = lua_touserdata(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  luaL_checktype(L, 3, LUA_TTABLE);
  lua_Integer in_flight = luaL_checkinteger(L, 4);
  lua_Integer count = luaL_len(L, 3);
  luaL_argcheck(L, count > 0 && count < INT_MAX, 3, "urls expected");
  luaL_argcheck(L, in_flight > 0, 4, "a number from 1 expected");
  if (in_flight > MAX_IN_FLIGHT) in_flight = MAX_IN_FLIGHT;
  lua_settop(L, 4);
  ul_slots *slots = push_closed(L);
  copy_urls(L, 3, count);
  ul_text *urls = texts_of(L, count);
  lua_setiuservalue(L, -2, URLS);
  if (urls == NULL) return ul_raise_memory(L);
  ul_slots_open(slots, multi, urls, (size_t)count, (size_t)in_flight);
  ul_failure failure = {0};
  slots->model = read_model(L, multi, &failure);
  if (slots->model == NULL) {
    ul_slots_close(slots);
    return ul_engine_refuse(L, 1, &failure);
  }
  lua_getiuservalue(L, 1, UL_ENGINE_ANCHORS);
  lua_pushvalue(L, -2);
  lua_rawsetp(L, -2, &slots->news);
  lua_pop(L, 1);
  return 1;
}

/* --- taking answers --- */

/* What take has on the stack. */
enum { SERIES = 1, LIST, METATABLE, OF_SERIES, FIELDS };

/* Answers that follow each other mostly have the same header fields to the
** byte; then they share the string. */
static void push_fields(lua_State *L, const char *bytes, size_t length) {
  size_t last_length;
  const char *last = lua_tolstring(L, FIELDS, &last_length);
  if (last == NULL || last_length != length ||
      memcmp(last, bytes, length) != 0) {
    lua_pushlstring(L, bytes, length);
    lua_replace(L, FIELDS);
  }
  lua_pushvalue(L, FIELDS);
}

static void push_answer(lua_State *L, const ul_slots_answer *answer) {
  const char *body = answer->bytes.bytes;
  lua_createtable(L, 0, 4);
  lua_pushinteger(L, answer->status);
  lua_setfield(L, -2, "status");
  push_fields(L, body + answer->body_length, answer->fields_length);
  lua_setfield(L, -2, "fields");
  lua_pushlstring(L, body, answer->body_length);
  lua_setfield(L, -2, "body");
  lua_rawgeti(L, OF_SERIES, (lua_Integer)answer->place + 1);
  lua_setfield(L, -2, "url");
  lua_pushvalue(L, METATABLE);
  lua_setmetatable(L, -2);
}

/* series:take(list, metatable) -> how many were put into their places */
static int series_take(lua_State *L) {
  ul_slots *slots = checkseries(L);
  luaL_checktype(L, 2, LUA_TTABLE);
  luaL_checktype(L, 3, LUA_TTABLE);
  if (slots->has_no_memory) return ul_raise_memory(L);
  lua_settop(L, METATABLE);
  lua_getiuservalue(L, SERIES, URLS);
  lua_pushnil(L);
  const ul_slots_answer *answer;
  lua_Integer count = 0;
  for (; (answer = ul_slots_next(slots)) != NULL; count++) {
    lua_Integer place = (lua_Integer)answer->place + 1;
    push_answer(L, answer);
    lua_rawseti(L, LIST, place);
  }
  lua_pushinteger(L, count);
  return 1;
}

/* Pushes the exchange, now the caller's, bound to the series' engine. */
static void push_exchange(lua_State *L, ul_exchange *exchange) {
  lua_getiuservalue(L, 1, ENGINE);
  int engine = lua_gettop(L);
  ul_exchange **box = ul_exchange_push_empty(L, engine);
  lua_getiuservalue(L, engine, UL_ENGINE_ANCHORS);
  lua_pushvalue(L, -2);
  lua_rawsetp(L, -2, exchange);
  lua_pop(L, 1);
  ul_slots_take(exchange);
  *box = exchange;
}

/* series:aside() -> place, exchange; or the place of one that was not opened;
** or nil */
static int series_aside(lua_State *L) {
  ul_slots *slots = checkseries(L);
  ul_exchange *exchange = ul_slots_aside(slots);
  size_t place;
  if (exchange != NULL) {
    lua_pushinteger(L, (lua_Integer)exchange->place + 1);
    push_exchange(L, exchange);
    lua_remove(L, -2);
    return 2;
  }
  if (ul_slots_take_unopened(slots, &place))
    lua_pushinteger(L, (lua_Integer)place + 1);
  else
    lua_pushnil(L);
  return 1;
}

/* --- steering --- */

/* series:go_on(): opens what may be */
static int series_go_on(lua_State *L) {
  ul_slots *slots = checkseries(L);
  ul_slots_go_on(slots);
  if (slots->has_no_memory) return ul_raise_memory(L);
  return 0;
}

/* series:hold(): nothing is opened before go_on */
static int series_hold(lua_State *L) {
  ul_slots_hold(checkseries(L));
  return 0;
}

/* series:give_up() -> the first place that is not going to be opened; one
** behind the last where there is none */
static int series_give_up(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)ul_slots_give_up(checkseries(L)) + 1);
  return 1;
}

/* series:give_back(): what stood aside is done with */
static int series_give_back(lua_State *L) {
  ul_slots_give_back(checkseries(L));
  return 0;
}

/* series:is_done() -> whether all was opened and taken */
static int series_is_done(lua_State *L) {
  lua_pushboolean(L, ul_slots_are_done(checkseries(L)));
  return 1;
}

static void unanchor(lua_State *L, const ul_slots *slots) {
  lua_getiuservalue(L, 1, ENGINE);
  lua_getiuservalue(L, -1, UL_ENGINE_ANCHORS);
  lua_pushnil(L);
  lua_rawsetp(L, -2, &slots->news);
  lua_pop(L, 2);
}

static int series_close(lua_State *L) {
  ul_slots *slots = toslots(L);
  if (slots->multi == NULL) return 0;
  ul_slots_close(slots);
  unanchor(L, slots);
  return 0;
}

static int series_tostring(lua_State *L) {
  ul_slots *slots = toslots(L);
  if (slots->multi == NULL)
    lua_pushfstring(L, "%s (closed)", UL_SERIES_TYPE);
  else
    lua_pushfstring(L, "%s (%s, %d of %d asked)", UL_SERIES_TYPE,
                    slots->model->host, (int)slots->next, (int)slots->count);
  return 1;
}

static const luaL_Reg methods[] = {
  {"aside", series_aside},
  {"close", series_close},
  {"give_back", series_give_back},
  {"give_up", series_give_up},
  {"go_on", series_go_on},
  {"hold", series_hold},
  {"is_done", series_is_done},
  {"take", series_take},
  {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
  {"__close", series_close},
  {"__gc", series_close},
  {"__index", NULL},
  {"__tostring", series_tostring},
  {NULL, NULL},
};

void ul_series_register(lua_State *L) {
  luaL_newmetatable(L, UL_SERIES_TYPE);
  luaL_setfuncs(L, metamethods, 0);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}
