/*
** core.rows: rows kept as typed columns (kept.h), as values of Lua. They come
** out of a fold (fold.c); names, units and what the rows mean are Lua's
** business.
*/
#include "rows.h"

#include <lauxlib.h>
#include <string.h>

#include "core.h"
#include "fail.h"
#include "json_keys.h"
#include "rows_of.h"
#include "view.h"

#define ROWS "usagelua.rows"

ul_kept *ul_rows_check(lua_State *L, int index) {
  ul_kept *kept = luaL_checkudata(L, index, ROWS);
  luaL_argcheck(L, kept->columns != NULL, index, "the rows are closed");
  return kept;
}

void ul_rows_push_value(lua_State *L, const ul_kept *kept, uint32_t column,
                        ul_column_value value) {
  size_t length;
  if (value.code == 0) {
    lua_pushnil(L);
    return;
  }
  const ul_kept_column *of = &kept->columns[column];
  switch (of->kind) {
    case UL_COLUMN_BOOLEAN:
      lua_pushboolean(L, value.code == UL_CODE_TRUE);
      return;
    case UL_COLUMN_NUMBER:
      if (value.code == UL_CODE_INTEGER)
        lua_pushinteger(L, value.figure.integer);
      else
        lua_pushnumber(L, value.figure.real);
      return;
    case UL_COLUMN_TEXT: break;
  }
  const char *text = ul_dictionary_text(&of->dictionary, value.code, &length);
  lua_pushlstring(L, text, length);
}

/* #rows */
static int rows_count(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)ul_rows_check(L, 1)->rows);
  return 1;
}

/* rows:bytes() -> what they take */
static int rows_bytes(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)ul_kept_bytes(ul_rows_check(L, 1)));
  return 1;
}

/* rows:kinds() -> the columns' kinds */
static int rows_kinds(lua_State *L) {
  static const char *const names[] = {
    [UL_COLUMN_TEXT] = "text",
    [UL_COLUMN_BOOLEAN] = "boolean",
    [UL_COLUMN_NUMBER] = "number",
  };
  const ul_kept *kept = ul_rows_check(L, 1);
  lua_createtable(L, (int)kept->column_count, 0);
  for (uint32_t i = 0; i < kept->column_count; i++) {
    lua_pushstring(L, names[kept->columns[i].kind]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

/* The row that the argument says, from 1. */
static const ul_kept_chunk *check_row(lua_State *L, const ul_kept *kept,
                                      int index, size_t *at) {
  lua_Integer number = luaL_checkinteger(L, index);
  luaL_argcheck(L, number >= 1 && (lua_Unsigned)number <= kept->rows, index,
                "there is no such row");
  return ul_kept_find(kept, (size_t)number - 1, at);
}

/* rows:row(i, names, into) -> into, with the row's values under the columns'
** names; what is absent is nil there */
static int rows_row(lua_State *L) {
  const ul_kept *kept = ul_rows_check(L, 1);
  size_t at;
  const ul_kept_chunk *chunk = check_row(L, kept, 2, &at);
  luaL_checktype(L, 3, LUA_TTABLE);
  luaL_checktype(L, 4, LUA_TTABLE);
  lua_settop(L, 4);
  for (uint32_t i = 0; i < kept->column_count; i++) {
    ul_column_value value = ul_kept_value(chunk, i, at);
    if (lua_rawgeti(L, 3, (lua_Integer)i + 1) == LUA_TNIL)
      return luaL_argerror(L, 3, "a column has no name");
    ul_rows_push_value(L, kept, i, value);
    lua_rawset(L, 4);
  }
  return 1;
}

/* Which of our columns each of the others' is, from 0; one behind our last is
** made. Leaves the list on the stack. */
static uint32_t *read_map(lua_State *L, int index, ul_kept *kept,
                          const ul_kept *other) {
  uint32_t *map =
    lua_newuserdatauv(L, ((size_t)other->column_count + 1) * sizeof *map, 0);
  for (uint32_t i = 0; i < other->column_count; i++) {
    lua_rawgeti(L, index, (lua_Integer)i + 1);
    lua_Integer number = luaL_checkinteger(L, -1);
    lua_pop(L, 1);
    ul_column_kind kind = other->columns[i].kind;
    luaL_argcheck(L, number >= 1 && number <= (lua_Integer)kept->column_count
                       + 1, index, "there is no such column");
    if (number > (lua_Integer)kept->column_count &&
        !ul_kept_add_column(kept, kind, ul_keys_seed()))
      ul_fail_memory(L);
    map[i] = (uint32_t)number - 1;
    luaL_argcheck(L, kept->columns[map[i]].kind == kind, index,
                  "a column of another kind");
    for (uint32_t k = 0; k < i; k++)
      luaL_argcheck(L, map[k] != map[i], index, "two columns are one");
  }
  return map;
}

/* rows:append(others, columns): takes them over; the others are closed then.
** `columns` says for each of theirs which of ours that is; the number behind
** the last is a new one. */
static int rows_append(lua_State *L) {
  ul_kept *kept = ul_rows_check(L, 1), *other = ul_rows_check(L, 2);
  luaL_argcheck(L, kept != other, 2, "the same rows");
  luaL_checktype(L, 3, LUA_TTABLE);
  const uint32_t *map = read_map(L, 3, kept, other);
  if (!ul_kept_append(kept, other, map)) ul_fail_memory(L);
  ul_kept_free(other);
  return 0;
}

/* rows:attach(others): takes over the columns of others, which are closed then
** and had as many rows, made as these were */
static int rows_attach(lua_State *L) {
  ul_kept *kept = ul_rows_check(L, 1), *other = ul_rows_check(L, 2);
  luaL_argcheck(L, kept != other && ul_kept_is_parallel(kept, other), 2,
                "rows that do not stand beside these");
  if (!ul_kept_attach(kept, other)) ul_fail_memory(L);
  ul_kept_free(other);
  return 0;
}

static int rows_close(lua_State *L) {
  ul_kept_free(luaL_checkudata(L, 1, ROWS));
  return 0;
}

static int rows_tostring(lua_State *L) {
  const ul_kept *kept = luaL_checkudata(L, 1, ROWS);
  if (kept->columns != NULL)
    lua_pushfstring(L, ROWS " (%I rows)", (lua_Integer)kept->rows);
  else
    lua_pushliteral(L, ROWS " (closed)");
  return 1;
}

static const luaL_Reg methods[] = {
  {"append", rows_append}, {"attach", rows_attach}, {"bytes", rows_bytes},
  {"close", rows_close},
  {"kinds", rows_kinds},   {"row", rows_row},       {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
  {"__close", rows_close}, {"__gc", rows_close},
  {"__index", NULL},       {"__len", rows_count},
  {"__tostring", rows_tostring}, {NULL, NULL},
};

/* Leaves the metatable on the stack. */
static void push_type(lua_State *L) {
  if (!luaL_newmetatable(L, ROWS)) return;
  luaL_setfuncs(L, metamethods, 0);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
}

ul_kept *ul_rows_push(lua_State *L) {
  ul_kept *kept = lua_newuserdatauv(L, sizeof *kept, 0);
  memset(kept, 0, sizeof *kept);
  push_type(L);
  lua_setmetatable(L, -2);
  return kept;
}

static const luaL_Reg functions[] = {
  {"of", ul_rows_of},
  {"view", ul_view_new},
  {NULL, NULL},
};

int ul_open_rows(lua_State *L) {
  push_type(L);
  lua_pop(L, 1);
  ul_view_register(L);
  ul_rows_of_register(L);
  luaL_newlib(L, functions);
  return 1;
}
