/*
** The header fields that the transfer itself writes into every request, made
** once for each kind: what coding is asked for, and what libcurl is not to
** add. Requests put them behind their own (ul_field_join).
*/
#ifndef UL_USUAL_H
#define UL_USUAL_H

#include <curl/curl.h>
#include <stdbool.h>

typedef struct ul_usual {
  struct curl_slist *lists[2][2];  /* by is_gzip, has_type; owned */
} ul_usual;

/* The fields for a request, which may name its media type itself. NULL: no
** memory. */
struct curl_slist *ul_usual_of(ul_usual *usual, bool is_gzip, bool has_type);

void ul_usual_free(ul_usual *usual);

#endif
