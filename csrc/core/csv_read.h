/*
** An incremental reader of CSV (RFC 4180, strictly). Bytes are fed in pieces
** of any size; each row becomes an object on a tape (json_tape.h) with the
** columns that are wanted: text as it stands, null for an empty cell. The
** first row names the columns unless the caller does. Rows end with CRLF or
** LF; a byte order mark in front is dropped; lines without anything are no
** rows where there are several columns. What is not UTF-8, a quote in the
** midst of a cell, or a row of another length than the header is an error.
** The reader owns all its memory; between pieces it keeps a cut cell.
*/
#ifndef UL_CSV_READ_H
#define UL_CSV_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "item.h"
#include "json_plan.h"
#include "json_tape.h"

/* The longest cell, and all names of columns together. */
#define UL_CSV_CELL_LIMIT_BYTES ((size_t)64 << 20)
#define UL_CSV_NAMES_LIMIT_BYTES ((size_t)1 << 20)

typedef enum ul_csv_state {
  UL_CSV_START,  /* of the document: a byte order mark may come */
  UL_CSV_CELL,   /* before the first byte of a cell */
  UL_CSV_PLAIN,  /* in a cell without quotes */
  UL_CSV_QUOTED, /* in one with them */
  UL_CSV_QUOTE,  /* behind a quote in it: the end, or a quote that is meant */
  UL_CSV_RETURN  /* behind a carriage return that ends a row */
} ul_csv_state;

typedef struct ul_csv_error {
  const char *kind; /* NULL: none. "shape", "cut", "limit" */
  const char *code; /* "syntax", "utf8", "incomplete", "length", ... */
  char message[240];
  bool memory;      /* lack of it: to be raised, not returned */
  uint64_t offset;  /* bytes before it */
  uint64_t line;    /* from 1 */
  uint64_t row;     /* from 1; 0 in the header */
} ul_csv_error;

typedef struct ul_csv_column {
  uint32_t name, length; /* in `names` */
  uint32_t hash;
  uint32_t slot; /* where an item keeps the cell, from 1; 0: nowhere */
  bool wanted;
} ul_csv_column;

/* Who takes rows past the tape: `take` is called with the item filled and the
** row as the text of a JSON object, which is gone after the call. False where
** there is no memory. */
typedef struct ul_csv_taker {
  ul_item *item;
  bool (*take)(void *context, const char *bytes, size_t length);
  void *context;
} ul_csv_taker;

/* For users: `items`, `complete`, `rows`, `error`, `row_is_open`. */
typedef struct ul_csv {
  char delimiter;
  uint64_t seed;         /* of the hashes on the tape */

  ul_buffer wanted;      /* names, their length before each; empty: all are */
  ul_buffer columns;     /* of ul_csv_column */
  ul_buffer names;
  bool has_columns;      /* the header is complete */

  ul_csv_state state;
  size_t mark;           /* bytes of the byte order mark seen */
  ul_buffer kept;        /* of a cell that a piece cut */
  bool was_quoted;       /* the cell */
  uint32_t cell;         /* of the row, from 0 */
  uint32_t taken;        /* cells of the row on the tape */
  uint64_t row_position; /* on the tape */
  bool row_is_open;      /* the last row came without its line end */

  const char *piece;
  uint64_t piece_offset;
  uint64_t line;

  ul_csv_taker taker;    /* without an item: none */
  const ul_json_plan *plan; /* the taker's: the slots of the columns */
  ul_buffer text;        /* the present row as JSON, for the taker */
  bool is_held;          /* the open last row is there and not taken so far */

  ul_tape items;
  uint64_t complete;     /* position behind the last whole row */
  uint64_t rows;         /* without the header */
  ul_csv_error error;
} ul_csv;

void ul_csv_init(ul_csv *csv, char delimiter, uint64_t seed);
void ul_csv_free(ul_csv *csv);

/* Before the first byte. Only wanted columns come on the tape, where any are
** named; columns that are named here are in no header. False without memory,
** or beyond the limit. */
bool ul_csv_want(ul_csv *csv, const char *name, size_t length);
bool ul_csv_name_column(ul_csv *csv, const char *name, size_t length);
bool ul_csv_end_columns(ul_csv *csv); /* false: `error` says why */

/* False when the bytes are wrong; then `error` says why, and it stays. */
bool ul_csv_feed(ul_csv *csv, const char *bytes, size_t length);

/* No more bytes will come: false unless all rows are complete. A last row
** without its line end counts, and `row_is_open` says so. */
bool ul_csv_finish(ul_csv *csv);

/* Rows go to the taker, by the slots that the plan has for the names of
** columns; both stay the caller's. */
void ul_csv_give_to(ul_csv *csv, ul_csv_taker taker,
                    const ul_json_plan *plan);

/* The last row, which came without its line end, waits for one of these: it is
** taken (false without memory), or is none. */
bool ul_csv_release(ul_csv *csv);
void ul_csv_leave_out(ul_csv *csv);

/* Nobody takes rows any more: one that is half there can go on no more. */
void ul_csv_let_go(ul_csv *csv);

uint32_t ul_csv_column_count(const ul_csv *csv);
const ul_csv_column *ul_csv_column_at(const ul_csv *csv, uint32_t index);

#endif
