/* Figures, see figure.h. */
#include "figure.h"

#define TWO_TO_63 0x1p63
#define LARGEST_EXACT_REAL 0x1p53
#define LARGEST_EXACT ((int64_t)1 << 53)
#define LOW_BITS ((int64_t)0xffffffff)

static int sign_of(bool less, bool greater) { return greater - less; }

static int compare_mixed(int64_t integer, double real) {
  if (real >= TWO_TO_63) return -1;
  if (real < -TWO_TO_63) return 1;
  int64_t whole = (int64_t)real;
  if (integer != whole) return sign_of(integer < whole, integer > whole);
  double rest = real - (double)whole;
  return sign_of(rest > 0, rest < 0);
}

int ul_figure_compare(uint32_t code, ul_figure figure, uint32_t other_code,
                      ul_figure other) {
  if (code == UL_CODE_INTEGER)
    return other_code == UL_CODE_INTEGER
             ? sign_of(figure.integer < other.integer,
                       figure.integer > other.integer)
             : compare_mixed(figure.integer, other.real);
  return other_code == UL_CODE_REAL
           ? sign_of(figure.real < other.real, figure.real > other.real)
           : -compare_mixed(other.integer, figure.real);
}

static ul_column_value integer_value(int64_t integer) {
  return (ul_column_value){UL_CODE_INTEGER, {.integer = integer}};
}

static ul_column_value real_value(double real) {
  return (ul_column_value){UL_CODE_REAL, {.real = real}};
}

ul_column_value ul_figure_plain(double real) {
  bool is_whole = fabs(real) < LARGEST_EXACT_REAL && floor(real) == real;
  return is_whole ? integer_value((int64_t)real) : real_value(real);
}

/* Rounded down, as `//` does it. */
static int64_t floor_quotient(int64_t numerator, int64_t denominator) {
  int64_t quotient = numerator / denominator;
  return quotient - (numerator % denominator < 0);
}

static int64_t floor_rest(int64_t numerator, int64_t denominator) {
  int64_t rest = numerator % denominator;
  return rest < 0 ? rest + denominator : rest;
}

/* The nearest double. */
static ul_column_value with_fraction(int64_t whole, double fraction) {
  return real_value((double)(whole & ~LOW_BITS) +
                    ((double)(whole & LOW_BITS) + fraction));
}

ul_column_value ul_figure_quotient(int64_t numerator, int64_t denominator) {
  if (numerator % denominator == 0)
    return integer_value(numerator / denominator);
  if (numerator > -LARGEST_EXACT && numerator < LARGEST_EXACT)
    return real_value((double)numerator / (double)denominator);
  int64_t whole = floor_quotient(numerator, denominator);
  int64_t rest = numerator - whole * denominator;
  return with_fraction(whole, (double)rest / (double)denominator);
}

/* The product does not fit: what the denominator goes into comes first. */
static ul_column_value scale_large(int64_t integer, ul_scale scale) {
  int64_t whole = floor_quotient(integer, scale.denominator), rest, sum;
  if (__builtin_mul_overflow(whole, scale.numerator, &whole) ||
      __builtin_mul_overflow(floor_rest(integer, scale.denominator),
                             scale.numerator, &rest) ||
      __builtin_add_overflow(whole, rest / scale.denominator, &sum))
    return real_value(integer < 0 ? -INFINITY : INFINITY);
  rest %= scale.denominator;
  if (rest == 0) return integer_value(sum);
  return with_fraction(sum, (double)rest / (double)scale.denominator);
}

static ul_column_value scale_integer(int64_t integer, ul_scale scale) {
  int64_t product;
  if (__builtin_mul_overflow(integer, scale.numerator, &product))
    return scale_large(integer, scale);
  return ul_figure_quotient(product, scale.denominator);
}

ul_column_value ul_figure_scale(ul_column_value value, ul_scale scale) {
  if (value.code == 0 || scale.denominator == 0) return value;
  if (value.code == UL_CODE_INTEGER)
    return scale_integer(value.figure.integer, scale);
  double real = value.figure.real;
  if (scale.numerator == scale.denominator) return ul_figure_plain(real);
  return ul_figure_plain(real * (double)scale.numerator /
                         (double)scale.denominator);
}
