/*
** Links of a circular list whose members carry their own links: joining and
** leaving cost the same however many there are, and allocate nothing.
*/
#ifndef UL_LINK_H
#define UL_LINK_H

#include <stdbool.h>
#include <stddef.h>

typedef struct ul_link {
  struct ul_link *before, *after;  /* NULL: in no list */
} ul_link;

/* The struct of which `link` is the field `name`. */
#define UL_MEMBER(link, type, name) \
  ((type *)(void *)((char *)(link) - offsetof(type, name)))

static inline void ul_link_init(ul_link *head) {
  head->before = head->after = head;
}

static inline bool ul_link_is_empty(const ul_link *head) {
  return head->after == head;
}

static inline bool ul_link_is_in_list(const ul_link *link) {
  return link->after != NULL;
}

static inline void ul_link_append(ul_link *head, ul_link *link) {
  link->before = head->before;
  link->after = head;
  head->before->after = link;
  head->before = link;
}

/* Takes it out of its list; of none, harmless. */
static inline void ul_link_remove(ul_link *link) {
  if (!ul_link_is_in_list(link)) return;
  link->before->after = link->after;
  link->after->before = link->before;
  link->before = link->after = NULL;
}

#endif
