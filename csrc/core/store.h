/*
** Credential variables taken out of the environment, so that no child gets
** them. Plain C: a second Lua state (the one that cleans up after a script
** that cannot be stopped) shares the store of the first. Filled before there
** are threads, read-only after that, wiped with its last user.
*/
#ifndef UL_STORE_H
#define UL_STORE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct ul_store ul_store;

ul_store *ul_store_new(void);              /* one user; NULL: no memory */
ul_store *ul_store_share(ul_store *store); /* one user more */
void ul_store_release(ul_store *store);    /* NULL does nothing */

/* Moves the variable here: its bytes in the process's memory are wiped too,
** so that /proc/PID/environ does not show them. False: no memory. */
bool ul_store_capture(ul_store *store, const char *name);

/* What was captured, or else the environment's; NULL where neither is. */
const char *ul_store_get(const ul_store *store, const char *name);

/* Replaces or adds; takes a copy. False: no memory. */
bool ul_store_put(ul_store *store, const char *name, const char *value);

/* Whether `test` says yes to any variable here or in the environment. What
** it sees is valid during its call only. */
typedef bool (*ul_store_test)(const char *name, const char *value,
                              void *context);
bool ul_store_any(const ul_store *store, ul_store_test test, void *context);

#endif
