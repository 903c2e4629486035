/*
** What tells the items of one answer from those of another: the key that each
** of them bears, or how the first and the last one look; and from each other:
** values of which no two items have the same. It owns its memory.
*/
#ifndef UL_IDENTITY_H
#define UL_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "dictionary.h"
#include "item.h"
#include "seen.h"

#define UL_IDENTITY_VALUES 4
#define UL_IDENTITY_ABSENT UINT32_MAX  /* in the place of a length */

typedef enum ul_identity_result {
  UL_IDENTITY_NOTED,
  UL_IDENTITY_DOUBT, /* the item has no such key: somebody else's to judge */
  UL_IDENTITY_NO_MEMORY
} ul_identity_result;

typedef struct ul_identity {
  bool has_key, has_ends; /* which of the two is noted, set by the user */
  uint32_t slot;          /* of the key, among the item's own */
  uint64_t items;
  ul_dictionary keys;
  ul_buffer codes;        /* of uint32_t, by item; 0 for one in doubt */
  ul_buffer first, last;  /* the bytes of these items */
  uint32_t slots[UL_IDENTITY_VALUES]; /* of what tells them from each other */
  uint32_t slot_count;    /* 0: nothing does */
  uint64_t seed;
  ul_seen seen;
  ul_buffer again;        /* of the first item that came again: each value
                          ** behind its length, a uint32_t */
  uint64_t again_item;    /* which it is, from 1; 0: none */
} ul_identity;

void ul_identity_init(ul_identity *identity);
void ul_identity_free(ul_identity *identity);

/* Notes the next item, whose bytes are these; NULL for one that is no object
** and stays in doubt. */
ul_identity_result ul_identity_note_item(ul_identity *identity,
                                         const ul_item *item,
                                         const char *bytes, size_t length);

/* The same; mostly nothing is asked for. */
static inline ul_identity_result ul_identity_note(ul_identity *identity,
                                                  const ul_item *item,
                                                  const char *bytes,
                                                  size_t length) {
  if (identity->has_key || identity->has_ends || identity->slot_count > 0)
    return ul_identity_note_item(identity, item, bytes, length);
  identity->items++;
  return UL_IDENTITY_NOTED;
}

/* The key of an item, counted from 0; NULL for one in doubt. */
const char *ul_identity_key(const ul_identity *identity, uint64_t item,
                            size_t *length);

#endif
