/*
** core.fold: adds up the items of a reader without making a Lua value of
** each. Items are taken from the reader's tape into a batch of typed columns
** (item.h, column.h), batches go through the rules (group.h), and only the
** groups stay, to be asked for at the end. An item that is not just as the
** columns expect it stays with the reader, for Lua to judge.
*/
#include <lauxlib.h>
#include <lua.h>
#include <string.h>

#include "core.h"
#include "fold_spec.h"
#include "json.h"
#include "json_tape.h"

#define FOLD "usagelua.fold"

/* Rows that are added up at once: few enough to stay in the cache. */
enum { BATCH_ROWS = 1024 };

/* Texts of a column that nobody remembers are forgotten above this. */
enum { TEXTS_LIMIT = 4096 };

/* User values of a fold. */
enum { JUDGE = 1, USER_VALUES = JUDGE };

static ul_fold *check_fold(lua_State *L) {
  ul_fold *fold = luaL_checkudata(L, 1, FOLD);
  luaL_argcheck(L, fold->open, 1, "the fold is closed");
  return fold;
}

static int raise_memory(lua_State *L) {
  return luaL_error(L, "not enough memory");
}

/* ---- conditions ---- */

/* The texts of a column, or its booleans, as Lua values. */
static void push_code(lua_State *L, const ul_column *column, uint32_t code) {
  if (code == 0) {
    lua_pushnil(L);
  } else if (column->kind == UL_COLUMN_BOOLEAN) {
    lua_pushboolean(L, code == UL_CODE_TRUE);
  } else {
    size_t length;
    const char *text = ul_dictionary_text(&column->dictionary, code, &length);
    lua_pushlstring(L, text, length);
  }
}

/* Asks the function of the fold at index 1 what the condition says of a
** code. */
static uint32_t ask_verdict(lua_State *L, const ul_fold *fold, uint32_t rule,
                            uint32_t condition, uint32_t code) {
  const ul_condition *c = &fold->rules[rule].conditions[condition];
  lua_getiuservalue(L, 1, JUDGE);
  lua_pushinteger(L, (lua_Integer)rule + 1);
  lua_pushinteger(L, (lua_Integer)condition + 1);
  push_code(L, &fold->columns[c->column], code);
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

/* Judges all codes up to this one; they come in turn. */
static void judge_up_to(lua_State *L, ul_fold *fold, uint32_t rule,
                        uint32_t condition, uint32_t code) {
  ul_condition *c = &fold->rules[rule].conditions[condition];
  for (size_t i = ul_condition_judged(c); i <= code; i++) {
    uint32_t verdict = ask_verdict(L, fold, rule, condition, (uint32_t)i);
    if (!ul_buffer_append(&c->verdicts, (const char *)&verdict,
                          sizeof verdict))
      raise_memory(L);
  }
}

/* Whether the condition can say what it thinks of these new rows. */
static bool can_judge(lua_State *L, ul_fold *fold, uint32_t rule,
                      uint32_t condition, size_t rows) {
  const ul_condition *c = &fold->rules[rule].conditions[condition];
  const ul_column *column = &fold->columns[c->column];
  if (column->kind == UL_COLUMN_NUMBER) return true;
  for (size_t row = fold->rows; row < fold->rows + rows; row++) {
    uint32_t code = ul_column_codes(column)[row];
    if (code >= ul_condition_judged(c))
      judge_up_to(L, fold, rule, condition, code);
    if ((ul_condition_verdicts(c)[code] & UL_VERDICT_DOUBT) != 0) return false;
  }
  return true;
}

static bool can_judge_all(lua_State *L, ul_fold *fold, size_t rows) {
  for (uint32_t rule = 0; rule < fold->rule_count; rule++)
    for (uint32_t i = 0; i < fold->rules[rule].condition_count; i++)
      if (!can_judge(L, fold, rule, i, rows)) return false;
  return true;
}

/* ---- batches ---- */

/* Forgets the texts of a column, but for the one that stands for nothing. */
static bool forget_texts(ul_fold *fold, uint32_t number) {
  ul_column *column = &fold->columns[number];
  for (uint32_t rule = 0; rule < fold->rule_count; rule++)
    for (uint32_t i = 0; i < fold->rules[rule].condition_count; i++) {
      ul_condition *c = &fold->rules[rule].conditions[i];
      if (c->column == number) ul_buffer_clear(&c->verdicts);
    }
  if (column->otherwise == 0) {
    ul_dictionary_clear(&column->dictionary);
    return true;
  }
  size_t length;
  const char *text =
    ul_dictionary_text(&column->dictionary, column->otherwise, &length);
  ul_buffer_clear(&column->scratch);
  if (!ul_buffer_append(&column->scratch, text, length)) return false;
  ul_dictionary_clear(&column->dictionary);
  const char *kept = length > 0 ? column->scratch.bytes : "";
  column->otherwise = ul_dictionary_add(&column->dictionary, kept, length);
  return column->otherwise != 0;
}

static bool trim(ul_fold *fold) {
  for (uint32_t i = 0; i < fold->column_count; i++) {
    const ul_column *column = &fold->columns[i];
    if (!column->is_kept && column->dictionary.count > TEXTS_LIMIT &&
        !forget_texts(fold, i))
      return false;
  }
  return true;
}

static void add_up(lua_State *L, ul_fold *fold) {
  for (uint32_t i = 0; i < fold->rule_count; i++)
    if (!ul_group_add(&fold->rules[i], fold->columns, fold->rows))
      raise_memory(L);
  fold->total_rows += fold->rows;
  fold->rows = 0;
  if (!trim(fold)) raise_memory(L);
}

/* Codes and figures are written by row, so the buffers' own lengths stay 0. */
static bool make_room(ul_fold *fold, size_t rows) {
  if (fold->rows + rows <= fold->room) return true;
  size_t room = fold->room == 0 ? 64 : fold->room;
  while (room < fold->rows + rows) room *= 2;
  for (uint32_t i = 0; i < fold->column_count; i++) {
    ul_column *column = &fold->columns[i];
    column->codes.length = fold->rows * sizeof(uint32_t);
    column->figures.length =
      column->kind == UL_COLUMN_NUMBER ? fold->rows * sizeof(ul_figure) : 0;
    bool ok = ul_column_reserve(column, room - fold->rows);
    if (!ok) return false;
  }
  fold->room = room;
  return true;
}

/* ---- items ---- */

/* What stands around the row that is being read. */
typedef struct place {
  const ul_item_key *key; /* NULL: none */
  uint32_t member;
  bool has_member;
} place;

static const char *find(const ul_fold *fold, const place *p,
                        ul_fold_source source) {
  if (source.from == UL_FROM_ITEM)
    return ul_item_find(&fold->item, source.value);
  if (source.from == UL_FROM_MEMBER && p->has_member)
    return ul_item_find_in(&fold->item, p->member, source.value);
  return NULL;
}

static ul_column_result read_key(ul_column *column, const place *p,
                                 ul_column_value *value) {
  if (p->key == NULL) return ul_column_read(column, NULL, value);
  return ul_column_read_text(column, p->key->bytes, p->key->length, value);
}

static bool source_holds_nothing(const ul_fold *fold, const place *p,
                                 ul_fold_source source) {
  if (source.from == UL_FROM_KEY) return p->key == NULL || p->key->length == 0;
  return ul_column_holds_nothing(find(fold, p, source));
}

static ul_column_result read_value(const ul_fold *fold, uint32_t column,
                                   const place *p, ul_column_value *value) {
  const ul_fold_column *sources = &fold->sources[column];
  ul_fold_source source = sources->source;
  if (sources->has_other && source_holds_nothing(fold, p, source))
    source = sources->other;
  if (source.from == UL_FROM_KEY)
    return read_key(&fold->columns[column], p, value);
  return ul_column_read(&fold->columns[column], find(fold, p, source), value);
}

/* A value that is the same for all rows of the item. */
static ul_column_result read_shared(ul_fold *fold, uint32_t column,
                                    const place *p, size_t rows) {
  ul_column_value value = {0};
  ul_column_result result = read_value(fold, column, p, &value);
  for (size_t i = 0; i < rows && result == UL_COLUMN_TAKEN; i++)
    ul_column_set(&fold->columns[column], fold->rows + i, &value);
  return result;
}

static ul_column_result read_members(ul_fold *fold, uint32_t column,
                                     size_t rows) {
  for (size_t i = 0; i < rows; i++) {
    bool has_member = i < fold->item.members;
    place p = {.member = (uint32_t)i, .has_member = has_member};
    if (has_member) p.key = ul_item_key_of(&fold->item, p.member);
    ul_column_value value = {0};
    ul_column_result result = read_value(fold, column, &p, &value);
    if (result != UL_COLUMN_TAKEN) return result;
    ul_column_set(&fold->columns[column], fold->rows + i, &value);
  }
  return UL_COLUMN_TAKEN;
}

static ul_column_result read_rows(ul_fold *fold, const place *p, size_t rows) {
  for (uint32_t i = 0; i < fold->column_count; i++) {
    ul_column_result result = fold->sources[i].of_member
                                ? read_members(fold, i, rows)
                                : read_shared(fold, i, p, rows);
    if (result != UL_COLUMN_TAKEN) return result;
  }
  return UL_COLUMN_TAKEN;
}

static size_t row_count(const ul_fold *fold) {
  if (!fold->has_each) return 1;
  if (fold->item.members == 0) return fold->each_optional ? 1 : 0;
  return fold->item.members;
}

/* The item at `*at`: true where its rows are in the batch now, and `*at` is
** behind it. */
static bool take_item(lua_State *L, ul_fold *fold, const ul_item_key *key,
                      const char **at) {
  ul_item_result taken = ul_item_take(&fold->item, at);
  if (taken == UL_ITEM_NO_MEMORY) raise_memory(L);
  if (taken == UL_ITEM_DOUBT) return false;
  size_t rows = row_count(fold);
  if (!make_room(fold, rows)) raise_memory(L);
  place p = {.key = fold->has_each ? NULL : key};
  ul_column_result result = read_rows(fold, &p, rows);
  if (result == UL_COLUMN_NO_MEMORY) raise_memory(L);
  if (result == UL_COLUMN_DOUBT || !can_judge_all(L, fold, rows)) return false;
  fold->rows += rows;
  if (fold->rows >= BATCH_ROWS) add_up(L, fold);
  return true;
}

/* The keys of all {} of the rows path stand before an item; gives the
** innermost, NULL where there is none. */
static const ul_item_key *take_keys(const char **at, uint32_t count,
                                    ul_item_key *key) {
  for (uint32_t i = 0; i < count; i++) {
    ul_tape_take_type(at);
    key->length = ul_tape_take_u32(at);
    key->bytes = ul_tape_take_bytes(at, key->length);
  }
  return count > 0 ? key : NULL;
}

/* fold:take(reader) -> true | false: the reader's next item is for Lua */
static int fold_take(lua_State *L) {
  ul_fold *fold = check_fold(L);
  ul_json_select *s = ul_json_check_select(L, 2);
  ul_tape *tape = &s->items;
  bool taken = true;
  while (taken && tape->consumed < s->complete) {
    const char *at = tape->buffer.bytes;
    const char *end = at + (s->complete - tape->consumed);
    const char *begin = at;
    while (taken && at != end) {
      ul_item_key key;
      begin = at;
      const ul_item_key *innermost =
        take_keys(&at, s->plan.member_levels, &key);
      taken = take_item(L, fold, innermost, &at);
    }
    if (taken) begin = at;
    ul_tape_consume(tape, (size_t)(begin - tape->buffer.bytes));
  }
  lua_pushboolean(L, taken);
  return 1;
}

/* fold:otherwise(column, value): what stands where an answer has nothing */
static int fold_otherwise(lua_State *L) {
  ul_fold *fold = check_fold(L);
  lua_Integer number = luaL_checkinteger(L, 2);
  luaL_argcheck(L, number >= 1 && number <= (lua_Integer)fold->column_count, 2,
                "there is no such column");
  ul_column *column = &fold->columns[number - 1];
  if (lua_isnoneornil(L, 3)) {
    column->otherwise = 0;
  } else if (column->kind == UL_COLUMN_BOOLEAN) {
    luaL_checktype(L, 3, LUA_TBOOLEAN);
    column->otherwise = lua_toboolean(L, 3) ? UL_CODE_TRUE : UL_CODE_FALSE;
  } else {
    size_t length;
    luaL_argexpected(L, lua_type(L, 3) == LUA_TSTRING &&
                          column->kind == UL_COLUMN_TEXT, 3, "text");
    const char *text = lua_tolstring(L, 3, &length);
    column->otherwise = ul_dictionary_add(&column->dictionary, text, length);
    if (column->otherwise == 0) raise_memory(L);
  }
  return 0;
}

/* fold:finish() -> rows: adds up what is left */
static int fold_finish(lua_State *L) {
  ul_fold *fold = check_fold(L);
  add_up(L, fold);
  lua_pushinteger(L, (lua_Integer)fold->total_rows);
  return 1;
}

/* ---- what came out ---- */

static ul_group_rule *check_rule(lua_State *L, const ul_fold *fold) {
  lua_Integer number = luaL_checkinteger(L, 2);
  luaL_argcheck(L, number >= 1 && number <= (lua_Integer)fold->rule_count, 2,
                "there is no such rule");
  return &fold->rules[number - 1];
}

/* The number at `index`, from 1 to `count`, counted from 0. */
static uint32_t check_index(lua_State *L, int index, uint32_t count) {
  lua_Integer number = luaL_checkinteger(L, index);
  luaL_argcheck(L, number >= 1 && number <= (lua_Integer)count, index,
                "there is none of this number");
  return (uint32_t)number - 1;
}

/* fold:counts(rule) -> groups, rows seen, rows taken */
static int fold_counts(lua_State *L) {
  const ul_group_rule *rule = check_rule(L, check_fold(L));
  lua_pushinteger(L, (lua_Integer)rule->groups.count);
  lua_pushinteger(L, (lua_Integer)rule->seen);
  lua_pushinteger(L, (lua_Integer)rule->taken);
  return 3;
}

static void set_codes(lua_State *L, const ul_fold *fold, int table,
                      const uint32_t *columns, const uint32_t *codes,
                      uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    push_code(L, &fold->columns[columns[i]], codes[i]);
    lua_rawseti(L, table, (lua_Integer)i + 1);
  }
}

/* fold:key(rule, group, into) -> into, filled with the group columns */
static int fold_key(lua_State *L) {
  const ul_fold *fold = check_fold(L);
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

static void push_owner(lua_State *L, const ul_fold *fold, const ul_slot *slot,
                       uint32_t owner) {
  if (owner == 0) {
    lua_pushnil(L);
    return;
  }
  lua_createtable(L, (int)slot->of_count, 0);
  set_codes(L, fold, lua_gettop(L), slot->of,
            ul_tuples_at(&slot->tuples, owner - 1), slot->of_count);
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
** mean: low, carry, partial sums, an owner, another one; of an extreme or a
** single figure: the integer, the double; nothing where no value came */
static int fold_figure(lua_State *L) {
  const ul_fold *fold = check_fold(L);
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
      push_owner(L, fold, slot, cell->owners[0]);
      push_owner(L, fold, slot, cell->owners[1]);
      return 7;
    case UL_ADDING_MAX:
    case UL_ADDING_MIN:
    case UL_ADDING_SINGLE: push_best(L, cell); return 4;
    default: return 2;
  }
}

/* fold:different(rule, slot, i) -> group, value: one of the different things
** of a group, each once; nothing behind the last */
static int fold_different(lua_State *L) {
  const ul_fold *fold = check_fold(L);
  const ul_group_rule *rule = check_rule(L, fold);
  const ul_slot *slot = &rule->slots[check_index(L, 3, rule->slot_count)];
  lua_Integer i = luaL_checkinteger(L, 4);
  luaL_argcheck(L, slot->adding == UL_ADDING_DISTINCT, 3, "not of this slot");
  if (i < 1 || i > (lua_Integer)slot->tuples.count) return 0;
  const uint32_t *tuple = ul_tuples_at(&slot->tuples, (uint32_t)i - 1);
  lua_pushinteger(L, (lua_Integer)tuple[0] + 1);
  push_code(L, &fold->columns[slot->source], tuple[1]);
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

/* fold:reading(rule, slot, i, into) -> group, figure, into, filled with the
** columns that say whose it is: each different one once */
static int fold_reading(lua_State *L) {
  const ul_fold *fold = check_fold(L);
  const ul_group_rule *rule = check_rule(L, fold);
  const ul_slot *slot = &rule->slots[check_index(L, 3, rule->slot_count)];
  lua_Integer i = luaL_checkinteger(L, 4);
  luaL_checktype(L, 5, LUA_TTABLE);
  luaL_argcheck(L, slot->adding == UL_ADDING_LAST, 3, "not of this slot");
  if (i < 1 || i > (lua_Integer)slot->tuples.count) return 0;
  const uint32_t *tuple = ul_tuples_at(&slot->tuples, (uint32_t)i - 1);
  set_codes(L, fold, 5, slot->of, tuple + 1, slot->of_count);
  lua_pushinteger(L, (lua_Integer)tuple[0] + 1);
  push_figure(L, tuple + 1 + slot->of_count);
  lua_pushvalue(L, 5);
  return 3;
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
static int fold_condition(lua_State *L) {
  const ul_group_rule *rule = check_rule(L, check_fold(L));
  uint32_t i = check_index(L, 3, rule->condition_count);
  const ul_condition *c = &rule->conditions[i];
  lua_pushinteger(L, (lua_Integer)c->met);
  push_hits(L, c);
  push_least(L, &c->all);
  push_least(L, &c->beside);
  return 6;
}

/* ---- the type ---- */

static int fold_close(lua_State *L) {
  ul_fold *fold = luaL_checkudata(L, 1, FOLD);
  if (fold->open) ul_fold_free(fold);
  return 0;
}

static int fold_tostring(lua_State *L) {
  const ul_fold *fold = luaL_checkudata(L, 1, FOLD);
  if (fold->open)
    lua_pushfstring(L, FOLD " (%I rows)",
                    (lua_Integer)(fold->total_rows + fold->rows));
  else
    lua_pushliteral(L, FOLD " (closed)");
  return 1;
}

/* core.fold(spec, judge) -> fold */
static int fold_new(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_settop(L, 2);
  ul_fold *fold = lua_newuserdatauv(L, sizeof *fold, USER_VALUES);
  memset(fold, 0, sizeof *fold);
  luaL_setmetatable(L, FOLD);
  lua_pushvalue(L, 2);
  lua_setiuservalue(L, 3, JUDGE);
  ul_fold_read_spec(L, 1, fold);
  lua_settop(L, 3);
  return 1;
}

static const luaL_Reg methods[] = {
  {"close", fold_close},         {"condition", fold_condition},
  {"counts", fold_counts},       {"different", fold_different},
  {"figure", fold_figure},       {"finish", fold_finish},
  {"key", fold_key},             {"otherwise", fold_otherwise},
  {"reading", fold_reading},     {"take", fold_take},
  {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
  {"__close", fold_close},
  {"__gc", fold_close},
  {"__index", NULL},
  {"__tostring", fold_tostring},
  {NULL, NULL},
};

int ul_open_fold(lua_State *L) {
  luaL_newmetatable(L, FOLD);
  luaL_setfuncs(L, metamethods, 0);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
  lua_pushcfunction(L, fold_new);
  return 1;
}
