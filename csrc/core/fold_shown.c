/*
** What came out of a fold, as Lua values: groups, their figures, and what the
** conditions met.
*/
#include <lauxlib.h>
#include <string.h>

#include "fold.h"
#include "fold_row.h"

ul_group_rule *ul_fold_check_rule(lua_State *L, const ul_fold *fold,
                                  int index) {
  lua_Integer number = luaL_checkinteger(L, index);
  luaL_argcheck(L, number >= 1 && number <= (lua_Integer)fold->rule_count,
                index, "there is no such rule");
  return &fold->rules[number - 1];
}

static ul_group_rule *check_rule(lua_State *L, const ul_fold *fold) {
  return ul_fold_check_rule(L, fold, 2);
}

/* The number at `index`, from 1 to `count`, counted from 0. */
static uint32_t check_index(lua_State *L, int index, uint32_t count) {
  lua_Integer number = luaL_checkinteger(L, index);
  luaL_argcheck(L, number >= 1 && number <= (lua_Integer)count, index,
                "there is none of this number");
  return (uint32_t)number - 1;
}

/* Of the rule at 2, the slot whose number is at 3. */
static const ul_slot *check_slot(lua_State *L, const ul_fold *fold) {
  const ul_group_rule *rule = check_rule(L, fold);
  return &rule->slots[check_index(L, 3, rule->slot_count)];
}

/* fold:counts(rule) -> groups, rows seen, rows taken */
int ul_fold_counts(lua_State *L) {
  const ul_group_rule *rule = check_rule(L, ul_fold_check(L, 1));
  lua_pushinteger(L, (lua_Integer)rule->groups.count);
  lua_pushinteger(L, (lua_Integer)rule->seen);
  lua_pushinteger(L, (lua_Integer)rule->taken);
  return 3;
}

static void set_codes(lua_State *L, const ul_fold *fold, int table,
                      const uint32_t *columns, const uint32_t *codes,
                      uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    ul_fold_push_code(L, &fold->columns[columns[i]], codes[i]);
    lua_rawseti(L, table, (lua_Integer)i + 1);
  }
}

/* fold:key(rule, group, into) -> into, filled with the group columns */
int ul_fold_key(lua_State *L) {
  const ul_fold *fold = ul_fold_check(L, 1);
  const ul_group_rule *rule = check_rule(L, fold);
  uint32_t group = check_index(L, 3, rule->groups.count);
  luaL_checktype(L, 4, LUA_TTABLE);
  if (rule->groups.width > 0)
    set_codes(L, fold, 4, rule->by, ul_tuples_at(&rule->groups, group),
              rule->groups.width);
  lua_settop(L, 4);
  return 1;
}

static void push_partials(lua_State *L, const ul_partials *partials) {
  if (partials == NULL) {
    lua_pushnil(L);
    return;
  }
  lua_createtable(L, (int)partials->count, 0);
  for (uint32_t i = 0; i < partials->count; i++) {
    lua_pushnumber(L, partials->values[i]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
}

static void push_best(lua_State *L, const ul_group_cell *cell) {
  if (cell->has_integer)
    lua_pushinteger(L, cell->of.best.integer);
  else
    lua_pushnil(L);
  if (cell->has_real)
    lua_pushnumber(L, cell->of.best.real);
  else
    lua_pushnil(L);
}

/* fold:figure(rule, slot, group) -> values, is negative, and then of a sum or
** mean: low, carry, partial sums; of an extreme or a single figure: the
** integer, the double; nothing where no value came */
int ul_fold_figure(lua_State *L) {
  const ul_fold *fold = ul_fold_check(L, 1);
  const ul_group_rule *rule = check_rule(L, fold);
  uint32_t number = check_index(L, 3, rule->slot_count);
  uint32_t group = check_index(L, 4, rule->groups.count);
  const ul_slot *slot = &rule->slots[number];
  const ul_group_cell *cell = ul_group_cell_at(rule, group, number);
  if (cell->count == 0) return 0;
  lua_pushinteger(L, (lua_Integer)cell->count);
  lua_pushboolean(L, cell->is_negative);
  switch (slot->adding) {
    case UL_ADDING_SUM:
    case UL_ADDING_MEAN:
      lua_pushinteger(L, cell->of.sum.low);
      lua_pushinteger(L, cell->of.sum.carry);
      push_partials(L, cell->of.sum.partials);
      return 5;
    case UL_ADDING_MAX:
    case UL_ADDING_MIN:
    case UL_ADDING_SINGLE: push_best(L, cell); return 4;
    default: return 2;
  }
}

/* fold:different(rule, slot, i) -> group, value: one of the different things
** of a group, each once; nothing behind the last */
int ul_fold_different(lua_State *L) {
  const ul_fold *fold = ul_fold_check(L, 1);
  const ul_slot *slot = check_slot(L, fold);
  lua_Integer i = luaL_checkinteger(L, 4);
  luaL_argcheck(L, slot->adding == UL_ADDING_DISTINCT, 3, "not of this slot");
  if (i < 1 || i > (lua_Integer)slot->tuples.count) return 0;
  const uint32_t *tuple = ul_tuples_at(&slot->tuples, (uint32_t)i - 1);
  lua_pushinteger(L, (lua_Integer)tuple[0] + 1);
  ul_fold_push_code(L, &fold->columns[slot->source], tuple[1]);
  return 2;
}

static void push_figure(lua_State *L, const uint32_t *tuple) {
  ul_figure figure;
  memcpy(&figure, tuple + 1, sizeof figure);
  if (tuple[0] == UL_CODE_INTEGER)
    lua_pushinteger(L, figure.integer);
  else
    lua_pushnumber(L, figure.real);
}

/* fold:reading(rule, slot, i, into) -> group, figure (of last), into, filled
** with the columns that say whose it is: each different one once */
int ul_fold_reading(lua_State *L) {
  const ul_fold *fold = ul_fold_check(L, 1);
  const ul_slot *slot = check_slot(L, fold);
  lua_Integer i = luaL_checkinteger(L, 4);
  luaL_checktype(L, 5, LUA_TTABLE);
  bool is_last = slot->adding == UL_ADDING_LAST;
  luaL_argcheck(L, is_last || slot->adding == UL_ADDING_SUM, 3,
                "not of this slot");
  if (i < 1 || i > (lua_Integer)slot->tuples.count) return 0;
  const uint32_t *tuple = ul_tuples_at(&slot->tuples, (uint32_t)i - 1);
  set_codes(L, fold, 5, slot->of, tuple + 1, slot->of_count);
  lua_pushinteger(L, (lua_Integer)tuple[0] + 1);
  if (is_last)
    push_figure(L, tuple + 1 + slot->of_count);
  else
    lua_pushnil(L);
  lua_pushvalue(L, 5);
  return 3;
}

/* fold:value(rule, slot, i) -> group, figure: one of all values of a quantile;
** nothing behind the last */
int ul_fold_value(lua_State *L) {
  const ul_fold *fold = ul_fold_check(L, 1);
  const ul_slot *slot = check_slot(L, fold);
  lua_Integer i = luaL_checkinteger(L, 4);
  luaL_argcheck(L, slot->adding == UL_ADDING_QUANTILE, 3, "not of this slot");
  size_t count = slot->values.length / sizeof(ul_group_value);
  if (i < 1 || (lua_Unsigned)i > count) return 0;
  const ul_group_value *kept =
    (const ul_group_value *)(const void *)slot->values.bytes + (i - 1);
  lua_pushinteger(L, (lua_Integer)kept->group + 1);
  if (kept->code == UL_CODE_INTEGER)
    lua_pushinteger(L, kept->figure.integer);
  else
    lua_pushnumber(L, kept->figure.real);
  return 2;
}

static void push_least(lua_State *L, const ul_least *least) {
  lua_createtable(L, (int)least->count, 0);
  for (uint32_t i = 0; i < least->count; i++) {
    const ul_buffer *text = &least->texts[i];
    lua_pushlstring(L, text->length > 0 ? text->bytes : "", text->length);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lua_pushboolean(L, least->more);
}

static void push_hits(lua_State *L, const ul_condition *c) {
  lua_newtable(L);
  for (size_t i = 1; i < c->hits.length; i++)
    if (c->hits.bytes[i]) {
      lua_pushboolean(L, true);
      lua_rawseti(L, -2, (lua_Integer)i);
    }
}

/* fold:condition(rule, i) -> rows met, wanted values hit, the first values
** that there were, are there more, the first where all else held, are there
** more; booleans as words */
int ul_fold_condition(lua_State *L) {
  const ul_group_rule *rule = check_rule(L, ul_fold_check(L, 1));
  uint32_t i = check_index(L, 3, rule->condition_count);
  const ul_condition *c = &rule->conditions[i];
  lua_pushinteger(L, (lua_Integer)c->met);
  push_hits(L, c);
  push_least(L, &c->all);
  push_least(L, &c->beside);
  return 6;
}
