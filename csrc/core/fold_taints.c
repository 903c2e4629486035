/* Windows that failed, see fold_taints.h. */
#include "fold_taints.h"

#include <lauxlib.h>
#include <string.h>

#include "fail.h"

#define UL_TAINT_ANY UINT32_MAX

static void *new_memory(lua_State *L, size_t count, size_t size) {
  size_t bytes = (count + 1) * size;
  return memset(lua_newuserdatauv(L, bytes, 0), 0, bytes);
}

/* ---- reading ---- */

/* The code of the value on top of the stack; UL_TAINT_ANY where no row of the
** column can have it. */
static uint32_t code_of(lua_State *L, ul_column *column) {
  int type = lua_type(L, -1);
  if (type == LUA_TNIL) return 0;
  if (type == LUA_TBOOLEAN && column->kind == UL_COLUMN_BOOLEAN)
    return lua_toboolean(L, -1) ? UL_CODE_TRUE : UL_CODE_FALSE;
  if (type != LUA_TSTRING || column->kind != UL_COLUMN_TEXT)
    return UL_TAINT_ANY;
  size_t length;
  const char *text = lua_tolstring(L, -1, &length);
  uint32_t code = ul_column_code(column, text, length);
  if (code == 0) ul_fail_memory(L);
  return code;
}

static bool flag_at(lua_State *L, int table, uint32_t i) {
  lua_rawgeti(L, table, (lua_Integer)i + 1);
  bool value = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return value;
}

/* The table of that name in the one at `table`. */
static int table_field(lua_State *L, int table, const char *name) {
  lua_getfield(L, table, name);
  luaL_checktype(L, -1, LUA_TTABLE);
  return lua_gettop(L);
}

/* A taint on top of the stack. */
static void read_taint(lua_State *L, ul_fold *fold, const ul_group_rule *rule,
                       ul_fold_taint *taint) {
  int entry = lua_gettop(L);
  luaL_checktype(L, entry, LUA_TTABLE);
  int key = table_field(L, entry, "key");
  int certain = table_field(L, entry, "certain");
  int slots = table_field(L, entry, "slots");
  for (uint32_t i = 0; i < rule->groups.width; i++) {
    taint->key[i] = UL_TAINT_ANY;
    if (!flag_at(L, certain, i)) continue;
    lua_rawgeti(L, key, (lua_Integer)i + 1);
    taint->key[i] = code_of(L, &fold->columns[rule->by[i]]);
    taint->is_nobodys = taint->is_nobodys || taint->key[i] == UL_TAINT_ANY;
    lua_pop(L, 1);
  }
  for (uint32_t i = 0; i < rule->slot_count; i++)
    taint->slots[i] = flag_at(L, slots, i);
  lua_settop(L, entry);
}

static void read_list(lua_State *L, int list, ul_fold *fold,
                      const ul_group_rule *rule, ul_fold_taints *taints) {
  uint32_t width = rule->groups.width, slots = rule->slot_count;
  uint32_t *keys =
    new_memory(L, (size_t)taints->count * width, sizeof *keys);
  bool *flags = new_memory(L, (size_t)taints->count * slots, sizeof *flags);
  for (uint32_t i = 0; i < taints->count; i++) {
    taints->list[i].key = keys + (size_t)i * width;
    taints->list[i].slots = flags + (size_t)i * slots;
    lua_rawgeti(L, list, (lua_Integer)i + 1);
    read_taint(L, fold, rule, &taints->list[i]);
    lua_pop(L, 1);
  }
}

void ul_fold_read_taints(lua_State *L, int index, ul_fold *fold,
                         const ul_group_rule *rule, ul_fold_taints *taints) {
  *taints = (ul_fold_taints){.slot_count = rule->slot_count};
  if (lua_isnoneornil(L, index)) return;
  luaL_checkstack(L, 16, "too many values");
  int list = table_field(L, index, "list");
  int grows = table_field(L, index, "grows");
  uint32_t count = (uint32_t)lua_rawlen(L, list);
  taints->list = new_memory(L, count, sizeof *taints->list);
  taints->grows = new_memory(L, rule->slot_count, sizeof *taints->grows);
  taints->sign = new_memory(L, (size_t)count + rule->slot_count, 1);
  taints->count = count;
  for (uint32_t i = 0; i < rule->slot_count; i++)
    taints->grows[i] = flag_at(L, grows, i);
  read_list(L, list, fold, rule, taints);
}

/* ---- touching ---- */

static bool touches(const ul_fold_taint *taint, const uint32_t *key,
                    uint32_t width) {
  if (taint->is_nobodys) return false;
  for (uint32_t i = 0; i < width; i++)
    if (taint->key[i] != UL_TAINT_ANY && taint->key[i] != key[i]) return false;
  return true;
}

bool ul_fold_touch(ul_fold_taints *taints, const ul_group_rule *rule,
                   uint32_t group) {
  const uint32_t *key = ul_tuples_at(&rule->groups, group);
  bool any = false;
  for (uint32_t i = 0; i < taints->count; i++) {
    ul_fold_taint *taint = &taints->list[i];
    bool is_touched = touches(taint, key, rule->groups.width);
    taints->sign[i] = is_touched ? UL_TAINT_TOUCHES : '0';
    taint->touched = taint->touched || is_touched;
    any = any || is_touched;
  }
  return any;
}

static bool is_touched(const ul_fold_taints *taints, uint32_t slot) {
  for (uint32_t i = 0; i < taints->count; i++)
    if (taints->sign[i] == UL_TAINT_TOUCHES && taints->list[i].slots[slot])
      return true;
  return false;
}

bool ul_fold_leave_figure(ul_fold_taints *taints, uint32_t slot,
                          const ul_group_cell *cell, bool has_value) {
  char *says = &taints->sign[taints->count + slot];
  *says = UL_FIGURE_UNTOUCHED;
  if (!is_touched(taints, slot)) return true;
  bool grows = taints->grows[slot] && !cell->is_negative && has_value;
  *says = grows ? UL_FIGURE_AT_LEAST : UL_FIGURE_UNKNOWN;
  return grows;
}

void ul_fold_push_sign(lua_State *L, const ul_fold_taints *taints) {
  lua_pushlstring(L, taints->sign, (size_t)taints->count + taints->slot_count);
}

void ul_fold_push_touched(lua_State *L, const ul_fold_taints *taints) {
  lua_createtable(L, (int)taints->count, 0);
  for (uint32_t i = 0; i < taints->count; i++) {
    lua_pushboolean(L, taints->list[i].touched);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
}
