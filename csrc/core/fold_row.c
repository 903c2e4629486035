/* The row that a rule's function is asked about, see fold_row.h. */
#include "fold_row.h"

#include <lauxlib.h>

/* Of each rule on the stack, and behind them of each asked column. */
enum { ROW, WHERE, OF_RULE };
enum { FUNCTION, CODES, OF_COLUMN };

/* ---- values ---- */

void ul_fold_push_code(lua_State *L, const ul_column *column, uint32_t code) {
  if (code == 0) {
    lua_pushnil(L);
  } else if (column->is_asked) {
    lua_pushinteger(L, code);
  } else if (column->kind == UL_COLUMN_BOOLEAN) {
    lua_pushboolean(L, code == UL_CODE_TRUE);
  } else {
    size_t length;
    const char *text = ul_dictionary_text(&column->dictionary, code, &length);
    lua_pushlstring(L, text, length);
  }
}

void ul_fold_push_cell(lua_State *L, const ul_fold *fold, uint32_t number) {
  const ul_column *column = &fold->columns[number];
  uint32_t code = ul_column_codes(column)[fold->row];
  if (column->kind != UL_COLUMN_NUMBER || code == 0)
    ul_fold_push_code(L, column, code);
  else if (code == UL_CODE_INTEGER)
    lua_pushinteger(L, ul_column_figures(column)[fold->row].integer);
  else
    lua_pushnumber(L, ul_column_figures(column)[fold->row].real);
}

/* ---- the row ---- */

enum { FOLD = 1, COLUMNS, OTHER, SHOWN, UPVALUES = SHOWN };

/* The value of a column of texts: rows repeat what the one before them had. */
static void push_text(lua_State *L, ul_fold *fold, uint32_t number) {
  uint32_t code = ul_column_codes(&fold->columns[number])[fold->row];
  if (code != 0 && code == fold->sources[number].shown) {
    lua_rawgeti(L, lua_upvalueindex(SHOWN), (lua_Integer)number + 1);
    return;
  }
  fold->sources[number].shown = 0;
  ul_fold_push_code(L, &fold->columns[number], code);
  lua_pushvalue(L, -1);
  lua_rawseti(L, lua_upvalueindex(SHOWN), (lua_Integer)number + 1);
  fold->sources[number].shown = code;
}

static void push_value(lua_State *L, ul_fold *fold, uint32_t number) {
  if (fold->columns[number].kind == UL_COLUMN_TEXT)
    push_text(L, fold, number);
  else
    ul_fold_push_cell(L, fold, number);
}

/* row[name], with upvalues as above: `OTHER` is asked what no column has. */
static int row_index(lua_State *L) {
  ul_fold *fold = lua_touserdata(L, lua_upvalueindex(FOLD));
  lua_pushvalue(L, 2);
  lua_rawget(L, lua_upvalueindex(COLUMNS));
  lua_Integer number = fold->is_asking ? lua_tointeger(L, -1) : 0;
  if (number > 0 && number <= (lua_Integer)fold->column_count) {
    push_value(L, fold, (uint32_t)number - 1);
    return 1;
  }
  lua_pushvalue(L, lua_upvalueindex(OTHER));
  lua_pushvalue(L, 2);
  lua_pushboolean(L, fold->is_asking);
  lua_call(L, 2, 1);
  return 1;
}

int ul_fold_row(lua_State *L) {
  luaL_checktype(L, 2, LUA_TTABLE);
  luaL_checktype(L, 3, LUA_TFUNCTION);
  luaL_checktype(L, 4, LUA_TTABLE);
  lua_settop(L, 4);
  lua_newtable(L);
  lua_insert(L, 1);
  lua_insert(L, 2); /* row, metatable, fold, columns, other */
  lua_getiuservalue(L, 3, UL_FOLD_SHOWN);
  lua_pushcclosure(L, row_index, UPVALUES);
  lua_setfield(L, 2, "__index");
  lua_setmetatable(L, 1);
  return 1;
}

int ul_fold_untold(lua_State *L) {
  ul_fold *fold = lua_touserdata(L, 1);
  fold->is_untold = true;
  return 0;
}

/* ---- functions ---- */

int ul_fold_functions(lua_State *L) {
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 2);
  lua_setiuservalue(L, 1, UL_FOLD_FUNCTIONS);
  return 0;
}

/* A field of the rule's table on top of the stack, which stays below it; nil
** of no table. */
static void push_part(lua_State *L, int entry, const char *name) {
  if (lua_istable(L, entry))
    lua_getfield(L, entry, name);
  else
    lua_pushnil(L);
}

/* The function and the codes of a group. */
static void push_group(lua_State *L, int entry, uint32_t group) {
  int top = lua_gettop(L);
  push_part(L, entry, "groups");
  luaL_checktype(L, -1, LUA_TTABLE);
  lua_rawgeti(L, -1, (lua_Integer)group + 1);
  luaL_checktype(L, -1, LUA_TTABLE);
  lua_rawgeti(L, -1, 1);
  lua_rawgeti(L, -2, 2);
  luaL_checktype(L, -1, LUA_TTABLE);
  lua_replace(L, top + 2);
  lua_replace(L, top + 1);
}

int ul_fold_push_functions(lua_State *L, const ul_fold *fold) {
  luaL_checkstack(L, (int)(2 * fold->rule_count + 2 * fold->column_count) + 8,
                  "too many rules");
  lua_getiuservalue(L, 1, UL_FOLD_FUNCTIONS);
  int list = lua_gettop(L);
  if (!lua_istable(L, list)) luaL_error(L, "the rules have no functions");
  for (uint32_t i = 0; i < fold->rule_count; i++) {
    lua_rawgeti(L, list, (lua_Integer)i + 1);
    int entry = lua_gettop(L);
    push_part(L, entry, "row");
    push_part(L, entry, "where");
    lua_remove(L, entry);
  }
  for (uint32_t i = 0; i < fold->column_count; i++) {
    if (!fold->columns[i].is_asked) continue;
    lua_rawgeti(L, list, (lua_Integer)fold->sources[i].rule + 1);
    int entry = lua_gettop(L);
    push_group(L, entry, fold->sources[i].group);
    lua_remove(L, entry);
  }
  return list + 1;
}

/* Calls a function with its rule's row. What it asked may be untold though it
** has caught the error that says so. */
static bool call(lua_State *L, ul_fold *fold, int function, int row,
                 size_t at) {
  fold->row = at;
  fold->is_untold = false;
  fold->is_asking = true;
  lua_pushvalue(L, function);
  lua_pushvalue(L, row);
  int status = lua_pcall(L, 1, 1, 0);
  fold->is_asking = false;
  if (fold->is_untold) {
    lua_pop(L, 1);
    return false;
  }
  if (status != LUA_OK) lua_error(L);
  return true;
}

static int row_of(int functions, uint32_t rule) {
  return functions + (int)rule * OF_RULE + ROW;
}

bool ul_fold_ask_where(lua_State *L, ul_fold *fold, int functions,
                       uint32_t rule, size_t row, bool *told) {
  int place = row_of(functions, rule);
  *told = call(L, fold, place + WHERE, place, row);
  if (!*told) return false;
  bool passes = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return passes;
}

bool ul_fold_ask_group(lua_State *L, ul_fold *fold, int functions,
                       uint32_t column, size_t row) {
  const ul_fold_column *sources = &fold->sources[column];
  int groups = functions + (int)fold->rule_count * OF_RULE;
  int place = groups + (int)sources->asked * OF_COLUMN;
  if (!call(L, fold, place + FUNCTION, row_of(functions, sources->rule), row))
    return false;
  if (lua_isnil(L, -1)) {
    lua_pushinteger(L, 0);
    return true;
  }
  lua_pushvalue(L, -1);
  lua_rawget(L, place + CODES);
  return true;
}
