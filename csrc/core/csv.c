/*
** core.csv: the reader of rows (csv_read.h) as a userdata, with the methods
** of core.json's reader. A sink, so that the transfer module feeds it.
*/
#include <lauxlib.h>
#include <lua.h>
#include <string.h>

#include "core.h"
#include "csv.h"
#include "csv_read.h"
#include "fail.h"
#include "json_value.h"
#include "reader_error.h"
#include "sink.h"

#define READER "usagelua.csv.reader"

typedef struct reader {
  ul_sink sink; /* first: see sink.h */
  bool open, finished;
  ul_csv csv;
  ul_json_plan plan; /* of the wanted columns, for who takes rows */
} reader;

enum { ERROR = 1, TAKER, USER_VALUES = TAKER };

#define KEYS lua_upvalueindex(1)

/* ---- errors ---- */

static void push_message(lua_State *L, const ul_csv_error *e) {
  if (e->row > 0)
    lua_pushfstring(L, "%s at line %I, in row %I", e->message,
                    (lua_Integer)e->line, (lua_Integer)e->row);
  else
    lua_pushfstring(L, "%s at line %I, in the header", e->message,
                    (lua_Integer)e->line);
}

static void push_new_error(lua_State *L, void *context) {
  const ul_csv_error *e = &((const reader *)context)->csv.error;
  ul_reader_error_open(L, e->kind, e->code);
  push_message(L, e);
  lua_setfield(L, -2, "message");
  ul_reader_error_count(L, "offset", e->offset);
  ul_reader_error_count(L, "line", e->line);
  ul_reader_error_count(L, "row", e->row);
}

static void raise_memory(lua_State *L, const reader *r) {
  if (r->csv.error.kind != NULL && r->csv.error.memory) ul_fail_memory(L);
}

/* nil, and the one error of the reader at `index`; lack of memory raises. */
static int push_failure(lua_State *L, int index, reader *r) {
  raise_memory(L, r);
  return ul_reader_error(L, index, ERROR, push_new_error, r);
}

/* ---- making a reader ---- */

static bool take_bytes(void *sink, const char *bytes, size_t length) {
  reader *r = sink;
  return r->open && !r->finished && ul_csv_feed(&r->csv, bytes, length);
}

static bool write_bytes(lua_State *L, int index, const char *bytes,
                        size_t length) {
  reader *r = lua_touserdata(L, index);
  bool ok = take_bytes(r, bytes, length);
  if (r->open) raise_memory(L, r);
  return ok;
}

static const ul_sink bytes_sink = {.write = write_bytes, .take = take_bytes};

static char checkdelimiter(lua_State *L) {
  size_t length;
  lua_getfield(L, 1, "delimiter");
  const char *text = luaL_optlstring(L, -1, ",", &length);
  bool is_fit = length == 1 && (signed char)*text >= 0 && *text != '"' &&
                *text != '\r' && *text != '\n' && *text != '\0';
  luaL_argcheck(L, is_fit, 1, "a delimiter is one ASCII character");
  lua_pop(L, 1);
  return *text;
}

typedef bool take_name(reader *r, const char *name, size_t length);

static bool want(reader *r, const char *name, size_t length) {
  return ul_csv_want(&r->csv, name, length);
}

static bool plan_slot(reader *r, const char *name, size_t length) {
  return ul_plan_named_field(&r->plan, name, length);
}

static bool name_column(reader *r, const char *name, size_t length) {
  return ul_csv_name_column(&r->csv, name, length);
}

/* Takes a list of names, if there is one. */
static bool optnames(lua_State *L, const char *option, reader *r,
                     take_name *take) {
  bool given = lua_getfield(L, 1, option) != LUA_TNIL;
  if (given) luaL_checktype(L, -1, LUA_TTABLE);
  for (lua_Integer i = 1; given && lua_rawgeti(L, -1, i) != LUA_TNIL; i++) {
    size_t length;
    if (lua_type(L, -1) != LUA_TSTRING)
      luaL_error(L, "%s has to be a list of names", option);
    const char *name = lua_tolstring(L, -1, &length);
    if (!take(r, name, length)) ul_fail_memory(L);
    lua_pop(L, 1);
  }
  lua_settop(L, 2);
  return given;
}

/* reader([{ delimiter, fields, columns, slots }]) -> reader; `slots` are the
** columns that who takes rows may look at, where those are not `fields` */
static int csv_reader(lua_State *L) {
  lua_settop(L, 1);
  luaL_checktype(L, 1, LUA_TTABLE);
  char delimiter = checkdelimiter(L);
  reader *r = lua_newuserdatauv(L, sizeof *r, USER_VALUES);
  memset(r, 0, sizeof *r);
  r->sink = bytes_sink;
  ul_csv_init(&r->csv, delimiter, ul_json_seed(L, KEYS));
  ul_plan_init(&r->plan, ul_json_seed(L, KEYS));
  luaL_setmetatable(L, READER);
  r->open = true;
  if (ul_plan_rows(&r->plan, ".", 1) != NULL) ul_fail_memory(L);
  optnames(L, "fields", r, want);
  if (!optnames(L, "slots", r, plan_slot)) optnames(L, "fields", r, plan_slot);
  if (optnames(L, "columns", r, name_column) &&
      !ul_csv_end_columns(&r->csv))
    luaL_error(L, "%s", r->csv.error.message);
  return 1;
}

/* ---- methods ---- */

static reader *checkreader(lua_State *L) {
  reader *r = luaL_checkudata(L, 1, READER);
  luaL_argcheck(L, r->open, 1, "the reader is closed");
  return r;
}

bool ul_csv_is_reader(lua_State *L, int index) {
  return luaL_testudata(L, index, READER) != NULL;
}

ul_csv *ul_csv_check(lua_State *L, int index, ul_json_plan **plan) {
  reader *r = luaL_checkudata(L, index, READER);
  luaL_argcheck(L, r->open, index, "the reader is closed");
  luaL_argcheck(L, ul_plan_node(&r->plan, r->plan.rows)->child != 0, index,
                "it names no fields");
  *plan = &r->plan;
  return &r->csv;
}

void ul_csv_set_taker(lua_State *L, int index, int holder,
                      ul_csv_taker taker) {
  reader *r = luaL_checkudata(L, index, READER);
  lua_pushvalue(L, holder);
  lua_setiuservalue(L, index, TAKER);
  ul_csv_give_to(&r->csv, taker, &r->plan);
}

static int reader_feed(lua_State *L) {
  reader *r = checkreader(L);
  size_t length;
  const char *bytes = luaL_checklstring(L, 2, &length);
  luaL_argcheck(L, !r->finished, 1, "the reader is finished");
  if (!ul_csv_feed(&r->csv, bytes, length)) return push_failure(L, 1, r);
  lua_pushboolean(L, true);
  return 1;
}

static int reader_finish(lua_State *L) {
  reader *r = checkreader(L);
  if (!r->finished && !ul_csv_finish(&r->csv)) return push_failure(L, 1, r);
  r->finished = true;
  lua_pushboolean(L, true);
  return 1;
}

static int reader_next(lua_State *L) {
  ul_csv *csv = &checkreader(L)->csv;
  if (csv->items.consumed == csv->complete) return 0;
  const char *behind =
    ul_json_push_value(L, KEYS, csv->items.buffer.bytes, 1);
  ul_tape_consume(&csv->items, (size_t)(behind - csv->items.buffer.bytes));
  return 1;
}

/* Also a last row that waits: it is none. */
static int reader_discard(lua_State *L) {
  ul_csv *csv = &checkreader(L)->csv;
  ul_csv_leave_out(csv);
  ul_tape_consume(&csv->items, (size_t)(csv->complete - csv->items.consumed));
  return 0;
}

static int reader_count(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)checkreader(L)->csv.rows);
  return 1;
}

/* reader:columns() -> names, or nil before they are known */
static int reader_columns(lua_State *L) {
  const ul_csv *csv = &checkreader(L)->csv;
  if (!csv->has_columns) return 0;
  uint32_t count = ul_csv_column_count(csv);
  lua_createtable(L, (int)count, 0);
  for (uint32_t i = 0; i < count; i++) {
    const ul_csv_column *column = ul_csv_column_at(csv, i);
    lua_pushlstring(L, column->length > 0 ? csv->names.bytes + column->name : "",
                    column->length);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

/* Whether the last row came without its line end. */
static int reader_open_row(lua_State *L) {
  lua_pushboolean(L, checkreader(L)->csv.row_is_open);
  return 1;
}

/* A last row that waits goes to who takes rows. */
static int reader_release(lua_State *L) {
  if (!ul_csv_release(&checkreader(L)->csv)) ul_fail_memory(L);
  return 0;
}

static int reader_close(lua_State *L) {
  reader *r = luaL_checkudata(L, 1, READER);
  if (!r->open) return 0;
  r->open = false;
  ul_csv_free(&r->csv);
  ul_plan_free(&r->plan);
  return 0;
}

static int reader_tostring(lua_State *L) {
  const reader *r = luaL_checkudata(L, 1, READER);
  if (r->open)
    lua_pushfstring(L, READER " (%I rows)", (lua_Integer)r->csv.rows);
  else
    lua_pushliteral(L, READER " (closed)");
  return 1;
}

static const luaL_Reg methods[] = {
  {"close", reader_close},   {"columns", reader_columns},
  {"count", reader_count},   {"discard", reader_discard},
  {"feed", reader_feed},     {"finish", reader_finish},
  {"next", reader_next},     {"open_row", reader_open_row},
  {"release", reader_release},
  {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
  {"__gc", reader_close},
  {"__close", reader_close},
  {"__tostring", reader_tostring},
  {NULL, NULL},
};

int ul_open_csv(lua_State *L) {
  lua_createtable(L, 0, 1);
  ul_json_push_keys(L);
  ul_push_sink_type(L, READER, metamethods, methods, 1);
  lua_pop(L, 1);
  lua_pushcclosure(L, csv_reader, 1);
  lua_setfield(L, -2, "reader");
  return 1;
}
