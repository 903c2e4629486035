#include "url.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "misprint.h"

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

bool ul_url_open(const char *text, size_t length, CURLU **url,
                 ul_origin *origin, ul_failure *failure) {
  const char *problem = ul_origin_parse(text, length, origin, NULL);
  if (problem == NULL) problem = ul_misprint_of(origin);
  if (problem != NULL) return refuse(failure, text, problem);
  if (!ul_origin_is_allowed(origin))
    return refuse(failure, text, "plain http goes to this machine only; "
                  "write https://");
  *url = curl_url();
  if (*url == NULL) return ul_failure_memory(failure);
  CURLUcode code = curl_url_set(*url, CURLUPART_URL, text,
                                CURLU_DISALLOW_USER);
  if (code != CURLUE_OK) return fail_url(failure, text, code);
  return check_same(*url, text, origin, failure);
}

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
