/* Typed columns, see column.h. */
#include "column.h"

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "exact_sum.h"
#include "json_number.h"

#define LIMIT_BYTES ((size_t)1 << 36)

/* Longer ones are the business of whoever judges doubts. */
enum { TEXT_NUMBER_BYTES = 18 };

void ul_column_init(ul_column *column, ul_column_kind kind, uint64_t seed) {
  *column = (ul_column){.kind = kind, .most = INT64_MAX};
  ul_dictionary_init(&column->dictionary, seed);
  ul_buffer_init(&column->scratch, LIMIT_BYTES);
  ul_buffer_init(&column->codes, LIMIT_BYTES);
  ul_buffer_init(&column->figures, LIMIT_BYTES);
}

void ul_column_free(ul_column *column) {
  ul_dictionary_free(&column->dictionary);
  ul_buffer_free(&column->scratch);
  ul_buffer_free(&column->codes);
  ul_buffer_free(&column->figures);
}

bool ul_column_reserve(ul_column *column, size_t rows) {
  if (!ul_buffer_reserve(&column->codes, rows * sizeof(uint32_t)))
    return false;
  return column->kind != UL_COLUMN_NUMBER ||
         ul_buffer_reserve(&column->figures, rows * sizeof(ul_figure));
}

/* ---- texts ---- */

uint32_t ul_column_code(ul_column *column, const char *bytes, size_t length) {
  return column->is_loose
           ? ul_dictionary_append(&column->dictionary, bytes, length)
           : ul_dictionary_add(&column->dictionary, bytes, length);
}

static ul_column_result add_text(ul_column *column, const char *bytes,
                                 size_t length, ul_column_value *value) {
  value->code = ul_column_code(column, bytes, length);
  return value->code != 0 ? UL_COLUMN_TAKEN : UL_COLUMN_NO_MEMORY;
}

/* As string.lower of Lua does it, by the locale of the host. */
static ul_column_result add_lower(ul_column *column, const char *bytes,
                                  size_t length, ul_column_value *value) {
  ul_buffer *scratch = &column->scratch;
  ul_buffer_clear(scratch);
  if (!ul_buffer_reserve(scratch, length + 1)) return UL_COLUMN_NO_MEMORY;
  for (size_t i = 0; i < length; i++)
    scratch->bytes[i] = (char)tolower((unsigned char)bytes[i]);
  return add_text(column, scratch->bytes, length, value);
}

ul_column_result ul_column_read_text(ul_column *column, const char *bytes,
                                     size_t length, ul_column_value *value) {
  if (column->kind != UL_COLUMN_TEXT) return UL_COLUMN_DOUBT;
  return column->lower ? add_lower(column, bytes, length, value)
                       : add_text(column, bytes, length, value);
}

static ul_column_result read_digits(ul_column *column, int64_t integer,
                                    ul_column_value *value) {
  char digits[UL_NUMBER_TEXT_BYTES];
  size_t length = ul_number_print_integer(digits, integer);
  return add_text(column, digits, length, value);
}

static ul_column_result read_text(ul_column *column, const ul_item *item,
                                  const ul_item_value *from,
                                  ul_column_value *value) {
  if (from->type == UL_ITEM_TEXT)
    return ul_column_read_text(column, ul_item_text(item, from->is.text),
                               from->length, value);
  return from->type == UL_ITEM_INTEGER
           ? read_digits(column, from->is.integer, value)
           : UL_COLUMN_DOUBT;
}

/* "true" and "false" as texts, in any case. */
static bool is_word(const ul_item *item, const ul_item_value *from,
                    const char *word) {
  const char *text = ul_item_text(item, from->is.text);
  if (from->length != strlen(word)) return false;
  for (uint32_t i = 0; i < from->length; i++)
    if ((text[i] | 0x20) != word[i]) return false;
  return true;
}

static ul_column_result read_boolean(const ul_column *column,
                                     const ul_item *item,
                                     const ul_item_value *from,
                                     ul_column_value *value) {
  bool is_text = column->text && from->type == UL_ITEM_TEXT;
  if (from->type == UL_ITEM_TRUE || (is_text && is_word(item, from, "true")))
    value->code = UL_CODE_TRUE;
  else if (from->type == UL_ITEM_FALSE ||
           (is_text && is_word(item, from, "false")))
    value->code = UL_CODE_FALSE;
  else
    return UL_COLUMN_DOUBT;
  return UL_COLUMN_TAKEN;
}

/* ---- numbers ---- */

static ul_column_result take_integer(const ul_column *column, int64_t integer,
                                     ul_column_value *value) {
  bool allowed = integer < 0 ? column->negative && integer >= -column->most
                             : integer <= column->most;
  if (!allowed) return UL_COLUMN_DOUBT;
  value->code = UL_CODE_INTEGER;
  value->figure.integer = integer;
  return UL_COLUMN_TAKEN;
}

static ul_column_result take_real(const ul_column *column, double real,
                                  ul_column_value *value) {
  bool allowed = column->fraction && (real >= 0 || column->negative) &&
                 fabs(real) <= UL_EXACT_LARGEST;
  if (!allowed) return UL_COLUMN_DOUBT;
  value->code = UL_CODE_REAL;
  value->figure.real = real;
  return UL_COLUMN_TAKEN;
}

/* Digits, with a fraction or without, as JSON writes them too. */
static bool is_decimal(const char *text, size_t length) {
  ul_number_state state = UL_NUMBER_START;
  const char *end = text + length;
  return ul_number_scan(text, end, &state) == end &&
         (state == UL_NUMBER_ZERO || state == UL_NUMBER_DIGITS ||
          state == UL_NUMBER_FRACTION);
}

static ul_column_result take_text(const ul_column *column, const char *bytes,
                                  size_t length, ul_column_value *value) {
  char text[TEXT_NUMBER_BYTES + 1];
  if (length > TEXT_NUMBER_BYTES || !is_decimal(bytes, length))
    return UL_COLUMN_DOUBT;
  memcpy(text, bytes, length);
  text[length] = '\0';
  ul_number number = ul_number_value(text, length);
  return number.kind == UL_NUMBER_INTEGER
           ? take_integer(column, number.integer, value)
           : take_real(column, number.real, value);
}

static ul_column_result read_number(const ul_column *column,
                                    const ul_item *item,
                                    const ul_item_value *from,
                                    ul_column_value *value) {
  if (column->text)
    return from->type == UL_ITEM_TEXT
             ? take_text(column, ul_item_text(item, from->is.text),
                         from->length, value)
             : UL_COLUMN_DOUBT;
  if (from->type == UL_ITEM_INTEGER)
    return take_integer(column, from->is.integer, value);
  if (from->type == UL_ITEM_REAL)
    return take_real(column, from->is.real, value);
  return UL_COLUMN_DOUBT;
}

/* ---- any ---- */

static bool takes_null(const ul_column *column) {
  return column->kind != UL_COLUMN_NUMBER || column->null;
}

ul_column_result ul_column_read_any(ul_column *column, const ul_item *item,
                                    const ul_item_value *from,
                                    ul_column_value *value) {
  value->code = column->otherwise;
  if (from->type == UL_ITEM_NULL)
    return takes_null(column) ? UL_COLUMN_TAKEN : UL_COLUMN_DOUBT;
  switch (column->kind) {
    case UL_COLUMN_TEXT: return read_text(column, item, from, value);
    case UL_COLUMN_BOOLEAN: 
      return read_boolean(column, item, from, value);
    case UL_COLUMN_NUMBER: break;
  }
  return read_number(column, item, from, value);
}

/* ---- of all members ---- */

static ul_column_result read_member(ul_column *column, const ul_item *item,
                                    const ul_item_value *from, size_t row) {
  ul_column_value value = {0};
  ul_column_result result = ul_column_read(column, item, from, &value);
  if (result == UL_COLUMN_TAKEN) ul_column_set(column, row, &value);
  return result;
}

ul_column_result ul_column_read_members(ul_column *column, const ul_item *item,
                                        uint32_t slot, size_t row) {
  for (uint32_t i = 0; i < item->members; i++) {
    ul_column_result result =
      read_member(column, item, ul_item_of_member(item, i, slot), row + i);
    if (result != UL_COLUMN_TAKEN) return result;
  }
  return UL_COLUMN_TAKEN;
}

/* Most are counts or absent; which one cannot be foreseen, so nothing is
** decided on the way. What is neither shows in the bits of all. */
ul_column_result ul_column_read_counts(ul_column *column, const ul_item *item,
                                       uint32_t slot, size_t row) {
  enum { TO_CODE = 2 };
  static_assert(UL_ITEM_NOTHING == 0 &&
                UL_ITEM_INTEGER == UL_CODE_INTEGER << TO_CODE &&
                (UL_ITEM_INTEGER & (UL_ITEM_INTEGER - 1)) == 0,
                "types of counts are codes, and one bit");
  uint32_t *codes = ul_column_codes(column) + row;
  ul_figure *figures = ul_column_figures(column) + row;
  const ul_item_value *value = ul_item_of_member(item, 0, slot);
  size_t slots = item->member_slots;
  uint32_t types = 0;
  int64_t bits = 0; /* of all; none of them is larger */
  for (uint32_t *end = codes + item->members; codes != end; value += slots) {
    types |= value->type;
    bits |= value->is.integer;
    *codes++ = value->type >> TO_CODE;
    *figures++ = (ul_figure){.integer = value->is.integer};
  }
  if ((types & ~(uint32_t)UL_ITEM_INTEGER) == 0 &&
      ul_column_is_count(column, bits))
    return UL_COLUMN_TAKEN;
  return ul_column_read_members(column, item, slot, row);
}

ul_column_result ul_column_read_words(const ul_column *column,
                                      const ul_item *item, uint32_t slot,
                                      size_t row) {
  static_assert(UL_ITEM_NULL < UL_ITEM_FALSE &&
                UL_ITEM_FALSE - UL_CODE_FALSE == UL_ITEM_TRUE - UL_CODE_TRUE,
                "types of words are in the order of their codes");
  const uint32_t otherwise = column->otherwise;
  const ul_item_value *from = ul_item_of_member(item, 0, slot);
  uint32_t *codes = ul_column_codes(column) + row;
  size_t slots = item->member_slots;
  for (uint32_t *end = codes + item->members; codes != end; from += slots) {
    if (from->type > UL_ITEM_TRUE) return UL_COLUMN_DOUBT;
    *codes++ = from->type > UL_ITEM_NULL
                 ? from->type - UL_ITEM_FALSE + UL_CODE_FALSE : otherwise;
  }
  return UL_COLUMN_TAKEN;
}
