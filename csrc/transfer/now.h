/* The clock that limits are measured with: seconds, never set back. */
#ifndef UL_NOW_H
#define UL_NOW_H

#include <time.h>

static inline double ul_now_s(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

#endif
