/* Exact sums, see exact_sum.h. */
#include "exact_sum.h"

#include <math.h>
#include <stdlib.h>

enum { FIRST_ROOM = 4 };

/* Room for one partial more than there are. */
static bool reserve(ul_exact_sum *sum) {
  ul_partials *old = sum->partials;
  if (old != NULL && old->count < old->room) return true;
  uint32_t room = old == NULL ? FIRST_ROOM : old->room * 2;
  ul_partials *new = realloc(old, sizeof *new + room * sizeof(double));
  if (new == NULL) return false;
  if (old == NULL) new->count = 0;
  new->room = room;
  sum->partials = new;
  return true;
}

/* Adaptive Precision Floating-Point Arithmetic (Shewchuk 1997), grow. */
bool ul_exact_add_real(ul_exact_sum *sum, double x) {
  if (!reserve(sum)) return false;
  ul_partials *partials = sum->partials;
  uint32_t kept = 0;
  for (uint32_t i = 0; i < partials->count; i++) {
    double y = partials->values[i];
    if (fabs(x) < fabs(y)) {
      double larger = y;
      y = x;
      x = larger;
    }
    double high = x + y;
    double rest = y - (high - x);
    if (rest != 0) partials->values[kept++] = rest;
    x = high;
  }
  partials->values[kept] = x;
  partials->count = kept + 1;
  return true;
}

void ul_exact_free(ul_exact_sum *sum) {
  free(sum->partials);
  *sum = (ul_exact_sum){0};
}
