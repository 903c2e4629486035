/* The incremental reader of CSV, see csv_read.h. */
#include "csv_read.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "json_keys.h"
#include "json_scan.h"
#include "json_write.h"

#define BUFFER_LIMIT_BYTES ((size_t)1 << 24)
#define KEPT_AFTER_BYTES ((size_t)1 << 20)
#define TEXT_LIMIT_BYTES ((size_t)1 << 31)

static const char byte_order_mark[] = {'\xef', '\xbb', '\xbf'};

void ul_csv_init(ul_csv *c, char delimiter, uint64_t seed) {
  *c = (ul_csv){.delimiter = delimiter, .seed = seed, .line = 1, .piece = ""};
  ul_buffer_init(&c->wanted, UL_CSV_NAMES_LIMIT_BYTES);
  ul_buffer_init(&c->names, UL_CSV_NAMES_LIMIT_BYTES);
  ul_buffer_init(&c->columns, BUFFER_LIMIT_BYTES);
  ul_buffer_init(&c->kept, UL_CSV_CELL_LIMIT_BYTES);
  ul_buffer_init(&c->text, TEXT_LIMIT_BYTES);
  ul_tape_init(&c->items);
}

void ul_csv_free(ul_csv *c) {
  ul_buffer_free(&c->wanted);
  ul_buffer_free(&c->names);
  ul_buffer_free(&c->columns);
  ul_buffer_free(&c->kept);
  ul_buffer_free(&c->text);
  ul_tape_free(&c->items);
}

/* ---- errors ---- */

/* False, for the caller to return. */
__attribute__((format(printf, 5, 6))) static bool
wrong(ul_csv *c, const char *p, const char *kind, const char *code,
      const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(c->error.message, sizeof c->error.message, format, arguments);
  va_end(arguments);
  c->error.kind = kind;
  c->error.code = code;
  c->error.offset = c->piece_offset + (uint64_t)(p - c->piece);
  c->error.line = c->line;
  c->error.row = c->has_columns ? c->rows + 1 : 0;
  return false;
}

static bool no_memory(ul_csv *c, const char *p) {
  c->error.memory = true;
  return wrong(c, p, "limit", "memory", "not enough memory");
}

/* What is put on the tape either fits or ends the run. */
static bool put(ul_csv *c, const char *p, bool done) {
  if (done) return true;
  if (c->items.buffer.length < UL_TAPE_LIMIT_BYTES / 4) return no_memory(c, p);
  return wrong(c, p, "limit", "length", "rows too large to be read");
}

/* ---- columns ---- */

uint32_t ul_csv_column_count(const ul_csv *c) {
  return (uint32_t)(c->columns.length / sizeof(ul_csv_column));
}

static ul_csv_column *column_at(const ul_csv *c, uint32_t index) {
  return (ul_csv_column *)(void *)c->columns.bytes + index;
}

const ul_csv_column *ul_csv_column_at(const ul_csv *c, uint32_t index) {
  return column_at(c, index);
}

bool ul_csv_want(ul_csv *c, const char *name, size_t length) {
  uint32_t size = (uint32_t)length;
  return length < UL_CSV_NAMES_LIMIT_BYTES &&
         ul_buffer_append(&c->wanted, (const char *)&size, sizeof size) &&
         ul_buffer_append(&c->wanted, name, length);
}

static bool is_wanted(const ul_csv *c, const char *name, size_t length) {
  if (c->wanted.length == 0) return true;
  const char *at = c->wanted.bytes, *end = at + c->wanted.length;
  while (at < end) {
    uint32_t size;
    memcpy(&size, at, sizeof size);
    at += sizeof size;
    if (size == length && memcmp(at, name, length) == 0) return true;
    at += size;
  }
  return false;
}

bool ul_csv_name_column(ul_csv *c, const char *name, size_t length) {
  ul_csv_column column = {
    .name = (uint32_t)c->names.length, .length = (uint32_t)length,
    .hash = ul_keys_hash(c->seed, name, length),
    .wanted = is_wanted(c, name, length),
  };
  return ul_buffer_append(&c->names, name, length) &&
         ul_buffer_append(&c->columns, (const char *)&column, sizeof column);
}

static const char *name_of(const ul_csv *c, const ul_csv_column *column) {
  return column->length > 0 ? c->names.bytes + column->name : "";
}

/* Two columns of one name that is wanted: neither is the one meant. `at` is
** behind the last of them. */
static bool check_duplicates(ul_csv *c, const char *at) {
  uint32_t count = ul_csv_column_count(c);
  for (uint32_t i = 1; i < count; i++) {
    const ul_csv_column *column = column_at(c, i);
    for (uint32_t k = 0; column->wanted && k < i; k++) {
      const ul_csv_column *other = column_at(c, k);
      if (other->hash != column->hash || other->length != column->length ||
          memcmp(name_of(c, other), name_of(c, column), column->length) != 0)
        continue;
      return wrong(c, at, "shape", "duplicate",
                   "two columns are named '%.*s'",
                   column->length < 60 ? (int)column->length : 60,
                   name_of(c, column));
    }
  }
  return true;
}

static void set_slots(ul_csv *c) {
  uint32_t count = ul_csv_column_count(c);
  for (uint32_t i = 0; c->plan != NULL && i < count; i++) {
    ul_csv_column *column = column_at(c, i);
    uint32_t node = ul_plan_child(c->plan, c->plan->rows, name_of(c, column),
                                  column->length);
    column->slot = node != 0 ? ul_plan_node(c->plan, node)->slot : 0;
  }
}

static bool end_columns(ul_csv *c, const char *at) {
  if (!check_duplicates(c, at)) return false;
  c->has_columns = true;
  set_slots(c);
  return true;
}

void ul_csv_give_to(ul_csv *c, ul_csv_taker taker, const ul_json_plan *plan) {
  c->taker = taker;
  c->plan = plan;
  if (c->has_columns) set_slots(c);
}

bool ul_csv_end_columns(ul_csv *c) {
  return end_columns(c, c->piece);
}

/* ---- cells and rows ---- */

static bool is_utf8(const char *p, const char *end) {
  while (p != end) {
    while (p != end && (unsigned char)*p < 0x80) p++;
    if (p == end) return true;
    int length = ul_utf8_sequence(p, end);
    if (length <= 0) return false;
    p += length;
  }
  return true;
}

/* ---- rows past the tape ---- */

static bool open_item(ul_csv *c) {
  ul_buffer_clear(&c->text);
  return ul_item_begin(c->taker.item) && ul_buffer_append(&c->text, "{", 1);
}

static bool write_cell(ul_csv *c, const ul_csv_column *column,
                       const char *text, size_t length) {
  static const char null[] = "null";
  bool first = c->text.length == 1;
  if (!first && !ul_buffer_append(&c->text, ",", 1)) return false;
  if (ul_json_write_string(&c->text, name_of(c, column), column->length) !=
        UL_WRITTEN ||
      !ul_buffer_append(&c->text, ":", 1))
    return false;
  return length > 0
           ? ul_json_write_string(&c->text, text, length) == UL_WRITTEN
           : ul_buffer_append(&c->text, null, sizeof null - 1);
}

static bool put_slot(ul_csv *c, const ul_csv_column *column, const char *text,
                     size_t length) {
  if (column->slot == 0) return true;
  ul_item_value *value = ul_item_own(c->taker.item, column->slot - 1);
  value->type = UL_ITEM_NULL;
  return length == 0 ||
         ul_item_put_text(c->taker.item, value, text, length);
}

static bool take_cell(ul_csv *c, const ul_csv_column *column, const char *text,
                      size_t length) {
  if (c->taken == 0 && !open_item(c)) return false;
  c->taken++;
  return put_slot(c, column, text, length) &&
         write_cell(c, column, text, length);
}

static bool give_item(ul_csv *c) {
  c->is_held = false;
  return c->taker.take(c->taker.context, c->text.bytes, c->text.length);
}

/* One that no line end has ended may be cut, and waits. */
static bool take_row(ul_csv *c, bool is_open) {
  if (c->taken == 0 && !open_item(c)) return false;
  if (!ul_buffer_append(&c->text, "}", 1)) return false;
  c->is_held = is_open;
  return is_open || give_item(c);
}

bool ul_csv_release(ul_csv *c) {
  return !c->is_held || give_item(c);
}

void ul_csv_leave_out(ul_csv *c) {
  c->is_held = false;
}

void ul_csv_let_go(ul_csv *c) {
  if (c->taker.item == NULL) return;
  c->taker.item = NULL;
  c->is_held = false;
  if (c->taken > 0 && c->error.kind == NULL)
    wrong(c, c->piece, "shape", "closed", "what takes the rows was closed");
}

/* ---- rows on the tape ---- */

static bool put_cell(ul_csv *c, const char *at, const ul_csv_column *column,
                     const char *text, size_t length) {
  if (c->taker.item != NULL)
    return take_cell(c, column, text, length) || no_memory(c, at);
  if (c->taken == 0 && !put(c, at, ul_tape_open(&c->items, UL_TAPE_OBJECT,
                                                &c->row_position)))
    return false;
  c->taken++;
  bool done = ul_tape_key(&c->items, name_of(c, column), column->length,
                          column->hash);
  if (done)
    done = length > 0 ? ul_tape_string(&c->items, text, length)
                      : ul_tape_word(&c->items, UL_TAPE_NULL);
  return put(c, at, done);
}

/* A whole cell; `at` is behind it. */
static bool end_cell(ul_csv *c, const char *at, const char *text,
                     size_t length) {
  if (!is_utf8(text, text + length))
    return wrong(c, at, c->row_is_open ? "cut" : "shape", "utf8",
                 "a cell that is not UTF-8");
  uint32_t cell = c->cell++;
  c->was_quoted = false;
  if (!c->has_columns) {
    if (ul_csv_name_column(c, text, length)) return true;
    if (c->names.length < UL_CSV_NAMES_LIMIT_BYTES / 2) return no_memory(c, at);
    return wrong(c, at, "limit", "length", "a header too large to be read");
  }
  if (cell >= ul_csv_column_count(c)) return true; /* see end_row */
  const ul_csv_column *column = column_at(c, cell);
  return !column->wanted || put_cell(c, at, column, text, length);
}

static bool end_header(ul_csv *c, const char *at) {
  c->cell = 0;
  return end_columns(c, at);
}

static bool wrong_length(ul_csv *c, const char *at, bool is_last) {
  bool is_cut = is_last && c->cell < ul_csv_column_count(c);
  return wrong(c, at, is_cut ? "cut" : "shape",
               is_cut ? "incomplete" : "length",
               "a row of %u cells under a header of %u", (unsigned)c->cell,
               (unsigned)ul_csv_column_count(c));
}

/* `is_last`: at the end of the document, without a line end. */
static bool end_row(ul_csv *c, const char *at, bool is_last) {
  if (!c->has_columns) return end_header(c, at);
  if (c->cell != ul_csv_column_count(c)) return wrong_length(c, at, is_last);
  if (c->taker.item != NULL) {
    if (!take_row(c, is_last)) return no_memory(c, at);
    c->rows++;
    c->cell = c->taken = 0;
    return true;
  }
  if (c->taken == 0 && !put(c, at, ul_tape_open(&c->items, UL_TAPE_OBJECT,
                                                &c->row_position)))
    return false;
  ul_tape_close(&c->items, c->row_position, c->taken);
  c->complete = c->items.consumed + c->items.buffer.length;
  c->rows++;
  c->cell = c->taken = 0;
  return true;
}

/* ---- bytes ---- */

static bool keep(ul_csv *c, const char *p, size_t length) {
  if (ul_buffer_append(&c->kept, p, length)) return true;
  if (c->kept.length + length <= UL_CSV_CELL_LIMIT_BYTES)
    return no_memory(c, p);
  return wrong(c, p, "limit", "length", "a cell of more than %zu bytes",
               UL_CSV_CELL_LIMIT_BYTES);
}

/* The cell ends before `at` with `length` more bytes at `text`. */
static bool close_cell(ul_csv *c, const char *at, const char *text,
                       size_t length) {
  if (c->kept.length == 0) return end_cell(c, at, text, length);
  if (!keep(c, text, length)) return false;
  bool ok = end_cell(c, at, c->kept.bytes, c->kept.length);
  if (c->kept.capacity > KEPT_AFTER_BYTES) ul_buffer_free(&c->kept);
  ul_buffer_clear(&c->kept);
  return ok;
}

/* A line with nothing on it. */
static bool is_blank(const ul_csv *c, size_t length) {
  return length == 0 && c->kept.length == 0 && c->cell == 0 &&
         !c->was_quoted && (!c->has_columns || ul_csv_column_count(c) != 1);
}

static bool next_line(ul_csv *c, const char *p) {
  bool ok = c->cell == 0 || end_row(c, p, false);
  c->state = UL_CSV_CELL;
  if (ok) c->line++;
  return ok;
}

/* At the delimiter, carriage return or newline behind a cell. */
static bool at_end(ul_csv *c, const char *p, const char *text,
                   size_t length) {
  bool blank = *p != c->delimiter && is_blank(c, length);
  if (!blank && !close_cell(c, p, text, length)) return false;
  if (*p == c->delimiter) {
    c->state = UL_CSV_CELL;
    return true;
  }
  if (*p == '\n') return next_line(c, p);
  c->state = UL_CSV_RETURN;
  return true;
}

static bool ends_cell(const ul_csv *c, char byte) {
  return byte == c->delimiter || byte == '\n' || byte == '\r';
}

static const char *start(ul_csv *c, const char *p) {
  if (*p == byte_order_mark[c->mark]) {
    if (++c->mark == sizeof byte_order_mark) c->state = UL_CSV_CELL;
    return p + 1;
  }
  if (!keep(c, byte_order_mark, c->mark)) return NULL;
  c->state = c->mark > 0 ? UL_CSV_PLAIN : UL_CSV_CELL;
  return p;
}

static const char *plain(ul_csv *c, const char *p, const char *end) {
  const char *text = p;
  while (p != end && *p != '"' && !ends_cell(c, *p)) p++;
  size_t length = (size_t)(p - text);
  if (p == end) return keep(c, text, length) ? p : NULL;
  if (*p == '"') {
    wrong(c, p, "shape", "syntax", "a quote in the midst of a cell");
    return NULL;
  }
  return at_end(c, p, text, length) ? p + 1 : NULL;
}

static void count_lines(ul_csv *c, const char *p, const char *end) {
  while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
    c->line++;
    p++;
  }
}

/* To the quote that ends the run of text, whatever that means. A cell that
** lies whole in the piece is not copied. */
static const char *quoted(ul_csv *c, const char *p, const char *end) {
  const char *quote = memchr(p, '"', (size_t)(end - p));
  const char *behind = quote != NULL ? quote : end;
  size_t length = (size_t)(behind - p);
  count_lines(c, p, behind);
  if (quote != NULL && quote + 1 != end && ends_cell(c, quote[1]))
    return at_end(c, quote + 1, p, length) ? quote + 2 : NULL;
  if (!keep(c, p, length)) return NULL;
  if (quote == NULL) return end;
  c->state = UL_CSV_QUOTE;
  return quote + 1;
}

static const char *behind_quote(ul_csv *c, const char *p) {
  if (*p == '"') {
    c->state = UL_CSV_QUOTED;
    return keep(c, p, 1) ? p + 1 : NULL;
  }
  if (ends_cell(c, *p)) return at_end(c, p, p, 0) ? p + 1 : NULL;
  wrong(c, p, "shape", "syntax", "text behind the quotes of a cell");
  return NULL;
}

static const char *first_of_cell(ul_csv *c, const char *p) {
  c->was_quoted = *p == '"';
  c->state = c->was_quoted ? UL_CSV_QUOTED : UL_CSV_PLAIN;
  return c->was_quoted ? p + 1 : p;
}

static const char *behind_return(ul_csv *c, const char *p) {
  if (*p == '\n') return next_line(c, p) ? p + 1 : NULL;
  wrong(c, p, "shape", "syntax", "a carriage return without a line feed");
  return NULL;
}

static const char *advance(ul_csv *c, const char *p, const char *end) {
  switch (c->state) {
    case UL_CSV_START: return start(c, p);
    case UL_CSV_CELL: return first_of_cell(c, p);
    case UL_CSV_PLAIN: return plain(c, p, end);
    case UL_CSV_QUOTED: return quoted(c, p, end);
    case UL_CSV_QUOTE: return behind_quote(c, p);
    case UL_CSV_RETURN: break;
  }
  return behind_return(c, p);
}

bool ul_csv_feed(ul_csv *c, const char *bytes, size_t length) {
  const char *p = bytes, *end = bytes + length;
  if (c->error.kind != NULL) return false;
  c->piece = bytes;
  while (p != end) {
    p = advance(c, p, end);
    if (p == NULL) return false;
  }
  c->piece_offset += length;
  return true;
}

static bool cut(ul_csv *c, const char *what) {
  return wrong(c, c->piece, "cut", "incomplete", "the answer ends %s", what);
}

/* The last cell and row, which no line end has ended. */
static bool end_open_row(ul_csv *c) {
  c->row_is_open = true;
  return close_cell(c, c->piece, "", 0) && end_row(c, c->piece, true);
}

bool ul_csv_finish(ul_csv *c) {
  if (c->error.kind != NULL) return false;
  c->piece = "";
  switch (c->state) {
    case UL_CSV_START:
      if (c->mark > 0) return cut(c, "inside a byte order mark");
      break;
    case UL_CSV_QUOTED: return cut(c, "inside a quoted cell");
    case UL_CSV_RETURN: return cut(c, "behind a carriage return");
    case UL_CSV_CELL:
      if (c->cell > 0) return end_open_row(c);
      break;
    case UL_CSV_PLAIN:
    case UL_CSV_QUOTE: return end_open_row(c);
  }
  return true;
}
