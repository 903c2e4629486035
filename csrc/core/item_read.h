/*
** Reads an item at one go, where it stands whole in a piece and is as most
** are: the quick way beside that of the reader (json_read.h), token by token,
** which takes whatever this one leaves. It accepts nothing that the reader
** would refuse, checks all of RFC 8259 also in what is skipped, and fills the
** item's slots as the selection does (json_select.h). Most items go along a way
** that others took before them (item_ways.h). Of those that do not, keys that
** came before are expected in their order and compared in one piece with their
** quotes and colon. It owns what it remembers of both.
*/
#ifndef UL_ITEM_READ_H
#define UL_ITEM_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "item.h"
#include "item_ways.h"
#include "json_plan.h"

typedef struct ul_item_read {
  const ul_json_plan *plan;
  ul_item *item;
  ul_buffer shapes;  /* of struct shape: the keys of each node's objects */
  ul_item_ways ways; /* that items have taken */
  uint64_t *serial;  /* tells objects apart, for `seen`; the selection's */
  size_t levels;     /* that may nest, the item's own among them */
  bool one_line;     /* a newline is the reader's business */
  /* Of the item that was read: newlines, and behind the last one. */
  uint64_t lines;
  const char *line;
} ul_item_read;

typedef enum ul_item_found {
  UL_ITEM_READ,
  UL_ITEM_LEFT,      /* for the reader; what the slots hold means nothing */
  UL_ITEM_NO_MEMORY
} ul_item_found;

/* Owns nothing, and leaves all items. */
void ul_item_read_init(ul_item_read *read);
void ul_item_read_free(ul_item_read *read);

/* Items of the plan, whose slots are set, are read into `item` from now on:
** all are left where it has what only the reader can do. */
void ul_item_read_start(ul_item_read *read, const ul_json_plan *plan,
                        ul_item *item, uint64_t *serial);

/* At the brace of an item; `*behind` is set where it was read. */
ul_item_found ul_item_read_at(ul_item_read *read, const char *p,
                              const char *end, const char **behind);

#endif
