/*
** See zone.h. The bytes of the file are kept as they are and looked into
** when asked; everything that an answer relies on is checked once, when the
** zone is made.
*/
#include "zone.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "zone_rule.h"

enum {
  HEADER_BYTES = 44,
  TYPE_BYTES = 6, /* offset (4), is summer time (1), index of name (1) */
  MAX_FILE_BYTES = 1 << 20,
  MAX_NAME_BYTES = 64,
  /* RFC 9636 3.2: an offset lies between -25 and 26 hours, neither met. */
  MIN_OFFSET_S = -89999,
  MAX_OFFSET_S = 93599
};

static const char DEFAULT_FOLDER[] = "/usr/share/zoneinfo";

/* Far beyond any question, and safe to do arithmetic with. */
static const int64_t MAX_INSTANT_S = INT64_C(1) << 39;

struct ul_zone {
  const unsigned char *changes;      /* instants, `time_bytes` each, rising */
  const unsigned char *change_types; /* one byte each: an index into types */
  const unsigned char *types;
  const char *names;
  size_t change_count, type_count, name_bytes, time_bytes;
  bool has_rule; /* which holds from the last change on */
  ul_zone_rule rule;
  size_t length;
  unsigned char bytes[]; /* of the file */
};

/* -- bytes -------------------------------------------------------------- */

static uint32_t unsigned32(const unsigned char *at) {
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 |
         (uint32_t)at[3];
}

static int32_t signed32(const unsigned char *at) {
  return (int32_t)unsigned32(at);
}

static int64_t signed64(const unsigned char *at) {
  return (int64_t)((uint64_t)unsigned32(at) << 32 | unsigned32(at + 4));
}

static int64_t change_at(const ul_zone *zone, size_t i) {
  const unsigned char *at = zone->changes + i * zone->time_bytes;
  return zone->time_bytes == 8 ? signed64(at) : signed32(at);
}

static const unsigned char *type_at(const ul_zone *zone, size_t i) {
  return zone->types + i * TYPE_BYTES;
}

/* -- reading ------------------------------------------------------------ */

/* Counts of a header, in the file's order. */
typedef struct {
  uint32_t utc_marks, standard_marks, leaps, changes, types, name_bytes;
} counts;

static bool has_magic(const unsigned char *at) {
  return memcmp(at, "TZif", 4) == 0;
}

static counts read_counts(const unsigned char *header) {
  const unsigned char *at = header + 20;
  return (counts){unsigned32(at),      unsigned32(at + 4),
                  unsigned32(at + 8),  unsigned32(at + 12),
                  unsigned32(at + 16), unsigned32(at + 20)};
}

static uint64_t data_bytes(const counts *n, uint64_t time_bytes) {
  return n->changes * (time_bytes + 1) + (uint64_t)n->types * TYPE_BYTES +
         n->name_bytes + n->leaps * (time_bytes + 4) + n->standard_marks +
         (uint64_t)n->utc_marks;
}

/* Offset of the first byte after the block whose header begins at `at`; 0
** where the file ends before. */
static size_t block_end(const ul_zone *zone, size_t at, uint64_t time_bytes) {
  if (zone->length - at < HEADER_BYTES) return 0;
  counts n = read_counts(zone->bytes + at);
  uint64_t size = data_bytes(&n, time_bytes);
  size_t left = zone->length - at - HEADER_BYTES;
  return size <= left ? at + HEADER_BYTES + (size_t)size : 0;
}

static void point_into(ul_zone *zone, size_t header, size_t time_bytes) {
  counts n = read_counts(zone->bytes + header);
  zone->time_bytes = time_bytes;
  zone->change_count = n.changes;
  zone->type_count = n.types;
  zone->name_bytes = n.name_bytes;
  zone->changes = zone->bytes + header + HEADER_BYTES;
  zone->change_types = zone->changes + n.changes * time_bytes;
  zone->types = zone->change_types + n.changes;
  zone->names = (const char *)(zone->types + (size_t)n.types * TYPE_BYTES);
}

static bool are_changes_sound(const ul_zone *zone) {
  for (size_t i = 0; i < zone->change_count; i++) {
    if (zone->change_types[i] >= zone->type_count) return false;
    if (change_at(zone, i) > MAX_INSTANT_S) return false;
    if (i > 0 && change_at(zone, i - 1) >= change_at(zone, i)) return false;
  }
  return true;
}

static bool are_types_sound(const ul_zone *zone) {
  if (zone->type_count == 0 || zone->name_bytes == 0) return false;
  if (zone->names[zone->name_bytes - 1] != '\0') return false;
  for (size_t i = 0; i < zone->type_count; i++) {
    const unsigned char *type = type_at(zone, i);
    int32_t offset_s = signed32(type);
    if (offset_s < MIN_OFFSET_S || offset_s > MAX_OFFSET_S) return false;
    if (type[4] > 1 || type[5] >= zone->name_bytes) return false;
  }
  return true;
}

/* The footer is a line of its own, empty where nothing is known. */
static const char *read_footer(ul_zone *zone, size_t at) {
  const char *text = (const char *)zone->bytes + at;
  size_t left = zone->length - at;
  if (left < 2 || text[0] != '\n') return "the file is cut short";
  const char *end = memchr(text + 1, '\n', left - 1);
  if (end == NULL) return "the file is cut short";
  size_t length = (size_t)(end - text) - 1;
  zone->has_rule = length > 0;
  if (length > 0 && !ul_zone_rule_parse(&zone->rule, text + 1, length))
    return "the rule at the end of the file is none";
  return NULL;
}

/* NULL, or what is wrong. A file of version 2 or later holds the data twice,
** the second time with 64 bits to an instant; only these are used. */
static const char *read_blocks(ul_zone *zone) {
  const unsigned char *bytes = zone->bytes;
  if (zone->length < HEADER_BYTES || !has_magic(bytes))
    return "not a TZif file";
  bool is_old = bytes[4] == '\0';
  size_t header = 0, end = block_end(zone, 0, 4);
  if (!is_old && end > 0) {
    header = end;
    end = block_end(zone, header, 8);
  }
  if (end == 0) return "the file is cut short";
  if (!has_magic(bytes + header)) return "not a TZif file";
  if (read_counts(bytes + header).leaps > 0)
    return "the file counts leap seconds, use the zone without \"right/\"";
  point_into(zone, header, is_old ? 4 : 8);
  if (!are_types_sound(zone) || !are_changes_sound(zone))
    return "the file is damaged";
  return is_old ? NULL : read_footer(zone, end);
}

const char ul_zone_no_memory[] = "not enough memory";

static ul_zone *new_zone(size_t length, const char **reason) {
  ul_zone *zone = calloc(1, sizeof *zone + length);
  if (zone == NULL) *reason = ul_zone_no_memory;
  else zone->length = length;
  return zone;
}

/* The zone itself where its bytes are sound, else NULL and it is freed. */
static ul_zone *finish(ul_zone *zone, const char **reason) {
  *reason = read_blocks(zone);
  if (*reason == NULL) return zone;
  ul_zone_free(zone);
  return NULL;
}

ul_zone *ul_zone_parse(const void *bytes, size_t length, const char **reason) {
  if (length > MAX_FILE_BYTES) {
    *reason = "not a TZif file";
    return NULL;
  }
  ul_zone *zone = new_zone(length, reason);
  if (zone == NULL) return NULL;
  memcpy(zone->bytes, bytes, length);
  return finish(zone, reason);
}

void ul_zone_free(ul_zone *zone) { free(zone); }

/* -- files -------------------------------------------------------------- */

static bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || (c != '\0' && strchr("+-_/.", c) != NULL);
}

/* The name comes from outside: it must not lead out of the folder. */
static bool is_zone_name(const char *name) {
  size_t length = strlen(name);
  if (length == 0 || length > MAX_NAME_BYTES) return false;
  if (name[0] == '/' || strstr(name, "..") != NULL) return false;
  for (size_t i = 0; i < length; i++)
    if (!is_name_char(name[i])) return false;
  return true;
}

static int is_regular(const char *path, bool *answer) {
  struct stat facts;
  if (stat(path, &facts) != 0) return errno;
  *answer = S_ISREG(facts.st_mode);
  return 0;
}

/* Returns 0, or errno. */
static int open_zone(const char *name, FILE **file) {
  const char *folder = getenv("TZDIR");
  if (folder == NULL || folder[0] == '\0') folder = DEFAULT_FOLDER;
  char path[4096];
  bool may_open = false; /* asked before opening: a pipe would wait there */
  int length = snprintf(path, sizeof path, "%s/%s", folder, name);
  if (length < 0 || (size_t)length >= sizeof path) return ENOENT;
  int error = is_regular(path, &may_open);
  if (error != 0 || !may_open) return error != 0 ? error : ENOENT;
  *file = fopen(path, "rbe");
  return *file != NULL ? 0 : errno;
}

static bool has_no_such_file(int error) {
  return error == ENOENT || error == ENOTDIR || error == ENAMETOOLONG;
}

static ul_zone *read_file(FILE *file, const char **reason, int *error) {
  struct stat facts;
  *reason = "not a TZif file";
  if (fstat(fileno(file), &facts) != 0) {
    *error = errno;
    return NULL;
  }
  if (facts.st_size < 0 || facts.st_size > MAX_FILE_BYTES) return NULL;
  ul_zone *zone = new_zone((size_t)facts.st_size, reason);
  if (zone == NULL) return NULL;
  zone->length = fread(zone->bytes, 1, zone->length, file);
  if (!ferror(file)) return finish(zone, reason);
  *error = errno;
  ul_zone_free(zone);
  return NULL;
}

ul_zone *ul_zone_load(const char *name, const char **reason, int *error) {
  FILE *file = NULL;
  *reason = "no such zone";
  *error = is_zone_name(name) ? open_zone(name, &file) : ENOENT;
  if (has_no_such_file(*error)) *error = 0;
  if (file == NULL) return NULL;
  ul_zone *zone = read_file(file, reason, error);
  (void)fclose(file); /* it was only read */
  return zone;
}

/* -- asking ------------------------------------------------------------- */

/* How many changes lie at or before an instant. */
static size_t changes_until(const ul_zone *zone, int64_t epoch_s) {
  size_t low = 0, high = zone->change_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (change_at(zone, middle) <= epoch_s) low = middle + 1;
    else high = middle;
  }
  return low;
}

int32_t ul_zone_offset(const ul_zone *zone, int64_t epoch_s,
                       const char **abbreviation) {
  size_t passed = changes_until(zone, epoch_s);
  if (passed == zone->change_count && zone->has_rule) {
    const ul_zone_time *time = ul_zone_rule_at(&zone->rule, epoch_s);
    *abbreviation = time->name;
    return time->offset_s;
  }
  /* before the first change the first type holds (RFC 9636 3.2) */
  const unsigned char *type =
    type_at(zone, passed == 0 ? 0 : zone->change_types[passed - 1]);
  *abbreviation = zone->names + type[5];
  return signed32(type);
}

static int32_t offset(const ul_zone *zone, int64_t epoch_s) {
  const char *abbreviation;
  return ul_zone_offset(zone, epoch_s, &abbreviation);
}

/* Changes of the name or of the summer time flag alone are passed over. */
bool ul_zone_next_change(const ul_zone *zone, int64_t epoch_s,
                         int64_t *change_s) {
  for (size_t i = changes_until(zone, epoch_s); i < zone->change_count; i++) {
    epoch_s = change_at(zone, i);
    *change_s = epoch_s;
    if (offset(zone, epoch_s) != offset(zone, epoch_s - 1)) return true;
  }
  return zone->has_rule && ul_zone_rule_next(&zone->rule, epoch_s, change_s);
}

/* Walks the stretches of one offset each in which the local time could lie:
** `local - offset` is the instant where it falls into its own stretch. */
ul_zone_fit ul_zone_from_local(const ul_zone *zone, int64_t local_s,
                               int64_t *epoch_s) {
  int64_t last_s = local_s - MIN_OFFSET_S, start_s = local_s - MAX_OFFSET_S;
  int64_t in_gap_s = local_s;
  int found = 0;
  for (bool more = true; more && start_s <= last_s;) {
    int64_t end_s = INT64_MAX, at_s = local_s - offset(zone, start_s);
    more = ul_zone_next_change(zone, start_s, &end_s);
    if (!more) end_s = INT64_MAX;
    if (at_s >= start_s && at_s < end_s && found++ == 0) *epoch_s = at_s;
    if (at_s >= end_s) in_gap_s = at_s; /* of the last stretch before it */
    start_s = end_s;
  }
  if (found > 0) return found == 1 ? UL_ZONE_EXACT : UL_ZONE_OVERLAP;
  *epoch_s = in_gap_s;
  return UL_ZONE_GAP;
}
