/* The keys of open objects, see json_keys.h. */
#define _GNU_SOURCE /* getentropy; NOLINT(bugprone-reserved-identifier) */
#include "json_keys.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Offsets are 32 bits wide; the limits keep them so. */
#define KEY_BYTES_LIMIT ((size_t)1 << 30)
#define ENTRIES_LIMIT_BYTES ((size_t)1 << 31)
#define SLOTS_LIMIT_BYTES ((size_t)1 << 31)

/* Up to here one by one is faster than a table. */
enum { FEW_KEYS = 8 };

typedef struct entry {
  uint32_t hash;
  uint32_t length;
  uint32_t first_byte;
} entry;

uint64_t ul_keys_seed(void) {
  uint64_t seed;
  if (getentropy(&seed, sizeof seed) == 0) return seed;
  struct timespec now = {0};
  clock_gettime(CLOCK_REALTIME, &now);
  return (uint64_t)now.tv_nsec << 32 ^ (uint64_t)now.tv_sec;
}

void ul_keys_init(ul_json_keys *keys, uint64_t seed) {
  ul_buffer_init(&keys->bytes, KEY_BYTES_LIMIT);
  ul_buffer_init(&keys->entries, ENTRIES_LIMIT_BYTES);
  ul_buffer_init(&keys->slots, SLOTS_LIMIT_BYTES);
  keys->seed = seed;
}

void ul_keys_free(ul_json_keys *keys) {
  ul_buffer_free(&keys->bytes);
  ul_buffer_free(&keys->entries);
  ul_buffer_free(&keys->slots);
}

void ul_keys_clear(ul_json_keys *keys) {
  ul_buffer_clear(&keys->bytes);
  ul_buffer_clear(&keys->entries);
  ul_buffer_clear(&keys->slots);
}

/* ---- hash ---- */

__extension__ typedef unsigned __int128 uint128;

/* Multiplies to 128 bits and folds (as wyhash by Wang Yi does). */
static uint64_t mix(uint64_t a, uint64_t b) {
  uint128 product = (uint128)a * b;
  return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t load64(const char *bytes) {
  uint64_t value;
  memcpy(&value, bytes, sizeof value);
  return value;
}

static uint64_t load32(const char *bytes) {
  uint32_t value;
  memcpy(&value, bytes, sizeof value);
  return value;
}

/* Up to three bytes. */
static uint64_t load_few(const char *bytes, size_t length) {
  if (length == 0) return 0;
  return (uint64_t)(unsigned char)bytes[0] << 16 |
         (uint64_t)(unsigned char)bytes[length / 2] << 8 |
         (uint64_t)(unsigned char)bytes[length - 1];
}

/* Up to 16 bytes go into two words that may overlap; of longer ones the first
** go into the seed, eight by eight. */
uint64_t ul_keys_print(uint64_t seed, const char *bytes, size_t length) {
  const uint64_t odd_a = 0xa0761d6478bd642fu, odd_b = 0xe7037ed1a0b428dbu;
  uint64_t first = 0, last = 0, size = length;
  for (; length > 16; length -= 8, bytes += 8)
    seed = mix(seed ^ load64(bytes), odd_b ^ seed);
  if (length >= 8) {
    first = load64(bytes);
    last = load64(bytes + length - 8);
  } else if (length >= 4) {
    first = load32(bytes);
    last = load32(bytes + length - 4);
  } else {
    first = load_few(bytes, length);
  }
  return mix(odd_a ^ size, mix((odd_b + seed) ^ first, seed ^ last));
}

uint32_t ul_keys_hash(uint64_t seed, const char *bytes, size_t length) {
  uint64_t print = ul_keys_print(seed, bytes, length);
  return (uint32_t)(print ^ print >> 32);
}

/* ---- scopes ---- */

static entry *entries_of(const ul_json_keys *keys) {
  return (entry *)(void *)keys->entries.bytes;
}

static uint32_t *slots_of(const ul_json_keys *keys) {
  return (uint32_t *)(void *)keys->slots.bytes;
}

static uint32_t entry_count(const ul_json_keys *keys) {
  return (uint32_t)(keys->entries.length / sizeof(entry));
}

void ul_keys_open(const ul_json_keys *keys, ul_json_scope *scope) {
  scope->first = entry_count(keys);
  scope->first_byte = (uint32_t)keys->bytes.length;
  scope->first_slot = (uint32_t)(keys->slots.length / sizeof(uint32_t));
  scope->slot_count = 0;
}

void ul_keys_close(ul_json_keys *keys, const ul_json_scope *scope) {
  keys->entries.length = scope->first * sizeof(entry);
  keys->bytes.length = scope->first_byte;
  keys->slots.length = scope->first_slot * sizeof(uint32_t);
}

static bool same(const ul_json_keys *keys, const entry *a, const entry *b) {
  const char *bytes = keys->bytes.bytes;
  return a->hash == b->hash && a->length == b->length &&
         memcmp(bytes + a->first_byte, bytes + b->first_byte, a->length) == 0;
}

static bool among_few(const ul_json_keys *keys, const entry *first,
                      const entry *last) {
  for (const entry *other = first; other != last; other++)
    if (same(keys, other, last)) return true;
  return false;
}

/* Puts entry `index` (counted in the scope) into the table; true where an
** equal key is there already. A slot holds the index plus one. */
static bool into_table(const ul_json_keys *keys, const ul_json_scope *scope,
                       uint32_t index) {
  const entry *first = entries_of(keys) + scope->first;
  uint32_t *slots = slots_of(keys) + scope->first_slot;
  uint32_t mask = scope->slot_count - 1;
  uint32_t at = first[index].hash & mask;
  for (; slots[at] != 0; at = (at + 1) & mask)
    if (same(keys, &first[slots[at] - 1], &first[index])) return true;
  slots[at] = index + 1;
  return false;
}

/* A table of four slots for each of the `count` keys; enters them. */
static bool make_table(ul_json_keys *keys, ul_json_scope *scope,
                       uint32_t count) {
  size_t slot_count = (size_t)FEW_KEYS * 4;
  while (slot_count < (size_t)count * 4) slot_count *= 2;
  size_t size = slot_count * sizeof(uint32_t);
  keys->slots.length = scope->first_slot * sizeof(uint32_t);
  if (!ul_buffer_reserve(&keys->slots, size)) return false;
  memset(keys->slots.bytes + keys->slots.length, 0, size);
  keys->slots.length += size;
  scope->slot_count = (uint32_t)slot_count;
  for (uint32_t i = 0; i < count; i++) into_table(keys, scope, i);
  return true;
}

ul_keys_result ul_keys_add(ul_json_keys *keys, ul_json_scope *scope,
                           const char *bytes, size_t length, uint32_t hash) {
  entry new = {hash, (uint32_t)length, (uint32_t)keys->bytes.length};
  /* One byte more, so that there is memory to point to for empty keys. */
  if (length > KEY_BYTES_LIMIT ||
      (!ul_buffer_has_room(&keys->bytes, length + 1) &&
       !ul_buffer_reserve(&keys->bytes, length + 1)))
    return UL_KEYS_FULL;
  if (!ul_buffer_append(&keys->bytes, bytes, length) ||
      !ul_buffer_append(&keys->entries, (const char *)&new, sizeof new))
    return UL_KEYS_FULL;
  uint32_t index = entry_count(keys) - 1 - scope->first;
  const entry *first = entries_of(keys) + scope->first;
  if (index < FEW_KEYS)
    return among_few(keys, first, first + index) ? UL_KEYS_DUPLICATE
                                                 : UL_KEYS_NEW;
  if (index >= scope->slot_count / 2 && !make_table(keys, scope, index))
    return UL_KEYS_FULL;
  return into_table(keys, scope, index) ? UL_KEYS_DUPLICATE : UL_KEYS_NEW;
}

const char *ul_keys_last(const ul_json_keys *keys, const ul_json_scope *scope,
                         const ul_json_scope *inner, size_t *length) {
  uint32_t behind = inner != NULL ? inner->first : entry_count(keys);
  if (behind == scope->first) return NULL;
  const entry *last = entries_of(keys) + behind - 1;
  *length = last->length;
  return keys->bytes.bytes + last->first_byte;
}
