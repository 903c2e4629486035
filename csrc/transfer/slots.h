/*
** So many requests of one kind in flight at once: a list of URLs, each asked
** by a plain GET that is otherwise the same. A slot opens the next URL as soon
** as its answer is whole, on the handle that it has, whose options stand; good
** answers (2xx, whole, of a usual size) are collected, each in its buffer. What is
** anything else keeps its slot, and nothing more is opened: it stands aside
** until the caller has taken it, and said how to go on. Plain C; judges no
** answer, repeats nothing.
*/
#ifndef UL_SLOTS_H
#define UL_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "exchange.h"
#include "field.h"
#include "multi.h"

/* A larger body is read by whoever takes its exchange, as it comes. */
#define UL_SLOTS_BODY_BYTES ((size_t)128 << 10)

#define UL_SLOTS_SPARE 64

typedef struct ul_slots_answer {
  size_t place;            /* in the list, from 0 */
  int status;
  size_t body_length, fields_length;
  ul_buffer bytes;         /* the body, and behind it the fields: name NUL */
                           /* value NUL ... */
} ul_slots_answer;

typedef struct ul_slots {
  ul_link news;            /* of ul_multi.news: answers, or something aside */
  ul_multi *multi;         /* not owned; NULL: closed */
  ul_exchange *model;      /* owned; the request that they all are; not sent */
  ul_text *urls;           /* owned; the texts are the caller's, and end with NUL */
  size_t count, next;      /* of the list; the first that is not opened */
  size_t free;             /* slots that are in no use */
  ul_link busy, aside;     /* of ul_exchange.of_slots */
  size_t unopened;         /* the place of one that could not be, or `count` */
  bool is_held;            /* nothing is opened */
  bool has_no_memory;
  ul_slots_answer *answers;  /* owned, with their buffers, in the order that */
  size_t answer_count, answer_capacity;       /* they came in */
  size_t answers_taken;    /* the first of them, whose buffers are theirs no */
  bool has_lent;           /* more; and the next is being looked at */
  ul_buffer spare[UL_SLOTS_SPARE];  /* owned; for answers to come */
  size_t spare_count;
} ul_slots;

/* Of zeroed slots, which own the list from now on, and the model that the
** caller sets next: a request as it was read, without header fields of its
** own. Opens nothing. */
void ul_slots_open(ul_slots *slots, ul_multi *multi, ul_text *urls,
                   size_t count, size_t in_flight);

/* Ends what is in flight, and frees everything; again does nothing. */
void ul_slots_close(ul_slots *slots);

/* Opens what may be; after ul_slots_hold nothing until this is called. */
void ul_slots_go_on(ul_slots *slots);
void ul_slots_hold(ul_slots *slots);

/* Opens no more of the list; gives the place of the first that was not. */
size_t ul_slots_give_up(ul_slots *slots);

/* The next answer, until the slots are next asked; NULL: there is none. */
const ul_slots_answer *ul_slots_next(ul_slots *slots);

/* The first exchange that stands aside, or NULL. Once it is taken it is the
** caller's, who gives its slot back when it is done with. */
ul_exchange *ul_slots_aside(const ul_slots *slots);
void ul_slots_take(ul_exchange *exchange);
void ul_slots_give_back(ul_slots *slots);

/* The place whose URL is refused, or could not be opened, if there is one; it
** has a slot too. */
bool ul_slots_take_unopened(ul_slots *slots, size_t *place);

/* Whether all was opened, and nothing is in flight or to be taken. */
bool ul_slots_are_done(const ul_slots *slots);

#endif
