#include "url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "misprint.h"
#include "percent.h"
#include "upload.h"

/* URLs in messages stop before the query, which may hold a key, and show
** nothing of an authority that holds a user name. */
static int shown_length(const char *text) {
  size_t length = strcspn(text, "?#");
  if (memchr(text, '@', length) != NULL) length = strcspn(text, "/@");
  return (int)(length < 200 ? length : 200);
}

static bool refuse(ul_failure *failure, const char *text, const char *why) {
  int length = shown_length(text);
  return ul_failure_note(failure, "refused", "url",
                         "the URL %.*s%s is refused: %s", length, text,
                         text[length] != '\0' ? "..." : "", why);
}

static bool fail_url(ul_failure *failure, const char *text, CURLUcode code) {
  if (code == CURLUE_OUT_OF_MEMORY) return ul_failure_memory(failure);
  return refuse(failure, text, curl_url_strerror(code));
}

/* Whether libcurl reads this part of the URL as we do. */
static bool agrees(CURLU *url, CURLUPart part, const char *expected,
                   CURLUcode *code) {
  char *value = NULL;
  *code = curl_url_get(url, part, &value, CURLU_DEFAULT_PORT);
  bool is_same = *code == CURLUE_OK && strcasecmp(value, expected) == 0;
  curl_free(value);
  return is_same;
}

static void print_port(unsigned port, char *text) {
  char digits[6];
  size_t count = 0;
  do digits[count++] = (char)('0' + port % 10); while ((port /= 10) > 0);
  while (count > 0) *text++ = digits[--count];
  *text = '\0';
}

static bool check_same(CURLU *url, const char *text, const ul_origin *origin,
                       ul_failure *failure) {
  char port[6];
  CURLUcode code = CURLUE_OK;
  print_port(origin->port, port);
  if (agrees(url, CURLUPART_SCHEME, origin->scheme, &code) &&
      agrees(url, CURLUPART_HOST, origin->host, &code) &&
      agrees(url, CURLUPART_PORT, port, &code))
    return true;
  if (code != CURLUE_OK) return fail_url(failure, text, code);
  return refuse(failure, text, "its host can be read in two ways");
}

/* --- where it goes --- */

static bool begins_with(const char *text, size_t length, const ul_site *site) {
  return site->length > 0 && length >= site->length &&
         memcmp(text, site->text, site->length) == 0 &&
         strchr("/?#", text[site->length]) != NULL;  /* or its end */
}

static const char *check_origin(const ul_origin *origin) {
  const char *problem = ul_misprint_of(origin);
  if (problem == NULL && !ul_origin_is_allowed(origin))
    problem = "plain http goes to this machine only; write https://";
  return problem;
}

static const char *read_site(const char *text, size_t length, ul_site *site) {
  size_t rest;
  *site = (ul_site){0};
  const char *problem = ul_origin_parse(text, length, &site->origin, &rest);
  if (problem == NULL) problem = check_origin(&site->origin);
  if (problem == NULL && rest < sizeof site->text) {
    memcpy(site->text, text, rest);
    site->length = rest;
  }
  return problem;
}

bool ul_url_open(const char *text, size_t length, CURLU **url, ul_site *site,
                 ul_failure *failure) {
  const char *problem =
    begins_with(text, length, site)
      ? ul_origin_check_rest(text + site->length, length - site->length)
      : read_site(text, length, site);
  if (problem != NULL) return refuse(failure, text, problem);
  *url = curl_url();
  if (*url == NULL) return ul_failure_memory(failure);
  CURLUcode code = curl_url_set(*url, CURLUPART_URL, text,
                                CURLU_DISALLOW_USER);
  if (code != CURLUE_OK) return fail_url(failure, text, code);
  return check_same(*url, text, &site->origin, failure);
}

/* --- a credential in the query --- */

static bool is_named(const char *part, size_t length, const char *name) {
  size_t named = strlen(name);
  return length >= named && strncmp(part, name, named) == 0 &&
         (length == named || part[named] == '=');
}

/* Copies the query but for every parameter of that name; an answer's own
** links may bear the key that they were asked with. Gives the end. */
static char *copy_others(char *out, const char *query, const char *name) {
  char *end = out;
  while (*query != '\0') {
    size_t length = strcspn(query, "&");
    if (length > 0 && !is_named(query, length, name)) {
      memcpy(end, query, length);
      end += length;
      *end++ = '&';
    }
    query += length + (query[length] == '&');
  }
  return end;
}

/* Writes the URL `text`, whose query becomes what others are in it, and the
** pair. `name` is the pair's, ended with NUL. */
static void write_with(char *out, const char *text, const char *name,
                       const char *pair) {
  size_t start = strcspn(text, "?");
  memcpy(out, text, start);
  char *end = out + start;
  *end++ = '?';
  if (text[start] == '?') end = copy_others(end, text + start + 1, name);
  memcpy(end, pair, strlen(pair) + 1);
}

/* The whole URL is set: of a query alone libcurl changes the escapes. */
static CURLUcode set_with(CURLU *url, const char *name, const char *pair) {
  char *text = NULL;
  CURLUcode code = curl_url_set(url, CURLUPART_FRAGMENT, NULL, 0);
  if (code == CURLUE_OK) code = curl_url_get(url, CURLUPART_URL, &text, 0);
  if (code != CURLUE_OK) return code;
  size_t size = strlen(text) + 2 + strlen(pair) + 1;
  char *whole = malloc(size);
  if (whole == NULL) {
    code = CURLUE_OUT_OF_MEMORY;
  } else {
    write_with(whole, text, name, pair);
    code = curl_url_set(url, CURLUPART_URL, whole, 0);
    explicit_bzero(whole, size);
  }
  free(whole);
  explicit_bzero(text, strlen(text));
  curl_free(text);
  return code;
}

static CURLUcode add_pair(CURLU *url, ul_text name, const char *pair) {
  size_t length = ul_percent_length(name.bytes, name.length);
  char *encoded = malloc(length + 1);
  if (encoded == NULL) return CURLUE_OUT_OF_MEMORY;
  memcpy(encoded, pair, length);
  encoded[length] = '\0';
  CURLUcode code = set_with(url, encoded, pair);
  free(encoded);
  return code;
}

bool ul_url_add(CURLU *url, ul_text name, ul_text value, ul_failure *failure) {
  size_t size;
  char *pair = ul_upload_pair(name, value, &size);
  if (pair == NULL) return ul_failure_memory(failure);
  CURLUcode code = add_pair(url, name, pair);
  explicit_bzero(pair, size);
  free(pair);
  if (code == CURLUE_OUT_OF_MEMORY) return ul_failure_memory(failure);
  return code == CURLUE_OK ||
         ul_failure_note(failure, "refused", "url",
                         "the credential cannot stand in the query: %s",
                         curl_url_strerror(code));
}

/* --- what is asked for --- */

static char *join(const char *path, const char *query) {
  size_t size = strlen(path) + 1 + strlen(query) + 1;
  char *target = malloc(size);
  if (target != NULL) (void)snprintf(target, size, "%s?%s", path, query);
  return target;
}

/* Both parts by the flags with which libcurl takes them itself. */
CURLUcode ul_url_target(CURLU *url, char **target) {
  char *path = NULL, *query = NULL;
  *target = NULL;
  CURLUcode code = curl_url_get(url, CURLUPART_QUERY, &query, 0);
  if (code == CURLUE_NO_QUERY) return CURLUE_OK;
  if (code == CURLUE_OK)
    code = curl_url_get(url, CURLUPART_PATH, &path, CURLU_URLENCODE);
  if (code == CURLUE_OK) {
    *target = join(path, query);
    if (*target == NULL) code = CURLUE_OUT_OF_MEMORY;
  }
  curl_free(path);
  curl_free(query);
  return code;
}

/* --- references --- */

static CURLUcode resolve(CURLU *url, const char *base, const char *reference,
                         char **text) {
  CURLUcode code = curl_url_set(url, CURLUPART_URL, base, 0);
  if (code == CURLUE_OK) code = curl_url_set(url, CURLUPART_URL, reference, 0);
  if (code == CURLUE_OK) code = curl_url_get(url, CURLUPART_URL, text, 0);
  return code;
}

char *ul_url_resolve(const char *base, const char *reference,
                     ul_failure *failure) {
  char *text = NULL;
  CURLU *url = curl_url();
  if (url == NULL) {
    ul_failure_memory(failure);
    return NULL;
  }
  CURLUcode code = resolve(url, base, reference, &text);
  curl_url_cleanup(url);
  if (code != CURLUE_OK) fail_url(failure, reference, code);
  return text;
}
