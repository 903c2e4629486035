/*
** Typed columns of a batch of rows: texts and booleans as codes, figures as
** int64 or double with a tag that says which, or that nothing is there. A
** column also knows how a value of an answer is read into it; what it does
** not take as it stands is a doubt, and somebody else's to judge. Columns own
** their memory.
*/
#ifndef UL_COLUMN_H
#define UL_COLUMN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "dictionary.h"
#include "item.h"

typedef enum ul_column_kind {
  UL_COLUMN_TEXT,
  UL_COLUMN_BOOLEAN,
  UL_COLUMN_NUMBER
} ul_column_kind;

/* Codes of a column of booleans, and of numbers; 0 is absent everywhere, and
** texts have the codes of their dictionary. */
enum { UL_CODE_FALSE = 1, UL_CODE_TRUE = 2 };
enum { UL_CODE_INTEGER = 1, UL_CODE_REAL = 2 };

typedef union ul_figure {
  int64_t integer;
  double real;
} ul_figure;

/* One value of a column. */
typedef struct ul_column_value {
  uint32_t code;
  ul_figure figure; /* of numbers */
} ul_column_value;

typedef enum ul_column_result {
  UL_COLUMN_TAKEN,
  UL_COLUMN_DOUBT,
  UL_COLUMN_NO_MEMORY
} ul_column_result;

typedef struct ul_column {
  ul_column_kind kind;
  bool lower;                          /* texts, in lower case */
  bool fraction, negative, null, text; /* numbers, as a field's options */
  int64_t most;    /* an integer beyond it, or below its negative, is a doubt */
  bool is_kept;    /* somebody remembers its codes */
  bool is_asked;   /* a function of the row gives its codes */
  bool is_loose;   /* texts are only read: equal ones may have several codes */
  uint32_t otherwise; /* the code where nothing is there */
  ul_dictionary dictionary;
  ul_buffer scratch; /* of the lower case */
  ul_buffer codes;   /* of uint32_t, one for each row */
  ul_buffer figures; /* of ul_figure, the same, of numbers */
} ul_column;

void ul_column_init(ul_column *column, ul_column_kind kind, uint64_t seed);
void ul_column_free(ul_column *column);

/* The code of a text as it stands; 0 without memory. */
uint32_t ul_column_code(ul_column *column, const char *bytes, size_t length);

/* A value of the item as the column holds it, for ul_column_read. */
ul_column_result ul_column_read_any(ul_column *column, const ul_item *item,
                                    const ul_item_value *from,
                                    ul_column_value *value);

/* The same of plain text, that is of a key. */
ul_column_result ul_column_read_text(ul_column *column, const char *bytes,
                                     size_t length, ul_column_value *value);

/* Zero or more, and not beyond what the column holds. */
static inline bool ul_column_is_count(const ul_column *column,
                                      int64_t integer) {
  return (uint64_t)integer <= (uint64_t)column->most;
}

/* A value of the item as the column holds it; most are counts, texts
** or absent. */
static inline ul_column_result ul_column_read(ul_column *column,
                                              const ul_item *item,
                                              const ul_item_value *from,
                                              ul_column_value *value) {
  if (from->type == UL_ITEM_NOTHING) {
    value->code = column->otherwise;
    return UL_COLUMN_TAKEN;
  }
  if (from->type == UL_ITEM_INTEGER && column->kind == UL_COLUMN_NUMBER &&
      !column->text && ul_column_is_count(column, from->is.integer)) {
    value->code = UL_CODE_INTEGER;
    value->figure.integer = from->is.integer;
    return UL_COLUMN_TAKEN;
  }
  if (from->type == UL_ITEM_TEXT && column->kind == UL_COLUMN_TEXT &&
      !column->lower) {
    const char *text = ul_item_text(item, from->is.text);
    value->code = ul_column_code(column, text, from->length);
    return value->code != 0 ? UL_COLUMN_TAKEN : UL_COLUMN_NO_MEMORY;
  }
  return ul_column_read_any(column, item, from, value);
}

/* The values under one slot of all members, into as many rows from `row` on,
** for which there is room. */
ul_column_result ul_column_read_members(ul_column *column, const ul_item *item,
                                        uint32_t slot, size_t row);

/* The same of numbers that are no texts, and of booleans. */
ul_column_result ul_column_read_counts(ul_column *column, const ul_item *item,
                                       uint32_t slot, size_t row);
ul_column_result ul_column_read_words(const ul_column *column,
                                      const ul_item *item, uint32_t slot,
                                      size_t row);

/* Room for `rows` more rows; false without memory. */
bool ul_column_reserve(ul_column *column, size_t rows);

static inline uint32_t *ul_column_codes(const ul_column *column) {
  return (uint32_t *)(void *)column->codes.bytes;
}

static inline ul_figure *ul_column_figures(const ul_column *column) {
  return (ul_figure *)(void *)column->figures.bytes;
}

/* There is room. */
static inline void ul_column_set(ul_column *column, size_t row,
                                 const ul_column_value *value) {
  ul_column_codes(column)[row] = value->code;
  if (column->kind == UL_COLUMN_NUMBER)
    ul_column_figures(column)[row] = value->figure;
}

/* The same of so many rows. */
static inline void ul_column_fill(ul_column *column, size_t row, size_t rows,
                                  const ul_column_value *value) {
  uint32_t *codes = ul_column_codes(column) + row;
  for (size_t i = 0; i < rows; i++) codes[i] = value->code;
  if (column->kind != UL_COLUMN_NUMBER) return;
  ul_figure *figures = ul_column_figures(column) + row;
  for (size_t i = 0; i < rows; i++) figures[i] = value->figure;
}

#endif
