/*
** A request's URL: read once by libcurl, checked against our own strict
** reading of its origin, and that very object is sent, so that no second
** reader can see another host (CURLU).
*/
#ifndef UL_URL_H
#define UL_URL_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#include "failure.h"
#include "field.h"
#include "origin.h"

/* An origin that was read and may be asked, and how it was written: many
** URLs begin with the same one. Zeroed, there is none. */
typedef struct ul_site {
  char text[UL_ORIGIN_TEXT];
  size_t length;
  ul_origin origin;
} ul_site;

/* Fills `*url` (owned by the caller: curl_url_cleanup) and `site`, which may
** hold the last one. Refused are other schemes, http to anything but this
** machine, user names, what two readers might read in two ways, and misprinted
** domains (misprint.h). `text` ends with NUL. */
bool ul_url_open(const char *text, size_t length, CURLU **url, ul_site *site,
                 ul_failure *failure);

/* Puts `name=value` into the query, in place of what bears that name there.
** Encoded bytes of ours are wiped; libcurl keeps its own copy. False:
** `failure` says why. */
bool ul_url_add(CURLU *url, ul_text name, ul_text value, ul_failure *failure);

/* What a request for the URL names: its path and query, or NULL where it has no
** query. The caller wipes and frees it. */
CURLUcode ul_url_target(CURLU *url, char **target);

/* The absolute form of a reference seen from `base` (RFC 3986 5), or NULL
** with `failure` set. The caller frees it with curl_free. */
char *ul_url_resolve(const char *base, const char *reference,
                     ul_failure *failure);

#endif
