/*
** Deletes this run's report jobs when its script cannot be brought to do it:
** a thread with a Lua state and transfers of its own, which shares nothing
** with the first state but the credentials' store.
*/
#ifndef UL_RESCUE_H
#define UL_RESCUE_H

#include <lua.h>

struct ul_store;

/* What the fresh state is given; texts are copied. */
typedef struct ul_rescue_plan {
  lua_CFunction prepare;      /* opens the libraries of a new state */
  const char *module;         /* returns a function of the texts below */
  const char *folder, *run;   /* of the ledger */
  const char *script_folder;  /* NULL: none */
  struct ul_store *store;     /* gets one user more */
} ul_rescue_plan;

/* From now on there is something to rescue. Returns 0 or an errno. */
int ul_rescue_arm(const ul_rescue_plan *plan);

/* Does it in a thread of its own and waits for that, `limit_ms` at most.
** Without a plan returns at once. */
void ul_rescue_run(int limit_ms);

#endif
