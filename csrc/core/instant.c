/* Date-times, see instant.h. */
#include "instant.h"

#include "civil.h"

enum { WITH_Z = 20, WITH_OFFSET = 25 };

/* What stands at each place: a digit for 0, else the character itself. */
static const char FORM[] = "0000-00-00T00:00:00";

static bool has_form(const char *text, const char *form) {
  for (; *form != '\0'; form++, text++) {
    bool digit = (unsigned char)(*text - '0') < 10;
    if (*form == '0' ? !digit : *text != *form) return false;
  }
  return true;
}

static int two(const char *text) {
  return (text[0] - '0') * 10 + (text[1] - '0');
}

static bool read_offset(const char *text, size_t length, int64_t *seconds) {
  *seconds = 0;
  if (length == 1) return *text == 'Z';
  if ((*text != '+' && *text != '-') || !has_form(text + 1, "00:00"))
    return false;
  int hours = two(text + 1), minutes = two(text + 4);
  int64_t size = (int64_t)hours * 3600 + (int64_t)minutes * 60;
  *seconds = *text == '-' ? -size : size;
  return hours <= 23 && minutes <= 59;
}

static bool read_date(const char *text, int64_t *days) {
  int year = two(text) * 100 + two(text + 2);
  int month = two(text + 5), day = two(text + 8);
  if (year < 1 || month < 1 || month > 12) return false;
  if (day < 1 || day > ul_civil_month_days(year, month)) return false;
  *days = ul_civil_days(year, month, day);
  return true;
}

static bool read_time(const char *text, int64_t *seconds) {
  int hour = two(text), minute = two(text + 3), second = two(text + 6);
  *seconds = (int64_t)hour * 3600 + (int64_t)minute * 60 + second;
  return hour <= 23 && minute <= 59 && second <= 59;
}

bool ul_instant_read(const char *text, size_t length, int64_t *seconds) {
  int64_t days, time, offset;
  size_t form = sizeof FORM - 1;
  if ((length != WITH_Z && length != WITH_OFFSET) || !has_form(text, FORM))
    return false;
  if (!read_date(text, &days) || !read_time(text + 11, &time) ||
      !read_offset(text + form, length - form, &offset))
    return false;
  *seconds = days * UL_DAY_S + time - offset;
  return true;
}
