/*
** Memory for libcurl that is wiped before it is given back: requests hold
** credentials, and libcurl frees the buffers that it makes them in as they
** are. What was wiped is kept, up to a limit, for the next request, which
** wants blocks of the same sizes. To be asked for before libcurl is used for
** the first time; where another library in the process was faster, libcurl
** keeps that one's memory.
*/
#ifndef UL_WIPING_H
#define UL_WIPING_H

#include <curl/curl.h>

/* curl_global_init, with memory of this kind. */
CURLcode ul_wiping_init_curl(void);

#endif
