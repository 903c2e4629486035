/*
** core.fold: adds up the items of a reader without making a Lua value of
** each. As items are read, their values go into a batch of typed columns
** (item.h, column.h), batches go through the rules (group.h), and only the
** groups stay, to be asked for at the end. An item that is not just as the
** columns expect it is kept as it came, for Lua to judge. What calls Lua does
** so in fold:take, between the pieces of a document. Rows may also be kept as
** they are (rows.h), and be added up later: fold:kept, fold:add.
*/
#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>

#include "core.h"
#include "csv.h"
#include "fail.h"
#include "fold.h"
#include "fold_row.h"
#include "json.h"
#include "rows.h"
#include "view.h"

#define FOLD "usagelua.fold"

/* Rows that are added up at once: few enough to stay in the cache. */
enum { BATCH_ROWS = 1024 };

/* Texts of a column that nobody remembers are forgotten above this; those that
** are only read, with their batch. */
enum { TEXTS_LIMIT = 4096 };

ul_fold *ul_fold_check(lua_State *L, int index) {
  ul_fold *fold = luaL_checkudata(L, index, FOLD);
  luaL_argcheck(L, fold->open, index, "the fold is closed");
  return fold;
}

static ul_fold *check_fold(lua_State *L) { return ul_fold_check(L, 1); }

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

static bool judge_all(lua_State *L, ul_fold *fold, size_t row, size_t end) {
  bool sure = true;
  for (uint32_t rule = 0; rule < fold->rule_count; rule++)
    for (uint32_t i = 0; i < fold->rules[rule].condition_count; i++)
      sure = judge_rows(L, fold, rule, i, row, end) && sure;
  return sure;
}

typedef enum verdicts { ALL_SAID, SOME_NEW, SOME_DOUBTED } verdicts;

/* What is known so far of a condition's codes in the new rows. */
static verdicts look_at(const ul_fold *fold, const ul_condition *c,
                        size_t rows) {
  const ul_column *column = &fold->columns[c->column];
  verdicts found = ALL_SAID;
  const ul_fold_column *sources = &fold->sources[c->column];
  if (column->kind == UL_COLUMN_NUMBER || sources->is_late ||
      sources->is_derived)
    return found;
  for (size_t row = fold->rows; row < fold->rows + rows; row++) {
    uint32_t code = ul_column_codes(column)[row];
    if (code >= ul_condition_judged(c))
      found = SOME_NEW;
    else if ((ul_condition_verdicts(c)[code] & UL_VERDICT_DOUBT) != 0)
      return SOME_DOUBTED;
  }
  return found;
}

static verdicts look_at_all(const ul_fold *fold, size_t rows) {
  verdicts worst = ALL_SAID;
  for (uint32_t rule = 0; rule < fold->rule_count; rule++)
    for (uint32_t i = 0; i < fold->rules[rule].condition_count; i++) {
      verdicts found = look_at(fold, &fold->rules[rule].conditions[i], rows);
      if (found > worst) worst = found;
    }
  return worst;
}

/* ---- batches ---- */

/* Forgets the texts of a column, but for the one that stands for nothing. */
static bool forget_texts(ul_fold *fold, uint32_t number) {
  ul_column *column = &fold->columns[number];
  fold->sources[number].shown = 0;
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
  column->otherwise = ul_column_code(column, kept, length);
  return column->otherwise != 0;
}

static bool is_trimmed(const ul_column *column) {
  uint32_t limit = column->is_loose ? 0 : TEXTS_LIMIT;
  return !column->is_kept && column->dictionary.count > limit;
}

static bool trim(ul_fold *fold) {
  for (uint32_t i = 0; i < fold->column_count; i++) {
    if (is_trimmed(&fold->columns[i]) && !forget_texts(fold, i)) return false;
  }
  return true;
}

static bool is_dead(const ul_fold *fold, size_t row) {
  return row < fold->dead.length && fold->dead.bytes[row];
}

static void move_row(const ul_fold *fold, size_t from, size_t to) {
  for (uint32_t i = 0; i < fold->column_count; i++) {
    ul_column *column = &fold->columns[i];
    ul_column_codes(column)[to] = ul_column_codes(column)[from];
    if (column->kind == UL_COLUMN_NUMBER)
      ul_column_figures(column)[to] = ul_column_figures(column)[from];
  }
}

/* The rows behind dead ones move up. */
static void leave_out_dead(ul_fold *fold) {
  if (fold->dead.length == 0) return;
  size_t living = 0;
  for (size_t row = 0; row < fold->rows; row++)
    if (!is_dead(fold, row)) move_row(fold, row, living++);
  fold->total_rows += fold->rows - living;
  fold->rows = living;
  ul_buffer_clear(&fold->dead);
}

/* Rows that are kept stay in the batch until there is a chunk of them. */
static bool keep_rows(ul_fold *fold, size_t least) {
  leave_out_dead(fold);
  fold->late = fold->rows;
  if (fold->rows < least) return true;
  for (uint32_t i = 0; i < fold->rule_count; i++)
    if (!ul_group_add(&fold->rules[i], fold->columns, fold->rows, NULL, 0))
      return false;
  if (!ul_kept_add(&fold->keeping, fold->columns, fold->rows)) return false;
  fold->total_rows += fold->rows;
  fold->rows = fold->late = 0;
  return true;
}

static bool add_up(ul_fold *fold) {
  if (fold->keeps) return keep_rows(fold, UL_KEPT_CHUNK_ROWS);
  const bool *dead = (const bool *)(const void *)fold->dead.bytes;
  for (uint32_t i = 0; i < fold->rule_count; i++)
    if (!ul_group_add(&fold->rules[i], fold->columns, fold->rows, dead,
                      fold->dead.length))
      return false;
  for (uint32_t i = 0; i < fold->rule_count; i++)
    ul_buffer_clear(&fold->rules[i].filter);
  fold->total_rows += fold->rows;
  fold->rows = fold->late = 0;
  ul_buffer_clear(&fold->dead);
  return trim(fold);
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

/* ---- rows of an item ---- */

/* What stands around the row that is being read. */
typedef struct place {
  const char *key; /* NULL: none */
  size_t key_length;
  uint32_t member;
  bool has_member;
} place;

static const ul_item_value *find(const ul_fold *fold, const place *p,
                                 ul_fold_source source) {
  static const ul_item_value nothing;
  if (source.from == UL_FROM_ITEM) return ul_item_own(&fold->item, source.slot);
  if (source.from == UL_FROM_MEMBER && p->has_member)
    return ul_item_of_member(&fold->item, p->member, source.slot);
  return &nothing;
}

static bool holds_nothing(const ul_fold *fold, const place *p,
                          ul_fold_source source) {
  if (source.from == UL_FROM_KEY) return p->key == NULL || p->key_length == 0;
  const ul_item_value *value = find(fold, p, source);
  return value->type <= UL_ITEM_NULL ||
         (value->type == UL_ITEM_TEXT && value->length == 0);
}

static ul_column_result read_value(const ul_fold *fold, uint32_t number,
                                   const place *p, ul_column_value *value) {
  const ul_fold_column *sources = &fold->sources[number];
  ul_column *column = &fold->columns[number];
  ul_fold_source source = sources->source;
  if (sources->has_other && holds_nothing(fold, p, source))
    source = sources->other;
  if (source.from == UL_FROM_KEY && p->key != NULL)
    return ul_column_read_text(column, p->key, p->key_length, value);
  return ul_column_read(column, &fold->item, find(fold, p, source), value);
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

static place place_of(const ul_item *item, uint32_t member) {
  place p = {.member = member, .has_member = member < item->members};
  if (p.has_member) {
    const ul_item_key *key = ul_item_key_of(item, member);
    p.key = ul_item_name(item, key);
    p.key_length = key->length;
  }
  return p;
}

static uint32_t known_codes(const ul_fold_column *sources) {
  return (uint32_t)(sources->key_codes.length / sizeof(uint32_t));
}

/* Sees to it that the codes of all members' keys are known: they mostly are,
** from the item before. */
static bool know_keys(ul_column *column, ul_fold_column *sources,
                      const ul_item *item) {
  if (sources->keys_version != item->version ||
      sources->texts_version != column->dictionary.version)
    ul_buffer_clear(&sources->key_codes);
  sources->keys_version = item->version;
  sources->texts_version = column->dictionary.version;
  while (known_codes(sources) < item->members) {
    const ul_item_key *key = ul_item_key_of(item, known_codes(sources));
    uint32_t code =
      ul_column_code(column, ul_item_name(item, key), key->length);
    if (code == 0 || !ul_buffer_append(&sources->key_codes,
                                       (const char *)&code, sizeof code))
      return false;
  }
  return true;
}

/* The keys of the members: a column that nothing else goes into. */
static ul_column_result read_keys(ul_fold *fold, uint32_t number) {
  ul_column *column = &fold->columns[number];
  const ul_item *item = &fold->item;
  ul_fold_column *sources = &fold->sources[number];
  if (!know_keys(column, sources, item)) return UL_COLUMN_NO_MEMORY;
  const uint32_t *known =
    (const uint32_t *)(const void *)sources->key_codes.bytes;
  uint32_t *codes = ul_column_codes(column) + fold->rows;
  for (uint32_t i = 0; i < item->members; i++) codes[i] = known[i];
  return UL_COLUMN_TAKEN;
}

static ul_column_result read_members(ul_fold *fold, uint32_t column,
                                     size_t rows) {
  const ul_fold_column *sources = &fold->sources[column];
  bool is_plain = rows == fold->item.members && !sources->has_other;
  if (is_plain && sources->source.from == UL_FROM_MEMBER)
    return ul_column_read_members(&fold->columns[column], &fold->item,
                                  sources->source.slot, fold->rows);
  if (is_plain && sources->source.from == UL_FROM_KEY &&
      fold->columns[column].kind == UL_COLUMN_TEXT &&
      !fold->columns[column].lower)
    return read_keys(fold, column);
  for (size_t i = 0; i < rows; i++) {
    place p = place_of(&fold->item, (uint32_t)i);
    ul_column_value value = {0};
    ul_column_result result = read_value(fold, column, &p, &value);
    if (result != UL_COLUMN_TAKEN) return result;
    ul_column_set(&fold->columns[column], fold->rows + i, &value);
  }
  return UL_COLUMN_TAKEN;
}

static ul_column_result read_rows(ul_fold *fold, const place *p, size_t rows) {
  for (uint32_t i = 0; i < fold->column_count; i++) {
    if (fold->sources[i].is_late || fold->columns[i].is_asked) continue;
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

/* ---- items ---- */

/* An item on its way. */
typedef struct coming {
  const char *bytes; /* NULL: it is on the reader's tape */
  size_t length;
  const char *key;   /* NULL: none */
  size_t key_length;
} coming;

static bool keep(ul_fold *fold, ul_buffer *list, const coming *item,
                 size_t rows) {
  ul_fold_kept kept = {
    .length = item->length, .key_length = item->key_length,
    .has_key = item->key != NULL, .on_tape = item->bytes == NULL,
    .row = fold->rows, .rows = rows, .number = fold->identity.items,
  };
  kept.bytes = fold->kept.length;
  if (!kept.on_tape &&
      !ul_buffer_append(&fold->kept, item->bytes, item->length))
    return false;
  kept.key = fold->kept.length;
  if (kept.has_key &&
      !ul_buffer_append(&fold->kept, item->key, item->key_length))
    return false;
  return ul_buffer_append(list, (const char *)&kept, sizeof kept);
}

static size_t count_kept(const ul_buffer *list) {
  return list->length / sizeof(ul_fold_kept);
}

static ul_fold_kept *kept_at(const ul_buffer *list, size_t i) {
  return (ul_fold_kept *)(void *)list->bytes + i;
}

static bool is_full(const ul_fold *fold) {
  size_t full = fold->keeps ? UL_KEPT_CHUNK_ROWS : BATCH_ROWS;
  return fold->rows >= full && fold->pending.length == 0 &&
         !fold->has_late && !fold->has_filter;
}

static bool doubt(ul_fold *fold, const coming *item) {
  return keep(fold, &fold->doubts, item, 0);
}

/* With the rows that are there: the item is taken, or waits for a verdict. */
static bool accept(ul_fold *fold, const coming *item, size_t rows) {
  switch (look_at_all(fold, rows)) {
    case SOME_DOUBTED: return doubt(fold, item);
    case SOME_NEW:
      if (!keep(fold, &fold->pending, item, rows)) return false;
      break;
    case ALL_SAID:
      if ((fold->has_filter || fold->holds) &&
          !keep(fold, &fold->pending, item, rows))
        return false;
      break;
  }
  fold->rows += rows;
  return !is_full(fold) || add_up(fold);
}

/* Where late columns may turn out to be wrong, the first item that they belong
** to says so. */
static bool keep_first(ul_fold *fold, const coming *item) {
  bool is_first = fold->rows == fold->late && fold->pending.length == 0;
  return !fold->has_late || !is_first ||
         keep(fold, &fold->pending, item, 0);
}

static bool take_item(ul_fold *fold, const coming *item) {
  ul_identity_result noted = ul_identity_note(&fold->identity, &fold->item,
                                              item->bytes, item->length);
  if (noted == UL_IDENTITY_NO_MEMORY || !keep_first(fold, item)) return false;
  if (noted == UL_IDENTITY_DOUBT || item->bytes == NULL || fold->waits ||
      fold->item.is_doubtful)
    return doubt(fold, item);
  size_t rows = row_count(fold);
  if (!make_room(fold, rows)) return false;
  place p = {.key = fold->has_each ? NULL : item->key,
             .key_length = item->key_length};
  switch (read_rows(fold, &p, rows)) {
    case UL_COLUMN_DOUBT: return doubt(fold, item);
    case UL_COLUMN_NO_MEMORY: return false;
    case UL_COLUMN_TAKEN: break;
  }
  return accept(fold, item, rows);
}

/* For the reader: see ul_select_taker. */
static bool take(void *context, const char *bytes, size_t length) {
  ul_fold *fold = context;
  coming item = {.bytes = bytes, .length = length};
  item.key = ul_select_item_key(fold->select, &item.key_length);
  return take_item(fold, &item);
}

/* The same of a row of CSV. */
static bool take_row(void *context, const char *bytes, size_t length) {
  coming item = {.bytes = bytes, .length = length};
  return take_item(context, &item);
}

/* ---- between the pieces ---- */

static void fill_late(ul_fold *fold) {
  for (uint32_t i = 0; i < fold->column_count; i++) {
    if (!fold->sources[i].is_late) continue;
    ul_column_value value = {.code = fold->columns[i].otherwise};
    for (size_t row = fold->late; row < fold->rows; row++)
      ul_column_set(&fold->columns[i], row, &value);
  }
}

static bool bury(ul_fold *fold, size_t row, size_t end) {
  size_t length = fold->dead.length;
  if (end > length) {
    if (!ul_buffer_reserve(&fold->dead, end - length)) return false;
    memset(fold->dead.bytes + length, 0, end - length);
    fold->dead.length = end;
  }
  for (; row < end; row++) {
    fold->total_rows -= !is_dead(fold, row);
    fold->dead.bytes[row] = true;
  }
  return true;
}

/* Fills in the columns that follow from others; false where that cannot be
** said. What is no row is dead. */
static bool derive_rows(lua_State *L, ul_fold *fold, size_t row, size_t end) {
  bool sure = true;
  for (; row < end && fold->derive.is_wanted; row++) {
    ul_derived fate = ul_fold_derive(L, fold, row);
    sure = sure && fate != UL_DERIVED_DOUBT;
    if (fate == UL_DERIVED_NO_ROW && !bury(fold, row, row + 1))
      ul_fail_memory(L);
  }
  return sure;
}

/* Asks the functions of the rules about rows; false where one cannot say.
** `functions` is where they stand on the stack. */
static bool filter_rows(lua_State *L, ul_fold *fold, int functions, size_t row,
                        size_t end) {
  bool sure = true, told;
  for (uint32_t rule = 0; rule < fold->rule_count; rule++)
    for (size_t i = row; i < end && fold->rules[rule].has_filter; i++) {
      if (is_dead(fold, i)) continue;
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
  uint32_t code = lua_isnil(L, -1) ? new_code(L, &fold->sources[column], top + 1)
                                   : (uint32_t)lua_tointeger(L, -1);
  ul_column_codes(&fold->columns[column])[row] = code;
  lua_settop(L, top);
  return true;
}

/* Only of rows that their rule lets in. */
static bool ask_groups(lua_State *L, ul_fold *fold, int functions, size_t row,
                       size_t end) {
  bool sure = true;
  for (uint32_t i = 0; i < fold->column_count; i++) {
    if (!fold->columns[i].is_asked) continue;
    const ul_group_rule *rule = &fold->rules[fold->sources[i].rule];
    for (size_t at = row; at < end; at++)
      if (!is_dead(fold, at) && ul_group_lets_in(rule, fold->columns, at))
        sure = ask_group(L, fold, functions, i, at) && sure;
  }
  return sure;
}

static bool make_filters(ul_fold *fold) {
  for (uint32_t rule = 0; rule < fold->rule_count; rule++) {
    ul_buffer *filter = &fold->rules[rule].filter;
    if (!fold->rules[rule].has_filter) continue;
    if (!ul_buffer_reserve(filter, fold->rows + 1)) return false;
    memset(filter->bytes, 0, fold->rows);
  }
  return true;
}

static bool judge_item(lua_State *L, ul_fold *fold, int functions,
                       const ul_fold_kept *kept) {
  size_t end = kept->row + kept->rows;
  if (!derive_rows(L, fold, kept->row, end) ||
      !judge_all(L, fold, kept->row, end))
    return false;
  return !fold->has_filter ||
         (filter_rows(L, fold, functions, kept->row, end) &&
          ask_groups(L, fold, functions, kept->row, end));
}

static int by_number(const void *a, const void *b) {
  const ul_fold_kept *one = a, *other = b;
  return (one->number > other->number) - (one->number < other->number);
}

/* The first item that is wrong is the one that is told. */
static void sort_doubts(ul_fold *fold) {
  if (fold->doubts.length > 0)
    qsort(fold->doubts.bytes, count_kept(&fold->doubts), sizeof(ul_fold_kept),
          by_number);
}

/* An item of which a condition cannot say what it thinks is taken back. */
static void judge_pending(lua_State *L, ul_fold *fold) {
  int top = lua_gettop(L);
  int functions = fold->has_filter ? ul_fold_push_functions(L, fold) : 0;
  for (size_t i = 0; i < count_kept(&fold->pending); i++) {
    ul_fold_kept kept = *kept_at(&fold->pending, i);
    if (judge_item(L, fold, functions, &kept)) continue;
    if (!bury(fold, kept.row, kept.row + kept.rows) ||
        !ul_buffer_append(&fold->doubts, (const char *)&kept, sizeof kept))
      ul_fail_memory(L);
  }
  lua_settop(L, top);
  if (fold->derive.is_wanted) sort_doubts(fold);
}

/* fold:take() -> whether Lua has nothing to judge. Adds up what was read. */
static int fold_take(lua_State *L) {
  ul_fold *fold = check_fold(L);
  fill_late(fold);
  if (!make_filters(fold)) ul_fail_memory(L);
  judge_pending(L, fold);
  if (fold->has_late) judge_all(L, fold, fold->late, fold->rows);
  ul_buffer_clear(&fold->pending);
  if (!add_up(fold)) ul_fail_memory(L);
  lua_pushboolean(L, fold->doubts.length == 0);
  if (fold->doubts.length == 0) ul_buffer_clear(&fold->kept);
  return 1;
}

/* fold:cell(column) -> the value in the row that a function is asked about */
static int fold_cell(lua_State *L) {
  const ul_fold *fold = check_fold(L);
  lua_Integer number = luaL_checkinteger(L, 2);
  luaL_argcheck(L, number >= 1 && number <= (lua_Integer)fold->column_count &&
                     fold->row < fold->rows, 2, "there is no such value");
  ul_fold_push_cell(L, fold, (uint32_t)number - 1);
  return 1;
}

/* fold:row, fold:untold, fold:functions: see fold_row.h */
static int fold_row(lua_State *L) {
  check_fold(L);
  return ul_fold_row(L);
}

static int fold_untold(lua_State *L) {
  check_fold(L);
  return ul_fold_untold(L);
}

static int fold_functions(lua_State *L) {
  check_fold(L);
  return ul_fold_functions(L);
}

static int push_kept(lua_State *L, const ul_fold *fold,
                     const ul_fold_kept *kept) {
  if (kept->on_tape)
    lua_pushboolean(L, true);
  else
    lua_pushlstring(L, fold->kept.bytes + kept->bytes, kept->length);
  if (kept->has_key)
    lua_pushlstring(L, kept->key_length > 0 ? fold->kept.bytes + kept->key
                                            : "", kept->key_length);
  else
    lua_pushnil(L);
  lua_pushinteger(L, (lua_Integer)kept->number);
  return 3;
}

/* fold:doubt() -> the text of an item for Lua to judge, its key, and which
** item it is; true for the text where the item is the reader's next; nothing
** where there is none */
static int fold_doubt(lua_State *L) {
  ul_fold *fold = check_fold(L);
  if (fold->given < count_kept(&fold->doubts))
    return push_kept(L, fold, kept_at(&fold->doubts, fold->given++));
  fold->given = 0;
  ul_buffer_clear(&fold->doubts);
  if (fold->pending.length == 0) ul_buffer_clear(&fold->kept);
  return 0;
}

/* fold:first() -> the same of the first item since the last take; kept only
** where columns are late */
static int fold_first(lua_State *L) {
  const ul_fold *fold = check_fold(L);
  if (count_kept(&fold->pending) == 0) return 0;
  return push_kept(L, fold, kept_at(&fold->pending, 0));
}

/* fold:give_back(): what was not taken so far becomes doubts */
static int fold_give_back(lua_State *L) {
  ul_fold *fold = check_fold(L);
  luaL_argcheck(L, fold->holds, 1, "it does not hold its items");
  for (size_t i = 0; i < count_kept(&fold->pending); i++) {
    const ul_fold_kept *kept = kept_at(&fold->pending, i);
    if (kept->rows > 0 && !ul_buffer_append(&fold->doubts, (const char *)kept,
                                            sizeof *kept))
      ul_fail_memory(L);
  }
  ul_buffer_clear(&fold->pending);
  fold->rows = 0;
  return 0;
}

/* fold:derive(function): gives the derived columns of a row */
static int fold_derive(lua_State *L) {
  check_fold(L);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_settop(L, 2);
  lua_setiuservalue(L, 1, UL_FOLD_DERIVE);
  return 0;
}

/* fold:wait(is_wanted): whether all items are for Lua to judge from now on */
static int fold_wait(lua_State *L) {
  check_fold(L)->waits = lua_toboolean(L, 2);
  return 0;
}

/* fold:unique(item) -> the key of the item of this number, or nil where that
** is for Lua to say; nothing behind the last */
static int fold_unique(lua_State *L) {
  const ul_identity *identity = &check_fold(L)->identity;
  lua_Integer item = luaL_checkinteger(L, 2);
  luaL_argcheck(L, identity->has_key && item >= 1, 2, "there is no such key");
  if ((uint64_t)item > identity->items) return 0;
  size_t length;
  const char *key = ul_identity_key(identity, (uint64_t)item - 1, &length);
  if (key == NULL)
    lua_pushnil(L);
  else
    lua_pushlstring(L, key, length);
  return 1;
}

/* fold:ends() -> the text of the first item and that of the last; nothing
** where there is none */
static int fold_ends(lua_State *L) {
  const ul_identity *identity = &check_fold(L)->identity;
  const ul_buffer *first = &identity->first, *last = &identity->last;
  luaL_argcheck(L, identity->has_ends, 1, "it does not keep them");
  if (last->length == 0) last = first;
  if (first->length == 0) return 0;
  lua_pushlstring(L, first->bytes, first->length);
  lua_pushlstring(L, last->bytes, last->length);
  return 2;
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
    column->otherwise = ul_column_code(column, text, length);
    if (column->otherwise == 0) ul_fail_memory(L);
  }
  return 0;
}

/* Room for rows and items that do not come any more. */
static void free_batch(ul_fold *fold) {
  ul_item_free(&fold->item);
  ul_buffer_free(&fold->kept);
  ul_buffer_free(&fold->pending);
  ul_buffer_free(&fold->dead);
  for (uint32_t i = 0; i < fold->column_count; i++) {
    ul_buffer_free(&fold->columns[i].scratch);
    ul_buffer_free(&fold->columns[i].codes);
    ul_buffer_free(&fold->columns[i].figures);
  }
  fold->room = 0;
}

/* fold:finish() -> rows that were added up */
static int fold_finish(lua_State *L) {
  ul_fold *fold = check_fold(L);
  if (fold->keeps && !keep_rows(fold, 1)) ul_fail_memory(L);
  if (fold->rows == 0 && fold->doubts.length == 0) free_batch(fold);
  lua_pushinteger(L, (lua_Integer)fold->total_rows);
  return 1;
}

/* fold:kept() -> the rows that were kept; no more are taken */
static int fold_kept(lua_State *L) {
  ul_fold *fold = check_fold(L);
  luaL_argcheck(L, fold->keeps, 1, "it keeps no rows");
  ul_kept *kept = ul_rows_push(L);
  if (!keep_rows(fold, 1)) ul_fail_memory(L);
  for (uint32_t i = 0; i < fold->column_count; i++) {
    ul_dictionary texts = fold->keeping.columns[i].dictionary;
    fold->keeping.columns[i].dictionary = fold->columns[i].dictionary;
    fold->columns[i].dictionary = texts;
  }
  *kept = fold->keeping;
  fold->keeping = (ul_kept){.rows = 0};
  fold->keeps = false;
  return 1;
}

/* ---- kept rows ---- */

/* Where a column's values come from. */
typedef struct supply {
  const ul_kept *kept;
  uint32_t column;       /* UL_NO_COLUMN: none */
  const uint32_t *codes; /* of texts: the fold's by those of the rows */
} supply;

/* Leaves what anchors it on the stack. */
static const uint32_t *translate_texts(lua_State *L, ul_column *to,
                                       const ul_dictionary *texts) {
  uint32_t *codes = lua_newuserdatauv(
    L, ((size_t)texts->count + 1) * sizeof *codes, 0);
  codes[0] = 0;
  for (uint32_t code = 1; code <= texts->count; code++) {
    size_t length;
    const char *text = ul_dictionary_text(texts, code, &length);
    codes[code] = ul_dictionary_add(&to->dictionary, text, length);
    if (codes[code] == 0) ul_fail_memory(L);
  }
  return codes;
}

static supply check_supply(lua_State *L, ul_column *to, const ul_kept *kept,
                           lua_Integer number) {
  supply from = {kept, UL_NO_COLUMN, NULL};
  luaL_argcheck(L, number >= 0 && number <= (lua_Integer)kept->column_count, 3,
                "there is no such column");
  if (number == 0) return from;
  from.column = (uint32_t)number - 1;
  luaL_argcheck(L, kept->columns[from.column].kind == to->kind, 3,
                "a column of another kind");
  if (to->kind == UL_COLUMN_TEXT)
    from.codes =
      translate_texts(L, to, &kept->columns[from.column].dictionary);
  return from;
}

static void fill_codes(uint32_t *codes, uint32_t code, size_t rows) {
  for (size_t i = 0; i < rows; i++) codes[i] = code;
}

static void copy_codes(uint32_t *codes, const supply *from,
                       const ul_kept_cells *cells, size_t at, size_t rows) {
  const uint32_t *source = cells->codes + at;
  if (from->codes == NULL)
    memcpy(codes, source, rows * sizeof *codes);
  else
    for (size_t i = 0; i < rows; i++) codes[i] = from->codes[source[i]];
}

static void copy_cells(ul_column *to, const supply *from,
                       const ul_kept_chunk *chunk, size_t at, size_t rows) {
  uint32_t *codes = ul_column_codes(to);
  if (from->column == UL_NO_COLUMN) {
    fill_codes(codes, to->otherwise, rows);
    return;
  }
  if (from->column >= chunk->columns) {
    fill_codes(codes, 0, rows);
    return;
  }
  const ul_kept_cells *cells = &chunk->cells[from->column];
  if (cells->codes != NULL)
    copy_codes(codes, from, cells, at, rows);
  else
    fill_codes(codes, from->codes != NULL ? from->codes[cells->code]
                                          : cells->code, rows);
  if (cells->figures != NULL)
    memcpy(ul_column_figures(to), cells->figures + at,
           rows * sizeof(ul_figure));
}

/* Rows of which a condition or a function cannot say what it thinks are left
** to Lua: their numbers go into the list at the top. */
static void judge_by_row(lua_State *L, ul_fold *fold, int functions,
                         size_t first_row) {
  for (size_t row = 0; row < fold->rows; row++) {
    if (row < fold->dead.length && fold->dead.bytes[row]) continue;
    if (judge_all(L, fold, row, row + 1) &&
        filter_rows(L, fold, functions, row, row + 1) &&
        ask_groups(L, fold, functions, row, row + 1))
      continue;
    if (!bury(fold, row, row + 1)) ul_fail_memory(L);
    lua_pushinteger(L, (lua_Integer)(first_row + row) + 1);
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
  }
}

/* Rows that nobody chose are dead from the beginning. */
static void bury_others(lua_State *L, ul_fold *fold, const bool *chosen) {
  for (size_t row = 0; row < fold->rows; row++)
    if (!chosen[row] && !bury(fold, row, row + 1)) ul_fail_memory(L);
}

static void add_slice(lua_State *L, ul_fold *fold, int functions,
                      const supply *from, const ul_kept_chunk *chunk,
                      size_t at, const bool *chosen) {
  size_t rows = chunk->rows - at < BATCH_ROWS ? chunk->rows - at : BATCH_ROWS;
  if (!make_room(fold, rows)) ul_fail_memory(L);
  for (uint32_t i = 0; i < fold->column_count; i++)
    if (!fold->columns[i].is_asked)
      copy_cells(&fold->columns[i], &from[i], chunk, at, rows);
  fold->rows = rows;
  if (chosen != NULL) bury_others(L, fold, chosen + chunk->before + at);
  if (!make_filters(fold)) ul_fail_memory(L);
  if (fold->has_filter || !judge_all(L, fold, 0, rows))
    judge_by_row(L, fold, functions, chunk->before + at);
  if (!add_up(fold)) ul_fail_memory(L);
}

/* Of each of the rows whether the view at `index` has it; NULL without a view.
** Leaves what anchors it on the stack. */
static const bool *choose_rows(lua_State *L, int index, const ul_kept *kept) {
  if (lua_isnoneornil(L, index)) return NULL;
  const ul_kept *viewed;
  const ul_view *view = ul_view_check(L, index, &viewed);
  luaL_argcheck(L, viewed == kept, index, "a view on other rows");
  bool *chosen = lua_newuserdatauv(L, kept->rows + 1, 0);
  memset(chosen, 0, kept->rows + 1);
  for (size_t i = 0; i < view->count; i++)
    chosen[ul_view_number(view, i)] = true;
  return chosen;
}

/* fold:add(rows, columns[, view]) -> the numbers of rows for Lua to judge. Adds
** kept rows up, those of the view alone; `columns` says for each of the fold's
** which of theirs it is, or 0. Only of a fold without a reader. */
static int fold_add(lua_State *L) {
  ul_fold *fold = check_fold(L);
  const ul_kept *kept = ul_rows_check(L, 2);
  luaL_checktype(L, 3, LUA_TTABLE);
  luaL_argcheck(L, fold->plan == NULL && !fold->keeps, 1,
                "it takes the items of a reader");
  lua_settop(L, 4);
  luaL_checkstack(L, (int)fold->column_count + 8, "too many columns");
  const bool *chosen = choose_rows(L, 4, kept);
  supply *from = lua_newuserdatauv(
    L, ((size_t)fold->column_count + 1) * sizeof *from, 0);
  for (uint32_t i = 0; i < fold->column_count; i++) {
    lua_rawgeti(L, 3, (lua_Integer)i + 1);
    lua_Integer number = luaL_optinteger(L, -1, 0);
    lua_pop(L, 1);
    from[i] = check_supply(L, &fold->columns[i], kept, number);
  }
  int functions = fold->has_filter ? ul_fold_push_functions(L, fold) : 0;
  lua_newtable(L);
  for (uint32_t i = 0; i < ul_kept_chunk_count(kept); i++) {
    const ul_kept_chunk *chunk = ul_kept_chunk_at(kept, i);
    for (size_t at = 0; at < chunk->rows; at += BATCH_ROWS)
      add_slice(L, fold, functions, from, chunk, at, chosen);
  }
  return 1;
}

/* ---- what came out ---- */

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
    ul_fold_push_code(L, &fold->columns[columns[i]], codes[i]);
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
      return 5;
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
static int fold_reading(lua_State *L) {
  const ul_fold *fold = check_fold(L);
  const ul_group_rule *rule = check_rule(L, fold);
  const ul_slot *slot = &rule->slots[check_index(L, 3, rule->slot_count)];
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
static int fold_value(lua_State *L) {
  const ul_fold *fold = check_fold(L);
  const ul_group_rule *rule = check_rule(L, fold);
  const ul_slot *slot = &rule->slots[check_index(L, 3, rule->slot_count)];
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

/* A reader that is inside an item of the fold's cannot go on. */
static void let_go(ul_json_select *select) {
  if (select->taker.item == NULL) return;
  select->taker.item = NULL;
  if (select->past_tape && select->read->error.kind == NULL)
    ul_json_refuse(select->read, "json", "closed",
                   "what takes the items was closed");
}

/* The reader may still be there, or be finalized with the fold: its memory
** is valid as long as it is a user value. */
static int fold_close(lua_State *L) {
  ul_fold *fold = luaL_checkudata(L, 1, FOLD);
  if (!fold->open) return 0;
  if (fold->select != NULL) let_go(fold->select);
  if (fold->csv != NULL) ul_csv_let_go(fold->csv);
  ul_fold_free(fold);
  return 0;
}

static int fold_tostring(lua_State *L) {
  const ul_fold *fold = luaL_checkudata(L, 1, FOLD);
  uint64_t rows = fold->total_rows + fold->rows;
  if (fold->open)
    lua_pushfstring(L, FOLD " (%I rows)", (lua_Integer)rows);
  else
    lua_pushliteral(L, FOLD " (closed)");
  return 1;
}

/* A fold without a reader, for rows that are kept. */
static int new_for_rows(lua_State *L) {
  lua_settop(L, 2);
  ul_fold *fold = lua_newuserdatauv(L, sizeof *fold, UL_FOLD_USER_VALUES);
  memset(fold, 0, sizeof *fold);
  luaL_setmetatable(L, FOLD);
  lua_pushvalue(L, 2);
  lua_setiuservalue(L, 3, UL_FOLD_JUDGE);
  lua_newtable(L);
  lua_setiuservalue(L, 3, UL_FOLD_SHOWN);
  ul_fold_read_spec(L, 1, fold);
  lua_settop(L, 3);
  return 1;
}

/* Of a reader of JSON. */
static void take_items(lua_State *L, ul_fold *fold) {
  ul_json_select *select = ul_json_check_select(L, 3);
  luaL_argcheck(L, select->taker.item == NULL, 3,
                "another fold takes its items");
  luaL_argcheck(L, select->plan.has_rows, 3, "it has no rows");
  fold->plan = &select->plan;
  fold->select = select;
  ul_fold_read_spec(L, 1, fold);
  ul_json_set_taker(L, 3, 4);
  ul_select_set_taker(select, &(ul_select_taker){&fold->item, take, fold});
}

/* Of a reader of CSV, whose columns are the names of an item. */
static void take_rows(lua_State *L, ul_fold *fold) {
  ul_csv *csv = ul_csv_check(L, 3, &fold->plan);
  luaL_argcheck(L, csv->taker.item == NULL, 3, "another fold takes its rows");
  ul_fold_read_spec(L, 1, fold);
  fold->csv = csv;
  ul_csv_set_taker(L, 3, 4, (ul_csv_taker){&fold->item, take_row, fold});
}

/* core.fold(spec, judge[, reader]) -> fold, which takes the reader's items, or
** kept rows */
static int fold_new(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  if (lua_isnoneornil(L, 3)) return new_for_rows(L);
  lua_settop(L, 3);
  ul_fold *fold = lua_newuserdatauv(L, sizeof *fold, UL_FOLD_USER_VALUES);
  memset(fold, 0, sizeof *fold);
  luaL_setmetatable(L, FOLD);
  lua_pushvalue(L, 2);
  lua_setiuservalue(L, 4, UL_FOLD_JUDGE);
  lua_pushvalue(L, 3);
  lua_setiuservalue(L, 4, UL_FOLD_READER);
  lua_newtable(L);
  lua_setiuservalue(L, 4, UL_FOLD_SHOWN);
  if (ul_csv_is_reader(L, 3))
    take_rows(L, fold);
  else
    take_items(L, fold);
  lua_settop(L, 4);
  return 1;
}

static const luaL_Reg methods[] = {
  {"add", fold_add},
  {"cell", fold_cell},           {"close", fold_close},
  {"condition", fold_condition}, {"ends", fold_ends},
  {"give_back", fold_give_back}, {"unique", fold_unique},
  {"value", fold_value},         {"wait", fold_wait},
  {"counts", fold_counts},       {"derive", fold_derive},
  {"different", fold_different},
  {"doubt", fold_doubt},         {"figure", fold_figure},
  {"finish", fold_finish},       {"first", fold_first},
  {"functions", fold_functions}, {"kept", fold_kept},
  {"key", fold_key},             {"merge", ul_fold_merge},
  {"otherwise", fold_otherwise}, {"reading", fold_reading},
  {"result", ul_fold_result},    {"row", fold_row},
  {"take", fold_take},           {"untold", fold_untold},
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
