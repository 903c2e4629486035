#include "origin.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define LABEL_MAX 63

typedef struct slice {
  const char *bytes;
  size_t length;
} slice;

static const struct scheme {
  const char *name;
  unsigned port;
} schemes[] = {
  {"https", 443},
  {"http", 80},
};

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

static bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Not tolower: that one follows the locale. */
static char lower(char c) {
  if (c >= 'A' && c <= 'Z') c = (char)(c | 0x20);
  return c;
}

/* A backslash is a slash to some readers; a space, a control byte or a byte
** above ASCII is encoded by some and cut off by others. */
static const char *check_bytes(slice url) {
  for (size_t i = 0; i < url.length; i++) {
    unsigned char byte = (unsigned char)url.bytes[i];
    if (byte == '\\') return "it holds a backslash";
    if (byte <= ' ' || byte == 0x7f)
      return "it holds a space or a control character";
    if (byte > 0x7f)
      return "it holds a character outside ASCII (percent-encode it, "
             "or write the host in its xn-- form)";
  }
  return NULL;
}

static void set_scheme(ul_origin *origin, const struct scheme *scheme) {
  snprintf(origin->scheme, sizeof origin->scheme, "%s", scheme->name);
  origin->port = scheme->port;
}

/* Fills scheme and default port; returns the bytes it took, 0 if unknown. */
static size_t take_scheme(slice url, ul_origin *origin) {
  for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
    size_t length = strlen(schemes[i].name);
    if (url.length < length + 3) continue;
    if (strncasecmp(url.bytes, schemes[i].name, length) != 0) continue;
    if (memcmp(url.bytes + length, "://", 3) != 0) continue;
    set_scheme(origin, &schemes[i]);
    return length + 3;
  }
  return 0;
}

static const char *check_label(slice label) {
  if (label.length == 0) return "its host has an empty part";
  if (label.length > LABEL_MAX) return "a part of its host is too long";
  if (label.bytes[0] == '-' || label.bytes[label.length - 1] == '-')
    return "a part of its host begins or ends with '-'";
  for (size_t i = 0; i < label.length; i++) {
    char c = label.bytes[i];
    if (!is_digit(c) && !is_letter(c) && c != '-' && c != '_')
      return "its host holds a character that no host name has";
  }
  return NULL;
}

/* Names whose last part is a number are addresses to some resolvers (127.1,
** 0x7f.1, 2130706433); only the plain four-part form is let through. */
static bool ends_in_number(slice label) {
  bool hex = label.length > 1 && label.bytes[0] == '0' &&
             lower(label.bytes[1]) == 'x';
  for (size_t i = hex ? 2 : 0; i < label.length; i++)
    if (hex ? !is_hex(label.bytes[i]) : !is_digit(label.bytes[i])) return false;
  return true;
}

static const char *check_name(slice host) {
  slice label = {host.bytes, 0};
  for (size_t i = 0; i < host.length; i++) {
    if (host.bytes[i] != '.') {
      label.length++;
      continue;
    }
    const char *problem = check_label(label);
    if (problem != NULL) return problem;
    label = (slice){host.bytes + i + 1, 0};
  }
  if (label.length == 0) return "its host ends in a dot";
  return check_label(label);
}

static slice last_label(slice host) {
  size_t start = host.length;
  while (start > 0 && host.bytes[start - 1] != '.') start--;
  return (slice){host.bytes + start, host.length - start};
}

static const char *take_name(slice host, ul_origin *origin) {
  const char *problem = check_name(host);
  if (problem != NULL) return problem;
  for (size_t i = 0; i < host.length; i++)
    origin->host[i] = lower(host.bytes[i]);
  struct in_addr address;
  if (ends_in_number(last_label(host)) &&
      inet_pton(AF_INET, origin->host, &address) != 1)
    return "its host is a number but no plain IPv4 address";
  return NULL;
}

/* `host` stands between brackets. Written back in the one canonical form. */
static const char *take_ipv6(slice host, ul_origin *origin) {
  char text[INET6_ADDRSTRLEN] = "";
  struct in6_addr address;
  if (host.length >= sizeof text) return "its IPv6 address is malformed";
  memcpy(text, host.bytes, host.length);
  if (inet_pton(AF_INET6, text, &address) != 1)
    return "its IPv6 address is malformed (zones are not taken)";
  inet_ntop(AF_INET6, &address, text, sizeof text);
  snprintf(origin->host, sizeof origin->host, "[%s]", text);
  return NULL;
}

static const char *take_port(slice digits, ul_origin *origin) {
  unsigned port = 0;
  if (digits.length == 0 || digits.length > 5 || digits.bytes[0] == '0')
    return "its port is not a number from 1 to 65535";
  for (size_t i = 0; i < digits.length; i++) {
    if (!is_digit(digits.bytes[i]))
      return "its port is not a number from 1 to 65535";
    port = port * 10 + (unsigned)(digits.bytes[i] - '0');
  }
  if (port > 65535) return "its port is not a number from 1 to 65535";
  origin->port = port;
  return NULL;
}

static size_t find(slice text, const char *set) {
  size_t i = 0;
  while (i < text.length && strchr(set, text.bytes[i]) == NULL) i++;
  return i;
}

static slice skip(slice text, size_t count) {
  return (slice){text.bytes + count, text.length - count};
}

/* What follows a host: nothing, or a colon and the port. */
static const char *take_after_host(slice rest, ul_origin *origin) {
  if (rest.length == 0) return NULL;
  if (rest.bytes[0] != ':') return "its IPv6 address is followed by text";
  return take_port(skip(rest, 1), origin);
}

static const char *take_bracketed(slice authority, ul_origin *origin) {
  size_t end = find(authority, "]");
  if (end == authority.length) return "its '[' is not closed";
  const char *problem =
    take_ipv6((slice){authority.bytes + 1, end - 1}, origin);
  if (problem != NULL) return problem;
  return take_after_host(skip(authority, end + 1), origin);
}

static const char *take_authority(slice authority, ul_origin *origin) {
  if (authority.length == 0) return "it has no host";
  if (find(authority, "@") < authority.length)
    return "it holds a user name or password ('@')";
  if (authority.bytes[0] == '[') return take_bracketed(authority, origin);
  size_t colon = find(authority, ":");
  if (colon == 0) return "it has no host";
  if (colon > UL_HOST_MAX) return "its host is too long";
  const char *problem =
    take_name((slice){authority.bytes, colon}, origin);
  if (problem != NULL) return problem;
  return take_after_host(skip(authority, colon), origin);
}

static const char *parse(slice url, ul_origin *origin, size_t *rest) {
  const char *problem = check_bytes(url);
  if (problem != NULL) return problem;
  size_t start = take_scheme(url, origin);
  if (start == 0) return "it does not begin with https:// or http://";
  slice after = skip(url, start);
  size_t end = find(after, "/?#");
  *rest = start + end;
  return take_authority((slice){after.bytes, end}, origin);
}

const char *ul_origin_parse(const char *url, size_t length, ul_origin *origin,
                            size_t *rest) {
  size_t ignored;
  *origin = (ul_origin){0};
  const char *problem =
    parse((slice){url, length}, origin, rest != NULL ? rest : &ignored);
  if (problem != NULL) *origin = (ul_origin){0};
  return problem;
}

const char *ul_origin_check_rest(const char *rest, size_t length) {
  return check_bytes((slice){rest, length});
}

static const char *parse_host(slice text, ul_origin *origin) {
  size_t rest;
  const char *problem = check_bytes(text);
  if (problem != NULL) return problem;
  if (find(text, "/") == text.length) {
    set_scheme(origin, &schemes[0]);
    return take_authority(text, origin);
  }
  problem = parse(text, origin, &rest);
  if (problem != NULL) return problem;
  bool bare = rest == text.length ||
              (rest + 1 == text.length && text.bytes[rest] == '/');
  return bare ? NULL : "it has a path (a secret is bound to whole hosts)";
}

const char *ul_origin_parse_host(const char *text, size_t length,
                                 ul_origin *origin) {
  *origin = (ul_origin){0};
  const char *problem = parse_host((slice){text, length}, origin);
  if (problem != NULL) *origin = (ul_origin){0};
  return problem;
}

bool ul_origin_equal(const ul_origin *a, const ul_origin *b) {
  return a->port != 0 && a->port == b->port &&
         strcmp(a->scheme, b->scheme) == 0 && strcmp(a->host, b->host) == 0;
}

bool ul_origin_is_loopback(const ul_origin *origin) {
  struct in_addr address;
  if (strcmp(origin->host, "localhost") == 0) return true;
  if (strcmp(origin->host, "[::1]") == 0) return true;
  return strncmp(origin->host, "127.", 4) == 0 &&
         inet_pton(AF_INET, origin->host, &address) == 1;
}

bool ul_origin_is_allowed(const ul_origin *origin) {
  if (strcmp(origin->scheme, "https") == 0) return true;
  return strcmp(origin->scheme, "http") == 0 && ul_origin_is_loopback(origin);
}

static bool has_default_port(const ul_origin *origin) {
  bool secure = strcmp(origin->scheme, "https") == 0;
  return origin->port == (secure ? 443U : 80U);
}

void ul_origin_print(const ul_origin *origin, char *text) {
  if (has_default_port(origin))
    snprintf(text, UL_ORIGIN_TEXT, "%s://%s", origin->scheme, origin->host);
  else
    snprintf(text, UL_ORIGIN_TEXT, "%s://%s:%u", origin->scheme, origin->host,
             origin->port);
}

void ul_origin_print_short(const ul_origin *origin, char *text) {
  if (strcmp(origin->scheme, "https") == 0 && has_default_port(origin))
    snprintf(text, UL_ORIGIN_TEXT, "%s", origin->host);
  else
    ul_origin_print(origin, text);
}
