/* See zone_rule.h. */
#include "zone_rule.h"

#include "civil.h"

/* -- reading ---------------------------------------------------------------
** The part readers below take what they want from the front of the text and
** say whether it was there. */

typedef struct {
  const char *at, *end;
} text;

static bool take(text *t, char wanted) {
  if (t->at == t->end || *t->at != wanted) return false;
  t->at++;
  return true;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool take_number(text *t, int min, int max, int *number) {
  int value = 0, digits = 0;
  for (; t->at < t->end && is_digit(*t->at); t->at++) {
    if (++digits > 3) return false;
    value = value * 10 + (*t->at - '0');
  }
  *number = value;
  return digits > 0 && value >= min && value <= max;
}

static bool in_name(char c, bool quoted) {
  return is_letter(c) || (quoted && (is_digit(c) || c == '+' || c == '-'));
}

/* CET, or <+0530> where it is not letters alone. */
static bool take_name(text *t, char *name) {
  bool quoted = take(t, '<');
  size_t length = 0;
  for (; t->at < t->end && in_name(*t->at, quoted); t->at++) {
    if (length == UL_ZONE_NAME_MAX) return false;
    name[length++] = *t->at;
  }
  name[length] = '\0';
  return length >= 3 && (!quoted || take(t, '>'));
}

/* [+-]hh[:mm[:ss]] as seconds. */
static bool take_time(text *t, int max_hours, int32_t *time_s) {
  bool is_negative = take(t, '-');
  if (!is_negative) (void)take(t, '+');
  int hours, minutes = 0, seconds = 0;
  if (!take_number(t, 0, max_hours, &hours)) return false;
  if (take(t, ':')) {
    if (!take_number(t, 0, 59, &minutes)) return false;
    if (take(t, ':') && !take_number(t, 0, 59, &seconds)) return false;
  }
  int32_t total_s = hours * 3600 + minutes * 60 + seconds;
  *time_s = is_negative ? -total_s : total_s;
  return true;
}

/* POSIX counts west of Greenwich, everybody else east. */
static bool take_offset(text *t, int32_t *offset_s) {
  if (!take_time(t, 24, offset_s)) return false;
  *offset_s = -*offset_s;
  return true;
}

static bool take_month_week(text *t, ul_zone_switch *on) {
  on->kind = UL_ZONE_MONTH_WEEK;
  return take_number(t, 1, 12, &on->month) && take(t, '.') &&
         take_number(t, 1, 5, &on->week) && take(t, '.') &&
         take_number(t, 0, 6, &on->weekday);
}

static bool take_day(text *t, ul_zone_switch *on) {
  if (take(t, 'M')) return take_month_week(t, on);
  bool no_leap = take(t, 'J');
  on->kind = no_leap ? UL_ZONE_DAY_NO_LEAP : UL_ZONE_DAY_WITH_LEAP;
  return take_number(t, no_leap ? 1 : 0, 365, &on->day);
}

static bool take_switch(text *t, ul_zone_switch *on) {
  on->time_s = 2 * 3600;
  return take(t, ',') && take_day(t, on) &&
         (!take(t, '/') || take_time(t, 167, &on->time_s));
}

static bool take_summer(text *t, ul_zone_rule *rule) {
  rule->summer.offset_s = rule->standard.offset_s + 3600;
  if (!take_name(t, rule->summer.name)) return false;
  bool is_default = t->at < t->end && *t->at == ',';
  return (is_default || take_offset(t, &rule->summer.offset_s)) &&
         take_switch(t, &rule->to_summer) && take_switch(t, &rule->to_standard);
}

bool ul_zone_rule_parse(ul_zone_rule *rule, const char *bytes, size_t length) {
  text t = {bytes, bytes + length};
  *rule = (ul_zone_rule){0};
  if (!take_name(&t, rule->standard.name)) return false;
  if (!take_offset(&t, &rule->standard.offset_s)) return false;
  rule->has_summer = t.at < t.end;
  if (rule->has_summer && !take_summer(&t, rule)) return false;
  return t.at == t.end;
}

/* -- asking ------------------------------------------------------------- */

/* Day number of weekday `on->weekday` in week `on->week` of its month. */
static int64_t month_week_day(const ul_zone_switch *on, int64_t year) {
  int64_t first = ul_civil_days(year, on->month, 1);
  int64_t weekday = (first + 4) % 7; /* 1970-01-01 was a Thursday */
  if (weekday < 0) weekday += 7;
  int64_t weeks = on->week - 1;
  int64_t day = (on->weekday - weekday + 7) % 7 + weeks * 7;
  if (day >= ul_civil_month_days(year, on->month)) day -= 7;
  return first + day;
}

static int64_t switch_day(const ul_zone_switch *on, int64_t year) {
  if (on->kind == UL_ZONE_MONTH_WEEK) return month_week_day(on, year);
  int64_t first = ul_civil_days(year, 1, 1);
  if (on->kind == UL_ZONE_DAY_WITH_LEAP) return first + on->day;
  bool after_leap_day = on->day >= 60 && ul_civil_is_leap(year);
  return first + on->day - 1 + after_leap_day;
}

/* The instant of a year's switch; its clock time is by the offset before. */
static int64_t moment(const ul_zone_rule *rule, int64_t year, bool to_summer) {
  const ul_zone_switch *on = to_summer ? &rule->to_summer : &rule->to_standard;
  const ul_zone_time *before = to_summer ? &rule->standard : &rule->summer;
  return switch_day(on, year) * UL_DAY_S + on->time_s - before->offset_s;
}

static int64_t year_of(const ul_zone_rule *rule, int64_t epoch_s) {
  return ul_civil_year(
    ul_floor_div(epoch_s + rule->standard.offset_s, UL_DAY_S));
}

/* The last switch decides. It may be one of last year, or, its time being
** up to a week before midnight, one that is counted to the next. Where both
** fall on one instant it is summer all the year. */
const ul_zone_time *ul_zone_rule_at(const ul_zone_rule *rule,
                                    int64_t epoch_s) {
  if (!rule->has_summer) return &rule->standard;
  int64_t year = year_of(rule, epoch_s), last_s = INT64_MIN;
  bool is_summer = false;
  for (int64_t y = year - 1; y <= year + 1; y++) {
    int64_t standard_s = moment(rule, y, false);
    int64_t summer_s = moment(rule, y, true);
    if (standard_s <= epoch_s && standard_s > last_s) {
      last_s = standard_s;
      is_summer = false;
    }
    if (summer_s <= epoch_s && summer_s >= last_s) {
      last_s = summer_s;
      is_summer = true;
    }
  }
  return is_summer ? &rule->summer : &rule->standard;
}

static bool is_change(const ul_zone_rule *rule, int64_t epoch_s) {
  return ul_zone_rule_at(rule, epoch_s)->offset_s !=
         ul_zone_rule_at(rule, epoch_s - 1)->offset_s;
}

bool ul_zone_rule_next(const ul_zone_rule *rule, int64_t epoch_s,
                       int64_t *change_s) {
  if (!rule->has_summer) return false;
  int64_t year = year_of(rule, epoch_s), next_s = INT64_MAX;
  for (int64_t y = year - 1; y <= year + 2; y++) {
    for (int to_summer = 0; to_summer <= 1; to_summer++) {
      int64_t s = moment(rule, y, to_summer);
      if (s > epoch_s && s < next_s && is_change(rule, s)) next_s = s;
    }
  }
  *change_s = next_s;
  return next_s != INT64_MAX;
}
