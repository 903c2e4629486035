/*
** core.clock and core.zone: the two clocks of the system, and zone.h for
** Lua. What a zone's answers are used for is decided in Lua.
*/
#include <lauxlib.h>
#include <lua.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include "civil.h"
#include "core.h"
#include "fail.h"
#include "zone.h"

static const char ZONE[] = "usagelua.zone";

/* The years 1 to 9999 less a day at both ends, so that the local date too
** has four digits. */
static const int64_t MIN_EPOCH_S = -62135510400;
static const int64_t MAX_EPOCH_S = 253402214400;

/* -- core.clock --------------------------------------------------------- */

static int push_clock(lua_State *L, clockid_t id) {
  struct timespec now;
  if (clock_gettime(id, &now) != 0) return luaL_error(L, "no clock");
  lua_pushnumber(L, (lua_Number)now.tv_sec + (lua_Number)now.tv_nsec * 1e-9);
  return 1;
}

static int clock_monotonic(lua_State *L) {
  return push_clock(L, CLOCK_MONOTONIC);
}

static int clock_wall(lua_State *L) { return push_clock(L, CLOCK_REALTIME); }

/* -- core.zone ---------------------------------------------------------- */

/* A userdata; NULL is a closed one. */
typedef struct {
  ul_zone *zone;
} zone_box;

static zone_box *newzone(lua_State *L) {
  zone_box *box = lua_newuserdatauv(L, sizeof *box, 0);
  box->zone = NULL;
  luaL_setmetatable(L, ZONE);
  return box;
}

/* Fails as the world does: nil and the reason. */
static int pushzone(lua_State *L, const ul_zone *zone, const char *reason) {
  if (zone != NULL) return 1; /* its box is on top */
  if (reason == ul_zone_no_memory) ul_fail_memory(L);
  luaL_pushfail(L);
  lua_pushstring(L, reason);
  return 2;
}

static int zone_load(lua_State *L) {
  size_t length;
  const char *reason, *name = luaL_checklstring(L, 1, &length);
  luaL_argcheck(L, strlen(name) == length, 1, "name contains a zero byte");
  zone_box *box = newzone(L);
  int error;
  box->zone = ul_zone_load(name, &reason, &error);
  if (error != 0) return ul_fail_system(L, "cannot read zone", name, error);
  return pushzone(L, box->zone, reason);
}

static int zone_parse(lua_State *L) {
  size_t length;
  const char *reason, *bytes = luaL_checklstring(L, 1, &length);
  zone_box *box = newzone(L);
  box->zone = ul_zone_parse(bytes, length, &reason);
  return pushzone(L, box->zone, reason);
}

static const ul_zone *checkzone(lua_State *L) {
  const zone_box *box = luaL_checkudata(L, 1, ZONE);
  if (box->zone == NULL) luaL_error(L, "the %s is closed", ZONE);
  return box->zone;
}

static int64_t check_between(lua_State *L, int arg, int64_t min, int64_t max) {
  lua_Integer value = luaL_checkinteger(L, arg);
  luaL_argcheck(L, value >= min && value <= max, arg, "out of range");
  return value;
}

static int64_t checkepoch(lua_State *L, int arg) {
  return check_between(L, arg, MIN_EPOCH_S, MAX_EPOCH_S);
}

static int zone_offset(lua_State *L) {
  const ul_zone *zone = checkzone(L);
  const char *abbreviation;
  lua_pushinteger(L, ul_zone_offset(zone, checkepoch(L, 2), &abbreviation));
  lua_pushstring(L, abbreviation);
  return 2;
}

static int zone_next_change(lua_State *L) {
  int64_t change_s;
  const ul_zone *zone = checkzone(L);
  if (ul_zone_next_change(zone, checkepoch(L, 2), &change_s))
    lua_pushinteger(L, change_s);
  else
    lua_pushnil(L);
  return 1;
}

/* Arguments 2 to 7: year, month, day, hour, minute, second. */
static int64_t checklocal(lua_State *L) {
  int64_t year = check_between(L, 2, 1, 9999);
  int month = (int)check_between(L, 3, 1, 12);
  int day = (int)check_between(L, 4, 1, ul_civil_month_days(year, month));
  int64_t hour = check_between(L, 5, 0, 23);
  int64_t minute = check_between(L, 6, 0, 59);
  int64_t second = check_between(L, 7, 0, 59);
  return ul_civil_days(year, month, day) * UL_DAY_S + hour * 3600 +
         minute * 60 + second;
}

static int zone_epoch(lua_State *L) {
  static const char *const fits[] = {
    [UL_ZONE_EXACT] = "exact",
    [UL_ZONE_GAP] = "gap",
    [UL_ZONE_OVERLAP] = "overlap",
  };
  int64_t epoch_s;
  const ul_zone *zone = checkzone(L);
  ul_zone_fit fit = ul_zone_from_local(zone, checklocal(L), &epoch_s);
  lua_pushinteger(L, epoch_s);
  lua_pushstring(L, fits[fit]);
  return 2;
}

static int zone_gc(lua_State *L) {
  zone_box *box = luaL_checkudata(L, 1, ZONE);
  ul_zone *zone = box->zone;
  box->zone = NULL;
  ul_zone_free(zone);
  return 0;
}

/* -- registration ------------------------------------------------------- */

static const luaL_Reg clock_functions[] = {
  {"monotonic", clock_monotonic},
  {"wall", clock_wall},
  {NULL, NULL},
};

static const luaL_Reg zone_functions[] = {
  {"load", zone_load},
  {"parse", zone_parse},
  {NULL, NULL},
};

static const luaL_Reg zone_methods[] = {
  {"offset", zone_offset},
  {"epoch", zone_epoch},
  {"next_change", zone_next_change},
  {NULL, NULL},
};

int ul_open_clock(lua_State *L) {
  luaL_newlib(L, clock_functions);
  return 1;
}

/* A zone holds memory only, so the collector alone closes it. */
static void new_zone_metatable(lua_State *L) {
  luaL_newmetatable(L, ZONE);
  lua_pushcfunction(L, zone_gc);
  lua_setfield(L, -2, "__gc");
  luaL_newlib(L, zone_methods);
  lua_setfield(L, -2, "__index");
  lua_pushboolean(L, false);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
}

int ul_open_zone(lua_State *L) {
  new_zone_metatable(L);
  luaL_newlib(L, zone_functions);
  return 1;
}
