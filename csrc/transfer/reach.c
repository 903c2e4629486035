#include "reach.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

ul_reach ul_reach_of(const ul_origin *origin) {
  return ul_origin_is_loopback(origin) ? UL_REACH_LOCAL : UL_REACH_ANY;
}

/* --- whether libcurl would ask a proxy --- */

static const char *const proxies[] = {
  "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
};

static const char *const exceptions[] = {"no_proxy", "NO_PROXY"};

static const char *first_set(const char *const *names, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const char *value = getenv(names[i]);
    if (value != NULL && *value != '\0') return value;
  }
  return NULL;
}

/* Taken wider than libcurl takes it: a host that only we believe to be asked
** without the proxy is held to public addresses, and no harm is done. */
static bool is_excepted(const char *list, const char *host) {
  size_t length = strlen(host);
  while (*list != '\0') {
    list += strspn(list, ", \t.");
    size_t size = strcspn(list, ", \t");
    if (size == 1 && *list == '*') return true;
    if (size > 0 && size <= length &&
        strncasecmp(host + length - size, list, size) == 0)
      return true;
    list += size;
  }
  return false;
}

bool ul_reach_is_proxied(const ul_origin *origin) {
  if (ul_origin_is_loopback(origin)) return false;
  if (first_set(proxies, sizeof proxies / sizeof *proxies) == NULL)
    return false;
  const char *list =
    first_set(exceptions, sizeof exceptions / sizeof *exceptions);
  return list == NULL || !is_excepted(list, origin->host);
}

/* --- checks --- */

/* The address that the URL itself names; false: it names a host. */
static bool take_literal(const ul_origin *origin, ul_address *address) {
  char text[UL_ADDRESS_TEXT];
  size_t length = strlen(origin->host);
  if (*origin->host != '[') return ul_address_parse(address, origin->host);
  if (length - 2 >= sizeof text) return false;
  memcpy(text, origin->host + 1, length - 2);
  text[length - 2] = '\0';
  return ul_address_parse(address, text);
}

bool ul_reach_public(const ul_origin *origin, ul_reach *reach,
                     ul_failure *failure) {
  char text[UL_ORIGIN_TEXT];
  ul_address address;
  *reach = UL_REACH_PUBLIC;
  if (ul_origin_is_loopback(origin))
    return ul_failure_note(failure, "refused", "address",
                           "%s is this machine, and nothing is fetched from "
                           "it for a vendor elsewhere", origin->host);
  ul_origin_print_short(origin, text);
  if (take_literal(origin, &address))
    return ul_reach_check(*reach, &address, text, failure);
  if (ul_reach_is_proxied(origin)) *reach = UL_REACH_PROXIED;
  return true;
}

static bool refuse_local(const char *host, ul_failure *failure) {
  return ul_failure_note(failure, "refused", "loopback",
                         "%s does not lead to this machine", host);
}

static bool refuse_private(const ul_address *address, const char *host,
                           ul_failure *failure) {
  char text[UL_ADDRESS_TEXT];
  ul_address_print(address, text);
  return ul_failure_note(failure, "refused", "address",
                         "%s leads to %s, which is no public address; nothing "
                         "is fetched from there", host, text);
}

bool ul_reach_check(ul_reach reach, const ul_address *address,
                    const char *host, ul_failure *failure) {
  switch (reach) {
    case UL_REACH_LOCAL:
      return ul_address_is_loopback(address) || refuse_local(host, failure);
    case UL_REACH_PUBLIC:
      return ul_address_is_public(address) ||
             refuse_private(address, host, failure);
    default:
      return true;
  }
}
