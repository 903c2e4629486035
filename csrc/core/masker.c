#include "masker.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"

/*
** The forms stand in one tree of bytes (a trie), so that a text is searched
** once however many secrets there are. Escapes are not stored: the search
** reads each character in all its forms and follows those that fit.
*/
typedef struct node {
  uint32_t child, sibling;  /* indices into nodes; 0 is none */
  uint8_t byte;
  uint8_t ends;             /* END_* where a form ends here */
} node;

enum {
  END_PLAIN = 1,   /* the secret itself, in any case, or in hex */
  END_BASE64 = 2,  /* the part of Base64 that its neighbours do not change */
  END_SHARED_BEFORE = 4,  /* the character before it holds bits of it */
  END_SHARED_AFTER = 8,   /* the character after it does */
};

#define ROOT 0
#define PAIRS (256 * 256)

struct ul_masker {
  node *nodes;
  size_t count, capacity;
  uint32_t first[256];          /* the root's children by their byte */
  unsigned char pairs[PAIRS / 8];  /* which two bytes begin some form */
};

ul_masker *ul_masker_new(void) {
  ul_masker *masker = calloc(1, sizeof *masker);
  if (masker != NULL) masker->count = 1;  /* the root */
  return masker;
}

void ul_masker_free(ul_masker *masker) {
  if (masker == NULL) return;
  if (masker->nodes != NULL)
    explicit_bzero(masker->nodes, masker->capacity * sizeof *masker->nodes);
  free(masker->nodes);
  explicit_bzero(masker, sizeof *masker);
  free(masker);
}

bool ul_masker_is_empty(const ul_masker *masker) {
  return masker->count == 1;
}

/* Not realloc: that would leave the old bytes behind. */
static bool reserve(ul_masker *masker, size_t extra) {
  size_t needed = masker->count + extra;
  if (needed <= masker->capacity) return true;
  if (needed > UINT32_MAX) return false;
  size_t capacity = needed + needed / 2;
  node *nodes = calloc(capacity, sizeof *nodes);
  if (nodes == NULL) return false;
  if (masker->nodes != NULL) {
    memcpy(nodes, masker->nodes, masker->count * sizeof *nodes);
    explicit_bzero(masker->nodes, masker->capacity * sizeof *nodes);
    free(masker->nodes);
  }
  masker->nodes = nodes;
  masker->capacity = capacity;
  return true;
}

static uint32_t child(const ul_masker *masker, uint32_t at, uint8_t byte) {
  if (at == ROOT) return masker->first[byte];
  uint32_t next = masker->nodes[at].child;
  while (next != 0 && masker->nodes[next].byte != byte)
    next = masker->nodes[next].sibling;
  return next;
}

/* The child, made where it is missing; room was reserved. */
static uint32_t grow(ul_masker *masker, uint32_t at, uint8_t byte) {
  uint32_t next = child(masker, at, byte);
  if (next != 0) return next;
  next = (uint32_t)masker->count++;
  masker->nodes[next] = (node){.byte = byte};
  if (at == ROOT) {
    masker->first[byte] = next;
  } else {
    masker->nodes[next].sibling = masker->nodes[at].child;
    masker->nodes[at].child = next;
  }
  return next;
}

static void note_pair(ul_masker *masker, uint8_t first, uint8_t second) {
  unsigned pair = first * 256U + second;
  masker->pairs[pair / 8] |= (unsigned char)(1U << (pair % 8));
}

static bool is_pair(const ul_masker *masker, uint8_t first, uint8_t second) {
  unsigned pair = first * 256U + second;
  return (masker->pairs[pair / 8] >> (pair % 8)) & 1U;
}

static void add_plain(ul_masker *masker, const char *bytes, size_t length) {
  uint32_t at = ROOT;
  for (size_t i = 0; i < length; i++)
    at = grow(masker, at, (uint8_t)bytes[i]);
  masker->nodes[at].ends |= END_PLAIN;
  note_pair(masker, (uint8_t)bytes[0], (uint8_t)bytes[1]);
}

/* Base64 of the bytes where `before` (0 to 2) others stand in front of them
** in the group of three. Characters that hold bits of a neighbour are not
** part of the form: they depend on what stands there. */
typedef struct base64 {
  const char *bytes;
  size_t before;
  size_t start, end;  /* characters, counted from the group's beginning */
  uint8_t ends;
} base64;

static base64 base64_of(const char *bytes, size_t length, size_t before) {
  static const size_t first_whole[] = {0, 2, 3};
  size_t bits = 8 * (before + length);
  uint8_t ends = END_BASE64;
  if (before > 0) ends |= END_SHARED_BEFORE;
  if (bits % 6 != 0) ends |= END_SHARED_AFTER;
  return (base64){bytes, before, first_whole[before], bits / 6, ends};
}

/* The six bits of character `i`, which lie in one byte or in two. */
static unsigned sextet(const base64 *form, size_t i) {
  size_t bit = 6 * i, byte = bit / 8 - form->before;
  unsigned window = (unsigned)(unsigned char)form->bytes[byte] << 8;
  if (bit % 8 > 2) window |= (unsigned char)form->bytes[byte + 1];
  return (window >> (10 - bit % 8)) & 0x3f;
}

static void add_base64(ul_masker *masker, const base64 *form,
                       const char *alphabet) {
  uint32_t at = ROOT;
  for (size_t i = form->start; i < form->end; i++)
    at = grow(masker, at, (uint8_t)alphabet[sextet(form, i)]);
  masker->nodes[at].ends |= form->ends;
  note_pair(masker, (uint8_t)alphabet[sextet(form, form->start)],
            (uint8_t)alphabet[sextet(form, form->start + 1)]);
}

#define BASE64_COMMON \
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

static const char *const alphabets[] = {BASE64_COMMON "+/", BASE64_COMMON "-_"};

/* What one byte becomes; two characters where it is written in digits. */
typedef uint8_t (*letter)(uint8_t byte, size_t place);

static uint8_t upper(uint8_t byte, size_t place) {
  (void)place;
  return byte >= 'a' && byte <= 'z' ? byte - 'a' + 'A' : byte;
}

static uint8_t lower(uint8_t byte, size_t place) {
  (void)place;
  return byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte;
}

static unsigned half(uint8_t byte, size_t place) {
  return place == 0 ? byte >> 4U : byte & 0xfU;
}

static uint8_t hex_upper(uint8_t byte, size_t place) {
  return (uint8_t)"0123456789ABCDEF"[half(byte, place)];
}

static uint8_t hex_lower(uint8_t byte, size_t place) {
  return (uint8_t)"0123456789abcdef"[half(byte, place)];
}

/* The bytes one by one in other letters. */
static void add_spelt(ul_masker *masker, const char *bytes, size_t length,
                      letter spell, size_t width) {
  uint32_t at = ROOT;
  uint8_t first[2];
  for (size_t i = 0; i < length * width; i++) {
    uint8_t c = spell((uint8_t)bytes[i / width], i % width);
    if (i < 2) first[i] = c;
    at = grow(masker, at, c);
  }
  masker->nodes[at].ends |= END_PLAIN;
  note_pair(masker, first[0], first[1]);
}

static void add_forms(ul_masker *masker, const char *bytes, size_t length) {
  add_plain(masker, bytes, length);
  add_spelt(masker, bytes, length, upper, 1);
  add_spelt(masker, bytes, length, lower, 1);
  add_spelt(masker, bytes, length, hex_upper, 2);
  add_spelt(masker, bytes, length, hex_lower, 2);
  for (size_t before = 0; before < 3; before++) {
    base64 form = base64_of(bytes, length, before);
    add_base64(masker, &form, alphabets[0]);
    add_base64(masker, &form, alphabets[1]);
  }
}

/* At most: the bytes in three cases, twice in hex, and six times in Base64,
** which is four thirds as long. */
static size_t nodes_of(size_t length) {
  return 3 * length + 4 * length + 6 * (length * 4 / 3 + 4);
}

bool ul_masker_add(ul_masker *masker, const char *bytes, size_t length) {
  if (length < 4) return true;  /* would hide half of any text */
  if (length > UINT32_MAX / 32) return false;
  if (!reserve(masker, nodes_of(length))) return false;
  add_forms(masker, bytes, length);
  return true;
}

/*
** Where the search stands: this node, this place in the text. Several at a
** time where a character can be read in several ways.
*/
typedef struct state {
  uint32_t at;
  size_t place;
} state;

/* More than this many ways at once has only a secret made of backslashes or
** percent signs; the search then masks as far as it came. */
#define STATES_MAX 64

typedef struct states {
  state list[STATES_MAX];
  size_t count;
  bool is_full;
} states;

typedef struct outcome {
  size_t end;     /* of the longest form that begins here; 0 is none */
  uint8_t ends;
  bool is_open;   /* the text ended before it was decided */
} outcome;

typedef struct search {
  const ul_masker *masker;
  const char *text;
  size_t length;
} search;

static void push(states *list, state new) {
  for (size_t i = 0; i < list->count; i++) {
    const state *known = &list->list[i];
    if (known->at == new.at && known->place == new.place) return;
  }
  if (list->count < STATES_MAX)
    list->list[list->count++] = new;
  else
    list->is_full = true;
}

static void follow(const search *s, state from, const ul_reading *reading,
                   states *next) {
  uint32_t at = from.at;
  for (size_t i = 0; i < reading->count; i++) {
    at = child(s->masker, at, reading->bytes[i]);
    if (at == 0) return;
  }
  push(next, (state){at, from.place + reading->length});
}

static void note_end(const search *s, state now, outcome *result) {
  uint8_t ends = s->masker->nodes[now.at].ends;
  if (ends == 0 || now.place <= result->end) return;
  result->end = now.place;
  result->ends = ends;
}

/* From one state to those that the next character leads to. */
static void advance(const search *s, state now, states *next, outcome *result) {
  ul_readings readings;
  if (now.at != ROOT) {
    note_end(s, now, result);
    if (s->masker->nodes[now.at].child == 0) return;
  }
  if (now.place == s->length) {
    result->is_open = true;
    return;
  }
  ul_escape_read(s->text + now.place, s->text + s->length, UL_ESCAPE_DEPTH,
                 &readings);
  result->is_open |= readings.is_open;
  for (size_t i = 0; i < readings.count; i++)
    follow(s, now, &readings.list[i], next);
}

static void mask_as_far(const states *list, outcome *result) {
  for (size_t i = 0; i < list->count; i++) {
    if (list->list[i].place <= result->end) continue;
    result->end = list->list[i].place;
    result->ends = END_PLAIN;
  }
}

static outcome explore(const search *s, size_t place) {
  states first, second;
  states *now = &first, *next = &second;
  outcome result = {0};
  now->count = 0;
  push(now, (state){ROOT, place});
  while (now->count > 0) {
    next->count = 0;
    next->is_full = false;
    for (size_t i = 0; i < now->count; i++)
      advance(s, now->list[i], next, &result);
    if (next->is_full) {
      mask_as_far(next, &result);
      break;
    }
    states *swap = now;
    now = next;
    next = swap;
  }
  return result;
}

/* The filter before the search proper: almost every place stops here. */
static bool may_begin(const search *s, size_t place) {
  const uint32_t *first = s->masker->first;
  uint8_t c = (uint8_t)s->text[place];
  if (c == '%' || c == '\\' || c == '&') return true;
  if (c == '+' && first[' '] != 0) return true;
  if (first[c] == 0) return false;
  if (place + 1 == s->length) return true;
  char following = s->text[place + 1];
  return is_pair(s->masker, c, (uint8_t)following) ||
         ul_escape_leads(following) || ul_escape_leads((char)c);
}

static bool is_base64(const ul_reading *reading) {
  return reading->count == 1 && reading->bytes[0] != '\0' &&
         (strchr(alphabets[0], reading->bytes[0]) != NULL ||
          strchr(alphabets[1], reading->bytes[0]) != NULL);
}

/* The longest reading of exactly `length` bytes at `place`, or NULL. */
static const ul_reading *reading_of(const search *s, size_t place,
                                    size_t length, ul_readings *readings) {
  ul_escape_read(s->text + place, s->text + s->length, UL_ESCAPE_DEPTH,
                 readings);
  for (size_t i = readings->count; i-- > 0;)
    if (readings->list[i].length == length) return &readings->list[i];
  return NULL;
}

#define ESCAPE_LONGEST 12  /* \u002B with both its parts escaped again */

/* Takes the character before as well, whole where it is an escape. */
static size_t widen_before(const search *s, size_t start, size_t limit) {
  ul_readings readings;
  size_t longest = start - limit;
  if (longest > ESCAPE_LONGEST) longest = ESCAPE_LONGEST;
  for (size_t length = longest; length > 0; length--) {
    const ul_reading *reading =
      reading_of(s, start - length, length, &readings);
    if (reading == NULL) continue;
    return is_base64(reading) ? start - length : start;
  }
  return start;
}

static size_t widen_after(const search *s, size_t end) {
  ul_readings readings;
  if (end == s->length) return end;
  ul_escape_read(s->text + end, s->text + s->length, UL_ESCAPE_DEPTH,
                 &readings);
  for (size_t i = readings.count; i-- > 0;)
    if (is_base64(&readings.list[i])) return end + readings.list[i].length;
  return end;
}

static bool is_continuation(char c) {
  return ((unsigned char)c & 0xc0) == 0x80;
}

/* What is left must not begin or end within a UTF-8 sequence. */
static void widen_to_characters(const search *s, size_t limit, ul_hit *hit) {
  for (int i = 0; i < 3; i++) {
    if (hit->start > limit && is_continuation(s->text[hit->start]))
      hit->start--;
    if (hit->end < s->length && is_continuation(s->text[hit->end])) hit->end++;
  }
}

static ul_hit widen(const search *s, size_t place, size_t limit,
                    const outcome *found) {
  ul_hit hit = {place, found->end};
  bool plain = (found->ends & END_PLAIN) != 0;
  if (!plain && (found->ends & END_SHARED_BEFORE))
    hit.start = widen_before(s, place, limit);
  if (!plain && (found->ends & END_SHARED_AFTER))
    hit.end = widen_after(s, hit.end);
  widen_to_characters(s, limit, &hit);
  return hit;
}

/* A character that is still to come may belong to the hit. */
static bool is_undecided(const search *s, const outcome *found) {
  if (found->is_open) return true;
  return found->end == s->length && (found->ends & END_SHARED_AFTER);
}

static void merge(ul_hit *hit, ul_hit more) {
  if (hit->end == 0) *hit = more;
  if (more.start < hit->start) hit->start = more.start;
  if (more.end > hit->end) hit->end = more.end;
}

bool ul_masker_find(const ul_masker *masker, const char *text, size_t length,
                    size_t from, ul_hit *hit, size_t *open) {
  search s = {masker, text, length};
  bool has_open = false;
  *hit = (ul_hit){0, 0};
  if (ul_masker_is_empty(masker)) return false;
  for (size_t place = from; place < length; place++) {
    if (hit->end > 0 && place >= hit->end) break;
    if (!may_begin(&s, place)) continue;
    outcome found = explore(&s, place);
    if (!has_open && is_undecided(&s, &found)) {
      has_open = true;
      *open = place;
    }
    if (found.end > 0) merge(hit, widen(&s, place, from, &found));
  }
  return hit->end > 0;
}
