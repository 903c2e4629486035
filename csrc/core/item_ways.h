/*
** The ways that items have taken: their texts from one value to the next, with
** all the keys, braces and commas in between, as a tree from the brace where an
** item begins to the one where it ends. An item that goes along one of them is
** right wherever those before it were, all of which were read with every check
** (item_read.h), so that nothing is left to read but its values. Only whole
** ways are added, and a step has just one history: which member of the item a
** key opens, and that it stands there once, is known with the step. It owns
** what it remembers.
*/
#ifndef UL_ITEM_WAYS_H
#define UL_ITEM_WAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "item.h"
#include "json_scan.h"

/* What is done with the value behind a step. It is mostly one of the kind that
** was there first; where the text ends in its quote, it is a string. */
typedef enum ul_way_kind {
  UL_WAY_SKIP_STRING, /* nobody's */
  UL_WAY_SKIP_NUMBER,
  UL_WAY_SKIP_OTHER,
  UL_WAY_TAKE_STRING, /* somebody's */
  UL_WAY_TAKE_NUMBER,
  UL_WAY_TAKE_WORD,
  UL_WAY_PASS,        /* a scalar whose number has to be in range */
  UL_WAY_UNNAMED,     /* nobody's, and no number, which would be a doubt */
  UL_WAY_END          /* none: the item ends here */
} ul_way_kind;

enum { UL_WAY_TEXT_BYTES = 64 };

typedef struct ul_way_step ul_way_step;

/* Where a way may go on, behind a value. */
typedef struct ul_way_place {
  ul_way_step *likely; /* what is tried first; never NULL */
  ul_way_step *first;  /* of all that have come; NULL: none */
  uint32_t wrong;      /* times in turn that it was another one */
} ul_way_place;

struct ul_way_step {
  char text[UL_WAY_TEXT_BYTES]; /* before the value, then zeros */
  uint32_t beyond[2]; /* a bit for each byte that is not of it, by halves */
  uint32_t same;      /* all bits; none of a step that is nowhere */
  uint32_t length;    /* of the text */
  ul_way_kind kind;
  uint32_t value;     /* to be taken: its number among the item's values; */
                      /* of an end: its number among the ends */
  uint32_t depth;     /* so many objects of the item are around the value */
  ul_way_place *place; /* behind the value: its own, or that of another step */
                       /* to the same value */
  ul_way_place own;
  ul_way_step *next;   /* another one from the same place */
};

/* Of an item that has come to its end: the members that it has. */
typedef struct ul_way_end {
  uint32_t members;
  uint32_t first_key; /* of them, among `keys` */
  uint64_t version;   /* of the item's keys, where they are these */
  uint64_t own;       /* that they were given; 0: none so far */
} ul_way_end;

typedef struct ul_item_ways {
  ul_buffer steps; /* of ul_way_step, which stay where they are; the first is */
                   /* nowhere, and its place is that of the item's brace */
  ul_buffer ends;  /* of ul_way_end */
  ul_buffer keys;  /* of ul_item_key, whose names are in: */
  ul_buffer names;
  uint32_t members; /* the most that an item on a way has */
  int trust;        /* more with each item that was on a way, less with */
                    /* others */
  uint32_t rest;    /* so many items are not looked for */
  uint32_t room;    /* for so many steps */
} ul_item_ways;

void ul_ways_init(ul_item_ways *ways);

/* Forgets all, and may be used again. */
void ul_ways_free(ul_item_ways *ways);

/* Whose a value is that was read in the other way. */
typedef enum ul_way_use {
  UL_WAY_NOBODYS,
  UL_WAY_NOBODYS_NUMBER, /* would be a doubt */
  UL_WAY_LOOKED_AT,
  UL_WAY_SOMEBODYS
} ul_way_use;

/* It stands from `from` to `to`. */
typedef struct ul_way_value {
  const char *from, *to;
  ul_way_use use;
  uint32_t number; /* of one to be taken, among the item's values */
  uint32_t depth;  /* so many objects of the item are around it */
} ul_way_value;

enum { UL_WAY_VALUES = 256 };

typedef struct ul_way_note {
  uint32_t count;
  bool is_odd; /* it has what no way can say */
  ul_way_value values[UL_WAY_VALUES];
} ul_way_note;

static inline void ul_way_note_value(ul_way_note *note, ul_way_value value) {
  if (note->count == UL_WAY_VALUES) {
    note->is_odd = true;
    return;
  }
  note->values[note->count++] = value;
}

/* Adds the way of an item from `p` to `end`, with all its values noted. It is
** no loss where there is no memory. */
void ul_ways_add(ul_item_ways *ways, const ul_item *item,
                 const ul_way_note *note, const char *p, const char *end);

/* Whether the next item is to be looked for, and what has become of one that
** was. */
bool ul_ways_are_tried(ul_item_ways *ways);
void ul_ways_missed(ul_item_ways *ways);

enum { UL_WAY_TRUST = 64 };

static inline void ul_ways_hit(ul_item_ways *ways) {
  ways->trust += ways->trust < UL_WAY_TRUST;
}

/* At the end of a way: the item has these members. False without memory. */
bool ul_way_set_members(ul_item_ways *ways, uint32_t end, ul_item *item);

/* At the brace of an item. */
static inline ul_way_place *ul_ways_start(const ul_item_ways *ways) {
  return &((ul_way_step *)(void *)ways->steps.bytes)->own;
}

#if UL_JSON_SSE2
static inline uint32_t ul_way_same_half(const char *a, const char *b) {
  return ul_json_same_bytes(a, b) |
         ul_json_same_bytes(a + 16, b + 16) << 16;
}

/* UL_WAY_TEXT_BYTES are readable at `p`. */
static inline bool ul_way_is_at(const ul_way_step *step, const char *p) {
  if ((ul_way_same_half(step->text, p) | step->beyond[0]) != step->same)
    return false;
  return step->length <= 32 ||
         (ul_way_same_half(step->text + 32, p + 32) | step->beyond[1]) ==
           UINT32_MAX;
}
#else
static inline bool ul_way_is_at(const ul_way_step *step, const char *p) {
  return step->same != 0 && memcmp(step->text, p, step->length) == 0;
}
#endif

/* The step at `p` from this place, NULL where there is none. */
ul_way_step *ul_way_find(ul_way_place *place, const char *p);

static inline ul_way_step *ul_way_next(ul_way_place *place, const char *p) {
  ul_way_step *likely = place->likely;
  if (!ul_way_is_at(likely, p)) return ul_way_find(place, p);
  place->wrong = 0;
  return likely;
}

#endif
