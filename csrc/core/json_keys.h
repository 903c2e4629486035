/*
** The keys of the objects that are open at the moment, to find duplicates
** (promise B3). Objects nest, so the keys of an inner one lie on top of the
** outer one's and go when it closes. Few keys are compared one by one, many
** by a hash table; the hash is seeded, so that no document can make it slow.
*/
#ifndef UL_JSON_KEYS_H
#define UL_JSON_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "buffer.h"

typedef struct ul_json_keys {
  ul_buffer bytes;   /* the keys, end to end */
  ul_buffer entries; /* of struct entry, one for each key */
  ul_buffer slots;   /* of uint32_t: the tables of the large objects */
  uint64_t seed;
} ul_json_keys;

/* One open object: where its part of the three buffers begins. */
typedef struct ul_json_scope {
  uint32_t first;      /* entry */
  uint32_t first_byte; /* of its keys */
  uint32_t first_slot;
  uint32_t slot_count; /* a power of two, or 0 while there is no table */
} ul_json_scope;

typedef enum ul_keys_result {
  UL_KEYS_NEW,
  UL_KEYS_DUPLICATE,
  UL_KEYS_FULL /* no memory, or more than the limit */
} ul_keys_result;

/* Something that no sender of documents can know. */
uint64_t ul_keys_seed(void);

void ul_keys_init(ul_json_keys *keys, uint64_t seed);
void ul_keys_free(ul_json_keys *keys);
void ul_keys_clear(ul_json_keys *keys);

/* Two texts hardly ever have the same print; the hash is 32 bits of it. */
uint64_t ul_keys_print(uint64_t seed, const char *bytes, size_t length);
uint32_t ul_keys_hash(uint64_t seed, const char *bytes, size_t length);

void ul_keys_open(const ul_json_keys *keys, ul_json_scope *scope);
void ul_keys_close(ul_json_keys *keys, const ul_json_scope *scope);

/* Adds to the innermost open scope. The key is there afterwards (as the last
** one) also when it is a duplicate. */
ul_keys_result ul_keys_add(ul_json_keys *keys, ul_json_scope *scope,
                           const char *bytes, size_t length, uint32_t hash);

/* The last key of `scope`, whose next inner scope is `inner` (NULL: none);
** NULL where it has no key yet. */
const char *ul_keys_last(const ul_json_keys *keys, const ul_json_scope *scope,
                         const ul_json_scope *inner, size_t *length);

#endif
