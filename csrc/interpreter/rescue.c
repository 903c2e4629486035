#include "rescue.h"

#include <errno.h>
#include <lauxlib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../core/core.h"
#include "../core/store.h"

#define LOOK_MS 10

/* A run has one; it is read by the thread that the watchdog starts, which
** never ends before the process does. */
static _Atomic(ul_rescue_plan *) armed;
static atomic_bool is_done;

static bool copy_text(const char **to, const char *text) {
  *to = text != NULL ? strdup(text) : NULL;
  return text == NULL || *to != NULL;
}

/* What an earlier plan held stays: the thread may be reading it. */
int ul_rescue_arm(const ul_rescue_plan *plan) {
  ul_rescue_plan *copy = malloc(sizeof *copy);
  if (copy == NULL) return ENOMEM;
  *copy = *plan;
  if (!copy_text(&copy->module, plan->module) ||
      !copy_text(&copy->folder, plan->folder) ||
      !copy_text(&copy->run, plan->run) ||
      !copy_text(&copy->script_folder, plan->script_folder))
    return ENOMEM;
  copy->store = ul_store_share(plan->store);
  atomic_store(&armed, copy);
  return 0;
}

/* Takes the plan. */
static int rescue(lua_State *L) {
  const ul_rescue_plan *plan = lua_touserdata(L, 1);
  lua_settop(L, 0);
  lua_pushcfunction(L, plan->prepare);
  lua_call(L, 0, 0);
  ul_secret_use_store(L, plan->store);
  lua_getglobal(L, "require");
  lua_pushstring(L, plan->module);
  lua_call(L, 1, 1);
  lua_pushstring(L, plan->folder);
  lua_pushstring(L, plan->run);
  lua_pushstring(L, plan->script_folder);
  lua_call(L, 3, 0);
  return 0;
}

static void *run(void *unused) {
  (void)unused;
  lua_State *L = luaL_newstate();
  if (L != NULL) {
    lua_pushcfunction(L, rescue);
    lua_pushlightuserdata(L, atomic_load(&armed));
    if (lua_pcall(L, 1, 0, 0) != LUA_OK)
      fprintf(stderr, "usagelua: %s\n", luaL_tolstring(L, -1, NULL));
  }
  atomic_store(&is_done, true);
  return NULL; /* the state goes with the process */
}

void ul_rescue_run(int limit_ms) {
  const struct timespec look = {.tv_nsec = LOOK_MS * 1000000L};
  pthread_t thread;
  if (atomic_load(&armed) == NULL) return;
  if (pthread_create(&thread, NULL, run, NULL) != 0) return;
  pthread_detach(thread);
  for (int ms = 0; ms < limit_ms && !atomic_load(&is_done); ms += LOOK_MS)
    nanosleep(&look, NULL);
}
