/*
** core.rows.of: rows kept as columns, made of a list of Lua tables. Columns
** are found as they come; what all rows share is given apart from them.
*/
#include "rows_of.h"

#include <lauxlib.h>
#include <math.h>
#include <string.h>

#include "fail.h"
#include "json_keys.h"
#include "rows.h"

#define BUILDER "usagelua.rows.builder"

/* The columns of a chunk while it is filled, in a value of their own. */
typedef struct builder {
  ul_buffer columns; /* of ul_column, one for each that the rows have */
  ul_kept *kept;     /* anchored elsewhere */
  uint64_t seed;
} builder;

/* The stack of rows_of. */
enum { LIST = 1, CONST, ROWS, BUILT, NAMES, KINDS, NUMBERS, TOP = NUMBERS };

static ul_column *column_at(const builder *b, uint32_t i) {
  return (ul_column *)(void *)b->columns.bytes + i;
}

static uint32_t column_count(const builder *b) {
  return (uint32_t)(b->columns.length / sizeof(ul_column));
}

static int builder_gc(lua_State *L) {
  builder *b = luaL_checkudata(L, 1, BUILDER);
  for (uint32_t i = 0; i < column_count(b); i++)
    ul_column_free(column_at(b, i));
  ul_buffer_free(&b->columns);
  return 0;
}

/* ---- columns ---- */

static const char *const kind_names[] = {
  [UL_COLUMN_TEXT] = "text",
  [UL_COLUMN_BOOLEAN] = "boolean",
  [UL_COLUMN_NUMBER] = "number",
};

static bool kind_of(lua_State *L, int index, ul_column_kind *kind) {
  switch (lua_type(L, index)) {
    case LUA_TSTRING: *kind = UL_COLUMN_TEXT; return true;
    case LUA_TBOOLEAN: *kind = UL_COLUMN_BOOLEAN; return true;
    case LUA_TNUMBER: *kind = UL_COLUMN_NUMBER; break;
    default: return false;
  }
  return lua_isinteger(L, index) || isfinite(lua_tonumber(L, index));
}

/* A column without a value in the rows so far. */
static void add_column(lua_State *L, builder *b, int name,
                       ul_column_kind kind) {
  ul_column new;
  ul_column_init(&new, kind, b->seed);
  if (!ul_buffer_append(&b->columns, (const char *)&new, sizeof new))
    ul_fail_memory(L);
  ul_column *column = column_at(b, column_count(b) - 1);
  if (!ul_column_reserve(column, UL_KEPT_CHUNK_ROWS) ||
      !ul_kept_add_column(b->kept, kind, b->seed))
    ul_fail_memory(L);
  memset(column->codes.bytes, 0, UL_KEPT_CHUNK_ROWS * sizeof(uint32_t));
  lua_Integer number = column_count(b);
  lua_pushvalue(L, name);
  lua_rawseti(L, NAMES, number);
  lua_pushstring(L, kind_names[kind]);
  lua_rawseti(L, KINDS, number);
  lua_pushvalue(L, name);
  lua_pushinteger(L, number);
  lua_rawset(L, NUMBERS);
}

/* The column of the name at `name`, made where there is none. */
static ul_column *find_column(lua_State *L, builder *b, int name,
                              ul_column_kind kind) {
  lua_pushvalue(L, name);
  if (lua_rawget(L, NUMBERS) == LUA_TNIL) add_column(L, b, name, kind);
  lua_Integer number = lua_tointeger(L, -1);
  lua_pop(L, 1);
  return column_at(b, number > 0 ? (uint32_t)number - 1
                                 : column_count(b) - 1);
}

static ul_column_value value_of(lua_State *L, int index, ul_column *column) {
  ul_column_value value = {.code = UL_CODE_INTEGER};
  size_t length;
  const char *text;
  switch (column->kind) {
    case UL_COLUMN_TEXT:
      text = lua_tolstring(L, index, &length);
      value.code = ul_dictionary_add(&column->dictionary, text, length);
      if (value.code == 0) ul_fail_memory(L);
      return value;
    case UL_COLUMN_BOOLEAN:
      value.code = lua_toboolean(L, index) ? UL_CODE_TRUE : UL_CODE_FALSE;
      return value;
    case UL_COLUMN_NUMBER: break;
  }
  if (lua_isinteger(L, index)) {
    value.figure.integer = lua_tointeger(L, index);
  } else {
    value.code = UL_CODE_REAL;
    value.figure.real = lua_tonumber(L, index);
  }
  return value;
}

/* A name and a value on top of the stack; false where no column takes it. */
static bool put(lua_State *L, builder *b, size_t row) {
  int value = lua_gettop(L), name = value - 1;
  ul_column_kind kind;
  if (lua_type(L, name) != LUA_TSTRING || !kind_of(L, value, &kind))
    return false;
  ul_column *column = find_column(L, b, name, kind);
  if (column->kind != kind) return false;
  ul_column_value v = value_of(L, value, column);
  ul_column_set(column, row, &v);
  return true;
}

/* What the row at the top does not say itself. */
static bool put_shared(lua_State *L, builder *b, size_t row) {
  int own = lua_gettop(L);
  lua_pushnil(L);
  while (lua_next(L, CONST) != 0) {
    lua_pushvalue(L, -2);
    bool is_own = lua_rawget(L, own) != LUA_TNIL;
    lua_pop(L, 1);
    if (!is_own && !put(L, b, row)) return false;
    lua_pop(L, 1);
  }
  return true;
}

static bool put_row(lua_State *L, builder *b, size_t row) {
  int own = lua_gettop(L);
  luaL_checktype(L, own, LUA_TTABLE);
  lua_pushnil(L);
  while (lua_next(L, own) != 0) {
    if (!put(L, b, row)) return false;
    lua_pop(L, 1);
  }
  return put_shared(L, b, row);
}

static void end_chunk(lua_State *L, const builder *b, size_t rows) {
  if (!ul_kept_add(b->kept, column_at(b, 0), rows)) ul_fail_memory(L);
  for (uint32_t i = 0; i < column_count(b); i++)
    memset(column_at(b, i)->codes.bytes, 0, UL_KEPT_CHUNK_ROWS * sizeof(uint32_t));
}

static bool put_rows(lua_State *L, builder *b) {
  lua_Integer count = (lua_Integer)lua_rawlen(L, LIST);
  size_t row = 0;
  for (lua_Integer i = 1; i <= count; i++) {
    lua_rawgeti(L, LIST, i);
    if (!put_row(L, b, row)) return false;
    lua_settop(L, TOP);
    if (++row < UL_KEPT_CHUNK_ROWS) continue;
    end_chunk(L, b, row);
    row = 0;
  }
  if (row > 0) end_chunk(L, b, row);
  return true;
}

/* ---- the function ---- */

int ul_rows_of(lua_State *L) {
  luaL_checktype(L, LIST, LUA_TTABLE);
  luaL_checktype(L, CONST, LUA_TTABLE);
  lua_settop(L, CONST);
  luaL_checkstack(L, TOP + 8, "too many values");
  ul_kept *kept = ul_rows_push(L);
  builder *b = lua_newuserdatauv(L, sizeof *b, 0);
  *b = (builder){.kept = kept, .seed = ul_keys_seed()};
  ul_buffer_init(&b->columns, SIZE_MAX / 2);
  luaL_setmetatable(L, BUILDER);
  for (int i = NAMES; i <= TOP; i++) lua_newtable(L);
  if (!ul_kept_init(kept, NULL, 0, b->seed)) ul_fail_memory(L);
  if (!put_rows(L, b)) return 0;
  for (uint32_t i = 0; i < column_count(b); i++) {
    ul_dictionary texts = kept->columns[i].dictionary;
    kept->columns[i].dictionary = column_at(b, i)->dictionary;
    column_at(b, i)->dictionary = texts;
  }
  lua_pushvalue(L, ROWS);
  lua_pushvalue(L, NAMES);
  lua_pushvalue(L, KINDS);
  return 3;
}

void ul_rows_of_register(lua_State *L) {
  static const luaL_Reg metamethods[] = {{"__gc", builder_gc}, {NULL, NULL}};
  luaL_newmetatable(L, BUILDER);
  luaL_setfuncs(L, metamethods, 0);
  lua_pop(L, 1);
}
