/*
** core.rows.view: which of some kept rows there are, in which order, and which
** of their columns, figures in which unit. A view keeps its rows alive and
** changes nothing in them.
*/
#include "view.h"

#include <lauxlib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "kept_order.h"
#include "rows.h"
#include "view_text.h"

#define VIEW "usagelua.rows.view"

/* Columns that anybody could mean are fewer. */
enum { COLUMN_LIMIT = 1 << 16 };

/* The user value of a view: its rows. */
enum { ROWS = 1 };

ul_view *ul_view_check(lua_State *L, int index, const ul_kept **kept) {
  ul_view *view = luaL_checkudata(L, index, VIEW);
  luaL_argcheck(L, view->is_open, index, "the view is closed");
  lua_getiuservalue(L, index, ROWS);
  *kept = ul_rows_check(L, -1);
  lua_pop(L, 1);
  return view;
}

ul_column_value ul_view_value(const ul_view *view, const ul_kept *kept,
                              size_t row, uint32_t column) {
  size_t at;
  const ul_kept_chunk *chunk =
    ul_kept_find(kept, ul_view_number(view, row), &at);
  return ul_view_value_in(view, kept, chunk, at, column);
}

/* So many rows take about as long as the memory. */
enum { AHEAD = 4 };

void ul_view_look_ahead(const ul_view *view, const ul_kept *kept, size_t row) {
  if (view->numbers == NULL || view->count - row <= AHEAD) return;
  size_t at;
  const ul_kept_chunk *chunk =
    ul_kept_find(kept, view->numbers[row + AHEAD], &at);
  for (uint32_t i = 0; i < view->column_count; i++) {
    uint32_t column = view->columns[i].column;
    if (column >= chunk->columns) continue; /* as is UL_VIEW_NONE */
    const ul_kept_cells *cells = &chunk->cells[column];
    if (cells->codes != NULL) __builtin_prefetch(cells->codes + at);
    if (cells->figures != NULL) __builtin_prefetch(cells->figures + at);
  }
}

/* #view */
static int view_count(lua_State *L) {
  const ul_kept *kept;
  lua_pushinteger(L, (lua_Integer)ul_view_check(L, 1, &kept)->count);
  return 1;
}

static size_t check_place(lua_State *L, const ul_view *view, int index) {
  lua_Integer i = luaL_checkinteger(L, index);
  luaL_argcheck(L, i >= 1 && (lua_Unsigned)i <= view->count, index,
                "there is no such row");
  return (size_t)i - 1;
}

static uint32_t check_column(lua_State *L, const ul_view *view, int index) {
  lua_Integer i = luaL_checkinteger(L, index);
  luaL_argcheck(L, i >= 1 && i <= (lua_Integer)view->column_count, index,
                "there is no such column");
  return (uint32_t)i - 1;
}

/* view:row(i, names[, into]) -> into, or a table of its own, with the row's
** values under the columns' names, as many as there are; what is absent is nil
** there */
static int view_row(lua_State *L) {
  const ul_kept *kept;
  const ul_view *view = ul_view_check(L, 1, &kept);
  size_t at, row = check_place(L, view, 2);
  luaL_checktype(L, 3, LUA_TTABLE);
  lua_settop(L, 4);
  if (lua_isnil(L, 4)) {
    lua_createtable(L, 0, (int)view->column_count);
    lua_replace(L, 4);
  }
  luaL_checktype(L, 4, LUA_TTABLE);
  ul_view_look_ahead(view, kept, row);
  const ul_kept_chunk *chunk =
    ul_kept_find(kept, ul_view_number(view, row), &at);
  for (uint32_t i = 0; i < view->column_count; i++) {
    if (lua_rawgeti(L, 3, (lua_Integer)i + 1) == LUA_TNIL) break;
    ul_rows_push_value(L, kept, view->columns[i].column,
                       ul_view_value_in(view, kept, chunk, at, i));
    lua_rawset(L, 4);
  }
  lua_settop(L, 4);
  return 1;
}

/* view:value(i, column) */
static int view_value(lua_State *L) {
  const ul_kept *kept;
  const ul_view *view = ul_view_check(L, 1, &kept);
  size_t row = check_place(L, view, 2);
  uint32_t column = check_column(L, view, 3);
  ul_rows_push_value(L, kept, view->columns[column].column,
                     ul_view_value(view, kept, row, column));
  return 1;
}

/* ---- types ---- */

/* What a column's values are together. */
typedef enum type { NONE, INTEGER, NUMBER, BOOLEAN, TEXT } type;

static type type_of(const ul_kept *kept, uint32_t column,
                    ul_column_value value) {
  if (value.code == 0) return NONE;
  switch (kept->columns[column].kind) {
    case UL_COLUMN_TEXT: return TEXT;
    case UL_COLUMN_BOOLEAN: return BOOLEAN;
    case UL_COLUMN_NUMBER: break;
  }
  return value.code == UL_CODE_INTEGER ? INTEGER : NUMBER;
}

/* Whether no further value changes it. */
static bool is_settled(type found) { return found > INTEGER; }

static type widest(type one, type other) { return one > other ? one : other; }

/* Of a column that is the same in all rows of a chunk one is looked at. */
static type type_in_chunk(const ul_view *view, const ul_kept *kept,
                          const ul_kept_chunk *chunk, uint32_t column) {
  const ul_view_column *of = &view->columns[column];
  if (of->column >= chunk->columns) return NONE;
  const ul_kept_cells *cells = &chunk->cells[of->column];
  bool is_scaled = cells->figures != NULL && of->scale.denominator != 0;
  size_t rows = cells->codes == NULL && !is_scaled ? 1 : chunk->rows;
  type found = NONE;
  for (size_t at = 0; at < rows && !is_settled(found); at++)
    found = widest(found, type_of(kept, of->column,
                                  ul_view_value_in(view, kept, chunk, at,
                                                   column)));
  return found;
}

static type type_of_all(const ul_view *view, const ul_kept *kept,
                        uint32_t column) {
  type found = NONE;
  uint32_t count = ul_kept_chunk_count(kept);
  for (uint32_t i = 0; i < count && !is_settled(found); i++)
    found = widest(found, type_in_chunk(view, kept, ul_kept_chunk_at(kept, i),
                                        column));
  return found;
}

/* All rows together are the same in any order. */
static type type_of_column(const ul_view *view, const ul_kept *kept,
                           uint32_t column) {
  uint32_t from = view->columns[column].column;
  if (from == UL_VIEW_NONE) return NONE;
  if (view->count == kept->rows) return type_of_all(view, kept, column);
  type found = NONE;
  for (size_t i = 0; i < view->count && !is_settled(found); i++)
    found = widest(found, type_of(kept, from,
                                  ul_view_value(view, kept, i, column)));
  return found;
}

/* view:types() -> for each column "integer", "number", "boolean", "text", or
** false where no row has a value */
static int view_types(lua_State *L) {
  static const char *const names[] = {
    [INTEGER] = "integer", [NUMBER] = "number", [BOOLEAN] = "boolean",
    [TEXT] = "text",
  };
  const ul_kept *kept;
  const ul_view *view = ul_view_check(L, 1, &kept);
  lua_createtable(L, (int)view->column_count, 0);
  for (uint32_t i = 0; i < view->column_count; i++) {
    type found = type_of_column(view, kept, i);
    if (found == NONE)
      lua_pushboolean(L, false);
    else
      lua_pushstring(L, names[found]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

/* view:is_finite() -> whether no figure is infinite or no number */
static int view_is_finite(lua_State *L) {
  const ul_kept *kept;
  const ul_view *view = ul_view_check(L, 1, &kept);
  bool is_finite = true;
  for (uint32_t i = 0; is_finite && i < view->column_count; i++) {
    if (type_of_column(view, kept, i) != NUMBER) continue;
    for (size_t row = 0; is_finite && row < view->count; row++) {
      ul_column_value value = ul_view_value(view, kept, row, i);
      is_finite = value.code != UL_CODE_REAL || isfinite(value.figure.real);
    }
  }
  lua_pushboolean(L, is_finite);
  return 1;
}

/* ---- which rows ---- */

/* The rows' numbers become a list. */
static void need_numbers(lua_State *L, ul_view *view) {
  if (view->numbers != NULL) return;
  if (view->count > UINT32_MAX) luaL_error(L, "too many rows");
  view->numbers = malloc((view->count + 1) * sizeof *view->numbers);
  if (view->numbers == NULL) ul_fail_memory(L);
  for (size_t i = 0; i < view->count; i++) view->numbers[i] = (uint32_t)i;
}

static bool flag(lua_State *L, int table, const char *name) {
  lua_getfield(L, table, name);
  bool value = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return value;
}

/* Leaves what anchors them on the stack. */
static ul_order_key *read_keys(lua_State *L, const ul_view *view, int list,
                               uint32_t *count) {
  lua_Unsigned length = lua_rawlen(L, list);
  luaL_argcheck(L, length <= COLUMN_LIMIT, list, "too many keys");
  ul_order_key *keys =
    lua_newuserdatauv(L, ((size_t)length + 1) * sizeof *keys, 0);
  *count = 0;
  for (lua_Unsigned i = 1; i <= length; i++) {
    lua_rawgeti(L, list, (lua_Integer)i);
    int entry = lua_gettop(L);
    luaL_checktype(L, entry, LUA_TTABLE);
    lua_rawgeti(L, entry, 1);
    uint32_t column = check_column(L, view, entry + 1);
    if (view->columns[column].column != UL_VIEW_NONE)
      keys[(*count)++] = (ul_order_key){
        .column = view->columns[column].column,
        .scale = view->columns[column].scale,
        .is_descending = flag(L, entry, "descending"),
        .absent_last = flag(L, entry, "absent_last"),
      };
    lua_settop(L, entry - 1);
  }
  return keys;
}

/* view:sort(keys): each { column, descending =, absent_last = } */
static int view_sort(lua_State *L) {
  const ul_kept *kept;
  ul_view *view = ul_view_check(L, 1, &kept);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 2);
  uint32_t count;
  const ul_order_key *keys = read_keys(L, view, 2, &count);
  need_numbers(L, view);
  if (!ul_kept_sort(kept, view->numbers, view->count, keys, count))
    ul_fail_memory(L);
  return 0;
}

/* view:cut(count): the first ones alone */
static int view_cut(lua_State *L) {
  const ul_kept *kept;
  ul_view *view = ul_view_check(L, 1, &kept);
  lua_Integer count = luaL_checkinteger(L, 2);
  luaL_argcheck(L, count >= 0, 2, "rows cannot be fewer than none");
  if ((lua_Unsigned)count < view->count) view->count = (size_t)count;
  return 0;
}

/* view:choose(test): the rows of which test(i) is true alone */
static int view_choose(lua_State *L) {
  const ul_kept *kept;
  ul_view *view = ul_view_check(L, 1, &kept);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  need_numbers(L, view);
  size_t chosen = 0, count = view->count;
  for (size_t i = 0; i < count; i++) {
    lua_pushvalue(L, 2);
    lua_pushinteger(L, (lua_Integer)i + 1);
    lua_call(L, 1, 1);
    if (lua_toboolean(L, -1)) view->numbers[chosen++] = view->numbers[i];
    lua_pop(L, 1);
  }
  view->count = chosen;
  return 0;
}

/* view:leave_out_absent(first, but): the rows without a value in any column from
** the first one on; not those of which `but` has the number as a key */
static int view_leave_out_absent(lua_State *L) {
  const ul_kept *kept;
  ul_view *view = ul_view_check(L, 1, &kept);
  uint32_t first = check_column(L, view, 2);
  luaL_checktype(L, 3, LUA_TTABLE);
  size_t left = 0, count = view->count;
  for (size_t i = 0; i < count; i++) {
    size_t at, number = ul_view_number(view, i);
    const ul_kept_chunk *chunk = ul_kept_find(kept, number, &at);
    bool is_there = false;
    for (uint32_t k = first; !is_there && k < view->column_count; k++)
      is_there = ul_view_value_in(view, kept, chunk, at, k).code != 0;
    if (!is_there) {
      is_there = lua_rawgeti(L, 3, (lua_Integer)number + 1) != LUA_TNIL;
      lua_pop(L, 1);
    }
    if (!is_there) need_numbers(L, view);
    if (is_there && view->numbers != NULL)
      view->numbers[left] = view->numbers[i];
    left += is_there;
  }
  view->count = left;
  return 0;
}

/* view:is_one_value(column, first) -> whether the rows from that one on all
** have the same there */
static int view_is_one_value(lua_State *L) {
  const ul_kept *kept;
  const ul_view *view = ul_view_check(L, 1, &kept);
  uint32_t column = check_column(L, view, 2);
  size_t first = check_place(L, view, 3);
  ul_column_value value = ul_view_value(view, kept, first, column);
  bool is_one = true;
  for (size_t i = first + 1; is_one && i < view->count; i++)
    is_one = ul_view_value(view, kept, i, column).code == value.code;
  lua_pushboolean(L, is_one);
  return 1;
}

/* view:number(i) -> which of its rows that is, from 1 */
static int view_number(lua_State *L) {
  const ul_kept *kept;
  const ul_view *view = ul_view_check(L, 1, &kept);
  size_t row = check_place(L, view, 2);
  lua_pushinteger(L, (lua_Integer)ul_view_number(view, row) + 1);
  return 1;
}

/* view:copy() -> rows of their own, with the view's columns, as the rows that it
** is on stand */
static int view_copy(lua_State *L) {
  const ul_kept *kept;
  const ul_view *view = ul_view_check(L, 1, &kept);
  size_t count = view->column_count;
  uint32_t *columns =
    lua_newuserdatauv(L, (count + 1) * sizeof *columns, 0);
  ul_scale *scales = lua_newuserdatauv(L, (count + 1) * sizeof *scales, 0);
  for (size_t i = 0; i < count; i++) {
    luaL_argcheck(L, view->columns[i].column != UL_VIEW_NONE, 1,
                  "a column of nothing has no copy");
    columns[i] = view->columns[i].column;
    scales[i] = view->columns[i].scale;
  }
  ul_kept *made = ul_rows_push(L);
  if (!ul_kept_copy(made, kept, columns, scales, (uint32_t)count))
    ul_fail_memory(L);
  return 1;
}

/* view:places(numbers) -> for each row that `numbers` has as a key, where it
** stands: places by number */
static int view_places(lua_State *L) {
  const ul_kept *kept;
  const ul_view *view = ul_view_check(L, 1, &kept);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_newtable(L);
  for (size_t i = 0; i < view->count; i++) {
    lua_Integer number = (lua_Integer)ul_view_number(view, i) + 1;
    if (lua_rawgeti(L, 2, number) != LUA_TNIL) {
      lua_pushinteger(L, (lua_Integer)i + 1);
      lua_rawseti(L, 3, number);
    }
    lua_settop(L, 3);
  }
  return 1;
}

/* view:bytes() -> what it takes beside its rows */
static int view_bytes(lua_State *L) {
  const ul_kept *kept;
  const ul_view *view = ul_view_check(L, 1, &kept);
  size_t numbers = view->numbers != NULL ? view->count : 0;
  size_t bytes = sizeof *view + numbers * sizeof(uint32_t) +
                 view->column_count * sizeof *view->columns;
  lua_pushinteger(L, (lua_Integer)bytes);
  return 1;
}

/* ---- the type ---- */

static int view_close(lua_State *L) {
  ul_view *view = luaL_checkudata(L, 1, VIEW);
  free(view->numbers);
  view->numbers = NULL;
  view->is_open = false;
  return 0;
}

static int view_tostring(lua_State *L) {
  const ul_view *view = luaL_checkudata(L, 1, VIEW);
  if (view->is_open)
    lua_pushfstring(L, VIEW " (%I rows)", (lua_Integer)view->count);
  else
    lua_pushliteral(L, VIEW " (closed)");
  return 1;
}

static const luaL_Reg methods[] = {
  {"bytes", view_bytes},   {"choose", view_choose}, {"close", view_close},
  {"copy", view_copy},     {"cut", view_cut},       {"number", view_number},
  {"is_finite", view_is_finite}, {"is_one_value", view_is_one_value},
  {"leave_out_absent", view_leave_out_absent},
  {"places", view_places}, {"row", view_row},       {"sort", view_sort},
  {"text", ul_view_text},  {"types", view_types},   {"value", view_value},
  {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
  {"__close", view_close}, {"__gc", view_close}, {"__index", NULL},
  {"__len", view_count},   {"__tostring", view_tostring},
  {NULL, NULL},
};

void ul_view_register(lua_State *L) {
  luaL_newmetatable(L, VIEW);
  luaL_setfuncs(L, metamethods, 0);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}

static int64_t scale_field(lua_State *L, int table, const char *name) {
  lua_getfield(L, table, name);
  lua_Integer number = luaL_optinteger(L, -1, 0);
  luaL_argcheck(L, number >= 0, 2, "a scale is above 0");
  lua_pop(L, 1);
  return number;
}

static void read_column(lua_State *L, const ul_kept *kept,
                        ul_view_column *column) {
  int entry = lua_gettop(L);
  luaL_checktype(L, entry, LUA_TTABLE);
  lua_getfield(L, entry, "column");
  lua_Integer number = luaL_optinteger(L, -1, 0);
  luaL_argcheck(L, number >= 0 && number <= (lua_Integer)kept->column_count, 2,
                "there is no such column");
  column->column = number > 0 ? (uint32_t)number - 1 : UL_VIEW_NONE;
  column->scale.numerator = scale_field(L, entry, "numerator");
  column->scale.denominator = scale_field(L, entry, "denominator");
  lua_settop(L, entry);
}

static bool is_beyond(ul_column_value value, ul_scale scale) {
  return value.code == UL_CODE_INTEGER &&
         ul_figure_is_beyond(ul_figure_scale(value, scale));
}

/* A figure that is none in the unit in which it would be shown. */
static void refuse_beyond(lua_State *L, const ul_kept *kept,
                          const ul_view_column *of) {
  if (of->column == UL_VIEW_NONE ||
      kept->columns[of->column].kind != UL_COLUMN_NUMBER ||
      of->scale.numerator <= of->scale.denominator)
    return;
  for (uint32_t i = 0; i < ul_kept_chunk_count(kept); i++) {
    const ul_kept_chunk *chunk = ul_kept_chunk_at(kept, i);
    if (of->column >= chunk->columns) continue;
    for (size_t row = 0; row < chunk->rows; row++) {
      ul_column_value value = ul_kept_value(chunk, of->column, row);
      if (is_beyond(value, of->scale))
        ul_fail_raise(L, "limit",
                      "a figure of %I is beyond 64 bits in the unit in which "
                      "it is to be shown", (lua_Integer)value.figure.integer);
    }
  }
}

int ul_view_new(lua_State *L) {
  const ul_kept *kept = ul_rows_check(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 2);
  lua_Unsigned count = lua_rawlen(L, 2);
  luaL_argcheck(L, count <= COLUMN_LIMIT, 2, "too many columns");
  size_t size = sizeof(ul_view) + (size_t)count * sizeof(ul_view_column);
  ul_view *view = lua_newuserdatauv(L, size, ROWS);
  memset(view, 0, size);
  luaL_setmetatable(L, VIEW);
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, 3, ROWS);
  view->column_count = (uint32_t)count;
  view->count = kept->rows;
  for (uint32_t i = 0; i < count; i++) {
    lua_rawgeti(L, 2, (lua_Integer)i + 1);
    read_column(L, kept, &view->columns[i]);
    refuse_beyond(L, kept, &view->columns[i]);
    lua_pop(L, 1);
  }
  view->is_open = true;
  return 1;
}
