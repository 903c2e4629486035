/*
** The credentials that usagelua itself knows, and the only hosts they go to.
** A table in C, so that no script can widen it. What a user's own vendor
** needs is not here: its variables are bound by whoever loads the vendor.
*/
#ifndef UL_CREDENTIAL_H
#define UL_CREDENTIAL_H

#include <stdbool.h>
#include <stddef.h>

#include "origin.h"

#define UL_CREDENTIAL_HOSTS 10

typedef struct ul_vendor_hosts {
  const char *vendor;                      /* "testmu" */
  const char *url_variables[3];            /* NULL-ended; the first set wins */
  const char *hosts[UL_CREDENTIAL_HOSTS + 1];  /* NULL-ended; https, 443 */
} ul_vendor_hosts;

typedef struct ul_credential {
  const char *name;    /* "LT_ACCESS_KEY" */
  const ul_vendor_hosts *vendor;
  bool is_hidden;      /* false for a user name */
} ul_credential;

/* The rows one after the other; NULL past the last. */
const ul_credential *ul_credential_at(size_t index);

/* The row of `name`, also of a second account's `NAME__EMEA`; else NULL. */
const ul_credential *ul_credential_find(const char *name);

/* The value of the vendor's USAGELUA_<VENDOR>_URL, and in `*variable` which
** one it was; NULL where none is set. Belongs to the environment. */
const char *ul_credential_override(const ul_vendor_hosts *vendor,
                                   const char **variable);

/* The vendor's hosts as origins: how many, at most UL_CREDENTIAL_HOSTS. */
size_t ul_credential_origins(const ul_vendor_hosts *vendor, ul_origin *origins);

#endif
