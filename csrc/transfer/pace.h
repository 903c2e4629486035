/*
** Whether bytes keep coming: at least so many in the last window of time.
** The window slides in eighths, so a transfer that stops is noticed at most
** an eighth late. Time in which nobody listened does not count. Plain data.
*/
#ifndef UL_PACE_H
#define UL_PACE_H

#include <stdbool.h>
#include <stdint.h>

#define UL_PACE_PARTS 8

typedef struct ul_pace {
  double window_s;
  uint64_t min_bytes;               /* in one window */
  uint64_t totals[UL_PACE_PARTS];   /* bytes there were, an eighth apart */
  unsigned count;                   /* totals ever noted */
  double next_s;                    /* when the next one is due */
} ul_pace;

/* Begins a fresh window, with `total` bytes so far. */
void ul_pace_start(ul_pace *pace, double now_s, uint64_t total);

/* Notes the total where one is due. False: too few in the last window. */
bool ul_pace_check(ul_pace *pace, double now_s, uint64_t total);

#endif
