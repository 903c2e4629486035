/*
** Where a request goes: scheme, host and port, and nothing else. Credentials
** are bound to origins, so this reader is strict: what two programs might
** read in two ways is refused. It resolves no names and knows no vendor.
*/
#ifndef UL_ORIGIN_H
#define UL_ORIGIN_H

#include <stdbool.h>
#include <stddef.h>

#define UL_HOST_MAX 253  /* bytes of a host name, RFC 1035 2.3.4 */
#define UL_ORIGIN_TEXT (UL_HOST_MAX + sizeof "https://:65535")

typedef struct ul_origin {
  char scheme[6];              /* "http" or "https" */
  char host[UL_HOST_MAX + 1];  /* lower case; an IPv6 address in brackets */
  unsigned port;               /* 1..65535, never left to a default */
} ul_origin;

/*
** Reads the origin of an absolute URL. Returns NULL and fills `origin`, and
** `*rest` (may be NULL) with the offset where path, query or fragment begins;
** or returns what is wrong, a static text. `origin` is then all zero, which
** equals no origin.
*/
const char *ul_origin_parse(const char *url, size_t length, ul_origin *origin,
                            size_t *rest);

/* What is wrong with the bytes behind an origin that was parsed, or NULL. */
const char *ul_origin_check_rest(const char *rest, size_t length);

/* The same for what a user binds a secret to: a URL without path, or a bare
** `host` or `host:port`, which means https. */
const char *ul_origin_parse_host(const char *text, size_t length,
                                 ul_origin *origin);

bool ul_origin_equal(const ul_origin *a, const ul_origin *b);

/* localhost, 127.0.0.0/8 and ::1, by their text; no name is looked up. */
bool ul_origin_is_loopback(const ul_origin *origin);

/* https, or http to this machine: where anything may be sent at all. */
bool ul_origin_is_allowed(const ul_origin *origin);

/* Writes `https://host:8443`, default ports left out, and ends it with NUL.
** `text` holds at least UL_ORIGIN_TEXT bytes. */
void ul_origin_print(const ul_origin *origin, char *text);

/* The same for messages: a plain `host` where it is https on port 443. */
void ul_origin_print_short(const ul_origin *origin, char *text);

#endif
