/* The incremental reader, see json_read.h. */
#include "json_read.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "json_escape.h"
#include "json_scan.h"

/* The two ways through the grammar, with a sink and without, are one text:
** functions marked so are compiled twice, with `skip` a constant. */
#define BOTH_WAYS static inline __attribute__((always_inline))

/* Memory that one large token took is given back above this. */
#define KEPT_AFTER_BYTES ((size_t)1 << 20)

/* ---- errors ---- */

static uint64_t offset_of(const ul_json_read *r, const char *p) {
  return r->piece_offset + (uint64_t)(p - r->piece);
}

static void set_error(ul_json_read *r, const char *kind, const char *code,
                      uint64_t offset) {
  r->error.kind = kind;
  r->error.code = code;
  r->error.offset = offset;
  r->error.line = r->line;
  r->error.column = offset - r->line_offset + 1;
}

void ul_json_refuse(ul_json_read *r, const char *kind, const char *code,
                    const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(r->error.message, sizeof r->error.message, format, arguments);
  va_end(arguments);
  set_error(r, kind, code, r->token_offset);
}

void ul_json_refuse_memory(ul_json_read *r) {
  ul_json_refuse(r, "limit", "memory", "not enough memory");
  r->error.memory = true;
}

/* An error of the document at `offset`. NULL, for the caller to return. */
__attribute__((format(printf, 4, 5))) static const char *
wrong(ul_json_read *r, uint64_t offset, const char *code, const char *format,
      ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(r->error.message, sizeof r->error.message, format, arguments);
  va_end(arguments);
  set_error(r, "json", code, offset);
  return NULL;
}

static const char *expected_text(const ul_json_read *r) {
  bool in_object = r->depth > 0 && r->is_object[r->depth - 1];
  switch (r->expect) {
    case UL_EXPECT_VALUE: return "a value";
    case UL_EXPECT_FIRST_ITEM: return "a value or ']'";
    case UL_EXPECT_FIRST_KEY: return "a key or '}'";
    case UL_EXPECT_KEY: return "a key";
    case UL_EXPECT_COLON: return "':'";
    case UL_EXPECT_NEXT: return in_object ? "',' or '}'" : "',' or ']'";
    case UL_EXPECT_END: break;
  }
  return r->lines ? "the end of the line" : "the end of the document";
}

static bool begins_with_mark(const ul_json_read *r, uint64_t offset, char c) {
  return offset == 0 && (unsigned char)c == 0xef && r->depth == 0;
}

static const char *unexpected(ul_json_read *r, const char *p) {
  uint64_t offset = offset_of(r, p);
  unsigned char c = (unsigned char)*p;
  if (begins_with_mark(r, offset, *p))
    return wrong(r, offset, "syntax",
                 "the document begins with a byte order mark or with no JSON");
  if (c > 0x20 && c < 0x7f)
    return wrong(r, offset, "syntax", "unexpected '%c', expected %s", c,
                 expected_text(r));
  return wrong(r, offset, "syntax", "unexpected byte 0x%02x, expected %s", c,
               expected_text(r));
}

/* ---- white space ---- */

/* At a newline; false where a document has to end on its line. */
static bool next_line(ul_json_read *r, const char *p) {
  if (r->lines) {
    if (r->depth > 0) {
      wrong(r, offset_of(r, p), "incomplete",
            "the line ends inside a document");
      return false;
    }
    r->expect = UL_EXPECT_VALUE;
  }
  r->line++;
  r->line_offset = offset_of(r, p) + 1;
  return true;
}

/* The first byte that is no white space, or `end`. */
static const char *skip_space(ul_json_read *r, const char *p,
                              const char *end) {
  for (; p != end; p++) {
    if (*p == '\n') {
      if (!next_line(r, p)) return NULL;
    } else if (*p == ' ') {
      p = ul_json_skip_spaces(p, end) - 1;
    } else if (*p != '\t' && *p != '\r') {
      return p;
    }
  }
  return p;
}

/* ---- values are handed out ---- */

BOTH_WAYS void value_is_done(ul_json_read *r, const bool skip) {
  r->expect = r->depth == 0 ? UL_EXPECT_END : UL_EXPECT_NEXT;
  if (skip && r->depth == r->skip_depth) r->skipping = false;
}

static bool give_key(ul_json_read *r, const char *bytes, size_t length) {
  ul_json_verdict verdict = r->sink->key(r->context, bytes, length);
  if (verdict == UL_JSON_STOP) return false;
  if (verdict == UL_JSON_SKIP) {
    r->skipping = true;
    r->skip_depth = r->depth;
  }
  return true;
}

BOTH_WAYS bool give_string(ul_json_read *r, const char *bytes, size_t length,
                           bool is_key, const bool skip) {
  if (is_key) {
    if (!skip && !give_key(r, bytes, length)) return false;
    r->expect = UL_EXPECT_COLON;
    return true;
  }
  if (!skip && !r->sink->string(r->context, bytes, length)) return false;
  value_is_done(r, skip);
  return true;
}

/* ---- tokens that a piece cut ---- */

static bool keep(ul_json_read *r, const char *bytes, size_t length) {
  if (r->skipping) return true;
  if (length > UL_JSON_TOKEN_LIMIT_BYTES - r->kept.length) {
    ul_json_refuse(r, "limit", "length", "a token of more than %zu bytes",
                   UL_JSON_TOKEN_LIMIT_BYTES);
    return false;
  }
  if (ul_buffer_append(&r->kept, bytes, length)) return true;
  ul_json_refuse_memory(r);
  return false;
}

static void drop_kept(ul_json_read *r) {
  if (r->kept.capacity > KEPT_AFTER_BYTES) ul_buffer_free(&r->kept);
  ul_buffer_clear(&r->kept);
  r->token = UL_TOKEN_NONE;
}

/* The kept bytes as a string, never NULL. */
static const char *kept_text(const ul_json_read *r) {
  return r->kept.length > 0 ? r->kept.bytes : "";
}

static const char *end_string(ul_json_read *r, const char *behind) {
  bool is_key = r->token_is_key;
  bool given = r->skipping
    ? give_string(r, NULL, 0, is_key, true)
    : give_string(r, kept_text(r), r->kept.length, is_key, false);
  drop_kept(r);
  return given ? behind : NULL;
}

static const char *wrong_escape(ul_json_read *r, uint64_t offset, int reason) {
  if (reason == UL_ESCAPE_SURROGATE)
    return wrong(r, offset, "utf8", "half a surrogate pair in a string");
  return wrong(r, offset, "syntax", "an escape that JSON does not know");
}

/* The escape or sequence at `p`: taken and kept whole, or 0 where it is cut,
** or -1 with the error set. `offset` is that of `p`. */
static int take_unit(ul_json_read *r, const char *p, const char *end,
                     uint64_t offset) {
  if (*p == '\\') {
    char out[4];
    size_t size = 0;
    int taken = ul_unescape(p, end, out, &size);
    if (taken < 0) wrong_escape(r, offset, taken);
    if (taken > 0 && !keep(r, out, size)) return -1;
    return taken;
  }
  int taken = ul_utf8_sequence(p, end);
  if (taken < 0) wrong(r, offset, "utf8", "invalid UTF-8 in a string");
  if (taken > 0 && !keep(r, p, (size_t)taken)) return -1;
  return taken;
}

/* Goes on with a cut unit, byte by byte: it has twelve at most. */
static const char *more_unit(ul_json_read *r, const char *p,
                             const char *end) {
  uint64_t offset = offset_of(r, p) - r->unit_length;
  while (p != end) {
    assert(r->unit_length < UL_JSON_UNIT_BYTES);
    r->unit[r->unit_length++] = *p;
    int taken = take_unit(r, r->unit, r->unit + r->unit_length, offset);
    if (taken < 0) return NULL;
    p++;
    if (taken == 0) continue;
    r->unit_length = 0;
    return p;
  }
  return p;
}

/* At a byte that is not plain text and no quote. */
static const char *special(ul_json_read *r, const char *p, const char *end) {
  if ((unsigned char)*p < 0x20)
    return wrong(r, offset_of(r, p), "syntax",
                 "control character 0x%02x in a string, escape it",
                 (unsigned char)*p);
  int taken = take_unit(r, p, end, offset_of(r, p));
  if (taken < 0) return NULL;
  if (taken > 0) return p + taken;
  r->unit_length = (size_t)(end - p);
  memcpy(r->unit, p, r->unit_length);
  return end;
}

static const char *more_string(ul_json_read *r, const char *p,
                               const char *end) {
  if (r->unit_length > 0) p = more_unit(r, p, end);
  while (p != NULL && p != end) {
    const char *text = p;
    p = ul_json_skip_text(text, end);
    if (!keep(r, text, (size_t)(p - text))) return NULL;
    if (p == end) return p;
    if (*p == '"') return end_string(r, p + 1);
    p = special(r, p, end);
  }
  return p;
}

static const char *wrong_number(ul_json_read *r) {
  return wrong(r, r->token_offset, "syntax",
               "a number that is not complete or has a leading zero");
}

static bool end_number(ul_json_read *r) {
  if (!ul_number_may_end(r->number)) return wrong_number(r) != NULL;
  bool given = true;
  if (!r->skipping) {
    size_t length = r->kept.length;
    given = keep(r, "", 1) &&
            r->sink->number(r->context, r->kept.bytes, length);
  }
  drop_kept(r);
  if (given) value_is_done(r, r->skipping);
  return given;
}

/* A digit ends a number only behind a leading zero. */
static bool leads_with_zero(ul_number_state state, char next) {
  return state == UL_NUMBER_ZERO && next >= '0' && next <= '9';
}

static const char *more_number(ul_json_read *r, const char *p,
                               const char *end) {
  const char *behind = ul_number_scan(p, end, &r->number);
  if (!keep(r, p, (size_t)(behind - p))) return NULL;
  if (behind == end) return end;
  if (leads_with_zero(r->number, *behind)) return wrong_number(r);
  return end_number(r) ? behind : NULL;
}

static const struct {
  const char *text;
  size_t length;
} words[] = {
  [UL_JSON_NULL] = {"null", 4},
  [UL_JSON_FALSE] = {"false", 5},
  [UL_JSON_TRUE] = {"true", 4},
};

static const char *more_word(ul_json_read *r, const char *p,
                             const char *end) {
  for (; r->word_length < words[r->word].length; p++, r->word_length++) {
    if (p == end) return end;
    if (*p != words[r->word].text[r->word_length])
      return wrong(r, r->token_offset, "syntax",
                   "a word that JSON does not know, expected %s",
                   words[r->word].text);
  }
  r->token = UL_TOKEN_NONE;
  if (!r->skipping && !r->sink->word(r->context, r->word)) return NULL;
  value_is_done(r, r->skipping);
  return p;
}

static const char *more_token(ul_json_read *r, const char *p,
                              const char *end) {
  switch (r->token) {
    case UL_TOKEN_STRING: return more_string(r, p, end);
    case UL_TOKEN_NUMBER: return more_number(r, p, end);
    case UL_TOKEN_WORD: return more_word(r, p, end);
    case UL_TOKEN_NONE: break;
  }
  return p;
}

/* ---- tokens ---- */

/* What mostly stands behind a key or a value is taken with it: a colon, a
** comma. Where it does not, the next token says what is wrong, if anything. */
BOTH_WAYS const char *with_colon(ul_json_read *r, const char *p,
                                 const char *end) {
  if (p == end || *p != ':') return p;
  r->expect = UL_EXPECT_VALUE;
  return p + 1;
}

BOTH_WAYS const char *with_comma(ul_json_read *r, const char *p,
                                 const char *end) {
  if (p == end || *p != ',' || r->expect != UL_EXPECT_NEXT) return p;
  r->expect = r->is_object[r->depth - 1] ? UL_EXPECT_KEY : UL_EXPECT_VALUE;
  return p + 1;
}

/* The first byte that is no text of a string, most of which is plain. */
BOTH_WAYS const char *skip_text(const char *p, const char *end) {
  p = ul_json_skip_plain(p, end);
  return p == end || (signed char)*p >= 0 ? p : ul_json_skip_text(p, end);
}

/* At a quote. */
BOTH_WAYS const char *string(ul_json_read *r, const char *p, const char *end,
                             bool is_key, const bool skip) {
  const char *text = p + 1;
  const char *behind = skip_text(text, end);
  r->token_offset = offset_of(r, p);
  if (behind != end && *behind == '"') {
    size_t length = (size_t)(behind - text);
    if (!give_string(r, text, length, is_key, skip)) return NULL;
    return is_key ? with_colon(r, behind + 1, end)
                  : with_comma(r, behind + 1, end);
  }
  r->token = UL_TOKEN_STRING;
  r->token_is_key = is_key;
  if (!keep(r, text, (size_t)(behind - text))) return NULL;
  return more_string(r, behind, end);
}

/* The end of an integer, or NULL where the number is another one, or cut. */
BOTH_WAYS const char *skip_integer(const char *p, const char *end) {
  const char *first = p + (*p == '-');
  for (p = first; p != end && (unsigned char)(*p - '0') < 10;) p++;
  if (p == end || p == first || (*first == '0' && p != first + 1)) return NULL;
  return *p == '.' || *p == 'e' || *p == 'E' ? NULL : p;
}

/* At a minus or a digit, of a number that is no whole integer. */
BOTH_WAYS const char *any_number(ul_json_read *r, const char *p,
                                 const char *end, const bool skip) {
  ul_number_state state = UL_NUMBER_START;
  const char *behind = ul_number_scan(p, end, &state);
  r->token_offset = offset_of(r, p);
  if (behind == end) {
    r->token = UL_TOKEN_NUMBER;
    r->number = state;
    return keep(r, p, (size_t)(end - p)) ? end : NULL;
  }
  if (!ul_number_may_end(state) || leads_with_zero(state, *behind))
    return wrong_number(r);
  if (!skip && !r->sink->number(r->context, p, (size_t)(behind - p)))
    return NULL;
  value_is_done(r, skip);
  return with_comma(r, behind, end);
}

/* At a minus or a digit. */
BOTH_WAYS const char *number(ul_json_read *r, const char *p, const char *end,
                             const bool skip) {
  const char *behind = skip_integer(p, end);
  if (behind == NULL) return any_number(r, p, end, skip);
  r->token_offset = offset_of(r, p);
  if (!skip && !r->sink->number(r->context, p, (size_t)(behind - p)))
    return NULL;
  value_is_done(r, skip);
  return with_comma(r, behind, end);
}

BOTH_WAYS const char *word(ul_json_read *r, const char *p, const char *end,
                           ul_json_word which, const bool skip) {
  size_t length = words[which].length;
  r->token_offset = offset_of(r, p);
  if ((size_t)(end - p) < length ||
      memcmp(p, words[which].text, length) != 0) {
    r->token = UL_TOKEN_WORD;
    r->word = which;
    r->word_length = 0;
    return more_word(r, p, end);
  }
  if (!skip && !r->sink->word(r->context, which)) return NULL;
  value_is_done(r, skip);
  return with_comma(r, p + length, end);
}

void ul_json_pass_lines(ul_json_read *r, uint64_t lines, const char *line) {
  if (lines == 0) return;
  r->line += lines;
  r->line_offset = offset_of(r, line);
}

/* At a bracket or brace. */
BOTH_WAYS const char *begin(ul_json_read *r, const char *p, bool is_object,
                            const bool skip) {
  r->token_offset = offset_of(r, p);
  if (r->depth == r->max_depth)
    return wrong(r, r->token_offset, "depth", "more than %zu levels",
                 r->max_depth);
  if (!skip) {
    ul_json_verdict verdict = r->sink->begin(r->context, is_object);
    if (verdict == UL_JSON_STOP) return NULL;
    r->skipping = verdict == UL_JSON_SKIP;
    r->skip_depth = r->depth;
  }
  r->is_object[r->depth++] = is_object;
  r->expect = is_object ? UL_EXPECT_FIRST_KEY : UL_EXPECT_FIRST_ITEM;
  return p + 1;
}

/* At a brace: the sink may take the object as a whole. */
BOTH_WAYS const char *object(ul_json_read *r, const char *p, const char *end,
                             const bool skip) {
  if (skip || r->sink->object == NULL || r->depth == r->max_depth)
    return begin(r, p, true, skip);
  r->token_offset = offset_of(r, p);
  const char *behind = r->sink->object(r->context, p, end);
  if (behind == NULL) return NULL;
  if (behind == p) return begin(r, p, true, skip);
  value_is_done(r, skip);
  return with_comma(r, behind, end);
}

BOTH_WAYS const char *end_container(ul_json_read *r, const char *p,
                                    const char *end, const bool skip) {
  r->token_offset = offset_of(r, p);
  r->depth--;
  if (!skip && !r->sink->end(r->context)) return NULL;
  value_is_done(r, skip);
  return with_comma(r, p + 1, end);
}

BOTH_WAYS const char *value(ul_json_read *r, const char *p, const char *end,
                            const bool skip) {
  switch (*p) {
    case '"': return string(r, p, end, false, skip);
    case '{': return object(r, p, end, skip);
    case '[': return begin(r, p, false, skip);
    case 't': return word(r, p, end, UL_JSON_TRUE, skip);
    case 'f': return word(r, p, end, UL_JSON_FALSE, skip);
    case 'n': return word(r, p, end, UL_JSON_NULL, skip);
    case '-': case '0': case '1': case '2': case '3': case '4':
    case '5': case '6': case '7': case '8': case '9':
      return number(r, p, end, skip);
    default: return unexpected(r, p);
  }
}

BOTH_WAYS const char *next(ul_json_read *r, const char *p, const char *end,
                           const bool skip) {
  bool in_object = r->is_object[r->depth - 1];
  if (*p == ',') {
    r->expect = in_object ? UL_EXPECT_KEY : UL_EXPECT_VALUE;
    return p + 1;
  }
  if (*p != (in_object ? '}' : ']')) return unexpected(r, p);
  return end_container(r, p, end, skip);
}

/* Behind a key that is not wanted: a scalar that is whole is skipped at once,
** without changing the way. */
static const char *skip_scalar(ul_json_read *r, const char *p,
                               const char *end) {
  if (p == end || r->expect != UL_EXPECT_VALUE || *p == '{' || *p == '[' ||
      (unsigned char)*p <= ' ')
    return p;
  return value(r, p, end, true);
}

/* Whether a value follows at once on the way that we are on. */
BOTH_WAYS bool goes_on(const ul_json_read *r, const char *p, const char *end,
                       const bool skip) {
  return p != NULL && p != end && r->skipping == skip &&
         r->expect == UL_EXPECT_VALUE && (unsigned char)*p > ' ';
}

/* One token at `p`, which is no white space; a key and its value are mostly
** taken together. */
BOTH_WAYS const char *token(ul_json_read *r, const char *p, const char *end,
                            const bool skip) {
  switch (r->expect) {
    case UL_EXPECT_NEXT: return next(r, p, end, skip);
    case UL_EXPECT_FIRST_KEY:
      if (*p == '}') return end_container(r, p, end, skip);
      /* fallthrough */
    case UL_EXPECT_KEY:
      if (*p != '"') return unexpected(r, p);
      p = string(r, p, end, true, skip);
      if (!skip && p != NULL && r->skipping) return skip_scalar(r, p, end);
      if (!goes_on(r, p, end, skip)) return p;
      break;
    case UL_EXPECT_COLON:
      if (*p != ':') return unexpected(r, p);
      r->expect = UL_EXPECT_VALUE;
      return p + 1;
    case UL_EXPECT_FIRST_ITEM:
      if (*p == ']') return end_container(r, p, end, skip);
      /* fallthrough */
    case UL_EXPECT_VALUE: break;
    case UL_EXPECT_END: return unexpected(r, p);
  }
  return value(r, p, end, skip);
}

/* Tokens until the piece ends, an error comes, or the way changes. */
BOTH_WAYS const char *tokens(ul_json_read *r, const char *p, const char *end,
                             const bool skip) {
  while (p != NULL && p != end && r->skipping == skip) {
    if ((unsigned char)*p <= ' ') {
      p = skip_space(r, p, end);
      if (p == NULL || p == end) return p;
    }
    p = token(r, p, end, skip);
  }
  return p;
}

static const char *wanted_tokens(ul_json_read *r, const char *p,
                                 const char *end) {
  return tokens(r, p, end, false);
}

static const char *skipped_tokens(ul_json_read *r, const char *p,
                                  const char *end) {
  return tokens(r, p, end, true);
}

/* ---- the reader ---- */

static void start(ul_json_read *r) {
  r->depth = r->skip_depth = 0;
  r->expect = UL_EXPECT_VALUE;
  r->skipping = false;
  r->piece = NULL;
  r->piece_offset = r->line_offset = r->token_offset = 0;
  r->line = 1;
  r->unit_length = 0;
  r->error.kind = NULL;
  r->error.memory = false;
}

void ul_json_read_init(ul_json_read *r, const ul_json_sink *sink,
                       void *context, unsigned char *is_object,
                       size_t max_depth, bool lines) {
  r->sink = sink;
  r->context = context;
  r->is_object = is_object;
  r->max_depth = max_depth;
  r->lines = lines;
  /* One more for the NUL behind a number. */
  ul_buffer_init(&r->kept, UL_JSON_TOKEN_LIMIT_BYTES + 1);
  r->token = UL_TOKEN_NONE;
  start(r);
}

void ul_json_read_free(ul_json_read *r) { ul_buffer_free(&r->kept); }

void ul_json_read_reset(ul_json_read *r) {
  drop_kept(r);
  start(r);
}

bool ul_json_feed(ul_json_read *r, const char *bytes, size_t length) {
  if (r->error.kind != NULL) return false;
  const char *p = bytes, *end = bytes + length;
  r->piece = bytes;
  if (r->token != UL_TOKEN_NONE) p = more_token(r, p, end);
  while (p != NULL && p != end)
    p = r->skipping ? skipped_tokens(r, p, end) : wanted_tokens(r, p, end);
  r->piece_offset += length;
  r->piece = end;
  return p != NULL;
}

static const char *missing_text(const ul_json_read *r) {
  switch (r->token) {
    case UL_TOKEN_STRING: return "the end of a string";
    case UL_TOKEN_NUMBER: return "the rest of a number";
    case UL_TOKEN_WORD: return "the rest of a word";
    case UL_TOKEN_NONE: break;
  }
  return expected_text(r);
}

static bool is_complete(const ul_json_read *r) {
  if (r->token != UL_TOKEN_NONE) return false;
  if (r->expect == UL_EXPECT_END) return true;
  return r->lines && r->depth == 0 && r->expect == UL_EXPECT_VALUE;
}

bool ul_json_finish(ul_json_read *r) {
  if (r->error.kind != NULL) return false;
  if (r->token == UL_TOKEN_NUMBER && r->depth == 0 &&
      ul_number_may_end(r->number) && !end_number(r))
    return false;
  if (is_complete(r)) return true;
  return wrong(r, r->piece_offset, "incomplete",
               r->piece_offset == 0 ? "the document is empty, expected %s"
                                    : "the document ends early, expected %s",
               missing_text(r)) != NULL;
}

bool ul_json_in_value(const ul_json_read *r) {
  return r->skipping || r->expect <= UL_EXPECT_FIRST_ITEM ||
         r->expect == UL_EXPECT_COLON;
}
