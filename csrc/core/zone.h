/*
** IANA time zones, read from TZif files (RFC 9636, versions 1 to 4): the
** offset at an instant, the instant of a local time, the next change of the
** offset. The C library's tzset() is not used: it is one per process, and
** it takes an unknown name for UTC. Files are not trusted.
*/
#ifndef UL_ZONE_H
#define UL_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ul_zone ul_zone;

typedef enum {
  UL_ZONE_EXACT,
  UL_ZONE_GAP,    /* skipped by the clocks */
  UL_ZONE_OVERLAP /* passed twice by the clocks */
} ul_zone_fit;

/* Reads the bytes of a TZif file. The zone is the caller's, to be freed with
** ul_zone_free; NULL with `*reason` (static text) where they are none, and
** with no_memory. */
extern const char ul_zone_no_memory[];
ul_zone *ul_zone_parse(const void *bytes, size_t length, const char **reason);

/* The same for the zone of that name, "Europe/Berlin", below $TZDIR or
** /usr/share/zoneinfo. `*error` is the errno of a file that is there and
** cannot be read, else 0. */
ul_zone *ul_zone_load(const char *name, const char **reason, int *error);

/* NULL is allowed. */
void ul_zone_free(ul_zone *zone);

/* Instants are seconds since 1970-01-01 UTC, of the years 1 to 9999.
** Seconds east of UTC at an instant. `*abbreviation` lives as long as the
** zone. */
int32_t ul_zone_offset(const ul_zone *zone, int64_t epoch_s,
                       const char **abbreviation);

/* The first instant after the given one at which the offset changes; false
** where it stays. */
bool ul_zone_next_change(const ul_zone *zone, int64_t epoch_s,
                         int64_t *change_s);

/* The instant of a local time, given as if it were UTC. In a gap, the
** instant as if the offset before it still held; in an overlap, the
** earlier one. */
ul_zone_fit ul_zone_from_local(const ul_zone *zone, int64_t local_s,
                               int64_t *epoch_s);

#endif
