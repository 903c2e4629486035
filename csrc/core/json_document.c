/* A whole text at one go, see json_document.h. */
#include "json_document.h"

#include "json_escape.h"
#include "json_number.h"
#include "json_scan.h"

typedef ul_document document;

/* Places and counts are 32 bits wide, the limits keep them so. */
#define TEXT_LIMIT_BYTES ((size_t)UINT32_MAX)
#define WORDS_LIMIT_BYTES ((size_t)1 << 31)
#define STRING_LIMIT_BYTES ((size_t)1 << UL_WORD_LOW_BITS)

/* Memory that one large text took is given back above this. */
#define KEPT_BYTES ((size_t)1 << 20)

/* What Lua takes for a table, for what stands in it, and for a string. */
enum { TABLE_BYTES = 72, ITEM_BYTES = 16, MEMBER_BYTES = 40, STRING_BYTES = 40 };

void ul_document_init(document *d, uint64_t seed) {
  d->text = d->end = NULL;
  d->at = d->room_end = NULL;
  ul_buffer_init(&d->words, WORDS_LIMIT_BYTES);
  ul_buffer_init(&d->unescaped, TEXT_LIMIT_BYTES);
  ul_keys_init(&d->keys, seed);
  ul_shapes_init(&d->shapes);
}

void ul_document_free(document *d) {
  ul_buffer_free(&d->words);
  ul_buffer_free(&d->unescaped);
  ul_keys_free(&d->keys);
}

static void clear(ul_buffer *buffer) {
  if (buffer->capacity > KEPT_BYTES) ul_buffer_free(buffer);
  ul_buffer_clear(buffer);
}

void ul_document_clear(document *d) {
  clear(&d->words);
  clear(&d->unescaped);
  if (d->keys.bytes.capacity > KEPT_BYTES) ul_keys_free(&d->keys);
  ul_keys_clear(&d->keys);
}

/* ---- words ---- */

/* A place in the words that stays true when they move. */
static size_t place(const document *d) {
  return d->at == NULL ? 0 : (size_t)((char *)d->at - d->words.bytes);
}

static bool make_room(document *d, size_t size) {
  size_t length = d->words.length = place(d);
  if (!ul_buffer_reserve(&d->words, size)) return false;
  d->at = (uint64_t *)(void *)(d->words.bytes + length);
  d->room_end = d->at + (d->words.capacity - length) / sizeof *d->at;
  return true;
}

static bool put(document *d, uint64_t word) {
  if (d->at == d->room_end && !make_room(d, sizeof word)) return false;
  *d->at++ = word;
  return true;
}

static uint64_t word_of(ul_word_tag tag, size_t low, size_t high) {
  return (uint64_t)tag | (uint64_t)low << UL_WORD_TAG_BITS |
         (uint64_t)high << UL_WORD_HIGH;
}

static void set(const document *d, size_t at, uint64_t word) {
  memcpy(d->words.bytes + at, &word, sizeof word);
}

/* ---- white space ---- */

static bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static const char *skip_more_space(const document *d, const char *p) {
  while (is_space(*p)) p = *p == ' ' ? ul_json_skip_spaces(p, d->end) : p + 1;
  return p;
}

/* Here and below the NUL behind the text ends what is being read. */
static inline const char *skip_space(const document *d, const char *p) {
  return (unsigned char)*p > ' ' ? p : skip_more_space(d, p);
}

/* ---- strings ---- */

/* At the first escape of the string whose text begins at `p`. */
static const char *unescape(document *d, const char *p, const char *escape,
                            uint64_t *word) {
  size_t from = d->unescaped.length;
  while (*escape == '\\') {
    char out[4];
    size_t size = 0;
    int taken = ul_unescape(escape, d->end, out, &size);
    if (taken <= 0 ||
        !ul_buffer_append(&d->unescaped, p, (size_t)(escape - p)) ||
        !ul_buffer_append(&d->unescaped, out, size))
      return NULL;
    p = escape + taken;
    escape = ul_json_skip_text(p, d->end);
  }
  if (*escape != '"' ||
      !ul_buffer_append(&d->unescaped, p, (size_t)(escape - p)))
    return NULL;
  size_t length = d->unescaped.length - from;
  *word = word_of(UL_WORD_UNESCAPED, length, from);
  return length < STRING_LIMIT_BYTES ? escape + 1 : NULL;
}

/* Behind the quote that begins a string: behind that which ends it. */
static inline const char *string(document *d, const char *p, uint64_t *word) {
  const char *behind = ul_json_skip_plain(p, d->end);
  if (*behind != '"') {
    behind = ul_json_skip_text(behind, d->end);
    if (*behind == '\\') return unescape(d, p, behind, word);
    if (*behind != '"') return NULL;
  }
  size_t length = (size_t)(behind - p);
  *word = word_of(UL_WORD_TEXT, length, (size_t)(p - d->text));
  return length < STRING_LIMIT_BYTES ? behind + 1 : NULL;
}

static inline const char *string_value(document *d, const char *p) {
  uint64_t word;
  p = string(d, p + 1, &word);
  if (p == NULL) return NULL;
  d->built_bytes += STRING_BYTES + ul_word_low(word);
  return put(d, word) ? p : NULL;
}

/* ---- numbers ---- */

/* So many digits fit a word beside its tag. */
enum { SHORT_DIGITS = 17 };

static bool put_integer(document *d, int64_t value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return put(d, bits << UL_WORD_TAG_BITS | UL_WORD_INTEGER);
}

static bool put_pair(document *d, ul_word_tag tag, const void *value) {
  uint64_t bits;
  memcpy(&bits, value, sizeof bits);
  return put(d, tag) && put(d, bits);
}

static const char *any_number(document *d, const char *p) {
  ul_number_state state = UL_NUMBER_START;
  const char *behind = ul_number_scan(p, d->end, &state);
  if (!ul_number_may_end(state) || (*behind >= '0' && *behind <= '9'))
    return NULL;
  ul_number number = ul_number_value(p, (size_t)(behind - p));
  bool done = false;
  if (number.kind == UL_NUMBER_INTEGER)
    done = put_pair(d, UL_WORD_WIDE, &number.integer);
  else if (number.kind == UL_NUMBER_REAL)
    done = put_pair(d, UL_WORD_REAL, &number.real);
  return done ? behind : NULL;
}

/* At a minus or a digit. */
static inline const char *number(document *d, const char *p) {
  const char *first = p + (*p == '-'), *behind = first;
  int64_t size = 0;
  for (; (unsigned char)(*behind - '0') < 10 && behind - first <= SHORT_DIGITS;
       behind++)
    size = size * 10 + (*behind - '0');
  bool is_short = behind != first && behind - first <= SHORT_DIGITS &&
                  *behind != '.' && (*behind | 0x20) != 'e' &&
                  (*first != '0' || behind == first + 1);
  if (!is_short) return any_number(d, p);
  return put_integer(d, first == p ? size : -size) ? behind : NULL;
}

/* ---- keys ---- */

typedef struct object {
  uint32_t shape;
  uint32_t more;  /* members behind those of the shape */
  bool has_scope; /* there are such, and all keys are in it */
  ul_json_scope scope;
} object;

static bool into_scope(document *d, object *o, const char *key,
                       size_t length) {
  uint32_t hash = ul_keys_hash(d->keys.seed, key, length);
  return ul_keys_add(&d->keys, &o->scope, key, length, hash) == UL_KEYS_NEW;
}

static bool open_scope(document *d, object *o) {
  o->has_scope = true;
  ul_keys_open(&d->keys, &o->scope);
  const ul_shape *all = d->shapes.shape;
  for (uint32_t i = o->shape; i != 0; i = all[i].parent)
    if (!into_scope(d, o, all[i].key, all[i].length)) return false;
  return true;
}

/* At the quote of a key that is not the likely one. */
static const char *other_key(document *d, object *o, const char *p) {
  uint64_t word;
  p = string(d, p + 1, &word);
  if (p == NULL) return NULL;
  const char *key = ul_word_bytes(d, word);
  size_t length = ul_word_low(word);
  if (!o->has_scope) {
    uint32_t next = ul_shapes_next(&d->shapes, o->shape, key, length);
    if (next != 0) {
      o->shape = next;
      return p;
    }
    if (!open_scope(d, o)) return NULL;
  }
  if (!into_scope(d, o, key, length)) return NULL;
  o->more++;
  d->built_bytes += STRING_BYTES + length;
  return put(d, word) ? p : NULL;
}

/* At what should be the quote of a key. */
static inline const char *key(document *d, object *o, const char *p) {
  if (*p != '"') return NULL;
  uint32_t likely = d->shapes.shape[o->shape].likely;
  if (likely == 0 || o->has_scope ||
      !ul_shape_has_key(&d->shapes.shape[likely], p + 1,
                        (size_t)(d->end - p - 1)))
    return other_key(d, o, p);
  o->shape = likely;
  return p + 2 + d->shapes.shape[likely].length;
}

/* ---- values: each gives the byte behind what begins at `p`, or NULL ---- */

static const char *value(document *d, const char *p, size_t levels);

static const char *members(document *d, object *o, const char *p,
                           size_t levels) {
  for (;; p++) {
    p = key(d, o, skip_space(d, p));
    if (p == NULL) return NULL;
    p = skip_space(d, p);
    if (*p != ':') return NULL;
    p = value(d, skip_space(d, p + 1), levels);
    if (p == NULL) return NULL;
    p = skip_space(d, p);
    if (*p != ',') return *p == '}' ? p + 1 : NULL;
  }
}

static const char *read_object(document *d, const char *p, size_t levels) {
  object o = {.shape = 0};
  if (levels == 0 || !put(d, UL_WORD_OBJECT)) return NULL;
  size_t header = place(d) - sizeof *d->at;
  p = skip_space(d, p + 1);
  p = *p == '}' ? p + 1 : members(d, &o, p, levels - 1);
  if (o.has_scope) ul_keys_close(&d->keys, &o.scope);
  size_t count = d->shapes.shape[o.shape].count + (size_t)o.more;
  d->built_bytes += TABLE_BYTES + count * MEMBER_BYTES;
  set(d, header, word_of(UL_WORD_OBJECT, o.shape, o.more));
  return p;
}

static const char *items(document *d, const char *p, size_t levels,
                         uint32_t *count) {
  for (;; p++) {
    p = value(d, skip_space(d, p), levels);
    if (p == NULL) return NULL;
    ++*count;
    p = skip_space(d, p);
    if (*p != ',') return *p == ']' ? p + 1 : NULL;
  }
}

static const char *read_array(document *d, const char *p, size_t levels) {
  uint32_t count = 0;
  if (levels == 0 || !put(d, UL_WORD_ARRAY)) return NULL;
  size_t header = place(d) - sizeof *d->at;
  p = skip_space(d, p + 1);
  p = *p == ']' ? p + 1 : items(d, p, levels - 1, &count);
  d->built_bytes += TABLE_BYTES + (size_t)count * ITEM_BYTES;
  set(d, header, word_of(UL_WORD_ARRAY, 0, count));
  return p;
}

static const char *word(document *d, const char *p, const char *name,
                        size_t length, ul_word_tag tag) {
  if (strncmp(p, name, length) != 0 || !put(d, tag)) return NULL;
  return p + length;
}

static const char *value(document *d, const char *p, size_t levels) {
  switch (*p) {
    case '"': return string_value(d, p);
    case '{': return read_object(d, p, levels);
    case '[': return read_array(d, p, levels);
    case 't': return word(d, p, "true", 4, UL_WORD_TRUE);
    case 'f': return word(d, p, "false", 5, UL_WORD_FALSE);
    case 'n': return word(d, p, "null", 4, UL_WORD_NULL);
    case '-': case '0': case '1': case '2': case '3': case '4':
    case '5': case '6': case '7': case '8': case '9':
      return number(d, p);
    default: return NULL;
  }
}

bool ul_document_read(document *d, const char *text, size_t length,
                      size_t max_depth) {
  if (length > TEXT_LIMIT_BYTES) return false;
  d->text = text;
  d->end = text + length;
  d->built_bytes = 0;
  d->at = NULL;
  if (!make_room(d, length / 4 + sizeof *d->at)) return false;
  if (d->shapes.count == UL_SHAPES) ul_shapes_init(&d->shapes);
  const char *behind = value(d, skip_space(d, text), max_depth);
  return behind != NULL && skip_space(d, behind) == d->end;
}
