/*
** Hosts named by pattern: `files.acme.test`, `*.files.test` (any host below,
** never files.test itself), `files.acme.test:8443`. For what is fetched
** without a credential from where a vendor keeps it; https, and port 443
** where none is named.
*/
#ifndef UL_HOST_PATTERN_H
#define UL_HOST_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "origin.h"

typedef struct ul_host_pattern {
  ul_origin origin;  /* of a pattern with a star: what stands behind it */
  bool is_below;     /* `*.` stands in front: hosts below, not the host */
} ul_host_pattern;

/* Fills `pattern` and returns NULL, or returns what is wrong, a static text.
** Refused are stars elsewhere, and `*.test`: nobody owns all of that. */
const char *ul_host_pattern_parse(const char *text, size_t length,
                                  ul_host_pattern *pattern);

/* A loopback host is met by http too, and at any port where the pattern names
** none: so are test servers. */
bool ul_host_pattern_matches(const ul_host_pattern *pattern,
                             const ul_origin *origin);

#endif
