/*
** What is done with one figure of a column (column.h): figures are compared
** exactly, be they integers or doubles, and given in another unit, as
** usagelua.units does both.
*/
#ifndef UL_FIGURE_H
#define UL_FIGURE_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "column.h"

/* -1, 0 or 1, as Lua compares: no rounding to a double in between. Neither is
** absent. */
int ul_figure_compare(uint32_t code, ul_figure figure, uint32_t other_code,
                      ul_figure other);

/* How many of a unit one of another is; 0 of 0: a figure stays as it is. */
typedef struct ul_scale {
  int64_t numerator, denominator; /* above 0 */
} ul_scale;

/* A double that is a whole number, as the integer it is. */
ul_column_value ul_figure_plain(double real);

/* An exact fraction: an integer where it is one, else the nearest double. */
ul_column_value ul_figure_quotient(int64_t numerator, int64_t denominator);

/* A number in the other unit; what is absent stays so. Of an integer that is
** beyond 64 bits there it is infinite, which no figure is. */
ul_column_value ul_figure_scale(ul_column_value value, ul_scale scale);

static inline bool ul_figure_is_beyond(ul_column_value value) {
  return value.code == UL_CODE_REAL && isinf(value.figure.real);
}

#endif
