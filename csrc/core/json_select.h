/*
** What is taken out of a document: the items at one path and the values at
** some others, in one pass and in any order of keys. It is the sink of the
** reader (json_read.h) and follows a plan (json_plan.h): keys that lead
** nowhere are skipped, values that are wanted go on tapes (json_tape.h),
** whole or only the fields asked for. Duplicate keys are refused among the
** names that a path takes from an object, and among all keys of an object
** that is read whole or by `{}`. Items that are objects may be taken as they
** are read, by slots (item.h), and then go on no tape; or those that are
** arrays, once the names of their positions are known (json_positions.h).
*/
#ifndef UL_JSON_SELECT_H
#define UL_JSON_SELECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "item.h"
#include "item_read.h"
#include "json_keys.h"
#include "json_plan.h"
#include "json_positions.h"
#include "json_read.h"
#include "json_tape.h"

/* An open container; the lowest one stands for what is around the document. */
typedef struct ul_select_frame {
  ul_json_node *node;  /* what it is */
  ul_json_node *value; /* what the next value in it is; NULL: skipped */
  uint64_t count;      /* values so far: those wanted */
  uint64_t serial;     /* tells objects apart, for `seen` */
  uint64_t tape_position;
  ul_json_scope scope;
  bool is_object;
  bool has_scope; /* all keys are looked at */
  bool is_few;    /* its keys are the item's members, and in no scope so far */
  bool is_row;    /* an item whose values have names by their positions */
  bool is_list;   /* its values are the item's members */
} ul_select_frame;

typedef struct ul_select_side {
  ul_tape tape;
  bool complete;
} ul_select_side;

/* What the containers of one level of the rows path have been so far. */
typedef struct ul_select_level {
  bool seen;      /* one was there, or null on the way to it */
  uint64_t count; /* values in them */
} ul_select_level;

/* Who takes items past the tape: `take` is called for each item when it is
** complete, with its bytes as they came, which are gone after the call; with
** NULL for one that is on the tape, since it is no object, or no array whose
** positions are known. False where there is no memory. The plan's slots are the taker's to set, before it is. */
typedef struct ul_select_taker {
  ul_item *item;
  bool (*take)(void *context, const char *bytes, size_t length);
  void *context;
} ul_select_taker;

/* For users: `plan` and `positions` until ul_select_start, then `items`, `complete`,
** `item_count`, `sides_complete`. */
typedef struct ul_json_select {
  ul_json_read *read;
  ul_json_plan plan;
  ul_json_positions positions;
  ul_json_node whole; /* stands for all that has no node of its own */
  ul_json_node stray; /* for what no path names, where numbers are looked for */
  ul_json_node unread; /* for what no path names in a row */

  ul_select_frame *frames, *top;
  ul_json_keys keys;
  uint64_t serial;
  bool duplicate; /* the key that was refused is one of the top frame */
  bool null_rows; /* null stood on the way to the rows */

  ul_tape *tape;     /* the running one */
  ul_tape items;     /* each item: its keys of all {} as strings, then it */
  uint64_t complete; /* position on `items` behind the last whole item */
  uint64_t item_count;
  ul_select_level level[UL_PLAN_LEVELS + 1]; /* the last: items */
  ul_buffer sides; /* of ul_select_side */
  uint32_t sides_complete; /* how many of them */

  ul_select_taker taker;   /* without an item: none */
  bool past_tape;          /* the present item goes to the taker */
  uint64_t item_offset;    /* where it begins */
  ul_buffer begun;         /* its bytes in the pieces before this one */
  ul_item_read quick;      /* items that stand whole in a piece */
  uint64_t left_offset;    /* where the last one begins that it left */
} ul_json_select;

extern const ul_json_sink ul_select_sink;

/* `frames` is the caller's and has room for one more than the reader's depth
** limit; `seed` is that of all hashes, on tapes too. The paths are put into
** `plan`, then it starts. */
void ul_select_init(ul_json_select *select, ul_json_read *read,
                    ul_select_frame *frames, uint64_t seed);
void ul_select_free(ul_json_select *select);

/* Ready for a document, the first or another; false without memory. */
bool ul_select_start(ul_json_select *select);

/* Items go to the taker from now on. */
void ul_select_set_taker(ul_json_select *select, const ul_select_taker *taker);

/* Whether the rows path led somewhere: also to null, or to no items. */
bool ul_select_found(const ul_json_select *select);

/* After a piece was read: keeps what the next one cuts off from the present
** item. False without memory. */
bool ul_select_keep(ul_json_select *select, const char *piece, size_t length);

/* The key of the item that is complete, in the innermost {} of the rows path;
** NULL where there is none. */
const char *ul_select_item_key(const ul_json_select *select, size_t *length);

/* Finds a side value: `*at` is where it begins on a tape, NULL where it has
** not been seen (whole) so far. False without memory. */
bool ul_select_side_value(const ul_json_select *select, uint32_t side,
                          const char **at);

/* Prints the path of the present place, as far as it is known: below a
** skipped key it is not. */
void ul_select_print_path(const ul_json_select *select, ul_buffer *out);

#endif
