#include "host_pattern.h"

#include <string.h>

#include "address.h"

static bool is_number(const char *host) {
  ul_address address;
  return *host == '[' || ul_address_parse(&address, host);
}

static const char *check_below(const ul_origin *origin) {
  if (is_number(origin->host)) return "an address has no hosts below it";
  if (strchr(origin->host, '.') == NULL)
    return "'*.' has to be followed by two names at least";
  return NULL;
}

const char *ul_host_pattern_parse(const char *text, size_t length,
                                  ul_host_pattern *pattern) {
  *pattern = (ul_host_pattern){0};
  bool is_below = length > 2 && memcmp(text, "*.", 2) == 0;
  if (is_below) {
    text += 2;
    length -= 2;
  }
  if (memchr(text, '*', length) != NULL) return "a '*' stands in front only";
  const char *problem = ul_origin_parse_host(text, length, &pattern->origin);
  if (problem == NULL && is_below) problem = check_below(&pattern->origin);
  if (problem == NULL && !ul_origin_is_allowed(&pattern->origin))
    problem = "plain http goes to this machine only";
  pattern->is_below = is_below;
  return problem;
}

/* Whether `host` is a name below `parent`. */
static bool stands_below(const char *host, const char *parent) {
  size_t length = strlen(host), tail = strlen(parent);
  return length > tail + 1 && host[length - tail - 1] == '.' &&
         strcmp(host + length - tail, parent) == 0;
}

static bool has_same_door(const ul_origin *pattern, const ul_origin *origin) {
  bool is_local = ul_origin_is_loopback(origin);
  if (is_local && pattern->port == 443) return true;
  return pattern->port == origin->port &&
         (is_local || strcmp(pattern->scheme, origin->scheme) == 0);
}

bool ul_host_pattern_matches(const ul_host_pattern *pattern,
                             const ul_origin *origin) {
  const char *named = pattern->origin.host;
  bool is_named = pattern->is_below ? stands_below(origin->host, named)
                                    : strcmp(origin->host, named) == 0;
  return is_named && has_same_door(&pattern->origin, origin);
}
