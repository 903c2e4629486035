#include "store.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

typedef struct entry entry;

struct entry {
  entry *next;
  char *name, *value;
};

struct ul_store {
  atomic_int users;
  entry *first;
};

ul_store *ul_store_new(void) {
  ul_store *store = calloc(1, sizeof *store);
  if (store != NULL) atomic_init(&store->users, 1);
  return store;
}

ul_store *ul_store_share(ul_store *store) {
  atomic_fetch_add(&store->users, 1);
  return store;
}

static void free_wiped(char *text) {
  if (text != NULL) explicit_bzero(text, strlen(text));
  free(text);
}

static void free_entry(entry *e) {
  free(e->name);
  free_wiped(e->value);
  free(e);
}

void ul_store_release(ul_store *store) {
  if (store == NULL || atomic_fetch_sub(&store->users, 1) > 1) return;
  while (store->first != NULL) {
    entry *e = store->first;
    store->first = e->next;
    free_entry(e);
  }
  free(store);
}

static entry *find(const ul_store *store, const char *name) {
  entry *e = store->first;
  while (e != NULL && strcmp(e->name, name) != 0) e = e->next;
  return e;
}

static entry *add(ul_store *store, const char *name) {
  entry *e = calloc(1, sizeof *e);
  if (e == NULL) return NULL;
  e->name = strdup(name);
  if (e->name == NULL) {
    free(e);
    return NULL;
  }
  e->next = store->first;
  store->first = e;
  return e;
}

bool ul_store_put(ul_store *store, const char *name, const char *value) {
  char *copy = strdup(value);
  entry *e = find(store, name);
  if (copy != NULL && e == NULL) e = add(store, name);
  if (copy == NULL || e == NULL) {
    free_wiped(copy);
    return false;
  }
  free_wiped(e->value);
  e->value = copy;
  return true;
}

bool ul_store_capture(ul_store *store, const char *name) {
  char *value = getenv(name);
  if (value == NULL) return true;
  if (!ul_store_put(store, name, value)) return false;
  explicit_bzero(value, strlen(value));
  unsetenv(name);
  return true;
}

const char *ul_store_get(const ul_store *store, const char *name) {
  const entry *e = find(store, name);
  return e != NULL ? e->value : getenv(name);
}

static bool test_environment(ul_store_test test, void *context) {
  char name[128];
  for (char **variable = environ; variable && *variable; variable++) {
    size_t length = strcspn(*variable, "=");
    if (length >= sizeof name || (*variable)[length] == '\0') continue;
    memcpy(name, *variable, length);
    name[length] = '\0';
    if (test(name, *variable + length + 1, context)) return true;
  }
  return false;
}

bool ul_store_any(const ul_store *store, ul_store_test test, void *context) {
  for (const entry *e = store->first; e != NULL; e = e->next)
    if (test(e->name, e->value, context)) return true;
  return test_environment(test, context);
}
