/*
** core.json: decoding, and the reader of items and side values. The way of
** the bytes is reader (json_read.h), selection (json_select.h), tape; Lua
** values are made from the tape when they are asked for (json_value.h), so
** that feeding calls nothing of Lua. Writing is in json_encode.c.
*/
#include "json.h"

#include <lauxlib.h>
#include <lua.h>
#include <string.h>

#include "core.h"
#include "fail.h"
#include "json_build.h"
#include "json_encode.h"
#include "json_read.h"
#include "json_select.h"
#include "json_value.h"
#include "reader_error.h"
#include "sink.h"

#define READER "usagelua.json.reader"

enum { DEFAULT_DEPTH = 128, LARGEST_DEPTH = 1000 };

/* Enough for any path that helps; longer ones are cut. */
#define PATH_LIMIT_BYTES 512

/* What decode keeps for the next text, at most. */
#define KEPT_TAPE_BYTES ((size_t)1 << 20)

typedef struct reader {
  ul_sink sink; /* first: see sink.h */
  bool open, finished;
  uint32_t sides_given; /* how many are in the user value SIDES */
  ul_json_read read;
  ul_json_select select;
  ul_buffer path; /* that of the error, while it is pushed */
  ul_select_frame frames[];
  /* behind them `max_depth` bytes for the reader */
} reader;

/* User values of a reader. */
enum { SIDE_NAMES = 1, SIDES, ERROR, TAKER, USER_VALUES = TAKER };

/* The first upvalue of every function here that needs it: `keys`. */
#define KEYS lua_upvalueindex(1)

/* ---- errors ---- */

/* Leaves the path as a string, or nil where there is none. */
static void push_path(lua_State *L, reader *r) {
  ul_buffer_clear(&r->path);
  ul_select_print_path(&r->select, &r->path);
  if (r->path.length == 0) {
    lua_pushnil(L);
    return;
  }
  lua_pushlstring(L, r->path.bytes, r->path.length);
}

/* The path is on top of the stack; leaves the message above it. */
static void push_message(lua_State *L, const ul_json_error *e) {
  const char *path = lua_tostring(L, -1);
  lua_pushfstring(L, "%s at line %I, column %I (byte %I)%s%s", e->message,
                  (lua_Integer)e->line, (lua_Integer)e->column,
                  (lua_Integer)e->offset, path != NULL ? ", in " : "",
                  path != NULL ? path : "");
}

static void push_new_error(lua_State *L, void *context) {
  reader *r = context;
  const ul_json_error *e = &r->read.error;
  ul_reader_error_open(L, e->kind, e->code);
  push_path(L, r);
  push_message(L, e);
  lua_setfield(L, -3, "message");
  lua_setfield(L, -2, "path");
  ul_reader_error_count(L, "offset", e->offset);
  ul_reader_error_count(L, "line", e->line);
  ul_reader_error_count(L, "column", e->column);
}

static void raise_memory(lua_State *L, const reader *r) {
  if (r->read.error.kind != NULL && r->read.error.memory)
    ul_fail_memory(L);
}

/* nil, and the one error of the reader at `index`; lack of memory raises. */
static int push_failure(lua_State *L, int index, reader *r) {
  raise_memory(L, r);
  return ul_reader_error(L, index, ERROR, push_new_error, r);
}

/* ---- making a reader ---- */

static bool feed(reader *r, const char *bytes, size_t length) {
  return ul_json_feed(&r->read, bytes, length) &&
         ul_select_keep(&r->select, bytes, length);
}

static bool take_bytes(void *sink, const char *bytes, size_t length) {
  reader *r = sink;
  return r->open && !r->finished && feed(r, bytes, length);
}

static bool write_bytes(lua_State *L, int index, const char *bytes,
                        size_t length) {
  reader *r = lua_touserdata(L, index);
  bool ok = take_bytes(r, bytes, length);
  if (r->open) raise_memory(L, r);
  return ok;
}

static const ul_sink bytes_sink = {.write = write_bytes, .take = take_bytes};

/* Pushes a reader without paths, which only starts to own memory when it has
** its metatable. `keys` is where ul_json_push_keys left its value. */
static reader *push_reader(lua_State *L, int keys, size_t max_depth,
                           bool lines) {
  size_t frames = (max_depth + 1) * sizeof(ul_select_frame);
  reader *r =
    lua_newuserdatauv(L, sizeof *r + frames + max_depth, USER_VALUES);
  r->open = false;
  luaL_setmetatable(L, READER);
  r->sink = bytes_sink;
  r->finished = false;
  r->sides_given = 0;
  unsigned char *is_object = (unsigned char *)r->frames + frames;
  ul_json_read_init(&r->read, &ul_select_sink, &r->select, is_object,
                    max_depth, lines);
  ul_select_init(&r->select, &r->read, r->frames, ul_json_seed(L, keys));
  ul_buffer_init(&r->path, PATH_LIMIT_BYTES);
  r->open = true;
  return r;
}

static void start(lua_State *L, reader *r) {
  if (!ul_select_start(&r->select)) ul_fail_memory(L);
}

/* ---- options ---- */

static size_t check_depth(lua_State *L, int options) {
  lua_getfield(L, options, "max_depth");
  lua_Integer depth = luaL_optinteger(L, -1, DEFAULT_DEPTH);
  luaL_argcheck(L, depth >= 1 && depth <= LARGEST_DEPTH, options,
                "max_depth has to be 1 to 1000");
  lua_pop(L, 1);
  return (size_t)depth;
}

static bool is_named(const char *name, const char *const names[]) {
  while (*names != NULL && strcmp(name, *names) != 0) names++;
  return *names != NULL;
}

static void check_names(lua_State *L, int options,
                        const char *const names[]) {
  for (lua_pushnil(L); lua_next(L, options); lua_pop(L, 1)) {
    bool known = lua_type(L, -2) == LUA_TSTRING &&
                 is_named(lua_tostring(L, -2), names);
    if (!known)
      luaL_error(L, "unknown option '%s'", luaL_tolstring(L, -2, NULL));
  }
}

typedef const char *add_path(ul_json_plan *plan, const char *path,
                             size_t length);

/* Adds the path on top of the stack, and pops it. */
static void check_path(lua_State *L, reader *r, const char *what,
                       add_path *add) {
  if (lua_type(L, -1) != LUA_TSTRING)
    luaL_error(L, "a path of %s has to be a string, not a %s", what,
               luaL_typename(L, -1));
  size_t length;
  const char *path = lua_tolstring(L, -1, &length);
  const char *problem = add(&r->select.plan, path, length);
  if (problem == ul_plan_no_memory) ul_fail_memory(L);
  if (problem != NULL)
    luaL_error(L, "path '%s' of %s: %s", path, what, problem);
  lua_pop(L, 1);
}

static void check_rows(lua_State *L, int options, reader *r) {
  if (lua_getfield(L, options, "rows") == LUA_TNIL) {
    lua_pop(L, 1);
    return;
  }
  check_path(L, r, "rows", ul_plan_rows);
}

static void check_fields(lua_State *L, int options, reader *r) {
  if (lua_getfield(L, options, "fields") != LUA_TNIL) {
    luaL_checktype(L, -1, LUA_TTABLE);
    for (lua_Integer i = 1; lua_rawgeti(L, -1, i) != LUA_TNIL; i++)
      check_path(L, r, "fields", ul_plan_field);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

/* The names of the positions of rows that are arrays: { at = the path of a side
** value, name = the path of the name in each of its values, if it is not that }.
** The path of side value number `side` is on top of the stack. */
static void check_arrays(lua_State *L, int options, reader *r,
                         uint32_t side) {
  ul_json_positions *positions = &r->select.positions;
  int path = lua_gettop(L);
  if (lua_getfield(L, options, "arrays") == LUA_TTABLE) {
    lua_getfield(L, -1, "at");
    if (lua_rawequal(L, path, -1)) {
      size_t length;
      positions->are_wanted = true;
      positions->side = side;
      lua_getfield(L, path + 1, "name");
      const char *name = luaL_optlstring(L, -1, "", &length);
      ul_buffer_clear(&positions->path);
      if (!ul_buffer_append(&positions->path, name, length)) ul_fail_memory(L);
    }
  }
  lua_settop(L, path);
}

/* Leaves the names, in the order of the plan, in the user value. */
static void check_sides(lua_State *L, int options, int self, reader *r) {
  lua_newtable(L);
  int names = lua_gettop(L);
  if (lua_getfield(L, options, "side") != LUA_TNIL) {
    luaL_checktype(L, -1, LUA_TTABLE);
    if (r->read.lines) luaL_error(L, "lines have no side values");
    for (lua_pushnil(L); lua_next(L, names + 1);) {
      check_arrays(L, options, r, ul_plan_side_count(&r->select.plan));
      check_path(L, r, "side", ul_plan_side);
      lua_pushvalue(L, -1);
      lua_rawseti(L, names, ul_plan_side_count(&r->select.plan));
    }
  }
  lua_settop(L, names);
  lua_setiuservalue(L, self, SIDE_NAMES);
}

static int json_reader(lua_State *L) {
  static const char *const names[] = {"rows",      "fields", "side",
                                      "max_depth", "lines",  "arrays",
                                      NULL};
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  check_names(L, 1, names);
  lua_getfield(L, 1, "lines");
  bool lines = lua_toboolean(L, -1);
  reader *r = push_reader(L, KEYS, check_depth(L, 1), lines);
  check_rows(L, 1, r);
  check_fields(L, 1, r);
  check_sides(L, 1, lua_absindex(L, -1), r);
  start(L, r);
  return 1;
}

/* ---- methods ---- */

static reader *check_reader(lua_State *L) {
  reader *r = luaL_checkudata(L, 1, READER);
  luaL_argcheck(L, r->open, 1, "the reader is closed");
  return r;
}

ul_json_select *ul_json_check_select(lua_State *L, int index) {
  reader *r = luaL_checkudata(L, index, READER);
  luaL_argcheck(L, r->open, index, "the reader is closed");
  return &r->select;
}

void ul_json_set_taker(lua_State *L, int index, int taker, bool adds_up) {
  index = lua_absindex(L, index);
  ((reader *)lua_touserdata(L, index))->sink.adds_up = adds_up;
  lua_pushvalue(L, taker);
  lua_setiuservalue(L, index, TAKER);
}

static int reader_feed(lua_State *L) {
  reader *r = check_reader(L);
  size_t length;
  const char *bytes = luaL_checklstring(L, 2, &length);
  luaL_argcheck(L, !r->finished, 1, "the reader is finished");
  if (!feed(r, bytes, length)) return push_failure(L, 1, r);
  lua_pushboolean(L, true);
  return 1;
}

static int reader_finish(lua_State *L) {
  reader *r = check_reader(L);
  if (!ul_json_finish(&r->read)) return push_failure(L, 1, r);
  r->finished = true;
  lua_pushboolean(L, true);
  return 1;
}

static const char *push_next(lua_State *L, const reader *r) {
  const ul_json_select *s = &r->select;
  const char *at = s->items.buffer.bytes;
  int depth = (int)r->read.max_depth, keys = (int)s->plan.member_levels;
  for (int i = 0; i < keys; i++) at = ul_json_push_value(L, KEYS, at, 1);
  at = ul_json_push_value(L, KEYS, at, depth);
  lua_insert(L, -1 - keys);
  return at;
}

static int reader_next(lua_State *L) {
  reader *r = check_reader(L);
  ul_json_select *s = &r->select;
  if (s->items.consumed == s->complete) return 0;
  const char *behind = push_next(L, r);
  ul_tape_consume(&s->items, (size_t)(behind - s->items.buffer.bytes));
  return 1 + (int)s->plan.member_levels;
}

/* Drops the items at hand, for who only wants to know that they are right. */
static int reader_discard(lua_State *L) {
  ul_json_select *s = &check_reader(L)->select;
  ul_tape_consume(&s->items, (size_t)(s->complete - s->items.consumed));
  return 0;
}

static int reader_count(lua_State *L) {
  const reader *r = check_reader(L);
  lua_pushinteger(L, (lua_Integer)r->select.item_count);
  return 1;
}

static int reader_found(lua_State *L) {
  const ul_json_select *select = &check_reader(L)->select;
  lua_pushboolean(L, ul_select_found(select));
  lua_pushboolean(L, select->null_rows);
  return 2;
}

/* Sets the side value number `side` in the table on top, where there is one
** so far; the names lie below. */
static void set_side(lua_State *L, const reader *r, uint32_t side) {
  const char *at;
  if (!ul_select_side_value(&r->select, side, &at))
    ul_fail_memory(L);
  if (at == NULL) return;
  lua_rawgeti(L, -2, side + 1);
  ul_json_push_value(L, KEYS, at, (int)r->read.max_depth);
  lua_rawset(L, -3);
}

static void push_new_sides(lua_State *L, const reader *r) {
  lua_getiuservalue(L, 1, SIDE_NAMES);
  lua_newtable(L);
  uint32_t count = ul_plan_side_count(&r->select.plan);
  for (uint32_t i = 0; i < count; i++) set_side(L, r, i);
  lua_replace(L, -2);
}

/* Callers may ask for each item: the table stays until there is more. */
static int reader_side(lua_State *L) {
  reader *r = check_reader(L);
  bool given = lua_getiuservalue(L, 1, SIDES) == LUA_TTABLE;
  if (given && r->sides_given == r->select.sides_complete) return 1;
  push_new_sides(L, r);
  lua_pushvalue(L, -1);
  lua_setiuservalue(L, 1, SIDES);
  r->sides_given = r->select.sides_complete;
  return 1;
}

static int reader_close(lua_State *L) {
  reader *r = luaL_checkudata(L, 1, READER);
  if (!r->open) return 0;
  r->open = false;
  ul_json_read_free(&r->read);
  ul_select_free(&r->select);
  ul_buffer_free(&r->path);
  return 0;
}

static int reader_tostring(lua_State *L) {
  const reader *r = luaL_checkudata(L, 1, READER);
  if (r->open)
    lua_pushfstring(L, READER " (%I items)",
                    (lua_Integer)r->select.item_count);
  else
    lua_pushliteral(L, READER " (closed)");
  return 1;
}

/* ---- decode ---- */

/* Upvalues of decode, nil at first: what it keeps from call to call. While a
** call uses it, it is not there: a finalizer may decode meanwhile. */
#define KEPT_READER lua_upvalueindex(2)
#define KEPT_DOCUMENT lua_upvalueindex(3)

static void push_new_decoder(lua_State *L, size_t max_depth) {
  size_t depth = max_depth > DEFAULT_DEPTH ? max_depth : DEFAULT_DEPTH;
  reader *r = push_reader(L, KEYS, depth, false);
  const char *problem = ul_plan_rows(&r->select.plan, ".", 1);
  if (problem == ul_plan_no_memory) ul_fail_memory(L);
  if (problem != NULL) luaL_error(L, "%s", problem);
}

/* Pushes the reader, or another for what nests deeper than usual. */
static reader *push_decoder(lua_State *L, size_t max_depth) {
  lua_pushvalue(L, KEPT_READER);
  lua_pushnil(L);
  lua_replace(L, KEPT_READER);
  if (lua_isnil(L, -1) || max_depth > DEFAULT_DEPTH) {
    lua_pop(L, 1);
    push_new_decoder(L, max_depth);
  }
  reader *r = lua_touserdata(L, -1);
  r->read.max_depth = max_depth;
  ul_json_read_reset(&r->read);
  lua_pushnil(L);
  lua_setiuservalue(L, -2, ERROR);
  return r;
}

/* The reader is at `index`. */
static void keep_decoder(lua_State *L, int index, reader *r) {
  ul_tape *items = &r->select.items;
  if (items->buffer.capacity > KEPT_TAPE_BYTES) ul_tape_free(items);
  lua_pushvalue(L, index);
  lua_replace(L, KEPT_READER);
}

/* A text that was not read at one go: mostly a wrong one. */
static int read_slowly(lua_State *L, const char *text, size_t length,
                       size_t max_depth) {
  reader *r = push_decoder(L, max_depth);
  int index = lua_gettop(L);
  start(L, r);
  bool ok = ul_json_feed(&r->read, text, length) && ul_json_finish(&r->read);
  if (ok)
    ul_json_push_value(L, KEYS, r->select.items.buffer.bytes, (int)max_depth);
  else
    push_failure(L, index, r);
  if (max_depth <= DEFAULT_DEPTH) keep_decoder(L, index, r);
  return ok ? 1 : 2;
}

static int json_decode(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  size_t depth = DEFAULT_DEPTH;
  if (!lua_isnoneornil(L, 2)) {
    static const char *const names[] = {"max_depth", NULL};
    luaL_checktype(L, 2, LUA_TTABLE);
    check_names(L, 2, names);
    depth = check_depth(L, 2);
  }
  if (ul_json_build(L, KEYS, KEPT_DOCUMENT, text, length, depth)) return 1;
  return read_slowly(L, text, length, depth);
}

/* ---- the module ---- */

static const luaL_Reg methods[] = {
  {"feed", reader_feed},   {"finish", reader_finish},
  {"next", reader_next},   {"count", reader_count},
  {"found", reader_found}, {"side", reader_side},
  {"close", reader_close}, {"discard", reader_discard},
  {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
  {"__gc", reader_close},
  {"__close", reader_close},
  {"__tostring", reader_tostring},
  {NULL, NULL},
};

/* The module is at `module`, `keys` above it. */
static void set_decode(lua_State *L, int module) {
  lua_pushvalue(L, module + 1);
  lua_pushnil(L);
  lua_pushnil(L);
  lua_pushcclosure(L, json_decode, 3);
  lua_setfield(L, module, "decode");
}

int ul_open_json(lua_State *L) {
  lua_newtable(L);
  int module = lua_gettop(L);
  ul_json_push_keys(L);
  ul_push_sink_type(L, READER, metamethods, methods, 1);
  lua_pop(L, 1);
  set_decode(L, module);
  lua_pushcclosure(L, json_reader, 1);
  lua_setfield(L, module, "reader");
  ul_json_set_encode(L, module);
  lua_pushlightuserdata(L, NULL);
  lua_setfield(L, module, "null");
  return 1;
}
