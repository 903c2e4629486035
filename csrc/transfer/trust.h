/*
** Which certificate authorities are believed: the system's, and those of one
** file more. Without such a file libcurl's own default stands; with it, both
** are held here as one PEM text. There is nothing here to trust less.
*/
#ifndef UL_TRUST_H
#define UL_TRUST_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#include "failure.h"

typedef struct ul_trust {
  char *pem;      /* owned; NULL: the system's only */
  size_t length;
} ul_trust;

/* Reads `path` and puts the system's authorities in front of it. */
bool ul_trust_load(ul_trust *trust, const char *path, ul_failure *failure);

CURLcode ul_trust_apply(const ul_trust *trust, CURL *easy);

void ul_trust_free(ul_trust *trust);

#endif
