/* A rule over batches, see group.h. */
#include "group.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define LIMIT_BYTES ((size_t)1 << 36)

/* ---- setting up ---- */

/* calloc of none may give NULL. */
static void *array(size_t count, size_t size) {
  return calloc(count + 1, size);
}

bool ul_group_init(ul_group_rule *rule, uint32_t width, uint32_t conditions,
                   uint32_t slots) {
  *rule = (ul_group_rule){.conditions = array(conditions, sizeof(ul_condition)),
                          .passed = array(conditions, sizeof(bool)),
                          .which = array(conditions, sizeof(uint32_t)),
                          .by = array(width, sizeof(uint32_t)),
                          .key = array(width, sizeof(uint32_t)),
                          .codes = array(width, sizeof(uint32_t *)),
                          .shifts = array(width, sizeof(uint32_t)),
                          .slots = array(slots, sizeof(ul_slot))};
  ul_buffer_init(&rule->cells, LIMIT_BYTES);
  ul_buffer_init(&rule->filter, LIMIT_BYTES);
  ul_buffer_init(&rule->direct, LIMIT_BYTES);
  rule->groups.width = width;
  if (rule->conditions == NULL || rule->passed == NULL ||
      rule->which == NULL || rule->by == NULL || rule->key == NULL ||
      rule->codes == NULL || rule->shifts == NULL || rule->slots == NULL)
    return false;
  rule->condition_count = conditions;
  rule->slot_count = slots;
  return true;
}

static uint32_t tuple_width(const ul_slot *slot) {
  switch (slot->adding) {
    case UL_ADDING_SUM: return slot->of_count + 1;
    case UL_ADDING_DISTINCT: return 2;
    case UL_ADDING_LAST: return 1 + slot->of_count + UL_GROUP_LAST;
    default: return 0;
  }
}

void ul_group_start(ul_group_rule *rule, uint64_t seed) {
  ul_tuples_init(&rule->groups, rule->groups.width, seed);
  for (uint32_t i = 0; i < rule->slot_count; i++)
    ul_tuples_init(&rule->slots[i].tuples, tuple_width(&rule->slots[i]), seed);
  for (uint32_t i = 0; i < rule->slot_count; i++)
    ul_buffer_init(&rule->slots[i].values, LIMIT_BYTES);
}

static bool has_sum(const ul_slot *slot) {
  return slot->adding == UL_ADDING_SUM || slot->adding == UL_ADDING_MEAN;
}

static ul_group_cell *cells_at(const ul_group_rule *rule, uint32_t group) {
  ul_group_cell *cells = (ul_group_cell *)(void *)rule->cells.bytes;
  return cells + (size_t)group * rule->slot_count;
}

static size_t group_bytes(const ul_group_rule *rule) {
  return rule->slot_count * sizeof(ul_group_cell);
}

static void free_sums(ul_group_rule *rule, uint32_t slot) {
  size_t size = group_bytes(rule);
  for (uint32_t group = 0; group < rule->cells.length / size; group++)
    ul_exact_free(&cells_at(rule, group)[slot].of.sum);
}

void ul_group_free(ul_group_rule *rule) {
  for (uint32_t i = 0; i < rule->slot_count; i++) {
    if (has_sum(&rule->slots[i])) free_sums(rule, i);
    ul_tuples_free(&rule->slots[i].tuples);
    ul_buffer_free(&rule->slots[i].values);
  }
  for (uint32_t i = 0; i < rule->condition_count; i++)
    ul_condition_free(&rule->conditions[i]);
  ul_tuples_free(&rule->groups);
  ul_buffer_free(&rule->cells);
  ul_buffer_free(&rule->filter);
  ul_buffer_free(&rule->direct);
  free(rule->conditions);
  free(rule->passed);
  free(rule->which);
  free(rule->by);
  free(rule->key);
  free(rule->codes);
  free(rule->shifts);
  free(rule->slots);
  *rule = (ul_group_rule){.slot_count = 0};
}

/* ---- conditions ---- */

static bool judge(const ul_condition *c, const ul_column *column, size_t row,
                  uint32_t *which) {
  uint32_t code = ul_column_codes(column)[row];
  if (column->kind == UL_COLUMN_NUMBER)
    return ul_condition_takes(c, code, ul_column_figures(column)[row], which);
  uint32_t verdict = ul_condition_verdicts(c)[code];
  *which = verdict >> UL_VERDICT_WHICH_SHIFT;
  return (verdict & UL_VERDICT_PASSES) != 0;
}

bool ul_group_lets_in(const ul_group_rule *rule, const ul_column *columns,
                      size_t row) {
  if (rule->has_filter && !rule->filter.bytes[row]) return false;
  for (uint32_t i = 0; i < rule->condition_count; i++) {
    const ul_condition *c = &rule->conditions[i];
    uint32_t which;
    if (!judge(c, &columns[c->column], row, &which)) return false;
  }
  return true;
}

static bool note(ul_group_rule *rule, const ul_column *columns, size_t row,
                 uint32_t failed) {
  for (uint32_t i = 0; i < rule->condition_count; i++) {
    ul_condition *c = &rule->conditions[i];
    const ul_column *column = &columns[c->column];
    bool others_hold = failed == 0 || (failed == 1 && !rule->passed[i]);
    if (!ul_condition_note(c, column, ul_column_codes(column)[row],
                           rule->passed[i], rule->which[i], others_hold))
      return false;
  }
  return true;
}

/* Lets the row in or not; false without memory. */
static bool judge_row(ul_group_rule *rule, const ul_column *columns, size_t row,
                   bool *is_in) {
  uint32_t failed = 0;
  for (uint32_t i = 0; i < rule->condition_count; i++) {
    const ul_condition *c = &rule->conditions[i];
    rule->passed[i] = judge(c, &columns[c->column], row, &rule->which[i]);
    failed += !rule->passed[i];
  }
  *is_in = failed == 0;
  return note(rule, columns, row, failed);
}

/* ---- figures ---- */

/* One value on its way into a cell. */
typedef struct value {
  const ul_column *columns;
  size_t row;
  uint32_t group;
  uint32_t code;
  ul_figure figure;
} value;

static void put_owner(const ul_slot *slot, const value *v, uint32_t *to) {
  for (uint32_t i = 0; i < slot->of_count; i++)
    to[i] = ul_column_codes(&v->columns[slot->of[i]])[v->row];
}

static bool note_owner(ul_slot *slot, const value *v) {
  uint32_t tuple[UL_GROUP_OF + 1];
  tuple[0] = v->group;
  put_owner(slot, v, tuple + 1);
  return ul_tuples_add(&slot->tuples, tuple) != UL_TUPLES_NONE;
}

static bool add_to_sum(ul_group_cell *cell, const value *v) {
  if (v->code == UL_CODE_REAL)
    return ul_exact_add_real(&cell->of.sum, v->figure.real);
  ul_exact_add_integer(&cell->of.sum, v->figure.integer);
  return true;
}

static bool is_better(ul_adding adding, bool is_less, bool is_greater) {
  return adding == UL_ADDING_MAX ? is_greater : is_less;
}

/* Integers and doubles each have their best one: which is the better of the
** two is for the units to say. */
static void offer(ul_adding adding, ul_group_cell *cell, const value *v) {
  if (v->code == UL_CODE_INTEGER) {
    int64_t best = cell->of.best.integer, new = v->figure.integer;
    if (!cell->has_integer || is_better(adding, new < best, new > best))
      cell->of.best.integer = new;
  } else {
    double best = cell->of.best.real, new = v->figure.real;
    if (!cell->has_real || is_better(adding, new < best, new > best))
      cell->of.best.real = new;
  }
}

static void set_single(ul_group_cell *cell, const value *v) {
  cell->has_integer = cell->has_real = false;
  if (v->code == UL_CODE_INTEGER)
    cell->of.best.integer = v->figure.integer;
  else
    cell->of.best.real = v->figure.real;
}

static bool note_different(ul_slot *slot, const value *v) {
  uint32_t tuple[2] = {v->group, v->code};
  return ul_tuples_add(&slot->tuples, tuple) != UL_TUPLES_NONE;
}

static bool note_last(ul_slot *slot, const value *v) {
  uint32_t tuple[UL_GROUP_TUPLE];
  uint32_t end = slot->of_count + 1;
  tuple[0] = v->group;
  put_owner(slot, v, tuple + 1);
  tuple[end] = v->code;
  memcpy(&tuple[end + 1], &v->figure, sizeof v->figure);
  return ul_tuples_add(&slot->tuples, tuple) != UL_TUPLES_NONE;
}

static bool keep_value(ul_slot *slot, const value *v) {
  ul_group_value kept = {v->group, v->code, v->figure};
  return ul_buffer_append(&slot->values, (const char *)&kept, sizeof kept);
}

static void note_number(ul_group_cell *cell, const value *v) {
  bool is_integer = v->code == UL_CODE_INTEGER;
  cell->has_integer = cell->has_integer || is_integer;
  cell->has_real = cell->has_real || !is_integer;
  if (is_integer ? v->figure.integer < 0 : v->figure.real < 0)
    cell->is_negative = true;
}

static bool add_value(ul_slot *slot, ul_group_cell *cell, const value *v) {
  cell->count++;
  switch (slot->adding) {
    case UL_ADDING_NONE:
    case UL_ADDING_COUNT: return true;
    case UL_ADDING_DISTINCT: return note_different(slot, v);
    case UL_ADDING_SUM:
      if (slot->of_count > 0 && !note_owner(slot, v)) return false;
      /* fallthrough */
    case UL_ADDING_MEAN:
      if (!add_to_sum(cell, v)) return false;
      break;
    case UL_ADDING_MAX:
    case UL_ADDING_MIN: offer(slot->adding, cell, v); break;
    case UL_ADDING_SINGLE: set_single(cell, v); break;
    case UL_ADDING_LAST:
      if (!note_last(slot, v)) return false;
      break;
    case UL_ADDING_QUANTILE:
      if (!keep_value(slot, v)) return false;
      break;
  }
  note_number(cell, v);
  return true;
}

/* ---- rows ---- */

uint32_t ul_group_open(ul_group_rule *rule, const uint32_t *key) {
  uint32_t count = rule->groups.count;
  size_t size = group_bytes(rule);
  if (!ul_buffer_has_room(&rule->cells, size + 1) &&
      !ul_buffer_reserve(&rule->cells, size + 1))
    return UL_TUPLES_NONE;
  uint32_t group = ul_tuples_add(&rule->groups, key);
  if (group == count && group != UL_TUPLES_NONE) {
    memset(rule->cells.bytes + rule->cells.length, 0, size);
    rule->cells.length += size;
  }
  return group;
}

/* Rows go through a rule in runs: each step is done for all rows of one
** before the next. */
enum { RUN_ROWS = 256 };

typedef struct batch {
  const ul_column *columns;
  uint32_t count;
  size_t rows[RUN_ROWS];      /* those that were let in */
  uint32_t groups[RUN_ROWS];  /* of each */
  bool is_direct;             /* they are few */
  bool is_whole;              /* no row between the first and the last is out */
} batch;

static bool let_in(ul_group_rule *rule, batch *run, size_t row) {
  bool is_in = !rule->has_filter || rule->filter.bytes[row];
  rule->seen++;
  if (rule->condition_count > 0 &&
      !judge_row(rule, run->columns, row, &is_in))
    return false;
  run->rows[run->count] = row;
  run->count += is_in;
  return true;
}

/* ---- few groups ---- */

/* Keys of so many bits together find their group without a hash. */
enum { DIRECT_BITS = 16 };

static uint32_t bits_of(const ul_column *column) {
  if (column->is_asked) return DIRECT_BITS + 1;
  uint32_t largest = column->kind == UL_COLUMN_TEXT ? column->dictionary.count
                                                    : UL_CODE_TRUE;
  uint32_t bits = 1;
  while (bits < 32 && largest >> bits != 0) bits++;
  return bits;
}

/* Whether keys of these columns are few; then there is a table by their bits.
** Where there is no memory for it, there is another way. */
static bool make_direct(ul_group_rule *rule, const ul_column *columns) {
  uint32_t bits = 0;
  bool is_same = rule->direct.length > 0;
  for (uint32_t i = 0; i < rule->groups.width; i++) {
    is_same = is_same && rule->shifts[i] == bits;
    rule->shifts[i] = bits;
    bits += bits_of(&columns[rule->by[i]]);
    if (bits > DIRECT_BITS) break;
  }
  is_same = is_same && rule->direct_bits == bits;
  rule->direct_bits = bits;
  if (bits > DIRECT_BITS || bits == 0) {
    ul_buffer_free(&rule->direct);
    return false;
  }
  if (is_same) return true;
  size_t size = sizeof(uint32_t) << bits;
  ul_buffer_clear(&rule->direct);
  if (!ul_buffer_reserve(&rule->direct, size)) return false;
  memset(rule->direct.bytes, 0, size);
  rule->direct.length = size;
  return true;
}

/* Of each row, column by column. */
static void set_direct_keys(const ul_group_rule *rule, const batch *run,
                            uint32_t *keys) {
  uint32_t count = run->count;
  memset(keys, 0, count * sizeof *keys);
  for (uint32_t i = 0; i < rule->groups.width; i++) {
    const uint32_t *codes = rule->codes[i];
    const uint32_t *first = codes + run->rows[0];
    uint32_t shift = rule->shifts[i];
    if (run->is_whole)
      for (uint32_t k = 0; k < count; k++) keys[k] |= first[k] << shift;
    else
      for (uint32_t k = 0; k < count; k++)
        keys[k] |= codes[run->rows[k]] << shift;
  }
}

static uint32_t hashed_group(ul_group_rule *rule, size_t row) {
  for (uint32_t i = 0; i < rule->groups.width; i++)
    rule->key[i] = rule->codes[i][row];
  return ul_tuples_add(&rule->groups, rule->key);
}

static bool find_direct(ul_group_rule *rule, batch *run) {
  uint32_t *known = (uint32_t *)(void *)rule->direct.bytes;
  uint32_t keys[RUN_ROWS], count = run->count;
  set_direct_keys(rule, run, keys);
  for (uint32_t i = 0; i < count; i++) {
    uint32_t *group = &known[keys[i]];
    if (*group == 0) {
      uint32_t new = hashed_group(rule, run->rows[i]);
      if (new == UL_TUPLES_NONE) return false;
      *group = new + 1;
    }
    run->groups[i] = *group - 1;
  }
  return true;
}

/* ---- runs ---- */

/* Room for the cells is made first, so that each group has them. */
static bool open_groups(ul_group_rule *rule, batch *run) {
  uint32_t known = rule->groups.count;
  size_t size = run->count * group_bytes(rule);
  if (!ul_buffer_has_room(&rule->cells, size + 1) &&
      !ul_buffer_reserve(&rule->cells, size + 1))
    return false;
  for (uint32_t i = 0; i < rule->groups.width; i++)
    rule->codes[i] = ul_column_codes(&run->columns[rule->by[i]]);
  bool done = run->is_direct
                ? find_direct(rule, run)
                : ul_tuples_add_rows(&rule->groups, rule->codes, run->rows,
                                     run->count, rule->key, run->groups);
  size = (rule->groups.count - known) * group_bytes(rule);
  memset(rule->cells.bytes + rule->cells.length, 0, size);
  rule->cells.length += size;
  return done;
}

static bool add_rows(ul_group_rule *rule, uint32_t number, const batch *run) {
  ul_slot *slot = &rule->slots[number];
  value v = {.columns = run->columns};
  for (uint32_t i = 0; i < run->count; i++) {
    v.row = run->rows[i];
    v.group = run->groups[i];
    if (!add_value(slot, &cells_at(rule, v.group)[number], &v)) return false;
  }
  return true;
}

/* Plain sums of integers are most of what is asked. Whether a value is there
** cannot be foreseen, so that nothing is decided on the way. Ends at a double,
** and gives the place. */
static inline __attribute__((always_inline)) uint32_t
add_integers(const ul_group_rule *rule, uint32_t number,
             const ul_column *column, const batch *run, const bool is_whole) {
  static_assert(UL_CODE_INTEGER == 1, "a code tells how many there are");
  size_t first = is_whole ? run->rows[0] : 0;
  const uint32_t *codes = ul_column_codes(column) + first;
  const ul_figure *figures = ul_column_figures(column) + first;
  char *cells = (char *)(cells_at(rule, 0) + number);
  size_t size = group_bytes(rule);
  uint32_t i, count = run->count;
  for (i = 0; i < count; i++) {
    size_t row = is_whole ? i : run->rows[i];
    uint32_t there = codes[row];
    if (there > UL_CODE_INTEGER) break;
    int64_t integer = figures[row].integer & -(int64_t)there;
    ul_group_cell *cell = (ul_group_cell *)(void *)(cells +
                                                    run->groups[i] * size);
    cell->count += there;
    cell->has_integer |= (bool)there;
    if (integer < 0) cell->is_negative = true;
    ul_exact_add_integer(&cell->of.sum, integer);
  }
  return i;
}

/* The values of a column, where they are there. */
static bool add_column(ul_group_rule *rule, uint32_t number, const batch *run) {
  ul_slot *slot = &rule->slots[number];
  const ul_column *column = &run->columns[slot->source];
  const uint32_t *codes = ul_column_codes(column);
  bool is_plain = slot->adding == UL_ADDING_SUM && slot->of_count == 0 &&
                  column->kind == UL_COLUMN_NUMBER;
  uint32_t done = 0;
  if (is_plain && run->is_whole)
    done = add_integers(rule, number, column, run, true);
  else if (is_plain)
    done = add_integers(rule, number, column, run, false);
  const ul_figure *figures =
    column->kind == UL_COLUMN_NUMBER ? ul_column_figures(column) : NULL;
  value v = {.columns = run->columns};
  for (uint32_t i = done; i < run->count; i++) {
    v.row = run->rows[i];
    v.code = codes[v.row];
    if (v.code == 0) continue;
    v.group = run->groups[i];
    if (figures != NULL) v.figure = figures[v.row];
    if (!add_value(slot, &cells_at(rule, v.group)[number], &v)) return false;
  }
  return true;
}

/* Cells that are beyond the caches are asked for before their turn. */
enum { FAR_BYTES = 1 << 18 };

static void look_ahead(const ul_group_rule *rule, uint32_t number,
                       const batch *run) {
  if (rule->cells.length < FAR_BYTES) return;
  for (uint32_t i = 0; i < run->count; i++)
    __builtin_prefetch(&cells_at(rule, run->groups[i])[number], 1);
}

static bool add_slot(ul_group_rule *rule, uint32_t number, const batch *run) {
  const ul_slot *slot = &rule->slots[number];
  if (slot->adding == UL_ADDING_NONE) return true;
  look_ahead(rule, number, run);
  return slot->source == UL_NO_COLUMN ? add_rows(rule, number, run)
                                      : add_column(rule, number, run);
}

static bool add_run(ul_group_rule *rule, batch *run) {
  if (run->count == 0) return true;
  rule->taken += run->count;
  if (!open_groups(rule, run)) return false;
  for (uint32_t i = 0; i < rule->slot_count; i++)
    if (!add_slot(rule, i, run)) return false;
  run->count = 0;
  return true;
}

/* Where nobody judges the rows. */
static bool add_all(ul_group_rule *rule, batch *run, size_t rows) {
  rule->seen += rows;
  run->is_whole = true;
  for (size_t row = 0; row < rows; row += RUN_ROWS) {
    size_t left = rows - row;
    uint32_t count = left < RUN_ROWS ? (uint32_t)left : RUN_ROWS;
    for (uint32_t i = 0; i < count; i++) run->rows[i] = row + i;
    run->count = count;
    if (!add_run(rule, run)) return false;
  }
  return true;
}

static bool add_judged(ul_group_rule *rule, batch *run, size_t rows,
                       const bool *dead, size_t dead_rows) {
  for (size_t row = 0; row < rows; row++) {
    if (row < dead_rows && dead[row]) continue;
    if (!let_in(rule, run, row)) return false;
    if (run->count == RUN_ROWS && !add_run(rule, run)) return false;
  }
  return add_run(rule, run);
}

bool ul_group_add(ul_group_rule *rule, const ul_column *columns, size_t rows,
                  const bool *dead, size_t dead_rows) {
  batch run = {.columns = columns, .count = 0};
  run.is_direct = make_direct(rule, columns);
  bool is_judged = rule->has_filter || rule->condition_count > 0 ||
                   dead_rows > 0;
  return is_judged ? add_judged(rule, &run, rows, dead, dead_rows)
                   : add_all(rule, &run, rows);
}
