/*
** What a fold has added up, without a Lua value for each group: as rows of
** columns (fold:result), and merged with what another one has (fold:merge).
*/
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "fold.h"
#include "fold_owners.h"
#include "fold_taints.h"
#include "group_figure.h"
#include "json_keys.h"
#include "rows.h"
#include "view.h"

#define BATCH "usagelua.fold.batch"

static void check_merged(lua_State *L, const ul_group_rule *rule, int index) {
  for (uint32_t i = 0; i < rule->slot_count; i++)
    luaL_argcheck(L, ul_figure_is_merged(&rule->slots[i]), index,
                  "of a figure of this rule all values are kept");
}

/* Codes of one dictionary by those of another, found as they are needed. */
static uint32_t *push_codes(lua_State *L, const ul_dictionary *texts) {
  size_t size = ((size_t)texts->count + 1) * sizeof(uint32_t);
  return memset(lua_newuserdatauv(L, size, 0), 0, size);
}

/* 0 without memory. */
static uint32_t translate(ul_dictionary *to, const ul_dictionary *from,
                          uint32_t *codes, uint32_t code) {
  if (codes[code] != 0) return codes[code];
  size_t length;
  const char *text = ul_dictionary_text(from, code, &length);
  return codes[code] = ul_dictionary_add(to, text, length);
}

/* ---- as rows ---- */

/* The columns of one chunk while it is made, in a value of their own. */
typedef struct batch {
  ul_column *columns;
  uint32_t count;
} batch;

static int batch_gc(lua_State *L) {
  batch *b = luaL_checkudata(L, 1, BATCH);
  for (uint32_t i = 0; i < b->count; i++) ul_column_free(&b->columns[i]);
  free(b->columns);
  *b = (batch){.count = 0};
  return 0;
}

static batch *push_batch(lua_State *L) {
  batch *b = lua_newuserdatauv(L, sizeof *b, 0);
  *b = (batch){.count = 0};
  if (luaL_newmetatable(L, BATCH)) {
    lua_pushcfunction(L, batch_gc);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  return b;
}

/* Columns for the groups' keys, then for the figures. */
static void make_columns(lua_State *L, batch *b, const ul_fold *fold,
                         const ul_group_rule *rule, uint64_t seed) {
  uint32_t width = rule->groups.width, count = width + rule->slot_count;
  b->columns = calloc((size_t)count + 1, sizeof *b->columns);
  if (b->columns == NULL) ul_fail_memory(L);
  while (b->count < count) {
    uint32_t i = b->count;
    ul_column *column = &b->columns[i];
    ul_column_init(column, i < width ? fold->columns[rule->by[i]].kind
                                     : UL_COLUMN_NUMBER, seed);
    b->count++; /* half of one is freed too */
    if (!ul_column_reserve(column, UL_KEPT_CHUNK_ROWS)) ul_fail_memory(L);
  }
}

/* What the rows are made of. */
typedef struct making {
  const ul_fold *fold;
  const ul_group_rule *rule;
  ul_kept *kept;
  batch *batch;
  ul_scale *scales;     /* by slot */
  uint32_t **codes;     /* by group column: ours by the fold's; of texts */
  uint32_t **different; /* by slot, by group: things counted */
  ul_owners **owners;   /* by slot; NULL: its figures have none */
  ul_fold_taints taints;
} making;

static void fill_keys(lua_State *L, const making *m, uint32_t i,
                      uint32_t first, uint32_t rows) {
  const ul_column *from = &m->fold->columns[m->rule->by[i]];
  uint32_t *to = ul_column_codes(&m->batch->columns[i]);
  for (uint32_t row = 0; row < rows; row++) {
    uint32_t code = ul_tuples_at(&m->rule->groups, first + row)[i];
    if (code != 0 && m->codes[i] != NULL) {
      code = translate(&m->kept->columns[i].dictionary, &from->dictionary,
                       m->codes[i], code);
      if (code == 0) ul_fail_memory(L);
    }
    to[row] = code;
  }
}

/* Of a figure that has none for a reason, slot and group go into the list at
** `odd`. */
static void note_odd(lua_State *L, int odd, uint32_t slot, uint32_t group) {
  lua_Integer at = (lua_Integer)lua_rawlen(L, odd);
  lua_pushinteger(L, (lua_Integer)slot + 1);
  lua_rawseti(L, odd, at + 1);
  lua_pushinteger(L, (lua_Integer)group + 1);
  lua_rawseti(L, odd, at + 2);
}

static ul_figure_result read_figure(const making *m, uint32_t i,
                                    uint32_t group, ul_column_value *value) {
  const ul_group_cell *cell = ul_group_cell_at(m->rule, group, i);
  if (m->owners[i] != NULL)
    return ul_owners_figure(m->owners[i], group, cell, m->scales[i], value);
  uint32_t different = m->different[i] != NULL ? m->different[i][group] : 0;
  return ul_figure_read(&m->rule->slots[i], cell, different, m->scales[i],
                        value);
}

static void fill_figures(lua_State *L, const making *m, uint32_t i,
                         uint32_t first, uint32_t rows, int odd) {
  ul_column *to = &m->batch->columns[m->rule->groups.width + i];
  for (uint32_t row = 0; row < rows; row++) {
    uint32_t group = first + row;
    ul_column_value value;
    switch (read_figure(m, i, group, &value)) {
      case UL_FIGURE_NO_MEMORY: ul_fail_memory(L); break;
      case UL_FIGURE_ODD: note_odd(L, odd, i, group); break;
      case UL_FIGURE_READ: break;
    }
    ul_column_set(to, row, &value);
  }
}

/* What windows that failed leave of the figures: of each group that one touches,
** a sign goes into the list at `signs`. */
static void mark_figures(lua_State *L, making *m, uint32_t first,
                         uint32_t rows, int signs) {
  ul_fold_taints *taints = &m->taints;
  for (uint32_t row = 0; row < rows && taints->count > 0; row++) {
    if (!ul_fold_touch(taints, m->rule, first + row)) continue;
    for (uint32_t i = 0; i < m->rule->slot_count; i++) {
      ul_column *to = &m->batch->columns[m->rule->groups.width + i];
      uint32_t *code = &ul_column_codes(to)[row];
      const ul_group_cell *cell = ul_group_cell_at(m->rule, first + row, i);
      if (!ul_fold_leave_figure(taints, i, cell, *code != 0)) *code = 0;
    }
    ul_fold_push_sign(L, taints);
    lua_rawseti(L, signs, (lua_Integer)(first + row) + 1);
  }
}

static void make_rows(lua_State *L, making *m, int odd, int signs) {
  uint32_t count = m->rule->groups.count;
  for (uint32_t first = 0; first < count; first += UL_KEPT_CHUNK_ROWS) {
    uint32_t rows = count - first < UL_KEPT_CHUNK_ROWS ? count - first
                                                        : UL_KEPT_CHUNK_ROWS;
    for (uint32_t i = 0; i < m->rule->groups.width; i++)
      fill_keys(L, m, i, first, rows);
    for (uint32_t i = 0; i < m->rule->slot_count; i++)
      fill_figures(L, m, i, first, rows, odd);
    mark_figures(L, m, first, rows, signs);
    if (!ul_kept_add(m->kept, m->batch->columns, rows)) ul_fail_memory(L);
  }
}

static uint32_t *count_different(lua_State *L, const ul_group_rule *rule,
                                 const ul_slot *slot) {
  size_t size = ((size_t)rule->groups.count + 1) * sizeof(uint32_t);
  uint32_t *counts = memset(lua_newuserdatauv(L, size, 0), 0, size);
  for (uint32_t i = 0; i < slot->tuples.count; i++)
    counts[ul_tuples_at(&slot->tuples, i)[0]]++;
  return counts;
}

/* The fold, the rule, the scales, the taints, whose figures are, who reads odd
** date-times; then: */
enum { TAINTS = 4, OWNERS, INSTANT, RESULT, ODD, SIGNS };

/* Leaves what anchors them on the stack. */
static void push_owners(lua_State *L, making *m, ul_fold *fold) {
  const ul_group_rule *rule = m->rule;
  size_t size = ((size_t)rule->slot_count + 1) * sizeof(void *);
  m->owners = memset(lua_newuserdatauv(L, size, 0), 0, size);
  for (uint32_t i = 0; i < rule->slot_count; i++) {
    if (!ul_owners_has(&rule->slots[i])) continue;
    luaL_argcheck(L, lua_istable(L, OWNERS) && lua_isfunction(L, INSTANT), OWNERS,
                  "figures of this rule have owners");
    lua_rawgeti(L, OWNERS, (lua_Integer)i + 1);
    m->owners[i] = ul_owners_push(L, lua_gettop(L), INSTANT, fold, rule,
                                  &rule->slots[i], m->scales[i]);
  }
}

/* Leaves what anchors them on the stack. */
static void push_scratch(lua_State *L, making *m) {
  const ul_group_rule *rule = m->rule;
  luaL_checkstack(L, (int)(rule->groups.width + rule->slot_count) + 8,
                  "too many columns");
  m->codes = lua_newuserdatauv(
    L, ((size_t)rule->groups.width + 1) * sizeof *m->codes, 0);
  m->different = lua_newuserdatauv(
    L, ((size_t)rule->slot_count + 1) * sizeof *m->different, 0);
  for (uint32_t i = 0; i < rule->groups.width; i++) {
    const ul_column *by = &m->fold->columns[rule->by[i]];
    m->codes[i] = by->kind == UL_COLUMN_TEXT ? push_codes(L, &by->dictionary)
                                             : NULL;
  }
  for (uint32_t i = 0; i < rule->slot_count; i++)
    m->different[i] = rule->slots[i].adding == UL_ADDING_DISTINCT
                        ? count_different(L, rule, &rule->slots[i])
                        : NULL;
}

/* { numerator, denominator } by slot. */
static ul_scale *read_scales(lua_State *L, int index, uint32_t count) {
  ul_scale *scales =
    lua_newuserdatauv(L, ((size_t)count + 1) * sizeof *scales, 0);
  for (uint32_t i = 0; i < count; i++) {
    lua_rawgeti(L, index, (lua_Integer)i + 1);
    luaL_checktype(L, -1, LUA_TTABLE);
    lua_rawgeti(L, -1, 1);
    lua_rawgeti(L, -2, 2);
    scales[i] = (ul_scale){luaL_checkinteger(L, -2), luaL_checkinteger(L, -1)};
    luaL_argcheck(L, scales[i].numerator > 0 && scales[i].denominator > 0,
                  index, "a scale is above 0");
    lua_pop(L, 3);
  }
  return scales;
}

/* Whether any value came, by slot. */
static void push_seen(lua_State *L, const ul_group_rule *rule) {
  lua_createtable(L, (int)rule->slot_count, 0);
  for (uint32_t i = 0; i < rule->slot_count; i++) {
    bool is_seen = false;
    for (uint32_t k = 0; !is_seen && k < rule->groups.count; k++)
      is_seen = ul_group_cell_at(rule, k, i)->count > 0;
    lua_pushboolean(L, is_seen);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
}

/* fold:result(rule, scales[, taints[, owners, instant]]) -> rows, a row for each
** group; a list of slot and group of the figures that have none for a reason;
** whether any value came, by slot; by group, a sign of what windows that failed
** leave of it (see fold_taints.h), where they touch it; whether they touched
** any, by taint. `owners` says by slot whose its readings are (fold_owners.h). */
int ul_fold_result(lua_State *L) {
  ul_fold *fold = ul_fold_check(L, 1);
  const ul_group_rule *rule = ul_fold_check_rule(L, fold, 2);
  luaL_checktype(L, 3, LUA_TTABLE);
  check_merged(L, rule, 2);
  lua_settop(L, INSTANT);
  uint64_t seed = ul_keys_seed();
  making m = {.fold = fold, .rule = rule, .kept = ul_rows_push(L)};
  lua_newtable(L);
  lua_newtable(L);
  m.batch = push_batch(L);
  m.scales = read_scales(L, 3, rule->slot_count);
  ul_fold_read_taints(L, TAINTS, fold, rule, &m.taints);
  make_columns(L, m.batch, fold, rule, seed);
  if (!ul_kept_init(m.kept, m.batch->columns, m.batch->count, seed))
    ul_fail_memory(L);
  push_scratch(L, &m);
  push_owners(L, &m, fold);
  make_rows(L, &m, ODD, SIGNS);
  lua_pushvalue(L, RESULT);
  lua_pushvalue(L, ODD);
  push_seen(L, rule);
  lua_pushvalue(L, SIGNS);
  ul_fold_push_touched(L, &m.taints);
  return 5;
}

/* ---- merging ---- */

/* Another table of groups that is added to one. */
typedef struct merging {
  ul_fold *fold;
  const ul_fold *other;
  ul_group_rule *rule;
  const ul_group_rule *from;
  uint32_t *groups;  /* ours by theirs; UL_TUPLES_NONE: not to be added */
  uint32_t **by;     /* by group column: our codes by theirs, of texts */
  uint32_t **things; /* by slot that counts different texts */
  uint32_t **owners; /* by slot and column that says whose a reading is */
} merging;

static bool are_alike(const merging *m, uint32_t column, uint32_t other) {
  return m->fold->columns[column].kind == m->other->columns[other].kind;
}

static void check_same(lua_State *L, const merging *m) {
  const ul_group_rule *a = m->rule, *b = m->from;
  bool same = a->slot_count == b->slot_count &&
              (a->groups.width == b->groups.width || a->groups.width == 0);
  for (uint32_t i = 0; same && i < a->groups.width; i++)
    same = are_alike(m, a->by[i], b->by[i]);
  for (uint32_t i = 0; same && i < a->slot_count; i++) {
    const ul_slot *to = &a->slots[i], *from = &b->slots[i];
    same = to->adding == from->adding && to->of_count == from->of_count;
    if (same && to->adding == UL_ADDING_DISTINCT)
      same = are_alike(m, to->source, from->source);
    for (uint32_t k = 0; same && k < to->of_count; k++)
      same = are_alike(m, to->of[k], from->of[k]);
  }
  luaL_argcheck(L, same, 3, "groups of another kind");
}

static uint32_t *codes_for(lua_State *L, const ul_column *from) {
  return from->kind == UL_COLUMN_TEXT ? push_codes(L, &from->dictionary)
                                      : NULL;
}

static void push_owner_codes(lua_State *L, merging *m) {
  size_t count = (size_t)m->from->slot_count * UL_GROUP_OF;
  m->owners = lua_newuserdatauv(L, (count + 1) * sizeof *m->owners, 0);
  for (uint32_t i = 0; i < m->from->slot_count; i++) {
    const ul_slot *slot = &m->from->slots[i];
    for (uint32_t k = 0; k < slot->of_count; k++)
      m->owners[i * UL_GROUP_OF + k] =
        codes_for(L, &m->other->columns[slot->of[k]]);
  }
}

static void push_translations(lua_State *L, merging *m) {
  const ul_group_rule *from = m->from;
  uint32_t width = m->rule->groups.width;
  luaL_checkstack(L, (int)(width + from->slot_count * (UL_GROUP_OF + 1)) + 8,
                  "too many columns");
  m->by = lua_newuserdatauv(L, ((size_t)width + 1) * sizeof *m->by, 0);
  m->things = lua_newuserdatauv(
    L, ((size_t)from->slot_count + 1) * sizeof *m->things, 0);
  for (uint32_t i = 0; i < width; i++)
    m->by[i] = codes_for(L, &m->other->columns[from->by[i]]);
  for (uint32_t i = 0; i < from->slot_count; i++)
    m->things[i] = from->slots[i].adding == UL_ADDING_DISTINCT
                     ? codes_for(L, &m->other->columns[from->slots[i].source])
                     : NULL;
  push_owner_codes(L, m);
}

/* Our code; raises without memory. */
static uint32_t our_code(lua_State *L, const merging *m, uint32_t column,
                         uint32_t other_column, uint32_t *codes,
                         uint32_t code) {
  if (code == 0 || codes == NULL) return code;
  code = translate(&m->fold->columns[column].dictionary,
                   &m->other->columns[other_column].dictionary, codes, code);
  if (code == 0) ul_fail_memory(L);
  return code;
}

static uint32_t our_group(lua_State *L, const merging *m, uint32_t group) {
  ul_group_rule *rule = m->rule;
  for (uint32_t i = 0; i < rule->groups.width; i++)
    rule->key[i] =
      our_code(L, m, rule->by[i], m->from->by[i], m->by[i],
               ul_tuples_at(&m->from->groups, group)[i]);
  uint32_t ours = ul_group_open(rule, rule->key);
  if (ours == UL_TUPLES_NONE) ul_fail_memory(L);
  return ours;
}

static void merge_things(lua_State *L, const merging *m, uint32_t slot) {
  ul_slot *to = &m->rule->slots[slot];
  const ul_slot *from = &m->from->slots[slot];
  for (uint32_t i = 0; i < from->tuples.count; i++) {
    const uint32_t *thing = ul_tuples_at(&from->tuples, i);
    if (m->groups[thing[0]] == UL_TUPLES_NONE) continue;
    uint32_t tuple[2] = {
      m->groups[thing[0]],
      our_code(L, m, to->source, from->source, m->things[slot], thing[1])};
    if (ul_tuples_add(&to->tuples, tuple) == UL_TUPLES_NONE) ul_fail_memory(L);
  }
}

/* Whose a reading is goes by our codes; the figure behind that stays. */
static void merge_readings(lua_State *L, const merging *m, uint32_t slot) {
  ul_slot *to = &m->rule->slots[slot];
  const ul_slot *from = &m->from->slots[slot];
  uint32_t tuple[UL_GROUP_TUPLE];
  for (uint32_t i = 0; i < from->tuples.count; i++) {
    const uint32_t *theirs = ul_tuples_at(&from->tuples, i);
    if (m->groups[theirs[0]] == UL_TUPLES_NONE) continue;
    memcpy(tuple, theirs, from->tuples.width * sizeof *tuple);
    tuple[0] = m->groups[theirs[0]];
    for (uint32_t k = 0; k < from->of_count; k++)
      tuple[k + 1] = our_code(L, m, to->of[k], from->of[k],
                              m->owners[slot * UL_GROUP_OF + k], theirs[k + 1]);
    if (ul_tuples_add(&to->tuples, tuple) == UL_TUPLES_NONE) ul_fail_memory(L);
  }
}

static void merge_tuples(lua_State *L, const merging *m, uint32_t slot) {
  if (m->rule->slots[slot].adding == UL_ADDING_DISTINCT)
    merge_things(L, m, slot);
  else if (ul_owners_has(&m->rule->slots[slot]))
    merge_readings(L, m, slot);
}

static void merge_cells(lua_State *L, const merging *m, uint32_t group) {
  ul_group_rule *rule = m->rule;
  ul_group_cell *cells = (ul_group_cell *)(void *)rule->cells.bytes +
                         (size_t)m->groups[group] * rule->slot_count;
  for (uint32_t i = 0; i < rule->slot_count; i++)
    if (!ul_figure_merge(&rule->slots[i], &cells[i],
                         ul_group_cell_at(m->from, group, i)))
      ul_fail_memory(L);
}

/* The groups that are added: all, or those that are rows of the view at 5 from
** the one at 6 on. */
static void choose_groups(lua_State *L, merging *m) {
  size_t count = m->from->groups.count;
  m->groups = lua_newuserdatauv(L, (count + 1) * sizeof *m->groups, 0);
  if (lua_isnoneornil(L, 5)) {
    for (size_t i = 0; i < count; i++)
      m->groups[i] = our_group(L, m, (uint32_t)i);
    return;
  }
  const ul_kept *kept;
  const ul_view *view = ul_view_check(L, 5, &kept);
  lua_Integer first = luaL_checkinteger(L, 6);
  luaL_argcheck(L, first >= 1 && kept->rows == count, 5, "rows of other groups");
  for (size_t i = 0; i < count; i++) m->groups[i] = UL_TUPLES_NONE;
  for (size_t i = (size_t)first - 1; i < view->count; i++) {
    uint32_t group = (uint32_t)ul_view_number(view, i);
    m->groups[group] = our_group(L, m, group);
  }
}

/* fold:merge(rule, other, other_rule[, view, first]): adds what another fold
** has to ours; a rule without group columns has one group for all. Raises for
** want of memory, and what is there is then good for nothing. */
int ul_fold_merge(lua_State *L) {
  merging m = {.fold = ul_fold_check(L, 1), .other = ul_fold_check(L, 3)};
  luaL_argcheck(L, m.fold != m.other, 3, "the same fold");
  m.rule = ul_fold_check_rule(L, m.fold, 2);
  m.from = ul_fold_check_rule(L, m.other, 4);
  check_merged(L, m.rule, 2);
  check_merged(L, m.from, 4);
  lua_settop(L, 6);
  check_same(L, &m);
  push_translations(L, &m);
  choose_groups(L, &m);
  for (uint32_t i = 0; i < m.from->groups.count; i++)
    if (m.groups[i] != UL_TUPLES_NONE) merge_cells(L, &m, i);
  for (uint32_t i = 0; i < m.rule->slot_count; i++) merge_tuples(L, &m, i);
  return 0;
}
