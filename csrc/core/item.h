/*
** One item of an answer while it is read: the values that somebody asked for,
** by numbered slots, in the item itself and in each member of its containers
** (`usage{}`), or of a list (`uses[]`). Members of the same key in several
** containers are one. What is
** found where a path goes on and cannot is a doubt about the item as a whole.
** It owns its memory; what is there is there until the next item begins.
*/
#ifndef UL_ITEM_H
#define UL_ITEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"

typedef enum ul_item_type {
  UL_ITEM_NOTHING,
  UL_ITEM_NULL,
  UL_ITEM_FALSE,
  UL_ITEM_TRUE,
  UL_ITEM_INTEGER,
  UL_ITEM_REAL,
  UL_ITEM_TEXT,
  UL_ITEM_OTHER /* an object or an array */
} ul_item_type;

typedef struct ul_item_value {
  ul_item_type type;
  uint32_t length; /* of a text */
  union {
    int64_t integer;
    double real;
    size_t text; /* where it begins among the item's texts */
  } is;
} ul_item_value;

typedef struct ul_item_key {
  size_t name; /* where it begins among the item's names */
  uint32_t length;
  uint32_t container; /* the last one that had it, by its number */
} ul_item_key;

typedef enum ul_item_member {
  UL_MEMBER_OPEN,
  UL_MEMBER_TWICE, /* in one container */
  UL_MEMBER_NO_MEMORY
} ul_item_member;

typedef struct ul_item {
  ul_buffer values; /* of ul_item_value: the item's, then each member's */
  ul_buffer texts;
  /* Keys of members stay from item to item as far as they are the same. */
  ul_buffer keys;   /* of ul_item_key: the members', then some left over */
  ul_buffer names;  /* of the keys, in their order */
  uint64_t version; /* of the keys, from 1: another one where one is new */
  uint64_t newest;  /* of all versions so far */
  uint32_t own_slots, member_slots;
  uint32_t container;  /* the present one, by a number of its own */
  uint32_t members;    /* so far, of all containers */
  uint32_t member;     /* the present one */
  uint32_t expected;   /* the one that may come next */
  uint32_t room;       /* for so many members, whose values are cleared */
  bool is_shared;      /* members of this container may be there already */
  bool is_unsure;      /* a key was not compared with all that are there */
  bool is_doubtful;
} ul_item;

void ul_item_init(ul_item *item);
void ul_item_free(ul_item *item);

/* As long as there are fewer, a new key is compared with all that are there,
** and one that stands twice in its container is found. Behind it the reader
** has to look for those. */
enum { UL_ITEM_FEW_MEMBERS = 16 };

/* Each gives false without memory. */
bool ul_item_begin(ul_item *item);
/* The same of one that has no more members than these, whose values are all
** nothing so far. */
bool ul_item_begin_with(ul_item *item, uint32_t members);
void ul_item_open_container(ul_item *item);
ul_item_member ul_item_open_member(ul_item *item, const char *key,
                                   size_t length);
bool ul_item_open_next(ul_item *item); /* of a list, whose members have no keys */
bool ul_item_put_text(ul_item *item, ul_item_value *value, const char *bytes,
                      size_t length);

/* The members' keys are these, whose names are in `names`. They get the version
** `*own`, which they had when they were set before; 0: they were not. */
bool ul_item_set_keys(ul_item *item, const ul_item_key *keys,
                      const char *names, uint32_t count, uint64_t *own);

/* Where several containers share members, they are looked for one by one; an
** item with more of them is judged elsewhere. */
enum { UL_ITEM_SHARED_MEMBERS = 64 };

/* For so many members more than the item before had, memory is made ready. */
enum { UL_ITEM_MORE_MEMBERS = 4 };

static inline ul_item_key *ul_item_key_at(const ul_item *item,
                                          uint32_t index) {
  return (ul_item_key *)(void *)item->keys.bytes + index;
}

/* Opens the member whose key has this number among the keys, in the present
** version; false where it is not simply there, or the next one. */
static inline bool ul_item_open_known(ul_item *item, uint32_t index) {
  ul_item_key *key = ul_item_key_at(item, index);
  if (index == item->members) {
    if (index >= item->room) return false;
    item->values.length += item->member_slots * sizeof(ul_item_value);
    item->members++;
  } else if (index > item->members || key->container == item->container) {
    return false;
  }
  key->container = item->container;
  item->member = index;
  item->expected = index + 1;
  return true;
}

enum { UL_ITEM_SHORT = 32 };

/* The same of a text that is short, behind which so many bytes are readable;
** false where it is not, or memory is to be made first. */
static inline bool ul_item_put_short(ul_item *item, ul_item_value *value,
                                     const char *bytes, size_t length) {
  if (length > UL_ITEM_SHORT ||
      !ul_buffer_has_room(&item->texts, UL_ITEM_SHORT))
    return false;
  memcpy(item->texts.bytes + item->texts.length, bytes, UL_ITEM_SHORT);
  value->type = UL_ITEM_TEXT;
  value->length = (uint32_t)length;
  value->is.text = item->texts.length;
  item->texts.length += length;
  return true;
}

/* Slots count from 0. */
static inline ul_item_value *ul_item_own(const ul_item *item, uint32_t slot) {
  return (ul_item_value *)(void *)item->values.bytes + slot;
}

static inline ul_item_value *ul_item_of_member(const ul_item *item,
                                               uint32_t member,
                                               uint32_t slot) {
  size_t before = item->own_slots + (size_t)member * item->member_slots;
  return (ul_item_value *)(void *)item->values.bytes + before + slot;
}

static inline const ul_item_key *ul_item_key_of(const ul_item *item,
                                                uint32_t member) {
  return (const ul_item_key *)(const void *)item->keys.bytes + member;
}

static inline const char *ul_item_name(const ul_item *item,
                                       const ul_item_key *key) {
  return item->names.bytes + key->name;
}

static inline const char *ul_item_text(const ul_item *item, size_t text) {
  return item->texts.bytes + text;
}

#endif
