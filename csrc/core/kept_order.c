/* Sorting kept rows, see kept_order.h. By one column after another: each
** sorts the runs of rows that were equal in those before it. */
#include "kept_order.h"

#include <stdlib.h>
#include <string.h>

/* Runs so short are sorted by insertion. */
enum { SHORT_RUN = 12 };

/* Rows that one hint stands for. */
enum { HINT_SHIFT = 12 };

/* What a row is sorted by in one column. Of texts the code is their rank. */
typedef struct entry {
  ul_figure figure;
  uint32_t code;
  uint32_t number; /* of the row */
} entry;

typedef struct sorter {
  const ul_kept *kept;
  uint32_t *numbers;
  size_t count;
  bool *begins;        /* whether a run of equal rows begins at a place */
  entry *entries, *spare;
  uint32_t *hints;     /* a chunk at or before each 2^HINT_SHIFT-th row */
  uint32_t *ranks;     /* of a column's texts, by code */
  const ul_order_key *key;
} sorter;

/* ---- comparing ---- */

static int compare_present(const sorter *s, const entry *a, const entry *b) {
  if (s->kept->columns[s->key->column].kind == UL_COLUMN_NUMBER)
    return ul_figure_compare(a->code, a->figure, b->code, b->figure);
  return (a->code > b->code) - (a->code < b->code);
}

static int compare(const sorter *s, const entry *a, const entry *b) {
  if (a->code == 0 || b->code == 0) {
    int sign = (a->code != 0) - (b->code != 0);
    bool is_turned = s->key->absent_last || s->key->is_descending;
    return is_turned ? -sign : sign;
  }
  int sign = compare_present(s, a, b);
  return s->key->is_descending ? -sign : sign;
}

static void sort_short(const sorter *s, entry *list, size_t count) {
  for (size_t i = 1; i < count; i++) {
    entry moved = list[i];
    size_t at = i;
    for (; at > 0 && compare(s, &list[at - 1], &moved) > 0; at--)
      list[at] = list[at - 1];
    list[at] = moved;
  }
}

static void merge(const sorter *s, const entry *list, size_t half,
                  size_t count, entry *to) {
  size_t a = 0, b = half;
  for (size_t i = 0; i < count; i++) {
    bool takes_a = a < half &&
                   (b >= count || compare(s, &list[a], &list[b]) <= 0);
    to[i] = takes_a ? list[a++] : list[b++];
  }
}

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* Bottom up: sorted parts of twice the length in each turn. */
static void sort_run(const sorter *s, entry *list, size_t count) {
  for (size_t at = 0; at < count; at += SHORT_RUN)
    sort_short(s, list + at, least(SHORT_RUN, count - at));
  entry *from = list, *to = s->spare;
  for (size_t half = SHORT_RUN; half < count; half *= 2) {
    for (size_t at = 0; at < count; at += 2 * half) {
      size_t length = least(2 * half, count - at);
      merge(s, from + at, least(half, length), length, to + at);
    }
    entry *turned = from;
    from = to;
    to = turned;
  }
  if (from != list) memcpy(list, from, count * sizeof *list);
}

/* ---- by digits ---- */

/* Lists from so many entries on are worth counting. */
enum { MANY = 256 };

enum { DIGIT_BITS = 8, DIGITS = 1 << DIGIT_BITS, PLACES = 64 / DIGIT_BITS };

/* How a value becomes a number without sign that sorts as the value does. */
typedef struct digits {
  bool is_number;
  uint64_t turned; /* the bits that do */
} digits;

static digits digits_by(const sorter *s) {
  digits d = {s->kept->columns[s->key->column].kind == UL_COLUMN_NUMBER, 0};
  if (d.is_number) d.turned = (uint64_t)1 << 63;
  if (s->key->is_descending) d.turned = ~d.turned;
  return d;
}

static uint64_t digits_of(digits d, const entry *e) {
  return (d.is_number ? (uint64_t)e->figure.integer : e->code) ^ d.turned;
}

static size_t digit_at(uint64_t value, unsigned place) {
  return value >> (place * DIGIT_BITS) & (DIGITS - 1);
}

/* The counts of a place become where the entries of each digit begin. */
static void add_up(uint32_t *counts) {
  uint32_t before = 0;
  for (size_t i = 0; i < DIGITS; i++) {
    uint32_t own = counts[i];
    counts[i] = before;
    before += own;
  }
}

/* From the lowest digit up; a place that has one digit alone is passed over. */
static void sort_digits(const sorter *s, entry *list, size_t count) {
  uint32_t counts[PLACES][DIGITS] = {{0}};
  digits d = digits_by(s);
  for (size_t i = 0; i < count; i++) {
    uint64_t value = digits_of(d, &list[i]);
    for (unsigned k = 0; k < PLACES; k++) counts[k][digit_at(value, k)]++;
  }
  entry *from = list, *to = s->spare;
  for (unsigned k = 0; count > 0 && k < PLACES; k++) {
    if (counts[k][digit_at(digits_of(d, from), k)] == count) continue;
    add_up(counts[k]);
    for (size_t i = 0; i < count; i++)
      to[counts[k][digit_at(digits_of(d, &from[i]), k)]++] = from[i];
    entry *turned = from;
    from = to;
    to = turned;
  }
  if (from != list) memcpy(list, from, count * sizeof *list);
}

static bool has_reals(const sorter *s, const entry *list, size_t count) {
  if (s->kept->columns[s->key->column].kind != UL_COLUMN_NUMBER) return false;
  for (size_t i = 0; i < count; i++)
    if (list[i].code == UL_CODE_REAL) return true;
  return false;
}

/* Entries without a value go to their end of the list; gives the others, and
** how many they are. */
static entry *part_absent(const sorter *s, entry *list, size_t *count) {
  size_t absent = 0, present = 0;
  for (size_t i = 0; i < *count; i++)
    if (list[i].code == 0)
      s->spare[absent++] = list[i];
    else
      list[present++] = list[i];
  *count = present;
  bool is_last = s->key->absent_last || s->key->is_descending;
  if (!is_last) memmove(list + absent, list, present * sizeof *list);
  memcpy(is_last ? list + present : list, s->spare, absent * sizeof *list);
  return is_last ? list : list + absent;
}

static void sort_entries(const sorter *s, entry *list, size_t count) {
  if (count < MANY || has_reals(s, list, count)) {
    sort_run(s, list, count);
    return;
  }
  entry *present = part_absent(s, list, &count);
  sort_digits(s, present, count);
}

/* ---- ranks of texts ---- */

typedef struct word {
  const char *bytes;
  size_t length;
  uint32_t code;
} word;

static int compare_words(const void *a, const void *b) {
  const word *x = a, *y = b;
  int sign = memcmp(x->bytes, y->bytes, least(x->length, y->length));
  return sign != 0 ? sign : (x->length > y->length) - (x->length < y->length);
}

/* False without memory. */
static bool rank_texts(sorter *s, const ul_dictionary *texts) {
  size_t count = texts->count;
  s->ranks = calloc(count + 1, sizeof *s->ranks);
  word *words = calloc(count + 1, sizeof *words);
  bool ok = s->ranks != NULL && words != NULL;
  for (uint32_t i = 0; ok && i < count; i++) {
    words[i].code = i + 1;
    words[i].bytes = ul_dictionary_text(texts, i + 1, &words[i].length);
  }
  if (ok) qsort(words, count, sizeof *words, compare_words);
  for (uint32_t i = 0; ok && i < count; i++) s->ranks[words[i].code] = i + 1;
  free(words);
  return ok;
}

/* ---- by one column ---- */

static const ul_kept_chunk *chunk_of(const sorter *s, uint32_t number) {
  uint32_t i = s->hints[number >> HINT_SHIFT];
  const ul_kept_chunk *chunk = ul_kept_chunk_at(s->kept, i);
  while (chunk->before + chunk->rows <= number)
    chunk = ul_kept_chunk_at(s->kept, ++i);
  return chunk;
}

static entry entry_of(const sorter *s, uint32_t number) {
  const ul_kept_chunk *chunk = chunk_of(s, number);
  ul_column_value value =
    ul_kept_value(chunk, s->key->column, number - chunk->before);
  if (s->kept->columns[s->key->column].kind == UL_COLUMN_NUMBER)
    value = ul_figure_scale(value, s->key->scale);
  else if (s->ranks != NULL)
    value.code = s->ranks[value.code];
  return (entry){value.figure, value.code, number};
}

/* Rows from `first` on that were equal so far. */
static void refine(sorter *s, size_t first, size_t count) {
  for (size_t i = 0; i < count; i++)
    s->entries[i] = entry_of(s, s->numbers[first + i]);
  sort_entries(s, s->entries, count);
  for (size_t i = 0; i < count; i++) {
    s->numbers[first + i] = s->entries[i].number;
    if (i > 0 && compare(s, &s->entries[i - 1], &s->entries[i]) != 0)
      s->begins[first + i] = true;
  }
}

static size_t run_length(const sorter *s, size_t first) {
  size_t i = first + 1;
  while (i < s->count && !s->begins[i]) i++;
  return i - first;
}

static bool is_one_value(const ul_kept *kept, uint32_t column) {
  uint32_t code = ul_kept_value(ul_kept_chunk_at(kept, 0), column, 0).code;
  bool is_number = kept->columns[column].kind == UL_COLUMN_NUMBER;
  for (uint32_t i = 0; i < ul_kept_chunk_count(kept); i++) {
    const ul_kept_chunk *chunk = ul_kept_chunk_at(kept, i);
    uint32_t own = ul_kept_value(chunk, column, 0).code;
    bool is_varied = column < chunk->columns &&
                     chunk->cells[column].codes != NULL;
    if (is_varied || own != code || (is_number && own != 0)) return false;
  }
  return true;
}

/* False without memory; `*is_done` where no two rows are equal any more. */
static bool sort_by(sorter *s, const ul_order_key *key, bool *is_done) {
  const ul_kept_column *column = &s->kept->columns[key->column];
  if (is_one_value(s->kept, key->column)) return true;
  s->key = key;
  if (column->kind == UL_COLUMN_TEXT && !rank_texts(s, &column->dictionary))
    return false;
  *is_done = true;
  size_t length;
  for (size_t first = 0; first < s->count; first += length) {
    length = run_length(s, first);
    if (length == 1) continue;
    *is_done = false;
    refine(s, first, length);
  }
  free(s->ranks);
  s->ranks = NULL;
  return true;
}

/* ---- all ---- */

static void set_hints(sorter *s) {
  uint32_t chunk = 0;
  for (size_t row = 0; row < s->kept->rows; row += (size_t)1 << HINT_SHIFT) {
    const ul_kept_chunk *c = ul_kept_chunk_at(s->kept, chunk);
    while (c->before + c->rows <= row)
      c = ul_kept_chunk_at(s->kept, ++chunk);
    s->hints[row >> HINT_SHIFT] = chunk;
  }
}

static bool start(sorter *s) {
  size_t count = s->count;
  s->begins = calloc(count, sizeof *s->begins);
  s->entries = malloc(count * sizeof *s->entries);
  s->spare = malloc(count * sizeof *s->spare);
  s->hints = calloc((s->kept->rows >> HINT_SHIFT) + 1, sizeof *s->hints);
  if (s->begins == NULL || s->entries == NULL || s->spare == NULL ||
      s->hints == NULL)
    return false;
  s->begins[0] = true;
  set_hints(s);
  return true;
}

static void end(sorter *s) {
  free(s->begins);
  free(s->entries);
  free(s->spare);
  free(s->hints);
  free(s->ranks);
}

bool ul_kept_sort(const ul_kept *kept, uint32_t *numbers, size_t count,
                  const ul_order_key *keys, uint32_t key_count) {
  if (count < 2) return true;
  sorter s = {.kept = kept, .numbers = numbers, .count = count};
  bool ok = start(&s), is_done = false;
  for (uint32_t i = 0; ok && !is_done && i < key_count; i++)
    ok = sort_by(&s, &keys[i], &is_done);
  end(&s);
  return ok;
}
