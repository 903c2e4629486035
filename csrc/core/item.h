/*
** One item on a tape, taken apart: where the values of some paths stand, in
** the item itself and in each member of its containers (`usage{}`). Members
** of the same key in several containers are one. A value of another shape
** than a path expects is a doubt about the item as a whole. It owns its
** memory, not the tape; what was found is there until the tape changes.
*/
#ifndef UL_ITEM_H
#define UL_ITEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"

/* Where an item's values may stand. */
typedef enum ul_item_place { UL_IN_ITEM, UL_IN_MEMBER } ul_item_place;

typedef struct ul_item_key {
  const char *bytes;
  size_t length;
} ul_item_key;

typedef struct ul_item {
  ul_buffer nodes; /* of struct node; the first is the item */
  ul_buffer names;
  ul_buffer found;  /* of const char *: the item's values by their number, */
                    /* then those of each member */
  ul_buffer keys;   /* of ul_item_key: of each member */
  uint32_t values[2]; /* how many paths there are in each place */
  uint32_t containers;
  uint32_t members;
  uint32_t expected; /* the member that may come next */
} ul_item;

/* Without memory for the first node all else fails. */
void ul_item_init(ul_item *item);
void ul_item_free(ul_item *item);

/* A node to add paths to. Index 0 is the item; a container gives another one,
** of its members. Each is 0, or false, without memory. */
uint32_t ul_item_child(ul_item *item, uint32_t node, const char *name,
                       size_t length);
uint32_t ul_item_container(ul_item *item, uint32_t node);

/* The number of the value at the node, among those of its place. */
uint32_t ul_item_value(ul_item *item, uint32_t node, ul_item_place place);

typedef enum ul_item_result {
  UL_ITEM_TAKEN,
  UL_ITEM_DOUBT,
  UL_ITEM_NO_MEMORY
} ul_item_result;

/* Takes the item at `*at` apart and moves `*at` behind it, but for lack of
** memory. */
ul_item_result ul_item_take(ul_item *item, const char **at);

static inline const char *ul_item_find(const ul_item *item, uint32_t value) {
  return ((const char **)(void *)item->found.bytes)[value];
}

static inline const char *ul_item_find_in(const ul_item *item, uint32_t member,
                                          uint32_t value) {
  size_t at = item->values[UL_IN_ITEM] +
              (size_t)member * item->values[UL_IN_MEMBER] + value;
  return ((const char **)(void *)item->found.bytes)[at];
}

static inline const ul_item_key *ul_item_key_of(const ul_item *item,
                                                uint32_t member) {
  return (const ul_item_key *)(const void *)item->keys.bytes + member;
}

#endif
