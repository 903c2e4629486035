/*
** One exchange on one libcurl easy handle: the options, and the callbacks,
** which copy bytes, note times and refuse, and do nothing else. What widens
** reach (redirects, other protocols, cookies, netrc, unverified TLS) is off.
*/
#ifndef UL_EASY_H
#define UL_EASY_H

#include <curl/curl.h>

#include "exchange.h"
#include "trust.h"

/* Sets every option for the exchange. `*shape` is that of the handle, unknown
** where it is fresh: one of the same shape keeps what it has, and any other is
** reset. Holds its new shape afterwards. */
CURLcode ul_easy_prepare(CURL *easy, ul_exchange *exchange,
                         const ul_trust *trust, ul_shape *shape);

/* The same for the next request of an exchange that ended well and differs in
** nothing but its URL. */
CURLcode ul_easy_prepare_next(CURL *easy, ul_exchange *exchange,
                              const ul_trust *trust, ul_shape *shape);

/* Takes from a handle that keeps its shape what the exchange owns. */
CURLcode ul_easy_clear(CURL *easy);

/* What libcurl knows of a finished transfer. */
CURLcode ul_easy_read_facts(CURL *easy, ul_facts *facts);

#endif
