#include "credential.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Source: the vendors' public API documentation. The host
** api.browserstack.co that one page shows is a misprint and another domain. */
static const ul_vendor_hosts testmu = {
  .vendor = "testmu",
  .url_variables = {"USAGELUA_TESTMU_URL", "USAGELUA_LAMBDATEST_URL"},
  .hosts = {"api.lambdatest.com", "eu-api.lambdatest.com"},
};

static const ul_vendor_hosts browserstack = {
  .vendor = "browserstack",
  .url_variables = {"USAGELUA_BROWSERSTACK_URL"},
  .hosts = {"api.browserstack.com", "api-enterprise.browserstack.com",
            "api-cloud.browserstack.com"},
};

static const ul_vendor_hosts workato = {
  .vendor = "workato",
  .url_variables = {"USAGELUA_WORKATO_URL"},
  .hosts = {"www.workato.com", "app.eu.workato.com", "app.jp.workato.com",
            "app.sg.workato.com", "app.au.workato.com", "app.il.workato.com",
            "app.kr.workato.com", "app.trial.workato.com",
            "app.workatoapp.cn"},
};

static const ul_credential credentials[] = {
  {"LT_USERNAME", &testmu, false},
  {"LT_ACCESS_KEY", &testmu, true},
  {"BROWSERSTACK_USERNAME", &browserstack, false},
  {"BROWSERSTACK_ACCESS_KEY", &browserstack, true},
  {"WORKATO_API_TOKEN", &workato, true},
};

const ul_credential *ul_credential_at(size_t index) {
  bool exists = index < sizeof credentials / sizeof *credentials;
  return exists ? &credentials[index] : NULL;
}

static bool names(const char *name, const char *credential) {
  size_t length = strlen(credential);
  if (strncmp(name, credential, length) != 0) return false;
  return name[length] == '\0' || strncmp(name + length, "__", 2) == 0;
}

const ul_credential *ul_credential_find(const char *name) {
  const ul_credential *row;
  for (size_t i = 0; (row = ul_credential_at(i)) != NULL; i++)
    if (names(name, row->name)) return row;
  return NULL;
}

const char *ul_credential_override(const ul_vendor_hosts *vendor,
                                   const char **variable) {
  for (size_t i = 0; vendor->url_variables[i] != NULL; i++) {
    const char *value = getenv(vendor->url_variables[i]);
    *variable = vendor->url_variables[i];
    if (value != NULL && *value != '\0') return value;
  }
  return NULL;
}

size_t ul_credential_origins(const ul_vendor_hosts *vendor,
                             ul_origin *origins) {
  size_t count = 0;
  while (vendor->hosts[count] != NULL) {
    const char *host = vendor->hosts[count];
    const char *problem =
      ul_origin_parse_host(host, strlen(host), &origins[count]);
    assert(problem == NULL);
    (void)problem;
    count++;
  }
  return count;
}
