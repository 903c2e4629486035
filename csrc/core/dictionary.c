/* Texts and their codes, see dictionary.h. */
#include "dictionary.h"

#include <string.h>

#include "json_keys.h"
#include "same.h"

#define LIMIT_BYTES ((size_t)1 << 36)

enum { FIRST_SLOTS = 64 };

typedef struct entry {
  size_t first_byte;
  uint32_t length;
  uint32_t hash;
} entry;

void ul_dictionary_init(ul_dictionary *d, uint64_t seed) {
  *d = (ul_dictionary){.seed = seed};
  ul_buffer_init(&d->bytes, LIMIT_BYTES);
  ul_buffer_init(&d->entries, LIMIT_BYTES);
  ul_buffer_init(&d->slots, LIMIT_BYTES);
}

void ul_dictionary_free(ul_dictionary *d) {
  ul_buffer_free(&d->bytes);
  ul_buffer_free(&d->entries);
  ul_buffer_free(&d->slots);
}

static uint32_t *slots_of(const ul_dictionary *d) {
  return (uint32_t *)(void *)d->slots.bytes;
}

static const entry *entry_at(const ul_dictionary *d, uint32_t code) {
  return (const entry *)(const void *)d->entries.bytes + (code - 1);
}

void ul_dictionary_clear(ul_dictionary *d) {
  ul_buffer_clear(&d->bytes);
  ul_buffer_clear(&d->entries);
  if (d->mask != 0) memset(d->slots.bytes, 0, d->slots.length);
  d->count = d->last = 0;
  d->version++;
}

static bool is_text(const ul_dictionary *d, uint32_t code, const char *bytes,
                    size_t length) {
  const entry *e = entry_at(d, code);
  return e->length == length &&
         ul_same(d->bytes.bytes + e->first_byte, bytes, length);
}

/* The slot where the text stands, or the free one where it would. */
static uint32_t *find(const ul_dictionary *d, const char *bytes, size_t length,
                      uint32_t hash) {
  uint32_t *slots = slots_of(d);
  uint32_t i = hash & d->mask;
  while (slots[i] != 0 && (entry_at(d, slots[i])->hash != hash ||
                           !is_text(d, slots[i], bytes, length)))
    i = (i + 1) & d->mask;
  return &slots[i];
}

static void put_again(ul_dictionary *d, uint32_t code) {
  uint32_t *slots = slots_of(d);
  uint32_t i = entry_at(d, code)->hash & d->mask;
  while (slots[i] != 0) i = (i + 1) & d->mask;
  slots[i] = code;
}

static bool grow(ul_dictionary *d) {
  size_t count = d->mask == 0 ? FIRST_SLOTS : ((size_t)d->mask + 1) * 2;
  ul_buffer slots;
  ul_buffer_init(&slots, LIMIT_BYTES);
  if (count > UINT32_MAX ||
      !ul_buffer_reserve(&slots, count * sizeof(uint32_t)))
    return false;
  slots.length = count * sizeof(uint32_t);
  memset(slots.bytes, 0, slots.length);
  ul_buffer_free(&d->slots);
  d->slots = slots;
  d->mask = (uint32_t)(count - 1);
  for (uint32_t code = 1; code <= d->count; code++) put_again(d, code);
  return true;
}

/* All or nothing: bytes without an entry are written over. */
static bool append(ul_dictionary *d, const char *bytes, size_t length,
                   uint32_t hash) {
  entry new = {d->bytes.length, (uint32_t)length, hash};
  if (!ul_buffer_append(&d->bytes, bytes, length)) return false;
  if (ul_buffer_append(&d->entries, (const char *)&new, sizeof new))
    return true;
  d->bytes.length -= length;
  return false;
}

/* After so many wrong guesses in turn only every so-many-th text is one more:
** columns repeat themselves, or they do not. */
enum { WRONG_GUESSES = 8, PAUSE = 16 };

static bool guesses(ul_dictionary *d) {
  if (d->wrong < WRONG_GUESSES) return true;
  if (d->wrong++ < WRONG_GUESSES + PAUSE) return false;
  d->wrong = WRONG_GUESSES - 1;
  return true;
}

/* What came after the last text the last time is tried first. */
static uint32_t guess(ul_dictionary *d, const char *bytes, size_t length) {
  if (d->count == 0 || !guesses(d)) return 0;
  uint32_t code = d->last < d->count ? d->last + 1 : 1;
  if (!is_text(d, code, bytes, length)) {
    bool is_last = d->last != 0 && is_text(d, d->last, bytes, length);
    code = is_last ? d->last : 0;
  }
  d->wrong = code != 0 ? 0 : d->wrong + 1;
  return code;
}

uint32_t ul_dictionary_add(ul_dictionary *d, const char *bytes,
                           size_t length) {
  uint32_t code = guess(d, bytes, length);
  if (code != 0) return d->last = code;
  if (length > UINT32_MAX) return 0;
  if (d->count >= d->mask / 2 && !grow(d)) return 0;
  uint32_t hash = ul_keys_hash(d->seed, bytes, length);
  uint32_t *slot = find(d, bytes, length, hash);
  if (*slot == 0) {
    if (!append(d, bytes, length, hash)) return 0;
    *slot = ++d->count;
  }
  return d->last = *slot;
}

uint32_t ul_dictionary_append(ul_dictionary *d, const char *bytes,
                              size_t length) {
  if (d->count != 0 && is_text(d, d->count, bytes, length)) return d->count;
  if (length > UINT32_MAX || d->count == UINT32_MAX ||
      !append(d, bytes, length, 0))
    return 0;
  return ++d->count;
}

const char *ul_dictionary_text(const ul_dictionary *d, uint32_t code,
                               size_t *length) {
  const entry *e = entry_at(d, code);
  *length = e->length;
  return d->bytes.length > 0 ? d->bytes.bytes + e->first_byte : "";
}
