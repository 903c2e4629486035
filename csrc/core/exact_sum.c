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

bool ul_exact_merge(ul_exact_sum *sum, const ul_exact_sum *other) {
  const ul_partials *partials = other->partials;
  for (uint32_t i = 0; partials != NULL && i < partials->count; i++)
    if (!ul_exact_add_real(sum, partials->values[i])) return false;
  sum->carry += other->carry;
  ul_exact_add_integer(sum, other->low);
  return true;
}

/* The nearest double to the exact sum; the last lines round halfway cases to
** even, as one single addition would. */
static double rounded(const ul_partials *partials) {
  uint32_t n = partials->count;
  const double *p = partials->values;
  double high = p[n - 1], rest = 0;
  while (n > 1 && rest == 0) {
    n--;
    double x = high, y = p[n - 1];
    high = x + y;
    rest = y - (high - x);
  }
  if (n > 1 && ((rest < 0 && p[n - 2] < 0) || (rest > 0 && p[n - 2] > 0))) {
    double twice = rest * 2;
    if (twice == (high + twice) - high) return high + twice;
  }
  return high;
}

/* An integer goes in as two halves, without loss. */
bool ul_exact_read_real(const ul_exact_sum *sum, double *real) {
  int64_t high = sum->low >> 32;
  double low = (double)(sum->low & (int64_t)0xffffffff);
  ul_exact_sum all = {0};
  bool ok = ul_exact_merge(&all, &(ul_exact_sum){.partials = sum->partials}) &&
            ul_exact_add_real(&all, (double)high * 0x1p32) &&
            ul_exact_add_real(&all, low) &&
            ul_exact_add_real(&all, (double)sum->carry * 0x1p64);
  if (ok) *real = rounded(all.partials);
  ul_exact_free(&all);
  return ok;
}

void ul_exact_free(ul_exact_sum *sum) {
  free(sum->partials);
  *sum = (ul_exact_sum){0};
}
