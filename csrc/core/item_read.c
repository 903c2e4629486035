/* An item at one go, see item_read.h. */
#include "item_read.h"

#include <assert.h>

#include "json_escape.h"
#include "json_number.h"
#include "json_scan.h"

typedef ul_json_node node;

#define SHAPES_LIMIT_BYTES ((size_t)1 << 28)

/* The two kinds of objects are one text, compiled twice. */
#define EACH_KIND static inline __attribute__((always_inline))

#define APART __attribute__((noinline))

/* Tokens begin only where so many bytes follow, so that what is looked at
** from there needs no look at the end: a key, the start of a string, an
** integer, a chain of closing braces. */
enum { AHEAD_BYTES = 128 };

/* Objects and arrays in the item that lie in each other. */
enum { MOST_LEVELS = 24 };

/* ---- what is known of keys ---- */

enum { STEP_BYTES = 32, MOST_STEPS = 128 };

/* How many are tried where another one comes than the one expected. */
enum { TRIED_STEPS = 12 };

/* A key, as it stands. */
typedef struct step {
  char text[STEP_BYTES]; /* with its quotes and colon, then zeros */
  uint32_t bytes;        /* a bit for each byte of the text */
  uint32_t same;         /* the bits where it stands: those, or none can be */
  uint32_t length;       /* of the text */
  node *of;              /* whose value it has; NULL: nobody's */
  uint32_t member;       /* of a container: which one it was last, */
  uint64_t version;      /* when the item's keys were these */
} step;

/* Behind the last one, and no text is there. */
static const step no_step = {.same = 1};

typedef struct shape {
  ul_buffer steps; /* in the order in which they come, then `no_step` */
} shape;

static shape *shape_of(const ul_item_read *read, const node *n) {
  return (shape *)(void *)read->shapes.bytes + (n->shape - 1);
}

static step *steps_of(const shape *known) {
  return (step *)(void *)known->steps.bytes;
}

static size_t step_count(const shape *known) {
  return known->steps.length / sizeof(step) - 1;
}

#if UL_JSON_SSE2
/* Most keys are short. */
static inline bool is_at(const step *s, const char *p) {
  uint32_t same = ul_json_same_bytes(s->text, p);
  if (s->length > 16) same |= ul_json_same_bytes(s->text + 16, p + 16) << 16;
  return (same & s->bytes) == s->same;
}
#else
static inline bool is_at(const step *s, const char *p) {
  return s->bytes == s->same && memcmp(s->text, p, s->length) == 0;
}
#endif

/* The key at `p`, which is not the one expected. */
static step *find_step(const shape *known, step *expected, const char *p) {
  step *steps = steps_of(known), *last = steps + step_count(known);
  size_t count = step_count(known);
  step *s = expected;
  for (size_t tries = count < TRIED_STEPS ? count : TRIED_STEPS; tries > 0;
       tries--) {
    s = s >= last - 1 ? steps : s + 1;
    if (is_at(s, p)) return s;
  }
  return NULL;
}

/* Remembers a key in front of the one that was expected; gives it, or NULL
** where it is not to be. It is no loss where there is no memory. */
static step *add_step(shape *known, const step *expected, const char *text,
                      size_t length, node *of) {
  size_t count = step_count(known), place = expected - steps_of(known);
  if (length > STEP_BYTES || count >= MOST_STEPS ||
      !ul_buffer_reserve(&known->steps, sizeof(step)))
    return NULL;
  step *at = steps_of(known) + place;
  memmove(at + 1, at, (count + 1 - place) * sizeof *at);
  uint32_t bytes = UINT32_MAX >> (STEP_BYTES - length);
  *at = (step){.bytes = bytes, .same = bytes, .length = (uint32_t)length,
               .of = of};
  memcpy(at->text, text, length);
  known->steps.length += sizeof *at;
  return at;
}

/* ---- a run over one item ---- */

typedef struct run {
  ul_item_read *read;
  ul_item *item;
  ul_json_node *nodes;
  ul_item_value *member_values; /* of the member that is read */
  const char *last; /* where a token may begin */
  const char *end;
  size_t levels;    /* that are left, of so many: */
  size_t all_levels;
  step *expected;   /* key, where it is not the one that came */
  ul_item_value unused;
  const char *name; /* of a key that is not remembered: */
  step other[2];    /* it, then `no_step` */
  ul_way_note *note; /* of its way; NULL: nobody asks */
  bool escaped;     /* a string had an escape */
  bool no_memory;
} run;

/* All that reads gives the byte behind what it read, and NULL where that is
** for the reader to judge. */

static const char *lacks_memory(run *r) {
  r->no_memory = true;
  return NULL;
}

APART static const char *more_space(run *r, const char *p) {
  if (*p == ' ' && (unsigned char)p[1] > ' ') return p + 1;
  for (; p <= r->last; p++) {
    if (*p == '\n') {
      if (r->read->one_line) return NULL;
      r->read->lines++;
      r->read->line = p + 1;
    } else if (*p != ' ' && *p != '\t' && *p != '\r') {
      return p;
    }
  }
  return NULL;
}

/* Mostly there is none. */
static inline bool pass_space(run *r, const char **p) {
  const char *at = *p;
  if ((unsigned char)*at > ' ') return true;
  at = more_space(r, at);
  *p = at;
  return at != NULL;
}

/* What stands between two values of a container that ends so. */
typedef enum between { UL_NEXT, UL_CLOSED, UL_NEITHER } between;

/* Behind a value, which may be NULL; `*p` is the byte behind what is found. */
static inline between pass_comma(run *r, const char **p, const char closing) {
  if (*p == NULL) return UL_NEITHER;
  if (**p != ',' && **p != closing && !pass_space(r, p)) return UL_NEITHER;
  char found = *(*p)++;
  if (found == ',') return UL_NEXT;
  return found == closing ? UL_CLOSED : UL_NEITHER;
}

/* ---- strings ---- */

/* Where the UTF-8 sequence at `p` ends, or NULL; most have two bytes. */
static inline const char *skip_sequence(const run *r, const char *p) {
  if ((unsigned char)(p[0] - 0xc2) < 0x1e && (p[1] & 0xc0) == 0x80)
    return p + 2;
  int taken = ul_utf8_sequence(p, r->end);
  return taken > 0 ? p + taken : NULL;
}

/* The quote that ends the text at `p`, however long and whatever is in it. */
APART static const char *more_text(run *r, const char *p) {
  for (;;) {
    if (p > r->last) return NULL;
    p = ul_json_skip_plain(p, r->end);
    if (p > r->last) return NULL;
    if (*p == '"') return p;
    if (*p == '\\') {
      char out[4];
      size_t size;
      r->escaped = true;
      int taken = ul_unescape(p, r->end, out, &size);
      if (taken <= 0) return NULL;
      p += taken;
    } else if ((p = skip_sequence(r, p)) == NULL) {
      return NULL;
    }
  }
}

/* The same where the text ends in sight, of which these bytes begin or go on
** longer sequences; most have two bytes. */
APART static const char *long_text(const run *r, const char *text,
                                   uint32_t longs, const char *quote) {
  const char *p = text;
  if (ul_json_are_pairs(text, longs)) return quote;
  while (longs != 0) {
    const char *lead = text + __builtin_ctz(longs);
    if (lead < p) { /* taken with the one before */
      longs &= longs - 1;
      continue;
    }
    p = skip_sequence(r, lead);
    if (p == NULL) return NULL;
  }
  return quote;
}

/* The quote that ends the text at `p`; most is short and ASCII. */
static inline const char *end_of_text(run *r, const char *p) {
  ul_json_text ahead = ul_json_look_ahead(p);
  if (ahead.stops == 0) return more_text(r, p);
  const char *stop = p + __builtin_ctz(ahead.stops);
  if (*stop != '"') return more_text(r, p);
  uint32_t longs = ahead.longs & (ahead.stops - 1) & ~ahead.stops;
  return longs == 0 ? stop : long_text(r, p, longs, stop);
}

static inline const char *skip_string(run *r, const char *p) {
  const char *quote = end_of_text(r, p + 1);
  return quote == NULL ? NULL : quote + 1;
}

/* The text without its escapes, which are right. */
static const char *put_unescaped(run *r, ul_item_value *value,
                                 const char *text, const char *quote) {
  ul_buffer *texts = &r->item->texts;
  if (!ul_buffer_reserve(texts, (size_t)(quote - text) + 1))
    return lacks_memory(r);
  char *first = texts->bytes + texts->length, *to = first;
  while (text != quote) {
    size_t size = 1;
    int taken = 1;
    if (*text == '\\')
      taken = ul_unescape(text, quote, to, &size);
    else
      *to = *text;
    text += taken;
    to += size;
  }
  *value = (ul_item_value){.type = UL_ITEM_TEXT,
                           .length = (uint32_t)(to - first),
                           .is.text = texts->length};
  texts->length += (size_t)(to - first);
  return quote + 1;
}

APART static const char *read_string(run *r, ul_item_value *value,
                                     const char *p) {
  r->escaped = false;
  const char *text = p + 1, *quote = end_of_text(r, text);
  if (quote == NULL) return NULL;
  if (r->escaped) return put_unescaped(r, value, text, quote);
  if (ul_item_put_short(r->item, value, text, (size_t)(quote - text)))
    return quote + 1;
  if (!ul_item_put_text(r->item, value, text, (size_t)(quote - text)))
    return lacks_memory(r);
  return quote + 1;
}

/* ---- numbers and words ---- */

static inline bool is_digit(char c) { return (unsigned char)(c - '0') < 10; }

static inline bool is_number(const char *p) {
  return is_digit(*p) || *p == '-';
}

static inline bool goes_on(char c) {
  return c == '.' || (c | 0x20) == 'e' || is_digit(c);
}

/* How many digits stand at `p`, of which eight are looked at, and their value.
** Where a number ends cannot be foreseen, so nothing is decided on the way:
** all eight bytes are taken at once (SIMD within a register). */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
static inline unsigned eight_digits(const char *p, int64_t *integer) {
  uint64_t bytes;
  memcpy(&bytes, p, sizeof bytes);
  bytes ^= 0x3030303030303030u; /* digits are 0 to 9 now */
  uint64_t others = (((bytes & 0x7f7f7f7f7f7f7f7fu) + 0x7676767676767676u) |
                     bytes) & 0x8080808080808080u;
  unsigned bits = others == 0 ? 64 : (unsigned)__builtin_ctzll(others) & 0x78;
  if (bits == 0) return 0;
  uint64_t digits = bytes << (64 - bits); /* zeros in front of them */
  digits = digits * 10 + (digits >> 8); /* pairs, in every other byte */
  const uint64_t two = 0x000000ff000000ffu;
  digits = (digits & two) * (100 + ((uint64_t)1000000 << 32)) +
           ((digits >> 16) & two) * (1 + ((uint64_t)10000 << 32));
  *integer = (int64_t)(digits >> 32);
  return bits / 8;
}
#else
static inline unsigned eight_digits(const char *p, int64_t *integer) {
  unsigned count = 0;
  for (*integer = 0; count < 8 && is_digit(p[count]); count++)
    *integer = *integer * 10 + (p[count] - '0');
  return count;
}
#endif

/* Digits that are an integer, or NULL where the number is another one. */
static inline const char *read_digits(const char *p, int64_t *integer) {
  unsigned count = eight_digits(p, integer);
  if (count == 0 || goes_on(p[count]) || (*p == '0' && count != 1))
    return NULL;
  return p + count;
}

/* The number at `p`, as the reader checks it. It may be a long one, and so much
** has to follow it, too. */
static const char *end_of_number(const run *r, const char *p) {
  ul_number_state state = UL_NUMBER_START;
  const char *behind = ul_number_scan(p, r->end, &state);
  if (behind > r->last || !ul_number_may_end(state) || is_digit(*behind))
    return NULL;
  return behind;
}

APART static const char *read_any_number(const run *r, ul_item_value *value,
                                         const char *p) {
  const char *behind = end_of_number(r, p);
  if (behind == NULL) return NULL;
  ul_number number = ul_number_value(p, (size_t)(behind - p));
  if (number.kind == UL_NUMBER_REAL)
    *value = (ul_item_value){.type = UL_ITEM_REAL, .is.real = number.real};
  else if (number.kind == UL_NUMBER_INTEGER)
    *value = (ul_item_value){.type = UL_ITEM_INTEGER,
                             .is.integer = number.integer};
  else
    return NULL;
  return behind;
}

static inline const char *read_number(const run *r, ul_item_value *value,
                                      const char *p) {
  int64_t integer;
  const char *behind = read_digits(p, &integer);
  if (behind == NULL) return read_any_number(r, value, p);
  value->type = UL_ITEM_INTEGER;
  value->is.integer = integer;
  return behind;
}

static inline const char *skip_number(const run *r, const char *p) {
  int64_t unused;
  const char *behind = read_digits(p, &unused);
  return behind != NULL ? behind : end_of_number(r, p);
}

static inline bool is_word(const char *p, const char *word) {
  uint32_t there, wanted;
  memcpy(&there, p, sizeof there);
  memcpy(&wanted, word, sizeof wanted);
  return there == wanted;
}

/* Which one it is cannot be foreseen, so nothing is decided on the way: two
** bits of their first letters tell them apart. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define WORD(a, b, c, d, e) \
  ((uint64_t)(a) | (uint64_t)(b) << 8 | (uint64_t)(c) << 16 | \
   (uint64_t)(d) << 24 | (uint64_t)(e) << 32)
#else
#define WORD(a, b, c, d, e) \
  ((uint64_t)(a) << 56 | (uint64_t)(b) << 48 | (uint64_t)(c) << 40 | \
   (uint64_t)(d) << 32 | (uint64_t)(e) << 24)
#endif

static inline const char *read_word(ul_item_type *type, const char *p) {
  static const struct {
    uint64_t text, bytes;
    uint32_t length;
    ul_item_type type;
  } words[] = {
    [('f' >> 3) & 3] = {WORD('f', 'a', 'l', 's', 'e'),
                        WORD(0xff, 0xff, 0xff, 0xff, 0xff), 5, UL_ITEM_FALSE},
    [('n' >> 3) & 3] = {WORD('n', 'u', 'l', 'l', 0),
                        WORD(0xff, 0xff, 0xff, 0xff, 0), 4, UL_ITEM_NULL},
    [('t' >> 3) & 3] = {WORD('t', 'r', 'u', 'e', 0),
                        WORD(0xff, 0xff, 0xff, 0xff, 0), 4, UL_ITEM_TRUE},
    [3] = {.text = 1}, /* none */
  };
  static_assert(('f' >> 3 & 3) == 0 && ('n' >> 3 & 3) == 1 &&
                ('t' >> 3 & 3) == 2, "they are told apart");
  unsigned which = (unsigned char)*p >> 3 & 3;
  uint64_t text;
  memcpy(&text, p, sizeof text);
  if ((text & words[which].bytes) != words[which].text) return NULL;
  *type = words[which].type;
  return p + words[which].length;
}

EACH_KIND const char *read_scalar(run *r, ul_item_value *value,
                                  const char *p) {
  if (*p >= 'f') return read_word(&value->type, p);
  return *p == '"' ? read_string(r, value, p) : read_number(r, value, p);
}

/* ---- what nobody asked for ---- */

static const char *skip_container(run *r, const char *p);

APART static const char *skip_no_string(run *r, const char *p) {
  ul_item_type unused;
  if (is_number(p)) return skip_number(r, p);
  if (*p == '{' || *p == '[') return skip_container(r, p);
  return read_word(&unused, p);
}

static inline const char *skip_value(run *r, const char *p) {
  return *p == '"' ? skip_string(r, p) : skip_no_string(r, p);
}

/* A key with its colon. */
static inline const char *skip_key(run *r, const char *p) {
  if (*p != '"') return NULL;
  p = skip_string(r, p);
  if (p == NULL || !pass_space(r, &p) || *p != ':') return NULL;
  p++;
  return pass_space(r, &p) ? p : NULL;
}

EACH_KIND const char *skip_values(run *r, const char *p,
                                  const bool is_object) {
  const char closing = is_object ? '}' : ']';
  p++;
  if (!pass_space(r, &p)) return NULL;
  if (*p == closing) return p + 1;
  for (;;) {
    if (p > r->last) return NULL;
    if (is_object && (p = skip_key(r, p)) == NULL) return NULL;
    p = skip_value(r, p);
    between found = pass_comma(r, &p, closing);
    if (found != UL_NEXT) return found == UL_CLOSED ? p : NULL;
    if (!pass_space(r, &p)) return NULL;
  }
}

static const char *skip_container(run *r, const char *p) {
  if (r->levels == 0) return NULL;
  r->levels--;
  p = *p == '{' ? skip_values(r, p, true) : skip_values(r, p, false);
  r->levels++;
  return p;
}

/* ---- the way that an item takes ---- */

/* A value of it, where it could be read; gives the byte behind it. */
static inline const char *noted(run *r, ul_way_use use, const char *from,
                                const char *to, uint32_t number) {
  if (r->note != NULL && to != NULL)
    ul_way_note_value(r->note,
                      (ul_way_value){
                        .from = from, .to = to, .use = use, .number = number,
                        .depth = (uint32_t)(r->all_levels - r->levels)});
  return to;
}

static uint32_t number_of(const run *r, const ul_item_value *value) {
  return (uint32_t)(value - ul_item_own(r->item, 0));
}

/* A scalar of which nothing but the range of a number matters. */
static inline const char *pass_scalar(run *r, const char *p) {
  return *p == '"' ? skip_string(r, p) : read_scalar(r, &r->unused, p);
}

/* Where nothing stands behind a number but what is known: what does not end it
** is no step. Gives its end, or NULL where it is another one. */
static inline const char *short_digits(const char *p, int64_t *integer) {
  unsigned count = eight_digits(p, integer);
  if (count - 1 >= 7 || (*p == '0' && count != 1)) return NULL;
  return p + count;
}

static inline const char *take_number(run *r, ul_item_value *value,
                                      const char *p) {
  int64_t integer;
  const char *behind = short_digits(p, &integer);
  if (behind == NULL) return read_scalar(r, value, p);
  value->type = UL_ITEM_INTEGER;
  value->is.integer = integer;
  return behind;
}

static inline const char *take_word(run *r, ul_item_value *value,
                                    const char *p) {
  const char *behind = read_word(&value->type, p);
  return behind != NULL ? behind : read_scalar(r, value, p);
}

/* A value may nest as deep as it does where it stands. */
static inline const char *skip_behind(run *r, const ul_way_step *at,
                                      const char *p) {
  r->levels = r->all_levels - at->depth;
  return skip_value(r, p);
}

static inline const char *skip_short(run *r, const ul_way_step *at,
                                     const char *p) {
  int64_t unused;
  const char *behind = short_digits(p, &unused);
  return behind != NULL ? behind : skip_behind(r, at, p);
}

/* At the brace of the item: all of it, where it goes along a way. */
static const char *follow_way(run *r, const char *p) {
  ul_item_ways *ways = &r->read->ways;
  ul_item_value *values = ul_item_own(r->item, 0);
  ul_way_place *place = ul_ways_start(ways);
  while (p != NULL && p <= r->last) {
    const ul_way_step *at = ul_way_next(place, p);
    if (at == NULL) break;
    p += at->length;
    place = at->place;
    switch (at->kind) {
      case UL_WAY_SKIP_STRING: p = skip_string(r, p - 1); break;
      case UL_WAY_SKIP_NUMBER: p = skip_short(r, at, p); break;
      case UL_WAY_TAKE_NUMBER:
        p = take_number(r, values + at->value, p);
        break;
      case UL_WAY_TAKE_WORD: p = take_word(r, values + at->value, p); break;
      case UL_WAY_TAKE_STRING:
        p = read_string(r, values + at->value, p - 1);
        break;
      case UL_WAY_SKIP_OTHER: p = skip_behind(r, at, p); break;
      case UL_WAY_PASS: p = pass_scalar(r, p); break;
      case UL_WAY_UNNAMED:
        p = is_number(p) ? NULL : skip_behind(r, at, p);
        break;
      case UL_WAY_END:
        return ul_way_set_members(ways, at->value, r->item) ? p
                                                           : lacks_memory(r);
    }
  }
  return NULL;
}

/* ---- objects that are read ---- */

static uint32_t child_named(const ul_json_plan *plan, const node *n,
                            const char *bytes, size_t length) {
  uint32_t i = n->child;
  while (i != 0 &&
         !ul_plan_has_name(plan, ul_plan_node(plan, i), bytes, length))
    i = ul_plan_node(plan, i)->next;
  return i;
}

/* A key that is not among those known, or not where they were tried. It may
** be remembered from now on. */
static const char *read_new_key(run *r, const node *n, const char *p) {
  if (*p != '"') return NULL;
  r->escaped = false;
  const char *text = p + 1, *quote = end_of_text(r, text);
  if (quote == NULL || r->escaped) return NULL;
  size_t length = (size_t)(quote - text);
  const char *colon = quote + 1;
  if (!pass_space(r, &colon) || *colon != ':') return NULL;
  uint32_t index = n->members != 0
                     ? n->members
                     : child_named(r->read->plan, n, text, length);
  node *of = index != 0 ? r->nodes + index : NULL;
  step *new = NULL;
  if (colon == quote + 1)
    new = add_step(shape_of(r->read, n), r->expected, p, length + 3, of);
  r->expected = new != NULL ? new : r->other;
  if (new != NULL) return colon + 1;
  r->name = text;
  r->other[0] = (step){.length = (uint32_t)length + 3, .of = of};
  r->other[1] = no_step;
  return colon + 1;
}

/* Another key than the one expected, which is told, or space before it. */
APART static const char *read_other_key(run *r, const node *n,
                                        const char *p) {
  const shape *known = shape_of(r->read, n);
  if ((unsigned char)*p <= ' ') {
    if (!pass_space(r, &p)) return NULL;
    if (is_at(r->expected, p)) return p + r->expected->length;
  }
  if (r->expected == r->other + 1) r->expected = steps_of(known);
  step *s = find_step(known, r->expected, p);
  if (s == NULL) return read_new_key(r, n, p);
  r->expected = s;
  return p + s->length;
}

static const char *read_object(run *r, const node *n, const char *p);
static const char *read_list(run *r, const node *n, const char *p);

/* A value that is somebody's. */
EACH_KIND const char *read_value(run *r, const node *n, const char *p) {
  if (n->slot != 0) {
    ul_item_value *value = n->slot_of_member ? r->member_values
                                             : ul_item_own(r->item, 0);
    value += n->slot - 1;
    return noted(r, UL_WAY_SOMEBODYS, p, read_scalar(r, value, p),
                 number_of(r, value));
  }
  if ((n->child | n->members | n->items) == 0)
    return noted(r, UL_WAY_LOOKED_AT, p, pass_scalar(r, p), 0);
  if (n->items != 0 && *p == '[') return read_list(r, n, p);
  if (n->items == 0 && *p == '{') return read_object(r, n, p);
  return is_word(p, "null") ? p + 4 : NULL;
}

/* The value of a key among names that paths take; a number under another one
** may be looked for too. */
static inline const char *read_field(run *r, const node *object,
                                     const step *key, uint64_t serial,
                                     const char *p) {
  node *n = key->of;
  if (n == NULL) {
    if (object->has_strays && is_number(p)) return NULL;
    return noted(r, object->has_strays ? UL_WAY_NOBODYS_NUMBER : UL_WAY_NOBODYS,
                 p, skip_value(r, p), 0);
  }
  if (n->seen == serial) return NULL;
  n->seen = serial;
  return read_value(r, n, p);
}

/* A member that has to be looked for. */
APART static bool open_member(run *r, step *key) {
  ul_item *item = r->item;
  const char *name = key == r->other ? r->name : key->text + 1;
  size_t length = key->length - 3; /* less two quotes and the colon */
  ul_item_member opened = ul_item_open_member(item, name, length);
  if (opened == UL_MEMBER_NO_MEMORY) r->no_memory = true;
  if (opened != UL_MEMBER_OPEN || item->is_doubtful || item->is_unsure)
    return false;
  key->member = item->member;
  key->version = item->version;
  return true;
}

static inline const char *read_member(run *r, step *key, const char *p) {
  ul_item *item = r->item;
  bool is_open = key->version == item->version &&
                 ul_item_open_known(item, key->member);
  if (!is_open && !open_member(r, key)) return NULL;
  r->member_values = ul_item_of_member(item, item->member, 0);
  return read_value(r, key->of, p);
}

EACH_KIND const char *read_keys(run *r, const node *n, const char *p,
                                const bool is_container) {
  step *key = steps_of(shape_of(r->read, n)); /* the one expected */
  uint64_t serial = ++*r->read->serial;
  p++;
  if (!pass_space(r, &p)) return NULL;
  if (*p == '}') return p + 1;
  for (;;) {
    if (p > r->last) return NULL;
    if (is_at(key, p)) {
      p += key->length;
    } else {
      r->expected = key;
      p = read_other_key(r, n, p);
      if (p == NULL) return NULL;
      key = r->expected;
    }
    if (!pass_space(r, &p)) return NULL;
    p = is_container ? read_member(r, key, p)
                     : read_field(r, n, key, serial, p);
    between found = pass_comma(r, &p, '}');
    if (found != UL_NEXT) return found == UL_CLOSED ? p : NULL;
    key++;
  }
}

static const char *read_container(run *r, const node *n, const char *p) {
  ul_item_open_container(r->item);
  return read_keys(r, n, p, true);
}

static const char *read_object(run *r, const node *n, const char *p) {
  if (r->levels == 0) return NULL;
  r->levels--;
  p = n->is_container ? read_container(r, n, p) : read_keys(r, n, p, false);
  r->levels++;
  return p;
}

/* Each value is a member of its own. */
static const char *read_values(run *r, const node *value, const char *p) {
  p++;
  if (!pass_space(r, &p)) return NULL;
  if (*p == ']') return p + 1;
  for (;;) {
    if (p > r->last) return NULL;
    if (!ul_item_open_next(r->item)) return lacks_memory(r);
    r->member_values = ul_item_of_member(r->item, r->item->member, 0);
    p = read_value(r, value, p);
    between found = pass_comma(r, &p, ']');
    if (found != UL_NEXT) return found == UL_CLOSED ? p : NULL;
    if (!pass_space(r, &p)) return NULL;
  }
}

static const char *read_list(run *r, const node *n, const char *p) {
  if (r->levels == 0) return NULL;
  r->levels--;
  if (r->note != NULL) r->note->is_odd = true;
  ul_item_open_container(r->item);
  p = read_values(r, r->nodes + n->items, p);
  r->levels++;
  return p;
}

/* ---- the way in ---- */

void ul_item_read_init(ul_item_read *read) {
  *read = (ul_item_read){.item = NULL};
  ul_buffer_init(&read->shapes, SHAPES_LIMIT_BYTES);
  ul_ways_init(&read->ways);
}

void ul_item_read_free(ul_item_read *read) {
  shape *shapes = (shape *)(void *)read->shapes.bytes;
  for (size_t i = 0; i < read->shapes.length / sizeof *shapes; i++)
    ul_buffer_free(&shapes[i].steps);
  ul_buffer_free(&read->shapes);
  ul_ways_free(&read->ways);
  read->item = NULL;
}

/* Whether the node is one of those that are read here: objects with names or
** members to look for, lists of members, and scalars. */
static bool is_plain(const node *n) {
  if (((n->members | n->items) != 0) != n->is_container ||
      (n->items != 0 && (n->members | n->child) != 0))
    return false;
  return n->slot == 0 || (n->child | n->members | n->items) == 0;
}

static bool add_shape(ul_item_read *read, node *n) {
  shape new;
  if ((n->child | n->members) == 0) return true;
  ul_buffer_init(&new.steps, (MOST_STEPS + 1) * sizeof(step));
  if (!ul_buffer_append(&new.steps, (const char *)&no_step, sizeof no_step))
    return false;
  if (!ul_buffer_append(&read->shapes, (const char *)&new, sizeof new)) {
    ul_buffer_free(&new.steps);
    return false;
  }
  n->shape = (uint32_t)(read->shapes.length / sizeof new);
  return true;
}

/* The node and those below; paths nest only so deep as they are long. */
static bool add_shapes(ul_item_read *read, const ul_json_plan *plan, node *n,
                       bool in_container, size_t levels) {
  if (levels == 0 || !is_plain(n) || (in_container && n->is_container) ||
      !add_shape(read, n))
    return false;
  bool inside = in_container || n->is_container;
  uint32_t below = n->members | n->items; /* there is one of them at most */
  if (below != 0)
    return add_shapes(read, plan, ul_plan_node(plan, below), inside,
                      levels - 1);
  for (uint32_t i = n->child; i != 0; i = ul_plan_node(plan, i)->next)
    if (!add_shapes(read, plan, ul_plan_node(plan, i), inside, levels - 1))
      return false;
  return true;
}

void ul_item_read_start(ul_item_read *read, const ul_json_plan *plan,
                        ul_item *item, uint64_t *serial) {
  node *rows = ul_plan_node(plan, plan->rows);
  ul_item_read_free(read);
  if (!plan->has_rows || (rows->child | rows->members) == 0 ||
      !add_shapes(read, plan, rows, false, MOST_LEVELS))
    return;
  read->plan = plan;
  read->item = item;
  read->serial = serial;
}

/* By its keys, one by one; from now on it is known which way it takes. */
APART static const char *read_anew(run *r, const char *p, bool is_noted) {
  ul_way_note note;
  note.count = 0;
  note.is_odd = false;
  r->read->lines = 0;
  r->levels = r->all_levels;
  if (!ul_item_begin(r->item)) return lacks_memory(r);
  r->note = is_noted ? &note : NULL;
  const char *behind = read_object(r, r->nodes + r->read->plan->rows, p);
  r->note = NULL;
  if (is_noted && behind != NULL)
    ul_ways_add(&r->read->ways, r->item, &note, p, behind);
  return behind;
}

static const char *read_item(run *r, const char *p) {
  ul_item_ways *ways = &r->read->ways;
  if (!ul_ways_are_tried(ways)) return read_anew(r, p, false);
  if (ways->steps.length > 0) {
    if (!ul_item_begin_with(r->item, ways->members)) return lacks_memory(r);
    const char *behind = follow_way(r, p);
    if (behind != NULL) ul_ways_hit(ways);
    if (behind != NULL || r->no_memory) return behind;
  }
  ul_ways_missed(ways);
  return read_anew(r, p, true);
}

ul_item_found ul_item_read_at(ul_item_read *read, const char *p,
                              const char *end, const char **behind) {
  if (read->item == NULL || end - p <= AHEAD_BYTES) return UL_ITEM_LEFT;
  run r;
  r.read = read;
  r.item = read->item;
  r.nodes = ul_plan_node(read->plan, 0);
  r.last = end - AHEAD_BYTES;
  r.end = end;
  r.no_memory = false;
  r.all_levels = read->levels < MOST_LEVELS ? read->levels : MOST_LEVELS;
  read->lines = 0;
  *behind = read_item(&r, p);
  if (*behind != NULL) return UL_ITEM_READ;
  return r.no_memory ? UL_ITEM_NO_MEMORY : UL_ITEM_LEFT;
}
