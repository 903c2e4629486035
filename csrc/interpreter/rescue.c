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

static size_t size_of(const char *text) {
  return text != NULL ? strlen(text) + 1 : 0;
}

/* The text behind those that were put there before; *free_place moves on. */
static const char *put(char **free_place, const char *text) {
  if (text == NULL) return NULL;
  char *copy = memcpy(*free_place, text, size_of(text));
  *free_place += size_of(text);
  return copy;
}

/* What an earlier plan held stays: the thread may be reading it. The plan and
** its texts are one block. */
int ul_rescue_arm(const ul_rescue_plan *plan) {
  size_t texts = size_of(plan->module) + size_of(plan->folder) +
                 size_of(plan->run) + size_of(plan->script_folder);
  ul_rescue_plan *copy = malloc(sizeof *copy + texts);
  if (copy == NULL) return ENOMEM;
  char *free_place = (char *)(copy + 1);
  *copy = *plan;
  copy->module = put(&free_place, plan->module);
  copy->folder = put(&free_place, plan->folder);
  copy->run = put(&free_place, plan->run);
  copy->script_folder = put(&free_place, plan->script_folder);
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
