/*
** An incremental reader of JSON (RFC 8259, strictly). Bytes are fed in pieces
** of any size; values come out through the functions of a sink. Between
** pieces only an unfinished token is kept, and each byte is looked at once.
** What the sink does not want is checked all the same (grammar, UTF-8,
** escapes, numbers) but neither kept nor handed out. The reader builds
** nothing and knows no paths; it owns its token buffer, the caller the rest.
*/
#ifndef UL_JSON_READ_H
#define UL_JSON_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "json_number.h"

typedef enum ul_json_word {
  UL_JSON_NULL,
  UL_JSON_FALSE,
  UL_JSON_TRUE
} ul_json_word;

typedef enum ul_json_verdict {
  UL_JSON_WANTED,
  UL_JSON_SKIP, /* check the value (of this key, in this container) only */
  UL_JSON_STOP  /* the sink has called ul_json_refuse */
} ul_json_verdict;

/* What a document is made of, in its order. Bytes are valid UTF-8, unescaped,
** and belong to the reader: they are gone after the call. */
typedef struct ul_json_sink {
  /* At the brace of an object: the byte behind it where the sink takes it as a
  ** whole, which it then has to check as strictly; `p` itself where it wants
  ** it token by token; NULL to stop. All until `end` may be looked at. The
  ** sink may have no such function. */
  const char *(*object)(void *context, const char *p, const char *end);
  ul_json_verdict (*begin)(void *context, bool is_object);
  bool (*end)(void *context);
  ul_json_verdict (*key)(void *context, const char *bytes, size_t length);
  bool (*string)(void *context, const char *bytes, size_t length);
  /* The literal, as ul_number_value takes it: it is up to the sink whether it
  ** needs the value, and what it thinks of its range. */
  bool (*number)(void *context, const char *text, size_t length);
  bool (*word)(void *context, ul_json_word word);
} ul_json_sink;

/* What went wrong, as Lua's error object has it; `code` tells the classes of
** one kind apart. `memory` is lack of it: to be raised, not returned. */
typedef struct ul_json_error {
  const char *kind; /* NULL: none. "json", "shape", "limit" */
  const char *code; /* "syntax", "utf8", "incomplete", "depth", ... */
  char message[240];
  bool memory;
  uint64_t offset; /* bytes before it */
  uint64_t line;   /* from 1 */
  uint64_t column; /* from 1, in bytes */
} ul_json_error;

/* What may come next. */
typedef enum ul_json_expect {
  UL_EXPECT_VALUE,
  UL_EXPECT_FIRST_ITEM, /* or the end of the array */
  UL_EXPECT_FIRST_KEY,  /* or the end of the object */
  UL_EXPECT_KEY,
  UL_EXPECT_COLON,
  UL_EXPECT_NEXT, /* comma or the end of the container */
  UL_EXPECT_END   /* of the document */
} ul_json_expect;

typedef enum ul_json_token {
  UL_TOKEN_NONE,
  UL_TOKEN_STRING,
  UL_TOKEN_NUMBER,
  UL_TOKEN_WORD
} ul_json_token;

/* The longest string, key or number that is handed out. */
#define UL_JSON_TOKEN_LIMIT_BYTES ((size_t)1 << 30)

/* The longest unit that a piece can cut: a surrogate pair, \ud83d\ude00. */
enum { UL_JSON_UNIT_BYTES = 12 };

/* No field is for users but `error`. */
typedef struct ul_json_read {
  const ul_json_sink *sink;
  void *context;

  /* where in the document */
  unsigned char *is_object; /* of each open container; the caller's */
  size_t depth, max_depth;
  ul_json_expect expect;
  bool skipping;     /* the value at depth `skip_depth` */
  size_t skip_depth;
  bool lines;        /* a document on each line */

  /* where in the bytes */
  const char *piece;
  uint64_t piece_offset;
  uint64_t line, line_offset;
  uint64_t token_offset;

  /* the token that the piece cut */
  ul_json_token token;
  bool token_is_key;
  ul_buffer kept;    /* what is there of it, unescaped */
  char unit[UL_JSON_UNIT_BYTES]; /* a cut escape or UTF-8 sequence */
  size_t unit_length;
  ul_number_state number;
  ul_json_word word;
  size_t word_length; /* bytes of it seen */

  ul_json_error error;
} ul_json_read;

/* `is_object` has room for `max_depth` bytes. With `lines` the bytes are
** documents, each on a line of its own; empty lines do not count. */
void ul_json_read_init(ul_json_read *read, const ul_json_sink *sink,
                       void *context, unsigned char *is_object,
                       size_t max_depth, bool lines);
void ul_json_read_free(ul_json_read *read);

/* Ready for another document; keeps its memory unless that is large. */
void ul_json_read_reset(ul_json_read *read);

/* False when the bytes are wrong or the sink refused; then `error` says why,
** and it stays. The bytes are the caller's and not kept. */
bool ul_json_feed(ul_json_read *read, const char *bytes, size_t length);

/* No more bytes will come: false unless the document is complete. */
bool ul_json_finish(ul_json_read *read);

/* Whether the place that was reached lies inside a value of the innermost
** container that the sink knows of, not between two. */
bool ul_json_in_value(const ul_json_read *read);

/* For the sink that takes an object: the present token is at `p`. */
static inline void ul_json_pass_to(ul_json_read *read, const char *p) {
  read->token_offset = read->piece_offset + (uint64_t)(p - read->piece);
}

/* The same: it has this many newlines, the last one before `line`. */
void ul_json_pass_lines(ul_json_read *read, uint64_t lines, const char *line);

/* For the sink, before it answers STOP or false: sets the error, with the
** place of the present token. The message is a printf format. */
void ul_json_refuse(ul_json_read *read, const char *kind, const char *code,
                    const char *format, ...)
  __attribute__((format(printf, 4, 5)));
void ul_json_refuse_memory(ul_json_read *read);

#endif
