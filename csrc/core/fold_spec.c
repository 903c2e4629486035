/* The description of a fold, see fold_spec.h. */
#include "fold_spec.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "json_keys.h"

/* A list that anybody could mean is shorter. */
enum { LIST_LIMIT = 1 << 16 };

static void need_memory(lua_State *L, bool ok) {
  if (!ok) ul_fail_memory(L);
}

/* calloc of none may give NULL. */
static void *new_array(lua_State *L, uint32_t count, size_t size) {
  void *array = calloc((size_t)count + 1, size);
  need_memory(L, array != NULL);
  return array;
}

/* ---- reading tables ---- */

static bool flag(lua_State *L, int table, const char *name) {
  lua_getfield(L, table, name);
  bool value = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return value;
}

/* Leaves the table; gives how many values it has. */
static uint32_t push_list(lua_State *L, int table, const char *name) {
  lua_getfield(L, table, name);
  luaL_checktype(L, -1, LUA_TTABLE);
  lua_Unsigned count = lua_rawlen(L, -1);
  if (count > LIST_LIMIT) luaL_error(L, "too many %s", name);
  return (uint32_t)count;
}

static uint32_t column_number(const ul_fold *fold, lua_State *L, int index) {
  lua_Integer number = luaL_checkinteger(L, index);
  if (number < 1 || number > (lua_Integer)fold->column_count)
    luaL_error(L, "there is no column %I", number);
  return (uint32_t)number - 1;
}

static uint32_t column_field(const ul_fold *fold, lua_State *L, int table,
                             const char *name) {
  lua_getfield(L, table, name);
  uint32_t column = column_number(fold, L, -1);
  lua_pop(L, 1);
  return column;
}

/* The columns of the list, of which `most` may be there; gives how many. */
static uint32_t column_list(const ul_fold *fold, lua_State *L, int table,
                            const char *name, uint32_t *columns,
                            uint32_t most) {
  uint32_t count = push_list(L, table, name);
  if (count > most) luaL_error(L, "too many %s", name);
  for (uint32_t i = 0; i < count; i++) {
    lua_rawgeti(L, -1, i + 1);
    columns[i] = column_number(fold, L, -1);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return count;
}

/* ---- paths ---- */

#define ITEMS_LIMIT_BYTES ((size_t)1 << 33)

static void need_reader(lua_State *L, const ul_fold *fold) {
  if (fold->plan == NULL) luaL_error(L, "there is no reader");
}

/* The node behind the names on top of the stack, which go. */
static uint32_t follow_names(lua_State *L, const ul_fold *fold,
                             uint32_t node) {
  int names = lua_gettop(L);
  luaL_checktype(L, names, LUA_TTABLE);
  for (lua_Integer i = 1; lua_rawgeti(L, names, i) != LUA_TNIL; i++) {
    size_t length;
    const char *name = luaL_checklstring(L, -1, &length);
    node = ul_plan_child(fold->plan, node, name, length);
    if (node == 0) luaL_error(L, "the reader does not select '%s'", name);
    lua_pop(L, 1);
  }
  lua_settop(L, names - 1);
  return node;
}

/* What stands for each member of a container: names, and `list` where it is one. */
static uint32_t container_node(lua_State *L, int spec, const ul_fold *fold,
                               lua_Integer which) {
  need_reader(L, fold);
  const ul_json_plan *plan = fold->plan;
  push_list(L, spec, "each");
  if (lua_rawgeti(L, -1, which) != LUA_TTABLE)
    luaL_error(L, "there is no container %I", which);
  bool is_list = flag(L, lua_gettop(L), "list");
  ul_json_node *node = ul_plan_node(plan, follow_names(L, fold, plan->rows));
  lua_pop(L, 1);
  uint32_t members = is_list ? node->items : node->members;
  if (members == 0)
    luaL_error(L, "the reader does not select the members of %I", which);
  node->is_container = true;
  return members;
}

static void read_containers(lua_State *L, int spec, ul_fold *fold) {
  uint32_t count = push_list(L, spec, "each");
  lua_pop(L, 1);
  for (uint32_t i = 1; i <= count; i++) container_node(L, spec, fold, i);
  fold->has_each = count > 0;
  fold->each_optional = flag(L, spec, "each_optional");
}

/* The slot of the node, made where it has none. */
static uint32_t slot_of(ul_fold *fold, uint32_t index, bool of_member) {
  ul_json_node *node = ul_plan_node(fold->plan, index);
  uint32_t *count =
    of_member ? &fold->item.member_slots : &fold->item.own_slots;
  if (node->slot == 0) {
    node->slot = ++*count;
    node->slot_of_member = of_member;
  }
  return node->slot - 1;
}

/* The names in `alone` of the source on top of the stack, if there are any. */
static void read_alone(lua_State *L, ul_fold *fold, ul_fold_source *source) {
  source->has_alone = lua_getfield(L, -1, "alone") == LUA_TTABLE;
  if (source->has_alone)
    source->alone =
      slot_of(fold, follow_names(L, fold, fold->plan->rows), false);
  else
    lua_pop(L, 1);
}

/* A source on top of the stack: { key = true }, or names, in a container
** where it says `container`. */
static ul_fold_source read_source(lua_State *L, int spec, ul_fold *fold) {
  int source = lua_gettop(L);
  luaL_checktype(L, source, LUA_TTABLE);
  need_reader(L, fold);
  if (flag(L, source, "key"))
    return (ul_fold_source){.from = UL_FROM_KEY};
  uint32_t node = fold->plan->rows;
  bool of_member = lua_getfield(L, source, "container") != LUA_TNIL;
  if (of_member)
    node = container_node(L, spec, fold, luaL_checkinteger(L, -1));
  lua_settop(L, source);
  ul_fold_source read = {.from = of_member ? UL_FROM_MEMBER : UL_FROM_ITEM};
  read_alone(L, fold, &read);
  read.slot = slot_of(fold, follow_names(L, fold, node), of_member);
  return read;
}

/* What tells the items from each other. */
static void read_distinct(lua_State *L, int spec, ul_fold *fold) {
  ul_identity *identity = &fold->identity;
  int top = lua_gettop(L);
  if (lua_getfield(L, spec, "distinct") == LUA_TTABLE) {
    for (lua_Integer i = 1; lua_rawgeti(L, top + 1, i) == LUA_TTABLE; i++) {
      ul_fold_source source = read_source(L, spec, fold);
      if (source.from != UL_FROM_ITEM || i > UL_IDENTITY_VALUES)
        luaL_error(L, "distinct is up to %d values of an item",
                   UL_IDENTITY_VALUES);
      identity->slots[identity->slot_count++] = source.slot;
      lua_settop(L, top + 1);
    }
  }
  lua_settop(L, top);
}

static void read_identity(lua_State *L, int spec, ul_fold *fold) {
  ul_identity *identity = &fold->identity;
  int top = lua_gettop(L);
  identity->has_ends = flag(L, spec, "ends");
  identity->has_key = lua_getfield(L, spec, "unique") != LUA_TNIL;
  if (identity->has_key) {
    ul_fold_source source = read_source(L, spec, fold);
    if (source.from != UL_FROM_ITEM) luaL_error(L, "unique is of an item");
    identity->slot = source.slot;
  }
  lua_settop(L, top);
  read_distinct(L, spec, fold);
}

/* { source, value } of each. */
static void read_mark(lua_State *L, int spec, ul_fold *fold) {
  int top = lua_gettop(L);
  if (lua_getfield(L, spec, "mark") == LUA_TTABLE) {
    for (lua_Integer i = 1; lua_rawgeti(L, top + 1, i) == LUA_TTABLE; i++) {
      lua_getfield(L, -1, "source");
      ul_fold_source source = read_source(L, spec, fold);
      if (source.from != UL_FROM_ITEM) luaL_error(L, "a mark is an item");
      lua_settop(L, top + 2);
      lua_getfield(L, -1, "value");
      ul_mark_add(L, &fold->mark, source.slot);
      lua_settop(L, top + 1);
    }
  }
  lua_settop(L, top);
}

/* ---- columns ---- */

static bool is_of_member(const ul_fold *fold, ul_fold_source source) {
  return source.from == UL_FROM_MEMBER ||
         (source.from == UL_FROM_KEY && fold->has_each);
}

/* A column that a function of the row gives: { rule, group }, from 1. */
static void read_asked(lua_State *L, int entry, ul_fold *fold,
                       ul_fold_column *sources) {
  if (lua_getfield(L, entry, "asked") == LUA_TTABLE) {
    lua_rawgeti(L, -1, 1);
    lua_rawgeti(L, -2, 2);
    sources->rule = (uint32_t)luaL_checkinteger(L, -2) - 1;
    sources->group = (uint32_t)luaL_checkinteger(L, -1) - 1;
    sources->asked = fold->asked_count++;
    fold->columns[fold->column_count - 1].is_asked = true;
    fold->has_filter = true;
  }
  lua_settop(L, entry);
}

static void check_asked(lua_State *L, const ul_fold *fold) {
  for (uint32_t i = 0; i < fold->column_count; i++)
    if (fold->columns[i].is_asked &&
        fold->sources[i].rule >= fold->rule_count)
      luaL_error(L, "column %d is asked of no rule", (int)i + 1);
}

static void read_sources(lua_State *L, int spec, ul_fold *fold,
                         ul_fold_column *sources) {
  int entry = lua_gettop(L);
  if (lua_getfield(L, entry, "source") != LUA_TNIL)
    sources->source = read_source(L, spec, fold);
  lua_settop(L, entry);
  sources->has_other = lua_getfield(L, entry, "other") != LUA_TNIL;
  if (sources->has_other) sources->other = read_source(L, spec, fold);
  lua_settop(L, entry);
  read_asked(L, entry, fold, sources);
  ul_buffer_init(&sources->key_codes, ITEMS_LIMIT_BYTES);
  sources->is_late = flag(L, entry, "late");
  fold->has_late = fold->has_late || sources->is_late;
  sources->of_member = is_of_member(fold, sources->source) ||
                       is_of_member(fold, sources->other);
}

static void read_column(lua_State *L, ul_column *column, uint64_t seed) {
  static const char *const kinds[] = {
    [UL_COLUMN_TEXT] = "text",
    [UL_COLUMN_BOOLEAN] = "boolean",
    [UL_COLUMN_NUMBER] = "number",
    [UL_COLUMN_NUMBER + 1] = NULL,
  };
  int entry = lua_gettop(L);
  lua_getfield(L, entry, "kind");
  int kind = luaL_checkoption(L, -1, NULL, kinds);
  ul_column_init(column, (ul_column_kind)kind, seed);
  column->lower = flag(L, entry, "lower");
  column->fraction = flag(L, entry, "fraction");
  column->negative = flag(L, entry, "negative");
  column->null = flag(L, entry, "null");
  column->text = flag(L, entry, "text");
  lua_settop(L, entry);
}

static void read_columns(lua_State *L, int spec, ul_fold *fold,
                         uint64_t seed) {
  uint32_t count = push_list(L, spec, "columns");
  fold->columns = new_array(L, count, sizeof *fold->columns);
  fold->sources = new_array(L, count, sizeof *fold->sources);
  for (uint32_t i = 0; i < count; i++) {
    lua_rawgeti(L, -1, i + 1);
    luaL_checktype(L, -1, LUA_TTABLE);
    read_column(L, &fold->columns[i], seed);
    fold->column_count++;
    read_sources(L, spec, fold, &fold->sources[i]);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

/* Their codes are remembered longer than a batch. */
static void read_derive(lua_State *L, int spec, ul_fold *fold,
                        uint64_t seed) {
  ul_derive *derive = &fold->derive;
  int top = lua_gettop(L);
  derive->is_wanted = lua_getfield(L, spec, "derive") == LUA_TTABLE;
  if (derive->is_wanted) {
    derive->from_count = column_list(fold, L, top + 1, "from", derive->from,
                                     UL_DERIVE_FROM);
    derive->to_count =
      column_list(fold, L, top + 1, "to", derive->to, UL_DERIVE_TO);
    fold->has_filter = true;
  }
  lua_settop(L, top);
  ul_derive_start(derive, seed);
  for (uint32_t i = 0; i < derive->from_count; i++)
    fold->columns[derive->from[i]].is_kept = true;
  for (uint32_t i = 0; i < derive->to_count; i++) {
    luaL_argcheck(L, fold->columns[derive->to[i]].kind == UL_COLUMN_TEXT, 1,
                  "only texts are derived");
    fold->columns[derive->to[i]].is_kept = true;
    fold->sources[derive->to[i]].is_derived = true;
  }
}

/* ---- rules ---- */

static ul_limit read_limit(lua_State *L, int index) {
  ul_limit limit = {0};
  if (lua_isinteger(L, index)) {
    limit.code = UL_CODE_INTEGER;
    limit.figure.integer = lua_tointeger(L, index);
  } else if (!lua_isnil(L, index)) {
    limit.code = UL_CODE_REAL;
    limit.figure.real = luaL_checknumber(L, index);
  }
  return limit;
}

static ul_limit limit_field(lua_State *L, int table, const char *name) {
  lua_getfield(L, table, name);
  ul_limit limit = read_limit(L, -1);
  lua_pop(L, 1);
  return limit;
}

static void read_values(lua_State *L, int table, ul_condition *c) {
  uint32_t count = push_list(L, table, "values");
  for (uint32_t i = 1; i <= count; i++) {
    lua_rawgeti(L, -1, i);
    ul_limit value = read_limit(L, -1);
    need_memory(L, ul_buffer_append(&c->values, (const char *)&value,
                                    sizeof value));
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

/* A condition on top of the stack. */
static void read_condition(lua_State *L, ul_fold *fold, ul_condition *c) {
  int entry = lua_gettop(L);
  luaL_checktype(L, entry, LUA_TTABLE);
  lua_getfield(L, entry, "wanted");
  lua_Integer wanted = luaL_optinteger(L, -1, 0);
  luaL_argcheck(L, wanted >= 0 && wanted <= LIST_LIMIT, 1, "too many values");
  need_memory(L, ul_condition_init(c, (uint32_t)wanted));
  c->column = column_field(fold, L, entry, "column");
  c->lists = flag(L, entry, "lists");
  c->before = limit_field(L, entry, "before");
  c->after = limit_field(L, entry, "after");
  if (fold->columns[c->column].kind == UL_COLUMN_NUMBER) {
    c->passes_absent = flag(L, entry, "passes_absent");
    c->is_absence = flag(L, entry, "absent");
    c->min = limit_field(L, entry, "min");
    c->max = limit_field(L, entry, "max");
    read_values(L, entry, c);
  }
  lua_settop(L, entry);
}

static const char *const addings[] = {
  [UL_ADDING_NONE] = "none",         [UL_ADDING_COUNT] = "count",
  [UL_ADDING_SUM] = "sum",           [UL_ADDING_MEAN] = "mean",
  [UL_ADDING_MAX] = "max",           [UL_ADDING_MIN] = "min",
  [UL_ADDING_SINGLE] = "single",     [UL_ADDING_DISTINCT] = "distinct",
  [UL_ADDING_LAST] = "last",         [UL_ADDING_QUANTILE] = "quantile",
  [UL_ADDING_QUANTILE + 1] = NULL,
};

static bool is_numeric(ul_adding adding) {
  return adding != UL_ADDING_NONE && adding != UL_ADDING_COUNT &&
         adding != UL_ADDING_DISTINCT;
}

static void check_source(lua_State *L, const ul_fold *fold,
                         const ul_slot *slot) {
  bool is_number = slot->source != UL_NO_COLUMN &&
                   fold->columns[slot->source].kind == UL_COLUMN_NUMBER;
  bool fits = slot->adding == UL_ADDING_DISTINCT
                ? slot->source != UL_NO_COLUMN && !is_number
                : !is_numeric(slot->adding) || is_number;
  if (!fits) luaL_error(L, "%s of this column", addings[slot->adding]);
}

/* A slot on top of the stack. */
static void read_slot(lua_State *L, const ul_fold *fold, ul_slot *slot) {
  int entry = lua_gettop(L);
  luaL_checktype(L, entry, LUA_TTABLE);
  lua_getfield(L, entry, "adding");
  slot->adding = (ul_adding)luaL_checkoption(L, -1, NULL, addings);
  slot->source = UL_NO_COLUMN;
  if (lua_getfield(L, entry, "source") != LUA_TNIL)
    slot->source = column_number(fold, L, -1);
  slot->of_count = column_list(fold, L, entry, "of", slot->of, UL_GROUP_OF);
  check_source(L, fold, slot);
  lua_settop(L, entry);
}

/* Their codes are remembered longer than a batch. */
static void keep_codes(ul_fold *fold, const ul_group_rule *rule) {
  for (uint32_t i = 0; i < rule->groups.width; i++)
    fold->columns[rule->by[i]].is_kept = true;
  for (uint32_t i = 0; i < rule->slot_count; i++) {
    const ul_slot *slot = &rule->slots[i];
    if (slot->source != UL_NO_COLUMN)
      fold->columns[slot->source].is_kept = true;
    for (uint32_t k = 0; k < slot->of_count; k++)
      fold->columns[slot->of[k]].is_kept = true;
  }
}

/* Nobody compares or remembers the texts of a loose column. */
static void mark_loose(ul_fold *fold) {
  for (uint32_t i = 0; i < fold->column_count; i++) {
    ul_column *column = &fold->columns[i];
    column->is_loose = column->kind == UL_COLUMN_TEXT && !column->is_kept;
  }
  for (uint32_t rule = 0; rule < fold->rule_count; rule++)
    for (uint32_t i = 0; i < fold->rules[rule].condition_count; i++)
      fold->columns[fold->rules[rule].conditions[i].column].is_loose = false;
}

static uint32_t count_list(lua_State *L, int table, const char *name) {
  uint32_t count = push_list(L, table, name);
  lua_pop(L, 1);
  return count;
}

/* A rule on top of the stack. */
static void read_rule(lua_State *L, ul_fold *fold, ul_group_rule *rule,
                      uint64_t seed) {
  int entry = lua_gettop(L);
  luaL_checktype(L, entry, LUA_TTABLE);
  uint32_t width = count_list(L, entry, "group_by");
  uint32_t conditions = count_list(L, entry, "conditions");
  uint32_t slots = count_list(L, entry, "slots");
  need_memory(L, ul_group_init(rule, width, conditions, slots));
  column_list(fold, L, entry, "group_by", rule->by, width);
  push_list(L, entry, "conditions");
  for (uint32_t i = 0; i < conditions; i++) {
    lua_rawgeti(L, -1, i + 1);
    read_condition(L, fold, &rule->conditions[i]);
    lua_pop(L, 1);
  }
  push_list(L, entry, "slots");
  for (uint32_t i = 0; i < slots; i++) {
    lua_rawgeti(L, -1, i + 1);
    read_slot(L, fold, &rule->slots[i]);
    lua_pop(L, 1);
  }
  lua_settop(L, entry);
  rule->has_filter = flag(L, entry, "filter");
  fold->has_filter = fold->has_filter || rule->has_filter;
  ul_group_start(rule, seed);
  keep_codes(fold, rule);
}

/* Of all numbers in an item that no path names, the reader tells. */
static void watch_strays(lua_State *L, int spec, ul_fold *fold) {
  uint32_t count = push_list(L, spec, "each");
  lua_pop(L, 1);
  const ul_json_plan *plan = fold->plan;
  if (count == 0) ul_plan_node(plan, plan->rows)->has_strays = true;
  for (uint32_t i = 1; i <= count; i++) {
    uint32_t members = container_node(L, spec, fold, i);
    ul_plan_node(plan, members)->has_strays = true;
  }
}

static void read_keeping(lua_State *L, int spec, ul_fold *fold,
                         uint64_t seed) {
  fold->keeps = flag(L, spec, "keep");
  if (fold->keeps) {
    need_reader(L, fold);
    watch_strays(L, spec, fold);
    need_memory(L, ul_kept_init(&fold->keeping, fold->columns,
                                fold->column_count, seed));
  }
  for (uint32_t i = 0; i < fold->column_count; i++)
    if (fold->keeps || fold->plan == NULL) fold->columns[i].is_kept = true;
}

static void read_rules(lua_State *L, int spec, ul_fold *fold, uint64_t seed) {
  uint32_t count = push_list(L, spec, "rules");
  fold->rules = new_array(L, count, sizeof *fold->rules);
  for (uint32_t i = 0; i < count; i++) {
    lua_rawgeti(L, -1, i + 1);
    fold->rule_count++;
    read_rule(L, fold, &fold->rules[i], seed);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

static ul_fold_way way_of_members(const ul_column *column) {
  switch (column->kind) {
    case UL_COLUMN_NUMBER:
      return column->text ? UL_READ_MEMBERS : UL_READ_COUNTS;
    case UL_COLUMN_BOOLEAN:
      return column->text ? UL_READ_MEMBERS : UL_READ_WORDS;
    case UL_COLUMN_TEXT: break;
  }
  return UL_READ_MEMBERS;
}

static ul_fold_way way_of(const ul_column *column,
                          const ul_fold_column *sources) {
  bool is_plain_text = column->kind == UL_COLUMN_TEXT && !column->lower;
  if (sources->is_late || column->is_asked) return UL_READ_NONE;
  if (!sources->of_member)
    return sources->source.from == UL_FROM_ITEM && !sources->has_other
             ? UL_READ_OWN : UL_READ_SHARED;
  if (sources->has_other) return UL_READ_EACH;
  if (sources->source.from == UL_FROM_MEMBER) return way_of_members(column);
  return sources->source.from == UL_FROM_KEY && is_plain_text ? UL_READ_KEYS
                                                              : UL_READ_EACH;
}

static void choose_ways(ul_fold *fold) {
  for (uint32_t i = 0; i < fold->column_count; i++)
    fold->sources[i].way = way_of(&fold->columns[i], &fold->sources[i]);
  for (uint32_t i = 0; i < fold->rule_count; i++)
    if (fold->rules[i].condition_count > 0) fold->has_conditions = true;
}

void ul_fold_read_spec(lua_State *L, int spec, ul_fold *fold) {
  uint64_t seed = ul_keys_seed();
  luaL_checkstack(L, 20, "the description nests too deep");
  ul_item_init(&fold->item);
  ul_identity_init(&fold->identity);
  ul_mark_init(&fold->mark);
  ul_buffer_init(&fold->kept, ITEMS_LIMIT_BYTES);
  ul_buffer_init(&fold->doubts, ITEMS_LIMIT_BYTES);
  ul_buffer_init(&fold->pending, ITEMS_LIMIT_BYTES);
  ul_buffer_init(&fold->dead, ITEMS_LIMIT_BYTES);
  fold->open = true;
  read_containers(L, spec, fold);
  read_identity(L, spec, fold);
  read_mark(L, spec, fold);
  fold->holds = flag(L, spec, "holds");
  read_columns(L, spec, fold, seed);
  read_derive(L, spec, fold, seed);
  read_rules(L, spec, fold, seed);
  read_keeping(L, spec, fold, seed);
  check_asked(L, fold);
  mark_loose(fold);
  choose_ways(fold);
}

void ul_fold_free(ul_fold *fold) {
  ul_item_free(&fold->item);
  ul_identity_free(&fold->identity);
  ul_mark_free(&fold->mark);
  ul_derive_free(&fold->derive);
  ul_buffer_free(&fold->kept);
  ul_buffer_free(&fold->doubts);
  ul_buffer_free(&fold->pending);
  ul_buffer_free(&fold->dead);
  ul_kept_free(&fold->keeping);
  for (uint32_t i = 0; i < fold->rule_count; i++)
    ul_group_free(&fold->rules[i]);
  for (uint32_t i = 0; i < fold->column_count; i++) {
    ul_column_free(&fold->columns[i]);
    ul_buffer_free(&fold->sources[i].key_codes);
  }
  free(fold->rules);
  free(fold->columns);
  free(fold->sources);
  *fold = (ul_fold){.open = false};
}
