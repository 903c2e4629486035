/*
** The interpreter `usagelua`: Lua 5.4 with both C modules and the library
** linked in. main makes the state and one protected call; all that decides
** is in lua/usagelua/cli.
*/
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "../core/core.h"
#include "../core/fail.h"
#include "library.h"
#include "memory.h"
#include "rescue.h"
#include "streams.h"
#include "watchdog.h"

#define STATUS_FAILED 1
#define DEFAULT_MEMORY ((size_t)1 << 30)
/* Before the collector looks at anything. */
#define START_KB 4096

int luaopen_usagelua_core(lua_State *L);
int luaopen_usagelua_transfer(lua_State *L);
#ifdef UL_LINKS_CJSON
int luaopen_cjson(lua_State *L);
#endif

/* What the command line of Lua needs from the process. */

static int push_signal(lua_State *L, int number) {
  if (number == 0) lua_pushnil(L);
  else lua_pushinteger(L, number);
  return 1;
}

static int interpreter_take_signal(lua_State *L) {
  return push_signal(L, ul_watchdog_take());
}

/* signal(): the first that came, taken or not. */
static int interpreter_signal(lua_State *L) {
  return push_signal(L, ul_watchdog_signal());
}

/* beat(quiet_s?) */
static int interpreter_beat(lua_State *L) {
  ul_watchdog_beat(luaL_optnumber(L, 1, 0));
  return 0;
}

/* limit(seconds, longest_s): 0 seconds lift it. */
static int interpreter_limit(lua_State *L) {
  ul_watchdog_limit(luaL_checknumber(L, 1), luaL_optnumber(L, 2, 0));
  return 0;
}

/* memory_limit(bytes): 0 lifts it. */
static int interpreter_memory_limit(lua_State *L) {
  lua_Integer bytes = luaL_checkinteger(L, 1);
  luaL_argcheck(L, bytes >= 0, 1, "bytes must not be negative");
  void *memory;
  lua_getallocf(L, &memory);
  ((ul_memory *)memory)->limit = (size_t)bytes;
  return 0;
}

static int interpreter_embedded(lua_State *L) {
  ul_library_push_embedded(L, luaL_checkstring(L, 1));
  return 1;
}

/* stdout_failed(): whether anything that was printed got lost. print itself
** does not say. */
static int interpreter_stdout_failed(lua_State *L) {
  lua_pushboolean(L, ferror(stdout) != 0);
  return 1;
}

static int prepare(lua_State *L);

/* rescue(module, folder, run, script_folder?): what deletes this run's report
** jobs when the script does not come back any more. */
static int interpreter_rescue(lua_State *L) {
  ul_rescue_plan plan = {
    .prepare = prepare,
    .module = luaL_checkstring(L, 1),
    .folder = luaL_checkstring(L, 2),
    .run = luaL_checkstring(L, 3),
    .script_folder = luaL_optstring(L, 4, NULL),
    .store = ul_secret_store(L),
  };
  int error = ul_rescue_arm(&plan);
  if (error != 0) ul_fail_memory(L);
  return 0;
}

static const luaL_Reg interpreter_functions[] = {
  {"take_signal", interpreter_take_signal},
  {"signal", interpreter_signal},
  {"beat", interpreter_beat},
  {"limit", interpreter_limit},
  {"memory_limit", interpreter_memory_limit},
  {"rescue", interpreter_rescue},
  {"embedded", interpreter_embedded},
  {"stdout_failed", interpreter_stdout_failed},
  {NULL, NULL},
};

static int luaopen_interpreter(lua_State *L) {
  luaL_newlib(L, interpreter_functions);
  lua_pushinteger(L, ul_watchdog_fd());
  lua_setfield(L, -2, "signal_fd");
  ul_library_push_root(L);
  lua_setfield(L, -2, "root");
  return 1;
}

static const luaL_Reg preloaded[] = {
  {"usagelua.core", luaopen_usagelua_core},
  {"usagelua.transfer", luaopen_usagelua_transfer},
  {"usagelua.interpreter", luaopen_interpreter},
#ifdef UL_LINKS_CJSON
  {"cjson", luaopen_cjson},
#endif
  {NULL, NULL},
};

static void preload(lua_State *L) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  for (const luaL_Reg *module = preloaded; module->name != NULL; module++) {
    lua_pushcfunction(L, module->func);
    lua_setfield(L, -2, module->name);
  }
  lua_pop(L, 1);
}

/* Opens the libraries of a new state. */
static int prepare(lua_State *L) {
  luaL_openlibs(L);
  preload(L);
  ul_library_install(L);
  return 0;
}

static void push_arguments(lua_State *L, int argc, char **argv) {
  lua_createtable(L, argc, 1);
  for (int i = 0; i < argc; i++) {
    lua_pushstring(L, argv[i]);
    lua_rawseti(L, -2, i);
  }
}

/* Takes argc and argv; leaves the exit status. */
static int pmain(lua_State *L) {
  int argc = (int)lua_tointeger(L, 1);
  char **argv = lua_touserdata(L, 2);
  lua_gc(L, LUA_GCSTEP, -START_KB); /* what is made at the start stays */
  prepare(L);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "usagelua.cli");
  lua_call(L, 1, 1);
  push_arguments(L, argc, argv);
  lua_call(L, 1, 1);
  return 1;
}

static int as_text(lua_State *L) {
  luaL_tolstring(L, 1, NULL);
  return 1;
}

static int with_traceback(lua_State *L) {
  luaL_traceback(L, L, luaL_tolstring(L, 1, NULL), 1);
  return 1;
}

static bool is_verbose(int argc, char **argv) {
  for (int i = 1; i < argc; i++)
    if (strcmp(argv[i], "-v") == 0 || strcmp(argv[i], "--verbose") == 0)
      return true;
  return false;
}

/* What fails in here is what is not even able to say so in Lua. */
static int run(lua_State *L, int argc, char **argv) {
  lua_pushcfunction(L, is_verbose(argc, argv) ? with_traceback : as_text);
  lua_pushcfunction(L, pmain);
  lua_pushinteger(L, argc);
  lua_pushlightuserdata(L, argv);
  if (lua_pcall(L, 2, 1, 1) == LUA_OK) return (int)lua_tointeger(L, -1);
  fprintf(stderr, "usagelua: %s\n", lua_tostring(L, -1));
  return STATUS_FAILED;
}

/* A core file would hold credentials. 0 is for files alone; 1, too little for
** any file, also stops the kernel from handing the core to a program. */
static void refuse_core_dumps(void) {
  if (setrlimit(RLIMIT_CORE, &(struct rlimit){1, 1}) != 0)
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
}

int main(int argc, char **argv) {
  refuse_core_dumps();
  if (!ul_streams_fill()) return STATUS_FAILED; /* nowhere to say why */
  ul_memory memory = {.limit = DEFAULT_MEMORY};
  lua_State *L = lua_newstate(ul_memory_alloc, &memory);
  if (L == NULL || !ul_watchdog_start()) {
    fputs("usagelua: cannot start: not enough memory, threads or files\n",
          stderr);
    return STATUS_FAILED;
  }
  int status = run(L, argc, argv);
  ul_watchdog_leave();
  memory.is_ending = true;
  lua_close(L);
  int number = ul_watchdog_signal(); /* whatever the run came to */
  return number != 0 ? 128 + number : status;
}
