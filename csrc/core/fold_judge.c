#include "fold_judge.h"

#include <lauxlib.h>
#include <string.h>

#include "fail.h"
#include "fold_batch.h"
#include "fold_row.h"

/* ---- conditions ---- */

/* Asks the function of the fold at index 1 what the condition says of a
** code. */
static uint32_t ask_verdict(lua_State *L, const ul_fold *fold, uint32_t rule,
                            uint32_t condition, uint32_t code) {
  const ul_condition *c = &fold->rules[rule].conditions[condition];
  lua_getiuservalue(L, 1, UL_FOLD_JUDGE);
  lua_pushinteger(L, (lua_Integer)rule + 1);
  lua_pushinteger(L, (lua_Integer)condition + 1);
  ul_fold_push_code(L, &fold->columns[c->column], code);
  lua_call(L, 3, 2);
  lua_Integer which = lua_isnil(L, -1) ? 0 : luaL_checkinteger(L, -1);
  luaL_argcheck(L, which >= 0 && (size_t)which < c->hits.length, 1,
                "there is no such wanted value");
  uint32_t verdict = (uint32_t)which << UL_VERDICT_WHICH_SHIFT;
  if (lua_isnil(L, -2)) verdict |= UL_VERDICT_DOUBT;
  if (lua_toboolean(L, -2)) verdict |= UL_VERDICT_PASSES;
  lua_pop(L, 2);
  return verdict;
}

static bool is_told(const ul_column *column, const ul_condition *c,
                    uint32_t code, uint32_t *verdict) {
  if (column->kind != UL_COLUMN_TEXT || code == 0) return false;
  size_t length;
  const char *text = ul_dictionary_text(&column->dictionary, code, &length);
  bool told;
  bool passes = ul_condition_takes_text(c, text, length, &told);
  *verdict = passes ? UL_VERDICT_PASSES : 0;
  return told;
}

/* Judges all codes up to this one; they come in turn. */
static void judge_up_to(lua_State *L, ul_fold *fold, uint32_t rule,
                        uint32_t condition, uint32_t code) {
  ul_condition *c = &fold->rules[rule].conditions[condition];
  for (size_t i = ul_condition_judged(c); i <= code; i++) {
    uint32_t verdict = 0;
    if (!is_told(&fold->columns[c->column], c, (uint32_t)i, &verdict))
      verdict = ask_verdict(L, fold, rule, condition, (uint32_t)i);
    if (!ul_buffer_append(&c->verdicts, (const char *)&verdict,
                          sizeof verdict))
      ul_fail_memory(L);
  }
}

/* Judges what is new in these rows; false where a condition cannot say what
** it thinks of one. */
static bool judge_rows(lua_State *L, ul_fold *fold, uint32_t rule,
                       uint32_t condition, size_t row, size_t end) {
  const ul_condition *c = &fold->rules[rule].conditions[condition];
  const ul_column *column = &fold->columns[c->column];
  if (column->kind == UL_COLUMN_NUMBER) return true;
  for (; row < end; row++) {
    uint32_t code = ul_column_codes(column)[row];
    if (code >= ul_condition_judged(c))
      judge_up_to(L, fold, rule, condition, code);
    if ((ul_condition_verdicts(c)[code] & UL_VERDICT_DOUBT) != 0) return false;
  }
  return true;
}

bool ul_fold_judge_rows(lua_State *L, ul_fold *fold, size_t row, size_t end) {
  bool sure = true;
  for (uint32_t rule = 0; rule < fold->rule_count; rule++)
    for (uint32_t i = 0; i < fold->rules[rule].condition_count; i++)
      sure = judge_rows(L, fold, rule, i, row, end) && sure;
  return sure;
}

/* What is known so far of a condition's codes in the new rows. */
static ul_fold_verdicts look_at(const ul_fold *fold, const ul_condition *c,
                        size_t rows) {
  const ul_column *column = &fold->columns[c->column];
  ul_fold_verdicts found = UL_ALL_SAID;
  const ul_fold_column *sources = &fold->sources[c->column];
  if (column->kind == UL_COLUMN_NUMBER || sources->is_late ||
      sources->is_derived)
    return found;
  for (size_t row = fold->rows; row < fold->rows + rows; row++) {
    uint32_t code = ul_column_codes(column)[row];
    if (code >= ul_condition_judged(c))
      found = UL_SOME_NEW;
    else if ((ul_condition_verdicts(c)[code] & UL_VERDICT_DOUBT) != 0)
      return UL_SOME_DOUBTED;
  }
  return found;
}

ul_fold_verdicts ul_fold_look_at(const ul_fold *fold, size_t rows) {
  ul_fold_verdicts worst = UL_ALL_SAID;
  for (uint32_t rule = 0; rule < fold->rule_count; rule++)
    for (uint32_t i = 0; i < fold->rules[rule].condition_count; i++) {
      ul_fold_verdicts found =
        look_at(fold, &fold->rules[rule].conditions[i], rows);
      if (found > worst) worst = found;
    }
  return worst;
}

/* ---- functions ---- */

/* Fills in the columns that follow from others; false where that cannot be
** said. What is no row is dead. */
bool ul_fold_derive_rows(lua_State *L, ul_fold *fold, size_t row, size_t end) {
  bool sure = true;
  for (; row < end && fold->derive.is_wanted; row++) {
    ul_derived fate = ul_fold_derive(L, fold, row);
    sure = sure && fate != UL_DERIVED_DOUBT;
    if (fate == UL_DERIVED_NO_ROW && !ul_fold_bury(fold, row, row + 1))
      ul_fail_memory(L);
  }
  return sure;
}

/* Asks the functions of the rules about rows; false where one cannot say.
** `functions` is where they stand on the stack. */
bool ul_fold_filter_rows(lua_State *L, ul_fold *fold, int functions, size_t row,
                        size_t end) {
  bool sure = true, told;
  for (uint32_t rule = 0; rule < fold->rule_count; rule++)
    for (size_t i = row; i < end && fold->rules[rule].has_filter; i++) {
      if (ul_fold_is_dead(fold, i)) continue;
      bool passes = ul_fold_ask_where(L, fold, functions, rule, i, &told);
      fold->rules[rule].filter.bytes[i] = (char)passes;
      sure = sure && told;
    }
  return sure;
}

/* The code of a value that a group's function gives for the first time. */
static uint32_t new_code(lua_State *L, const ul_fold_column *sources,
                         int value) {
  lua_getiuservalue(L, 1, UL_FOLD_JUDGE);
  lua_pushinteger(L, (lua_Integer)sources->rule + 1);
  lua_pushnil(L);
  lua_pushinteger(L, (lua_Integer)sources->group + 1);
  lua_pushvalue(L, value);
  lua_call(L, 4, 1);
  return (uint32_t)luaL_checkinteger(L, -1);
}

/* Asks the function of a group about a row; false where it cannot say. */
static bool ask_group(lua_State *L, ul_fold *fold, int functions,
                      uint32_t column, size_t row) {
  int top = lua_gettop(L);
  if (!ul_fold_ask_group(L, fold, functions, column, row)) return false;
  uint32_t code = lua_isnil(L, -1)
                    ? new_code(L, &fold->sources[column], top + 1)
                    : (uint32_t)lua_tointeger(L, -1);
  ul_column_codes(&fold->columns[column])[row] = code;
  lua_settop(L, top);
  return true;
}

/* Only of rows that their rule lets in. */
bool ul_fold_group_rows(lua_State *L, ul_fold *fold, int functions, size_t row,
                       size_t end) {
  bool sure = true;
  for (uint32_t i = 0; i < fold->column_count; i++) {
    if (!fold->columns[i].is_asked) continue;
    const ul_group_rule *rule = &fold->rules[fold->sources[i].rule];
    for (size_t at = row; at < end; at++)
      if (!ul_fold_is_dead(fold, at) &&
          ul_group_lets_in(rule, fold->columns, at))
        sure = ask_group(L, fold, functions, i, at) && sure;
  }
  return sure;
}

bool ul_fold_make_filters(ul_fold *fold) {
  for (uint32_t rule = 0; rule < fold->rule_count; rule++) {
    ul_buffer *filter = &fold->rules[rule].filter;
    if (!fold->rules[rule].has_filter) continue;
    if (!ul_buffer_reserve(filter, fold->rows + 1)) return false;
    memset(filter->bytes, 0, fold->rows);
  }
  return true;
}
