/*
** Header fields of a request: what may stand in a name and a value (RFC 9110
** 5.1, 5.5), and the list that libcurl sends. Lines may hold credentials, so
** the list is wiped before it is freed. The caller owns the list.
*/
#ifndef UL_FIELD_H
#define UL_FIELD_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct ul_text {
  const char *bytes;
  size_t length;
} ul_text;

/* A token: letters, digits and !#$%&'*+-.^_`|~, at least one. */
bool ul_field_is_token(ul_text name);

/* No control character but the tab: no CR, LF, NUL. */
bool ul_field_is_value(ul_text value);

/* Whether the engine itself writes this field, so that no caller may. */
bool ul_field_is_reserved(ul_text name);

/* Appends `name: prefix value`; both were checked. False: no memory. */
bool ul_field_add(struct curl_slist **list, ul_text name, ul_text prefix,
                  ul_text value);

/* Appends `Authorization: Basic ...` (RFC 7617). False: no memory. */
bool ul_field_add_basic(struct curl_slist **list, ul_text user,
                        ul_text password);

/* Keeps libcurl from adding this field of its own. False: no memory. */
bool ul_field_suppress(struct curl_slist **list, const char *name);

bool ul_field_is_in(const struct curl_slist *list, const char *name);

/* Puts a list behind the caller's; it stays its owner's. */
void ul_field_join(struct curl_slist **list, struct curl_slist *tail);

/* Wipes and frees the list as far as `tail` (NULL: all of it) and clears the
** caller's pointer. */
void ul_field_free(struct curl_slist **list, const struct curl_slist *tail);

#endif
