/*
** Civil dates of the proleptic Gregorian calendar as day numbers, day 0
** being 1970-01-01. Plain integers: no time zone, no leap seconds, no C
** library calls that look at the locale or at TZ. Years -399 to 29999.
*/
#ifndef UL_CIVIL_H
#define UL_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

enum {
  UL_DAY_S = 86400,
  UL_ERA_YEARS = 400, /* after which the calendar repeats */
  UL_ERA_DAYS = 146097,
  UL_MARCH_0000 = -719468 /* day number of 0000-03-01 */
};

/* Rounds down, as C's division does not; the divisor is positive. */
static inline int64_t ul_floor_div(int64_t value, int64_t divisor) {
  return value / divisor - (value % divisor < 0);
}

static inline bool ul_civil_is_leap(int64_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Length of a month, 1 to 12, in days. */
static inline int ul_civil_month_days(int64_t year, int month) {
  static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && ul_civil_is_leap(year) ? 29 : days[month - 1];
}

/* Day number of a date. Years are counted from March here, so that the
** leap day is the last of its year, and one era on, so that none is
** negative. */
static inline int64_t ul_civil_days(int64_t year, int month, int day) {
  int64_t y = year + UL_ERA_YEARS - (month <= 2);
  int64_t month_from_march = month > 2 ? month - 3 : month + 9;
  return y * 365 + y / 4 - y / 100 + y / 400 +
         (153 * month_from_march + 2) / 5 + day - 1 + UL_MARCH_0000 -
         UL_ERA_DAYS;
}

/* The year in which a day number lies. */
static inline int64_t ul_civil_year(int64_t days) {
  int64_t year = 1970 + ul_floor_div(days * UL_ERA_YEARS, UL_ERA_DAYS);
  while (ul_civil_days(year, 1, 1) > days) year--;
  while (ul_civil_days(year + 1, 1, 1) <= days) year++;
  return year;
}

#endif
