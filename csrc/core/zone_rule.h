/*
** The POSIX TZ string that closes a TZif file, "CET-1CEST,M3.5.0,M10.5.0/3":
** what holds after the file's last change. Knows the extension of RFC 9636
** 3.3.1 (times of -167 to 167 hours). Holds no memory of its own.
*/
#ifndef UL_ZONE_RULE_H
#define UL_ZONE_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UL_ZONE_NAME_MAX = 15 };

typedef enum {
  UL_ZONE_MONTH_WEEK,   /* Mm.w.d: weekday d of week w, 5 being the last */
  UL_ZONE_DAY_NO_LEAP,  /* Jn: day 1 to 365, 29 February never counted */
  UL_ZONE_DAY_WITH_LEAP /* n: day 0 to 365 */
} ul_zone_day_kind;

typedef struct {
  ul_zone_day_kind kind;
  int month, week, weekday; /* of UL_ZONE_MONTH_WEEK, Sunday being 0 */
  int day;                  /* of the other two */
  int32_t time_s;           /* after local midnight, by the offset before */
} ul_zone_switch;

typedef struct {
  int32_t offset_s; /* east of UTC */
  char name[UL_ZONE_NAME_MAX + 1];
} ul_zone_time;

typedef struct {
  ul_zone_time standard, summer;
  bool has_summer;
  ul_zone_switch to_summer, to_standard;
} ul_zone_rule;

/* Reads the whole of text[0..length); false where it is no such string. */
bool ul_zone_rule_parse(ul_zone_rule *rule, const char *text, size_t length);

/* What holds at an instant; valid as long as the rule. */
const ul_zone_time *ul_zone_rule_at(const ul_zone_rule *rule, int64_t epoch_s);

/* The next instant after the given one at which the offset changes; false
** where it never does. */
bool ul_zone_rule_next(const ul_zone_rule *rule, int64_t epoch_s,
                       int64_t *change_s);

#endif
