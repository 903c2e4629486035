#include "fold_batch.h"

#include <string.h>

/* Texts of a column that nobody remembers are forgotten above this; those that
** are only read, with their batch. */
enum { TEXTS_LIMIT = 4096 };

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

bool ul_fold_bury(ul_fold *fold, size_t row, size_t end) {
  size_t length = fold->dead.length;
  if (end > length) {
    if (!ul_buffer_reserve(&fold->dead, end - length)) return false;
    memset(fold->dead.bytes + length, 0, end - length);
    fold->dead.length = end;
  }
  for (; row < end; row++) {
    fold->total_rows -= !ul_fold_is_dead(fold, row);
    fold->dead.bytes[row] = true;
  }
  return true;
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
    if (!ul_fold_is_dead(fold, row)) move_row(fold, row, living++);
  fold->total_rows += fold->rows - living;
  fold->rows = living;
  ul_buffer_clear(&fold->dead);
}

/* Rows that are kept stay in the batch until there is a chunk of them. */
bool ul_fold_keep_rows(ul_fold *fold, size_t least) {
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

bool ul_fold_add_up(ul_fold *fold) {
  if (fold->keeps) return ul_fold_keep_rows(fold, UL_KEPT_CHUNK_ROWS);
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
bool ul_fold_make_more_room(ul_fold *fold, size_t rows) {
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
