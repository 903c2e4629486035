/*
** Which of many things have come before, told by 64 bits of each: the memory
** is bounded, and so is what is looked at. Of the first UL_SEEN_MOST each
** later one is known again; what comes behind them is not noted any more. Owns
** its memory.
*/
#ifndef UL_SEEN_H
#define UL_SEEN_H

#include <stddef.h>
#include <stdint.h>

#define UL_SEEN_MOST 32768u  /* in half a megabyte */

typedef enum ul_seen_result {
  UL_SEEN_NEW,
  UL_SEEN_AGAIN,
  UL_SEEN_NO_MEMORY
} ul_seen_result;

typedef struct ul_seen {
  uint64_t *slots;  /* 0 is free; NULL until the first */
  uint32_t count, mask;
} ul_seen;

/* Two are taken for one where their prints are the same. */
ul_seen_result ul_seen_note(ul_seen *seen, uint64_t print);

void ul_seen_free(ul_seen *seen);

#endif
