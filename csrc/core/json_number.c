/* Numbers, see json_number.h. */
#define _GNU_SOURCE /* strtod_l; NOLINT(bugprone-reserved-identifier) */
#include "json_number.h"

#include <assert.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- grammar ---- */

static bool isdigit_c(char c) { return (unsigned char)(c - '0') < 10; }

static const char *skip_digits(const char *p, const char *end) {
  while (p != end && isdigit_c(*p)) p++;
  return p;
}

/* The state after `c`, or `state` itself where the number ends before `c`.
** A digit after a leading zero ends it too: the reader refuses it there. */
static ul_number_state step(ul_number_state state, char c) {
  bool digit = isdigit_c(c), e = c == 'e' || c == 'E';
  switch (state) {
    case UL_NUMBER_START:
      if (c == '-') return UL_NUMBER_MINUS;
      /* fallthrough */
    case UL_NUMBER_MINUS:
      if (c == '0') return UL_NUMBER_ZERO;
      return digit ? UL_NUMBER_DIGITS : state;
    case UL_NUMBER_ZERO:
    case UL_NUMBER_DIGITS:
      if (c == '.') return UL_NUMBER_POINT;
      return e ? UL_NUMBER_E : state;
    case UL_NUMBER_POINT: return digit ? UL_NUMBER_FRACTION : state;
    case UL_NUMBER_FRACTION: return e ? UL_NUMBER_E : state;
    case UL_NUMBER_E:
      if (c == '+' || c == '-') return UL_NUMBER_SIGN;
      /* fallthrough */
    case UL_NUMBER_SIGN: return digit ? UL_NUMBER_EXPONENT : state;
    case UL_NUMBER_EXPONENT: return state;
  }
  return state;
}

/* States in which any number of digits may follow. */
static bool takes_digits(ul_number_state state) {
  return state == UL_NUMBER_DIGITS || state == UL_NUMBER_FRACTION ||
         state == UL_NUMBER_EXPONENT;
}

const char *ul_number_scan(const char *p, const char *end,
                           ul_number_state *state) {
  while (p != end) {
    if (takes_digits(*state)) {
      p = skip_digits(p, end);
      if (p == end) return p;
    }
    ul_number_state next = step(*state, *p);
    if (next == *state) return p;
    *state = next;
    p++;
  }
  return p;
}

bool ul_number_may_end(ul_number_state state) {
  return state == UL_NUMBER_ZERO || takes_digits(state);
}

/* ---- value ---- */

/* The number as mantissa × 10^exponent. */
typedef struct decimal {
  uint64_t mantissa; /* exact only while `digits` is at most 19 */
  size_t digits;     /* significant ones, leading zeros not counted */
  int64_t exponent;
  bool negative;
  bool has_point_or_e;
} decimal;

enum { EXACT_DIGITS = 19 }; /* 10^19 - 1 fits 64 bits */

/* Beyond any double and far from overflow, however many digits follow. */
#define HUGE_EXPONENT 1000000000

static const char *add_digits(decimal *d, const char *p, const char *end) {
  uint64_t mantissa = d->mantissa;
  size_t digits = d->digits;
  for (; p != end && isdigit_c(*p); p++) {
    unsigned digit = (unsigned)(*p - '0');
    digits += (digits | digit) != 0;
    if (digits <= EXACT_DIGITS) mantissa = mantissa * 10 + digit;
  }
  d->mantissa = mantissa;
  d->digits = digits;
  return p;
}

static int64_t exponent_value(const char *p, const char *end) {
  bool negative = *p == '-';
  if (*p == '-' || *p == '+') p++;
  int64_t value = 0;
  for (; p != end; p++)
    if (value < HUGE_EXPONENT) value = value * 10 + (*p - '0');
  return negative ? -value : value;
}

static decimal split(const char *p, const char *end) {
  decimal d = {.negative = *p == '-'};
  p = add_digits(&d, p + d.negative, end);
  if (p == end) return d;
  d.has_point_or_e = true;
  if (*p == '.') {
    const char *fraction = p + 1;
    p = add_digits(&d, fraction, end);
    d.exponent = -(int64_t)(p - fraction);
  }
  if (p != end) d.exponent += exponent_value(p + 1, end);
  return d;
}

static ul_number integer_of(const decimal *d) {
  uint64_t limit = (uint64_t)INT64_MAX + d->negative;
  if (d->digits > EXACT_DIGITS || d->mantissa > limit)
    return (ul_number){.kind = UL_NUMBER_BIG_INTEGER};
  uint64_t bits = d->negative ? 0 - d->mantissa : d->mantissa;
  ul_number number = {.kind = UL_NUMBER_INTEGER};
  memcpy(&number.integer, &bits, sizeof bits);
  return number;
}

static const double powers_of_ten[] = {
  1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
};

enum { LARGEST_EXACT_POWER = 22 };
#define LARGEST_EXACT_INTEGER ((uint64_t)1 << 53)

/* Two exact doubles multiplied or divided once are rounded once, that is
** correctly (Clinger 1990). Not where the machine computes wider. */
static bool exact_of(const decimal *d, double *value) {
  if (FLT_EVAL_METHOD != 0 || d->digits > EXACT_DIGITS ||
      d->mantissa > LARGEST_EXACT_INTEGER)
    return false;
  if (d->exponent < -LARGEST_EXACT_POWER || d->exponent > LARGEST_EXACT_POWER)
    return false;
  double mantissa = (double)d->mantissa;
  *value = d->exponent < 0 ? mantissa / powers_of_ten[-d->exponent]
                           : mantissa * powers_of_ten[d->exponent];
  if (d->negative) *value = -*value;
  return true;
}

__extension__ typedef unsigned __int128 uint128;

/* The same of a longer integer over a power of ten that fits 64 bits: both
** with their highest bit set, so that the quotient has 63 bits or 64, of which
** the lowest stands for all behind it. That is rounded once, to a double. */
static bool quotient_of(const decimal *d, double *value) {
  if (FLT_EVAL_METHOD != 0 || d->digits > EXACT_DIGITS || d->mantissa == 0 ||
      d->exponent >= 0 || d->exponent < -EXACT_DIGITS)
    return false;
  uint64_t power = 1;
  for (int64_t i = d->exponent; i < 0; i++) power *= 10;
  int shift = __builtin_clzll(d->mantissa);
  int power_shift = __builtin_clzll(power);
  uint128 dividend = (uint128)(d->mantissa << shift) << 63;
  uint64_t divisor = power << power_shift;
  uint64_t quotient = (uint64_t)(dividend / divisor);
  quotient |= dividend % divisor != 0;
  *value = ldexp((double)quotient, power_shift - shift - 63);
  if (d->negative) *value = -*value;
  return true;
}

/* The "C" locale is a constant of the C library: nothing to free. */
static double nearest(const char *text) {
  locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  double value = strtod_l(text, NULL, plain);
  freelocale(plain);
  return value;
}

/* Most numbers are short integers. */
enum { SHORT_DIGITS = 18 };

/* Bytes whose digits are below 2^53. */
enum { SHORT_FRACTION = 16 };

static bool short_integer(const char *text, size_t length, int64_t *value) {
  bool negative = *text == '-';
  if (length > SHORT_DIGITS) return false;
  int64_t size = 0;
  for (size_t i = negative; i < length; i++) {
    if (!isdigit_c(text[i])) return false;
    size = size * 10 + (text[i] - '0');
  }
  *value = negative ? -size : size;
  return true;
}

/* So are most fractions: few digits around a point, no exponent. */
static bool short_fraction(const char *text, size_t length, double *value) {
  bool negative = *text == '-';
  if (FLT_EVAL_METHOD != 0 || length > SHORT_FRACTION) return false;
  uint64_t mantissa = 0;
  size_t point = 0;
  for (size_t i = negative; i < length; i++) {
    if (isdigit_c(text[i]))
      mantissa = mantissa * 10 + (unsigned)(text[i] - '0');
    else if (text[i] == '.' && point == 0)
      point = i;
    else
      return false;
  }
  assert(point > 0 && point < length); /* else it were an integer */
  size_t decimals = length - 1 - point;
  assert(decimals <= LARGEST_EXACT_POWER);
  double size = (double)mantissa / powers_of_ten[decimals];
  *value = negative ? -size : size;
  return true;
}

ul_number ul_number_value(const char *text, size_t length) {
  ul_number short_number = {.kind = UL_NUMBER_INTEGER};
  if (short_integer(text, length, &short_number.integer)) return short_number;
  if (short_fraction(text, length, &short_number.real)) {
    short_number.kind = UL_NUMBER_REAL;
    return short_number;
  }
  decimal d = split(text, text + length);
  if (!d.has_point_or_e) return integer_of(&d);
  ul_number number = {.kind = UL_NUMBER_REAL};
  if (!exact_of(&d, &number.real) && !quotient_of(&d, &number.real))
    number.real = nearest(text);
  if (isinf(number.real)) number.kind = UL_NUMBER_BIG_REAL;
  return number;
}

/* ---- text ---- */

size_t ul_number_print_integer(char *text, int64_t value) {
  char digits[20];
  size_t count = 0, length = 0;
  uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
  do digits[count++] = (char)('0' + rest % 10);
  while ((rest /= 10) != 0);
  if (value < 0) text[length++] = '-';
  while (count > 0) text[length++] = digits[--count];
  text[length] = '\0';
  return length;
}

/* 0.DIGITS × 10^point; the digits end without a zero. */
typedef struct digits {
  char text[20];
  int count;
  int point;
} digits;

static void drop_zeros(digits *d) {
  while (d->count > 1 && d->text[d->count - 1] == '0') d->count--;
}

/* Figures of at most 15 digits and few decimals, which is what usage reports
** hold: the fewest decimals that give the value back by one exact division. */
static bool few_decimals(double value, digits *d) {
  if (FLT_EVAL_METHOD != 0 || value >= 1e15) return false;
  for (int decimals = 0; decimals <= 6; decimals++) {
    double scaled = nearbyint(value * powers_of_ten[decimals]);
    if (scaled >= 1e15) return false;
    if (scaled / powers_of_ten[decimals] != value) continue;
    char text[UL_NUMBER_TEXT_BYTES];
    d->count = (int)ul_number_print_integer(text, (int64_t)scaled);
    d->point = d->count - decimals;
    memcpy(d->text, text, (size_t)d->count);
    drop_zeros(d);
    return true;
  }
  return false;
}

/* `count` correctly rounded digits by the C library, whose decimal point
** (a matter of locale) is not looked at. */
static void rounded(double value, int count, digits *d) {
  char text[48];
  snprintf(text, sizeof text, "%.*e", count - 1, value);
  const char *e = strchr(text, 'e');
  d->count = 0;
  for (const char *p = text; p != e; p++)
    if (isdigit_c(*p)) d->text[d->count++] = *p;
  d->point = (int)strtol(e + 1, NULL, 10) + 1;
}

static double read_back(const digits *d) {
  char text[48];
  snprintf(text, sizeof text, "%.*se%d", d->count, d->text,
           d->point - d->count);
  return nearest(text);
}

/* The next larger number of as many digits; false where that is a new one. */
static bool add_one_unit(digits *d) {
  int i = d->count - 1;
  while (i >= 0 && d->text[i] == '9') d->text[i--] = '0';
  if (i < 0) return false;
  d->text[i]++;
  return true;
}

/* At a power of two the doubles below lie twice as close as those above, so
** the digits that read back may be not the nearest ones but those above. */
static bool reads_back(double value, digits *d) {
  if (read_back(d) == value) return true;
  int exponent;
  if (frexp(value, &exponent) != 0.5) return false;
  return add_one_unit(d) && read_back(d) == value;
}

/* 15 digits always read back as the same decimal and 17 as the same double;
** below the normal doubles even one digit may do. */
static void fewest_digits(double value, digits *d) {
  int count = value < DBL_MIN ? 1 : 15;
  for (; count < 17; count++) {
    rounded(value, count, d);
    if (reads_back(value, d)) break;
  }
  if (count == 17) rounded(value, count, d);
  drop_zeros(d);
}

static char *put(char *to, const char *from, int count) {
  memcpy(to, from, (size_t)count);
  return to + count;
}

static char *put_zeros(char *to, int count) {
  memset(to, '0', (size_t)count);
  return to + count;
}

static char *put_scientific(char *to, const digits *d) {
  to = put(to, d->text, 1);
  if (d->count > 1) {
    to = put(to, ".", 1);
    to = put(to, d->text + 1, d->count - 1);
  }
  to = put(to, "e", 1);
  return to + ul_number_print_integer(to, d->point - 1);
}

static char *put_positional(char *to, const digits *d) {
  if (d->point <= 0) {
    to = put_zeros(put(to, "0.", 2), -d->point);
    return put(to, d->text, d->count);
  }
  if (d->point >= d->count) {
    to = put_zeros(put(to, d->text, d->count), d->point - d->count);
    return put(to, ".0", 2);
  }
  to = put(put(to, d->text, d->point), ".", 1);
  return put(to, d->text + d->point, d->count - d->point);
}

/* Positions are written out while they stay readable. */
enum { FIRST_POINT = -4, LAST_POINT = 16 };

size_t ul_number_print_real(char *text, double value) {
  digits d;
  char *to = text;
  if (signbit(value)) to = put(to, "-", 1);
  double size = fabs(value);
  if (!few_decimals(size, &d)) fewest_digits(size, &d);
  bool positional = d.point >= FIRST_POINT && d.point <= LAST_POINT;
  to = positional ? put_positional(to, &d) : put_scientific(to, &d);
  *to = '\0';
  return (size_t)(to - text);
}
