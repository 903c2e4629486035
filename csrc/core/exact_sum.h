/*
** Sums that do not depend on the order of their parts, as
** usagelua.aggregate.exact has them: integers in two words, doubles as
** Shewchuk's partial sums. What comes out of here is merged there.
*/
#ifndef UL_EXACT_SUM_H
#define UL_EXACT_SUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The largest double that a sum takes: its partials then never overflow. */
#define UL_EXACT_LARGEST 0x1p960

typedef struct ul_partials {
  uint32_t count, room;
  double values[]; /* the smallest first */
} ul_partials;

typedef struct ul_exact_sum {
  int64_t low;           /* the integers' total modulo 2^64 */
  int64_t carry;         /* how often 2^64 is to be added to it */
  ul_partials *partials; /* NULL: no double has come; owned */
} ul_exact_sum;

static inline void ul_exact_add_integer(ul_exact_sum *sum, int64_t value) {
  int64_t low;
  if (__builtin_add_overflow(sum->low, value, &low))
    sum->carry += value < 0 ? -1 : 1;
  sum->low = low;
}

/* `value` is finite and not beyond UL_EXACT_LARGEST; false without memory. */
bool ul_exact_add_real(ul_exact_sum *sum, double value);

/* Adds another sum, which stays as it is; false without memory. */
bool ul_exact_merge(ul_exact_sum *sum, const ul_exact_sum *other);

/* All of it as the nearest double, in `*real`; false without memory. */
bool ul_exact_read_real(const ul_exact_sum *sum, double *real);

/* The sum is 0 afterwards. */
void ul_exact_free(ul_exact_sum *sum);

#endif
