#include "misprint.h"

#include <string.h>

/* Source: browserstack.com/docs, "Usage reports", the status and delete calls;
** a newer copy of the page has the right host. */
static const struct misprint {
  const char *domain;
  const char *text;
} misprints[] = {
  {"browserstack.co",
   "browserstack.co is a typo in BrowserStack's documentation, and another "
   "domain: write api.browserstack.com"},
};

/* The domain itself or a host below it. */
static bool is_of(const char *host, const char *domain) {
  size_t length = strlen(host), tail = strlen(domain);
  if (length < tail || strcmp(host + length - tail, domain) != 0) return false;
  return length == tail || host[length - tail - 1] == '.';
}

const char *ul_misprint_of(const ul_origin *origin) {
  for (size_t i = 0; i < sizeof misprints / sizeof *misprints; i++)
    if (is_of(origin->host, misprints[i].domain)) return misprints[i].text;
  return NULL;
}
