/*
** The one fuzzer: a Lua state with the C modules linked in, instrumented, and
** a target of fuzz/targets in it, named by --target=NAME. A target is a Lua
** function that takes the bytes and raises where a law does not hold. Lines of
** the library's Lua files count as coverage where the target asks for it.
*/
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../csrc/core/core.h"
#include "../csrc/core/zone.h"
#include "../csrc/transfer/url.h"
#include "sink.h"

#define TARGET "--target="

int luaopen_usagelua_transfer(lua_State *L);

/* The names that libFuzzer calls. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum { COUNTERS = 1 << 15, COLLECT_EVERY = 256 };

/* libFuzzer reads this section as it reads its own counters. */
__attribute__((section("__libfuzzer_extra_counters"))) static uint8_t
    counters[COUNTERS];

static lua_State *state;
static int run_ref;

/* ---- coverage of Lua ---- */

static void count_line(lua_State *L, lua_Debug *ar) {
  lua_getinfo(L, "S", ar);
  if (strncmp(ar->source, "@lua/", 5) != 0) return;
  uintptr_t place = ((uintptr_t)ar->source >> 4) * 31 + (uintptr_t)ar->currentline;
  counters[place % COUNTERS]++;
}

/* ---- what C gives the targets ---- */

/* feed(sink, bytes): through the door that the transfer module uses, from a
** block that ends where the bytes do, so that reading on is seen. */
static int host_feed(lua_State *L) {
  ul_sink *sink = ul_tosink(L, 1);
  size_t length;
  const char *bytes = luaL_checklstring(L, 2, &length);
  luaL_argexpected(L, sink != NULL, 1, "sink");
  char *block = malloc(length > 0 ? length : 1);
  if (block == NULL) return luaL_error(L, "not enough memory");
  memcpy(block, bytes, length);
  bool ok = sink->write(L, 1, block, length);
  free(block);
  lua_pushboolean(L, ok);
  return 1;
}

static void expect(lua_State *L, bool holds, const char *law, int64_t at) {
  if (!holds) luaL_error(L, "%s at %I", law, (lua_Integer)at);
}

static void check_instant(lua_State *L, const ul_zone *zone, int64_t at) {
  const char *abbreviation = NULL;
  int64_t change = 0, back = 0;
  int32_t offset = ul_zone_offset(zone, at, &abbreviation);
  expect(L, abbreviation != NULL && strlen(abbreviation) < 256, "abbreviation", at);
  bool changes = ul_zone_next_change(zone, at, &change);
  expect(L, !changes || change > at, "a change that is not later", at);
  ul_zone_fit fit = ul_zone_from_local(zone, at + offset, &back);
  expect(L, fit != UL_ZONE_GAP, "an instant whose local time is skipped", at);
  expect(L, fit != UL_ZONE_EXACT || back == at, "an instant that does not come back", at);
  expect(L, fit != UL_ZONE_OVERLAP || back <= at, "not the earlier one of two", at);
}

/* zone(bytes): reads them as a TZif file; laws at instants of 9,998 years and
** beside the first changes. True where they are one. */
static int host_zone(lua_State *L) {
  size_t length;
  const char *bytes = luaL_checklstring(L, 1, &length);
  const char *reason = NULL;
  ul_zone *zone = ul_zone_parse(bytes, length, &reason);
  if (zone == NULL) {
    lua_pushboolean(L, false);
    lua_pushstring(L, reason);
    return 2;
  }
  const int64_t day_s = 86400, first = -719000 * day_s, last = 2932800 * day_s;
  for (int64_t at = first; at < last; at += 99991 * day_s / 10) check_instant(L, zone, at);
  int64_t at = first;
  for (int i = 0; i < 64 && ul_zone_next_change(zone, at, &at) && at < last; i++)
    for (int beside = -1; beside <= 1; beside++) check_instant(L, zone, at + beside);
  ul_zone_free(zone);
  lua_pushboolean(L, true);
  return 1;
}

/* url(text) -> the origin that a request to it would go to, or nil where it
** would be refused. The site of the last one is kept, as by a client. */
static int host_url(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  char printed[UL_ORIGIN_TEXT];
  CURLU *url = NULL;
  static ul_site site;
  ul_failure failure = {0};
  bool ok = ul_url_open(text, length, &url, &site, &failure);
  curl_url_cleanup(url);
  if (!ok) return 0;
  ul_origin_print(&site.origin, printed);
  lua_pushstring(L, printed);
  return 1;
}

static const luaL_Reg host[] = {
    {"feed", host_feed},
    {"url", host_url},
    {"zone", host_zone},
    {NULL, NULL},
};

/* ---- the fuzzer ---- */

static _Noreturn void give_up(const char *message) {
  fprintf(stderr, "%s\n", message);
  abort();
}

static int with_traceback(lua_State *L) {
  luaL_traceback(L, L, luaL_tolstring(L, 1, NULL), 1);
  return 1;
}

/* Takes --target=NAME out of the arguments. */
static const char *take_target(int *argc, char **argv) {
  for (int i = 1; i < *argc; i++) {
    if (strncmp(argv[i], TARGET, strlen(TARGET)) != 0) continue;
    const char *name = argv[i] + strlen(TARGET);
    memmove(argv + i, argv + i + 1, (size_t)(*argc - i) * sizeof *argv);
    (*argc)--;
    return name;
  }
  give_up("--target=NAME is missing");
}

/* target(host) gives the function that takes the bytes, and whether lines of
** Lua count. */
static void load_target(lua_State *L, const char *name) {
  lua_pushfstring(L, "fuzz/targets/%s.lua", name);
  if (luaL_loadfile(L, lua_tostring(L, -1)) != LUA_OK) give_up(lua_tostring(L, -1));
  luaL_newlib(L, host);
  if (lua_pcall(L, 1, 2, 0) != LUA_OK) give_up(lua_tostring(L, -1));
  if (lua_toboolean(L, -1)) lua_sethook(L, count_line, LUA_MASKLINE, 0);
  lua_pop(L, 1);
  run_ref = luaL_ref(L, LUA_REGISTRYINDEX);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  const char *name = take_target(argc, *argv);
  state = luaL_newstate();
  if (state == NULL) give_up("not enough memory");
  luaL_openlibs(state);
  luaL_getsubtable(state, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction(state, luaopen_usagelua_core);
  lua_setfield(state, -2, "usagelua.core");
  lua_pushcfunction(state, luaopen_usagelua_transfer);
  lua_setfield(state, -2, "usagelua.transfer");
  if (luaL_dostring(state, "package.path = 'lua/?.lua;lua/?/init.lua;' .. package.path"))
    give_up(lua_tostring(state, -1));
  load_target(state, name);
  lua_settop(state, 0);
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
  static unsigned runs;
  lua_pushcfunction(state, with_traceback);
  lua_rawgeti(state, LUA_REGISTRYINDEX, run_ref);
  lua_pushlstring(state, (const char *)bytes, length);
  if (lua_pcall(state, 1, 0, 1) != LUA_OK) give_up(lua_tostring(state, -1));
  lua_settop(state, 0);
  if (++runs % COLLECT_EVERY == 0) lua_gc(state, LUA_GCCOLLECT, 0);
  return 0;
}
