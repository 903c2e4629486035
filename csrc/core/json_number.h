/*
** Numbers of JSON: their grammar, byte by byte over any number of pieces;
** their value, an exact int64 or the nearest double; and their text, the
** shortest that reads back as the same double. No locale has a say.
*/
#ifndef UL_JSON_NUMBER_H
#define UL_JSON_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How far into a number the scan has come; kept between pieces. */
typedef enum ul_number_state {
  UL_NUMBER_START,
  UL_NUMBER_MINUS,
  UL_NUMBER_ZERO,
  UL_NUMBER_DIGITS,
  UL_NUMBER_POINT,
  UL_NUMBER_FRACTION,
  UL_NUMBER_E,
  UL_NUMBER_SIGN,
  UL_NUMBER_EXPONENT
} ul_number_state;

/* Goes on from `*state`; the first byte that cannot belong to the number, or
** `end`. The number may end where ul_number_may_end says so. */
const char *ul_number_scan(const char *p, const char *end,
                           ul_number_state *state);
bool ul_number_may_end(ul_number_state state);

typedef enum ul_number_kind {
  UL_NUMBER_INTEGER, /* no fraction, no exponent, fits int64 */
  UL_NUMBER_REAL,
  UL_NUMBER_BIG_INTEGER, /* beyond int64 */
  UL_NUMBER_BIG_REAL     /* beyond the largest double */
} ul_number_kind;

typedef struct ul_number {
  ul_number_kind kind;
  int64_t integer;
  double real;
} ul_number;

/* The value of the `length` bytes at `text`, which passed the scan. The byte
** behind them is readable and no part of the number. "-0" is the integer 0,
** "-0.0" the double; what is too small becomes the nearest double, 0. */
ul_number ul_number_value(const char *text, size_t length);

/* Room for what the printers write, with its NUL. */
enum { UL_NUMBER_TEXT_BYTES = 32 };

/* Both give the length. A finite double always gets a point or an exponent,
** so that it reads back as a double: 1.0, -0.0, 1e300. */
size_t ul_number_print_integer(char *text, int64_t value);
size_t ul_number_print_real(char *text, double value);

#endif
