/*
** Reads what a request says of hosts that are none of its vendor's: the list
** `hosts` of patterns, and `base_url`, the vendor's own. Such a request bears
** no credential and stays on the public internet.
*/
#include <string.h>

#include "binding.h"
#include "field.h"
#include "host_pattern.h"

static const char *const credentials[] = {"Authorization", "Cookie"};

static bool check_bare(lua_State *L, int table, const ul_exchange *exchange,
                       ul_failure *failure) {
  bool has_auth = lua_getfield(L, table, "auth") != LUA_TNIL;
  lua_pop(L, 1);
  for (size_t i = 0; i < sizeof credentials / sizeof *credentials; i++)
    has_auth |= ul_field_is_in(exchange->fields, credentials[i]);
  return !has_auth ||
         ul_failure_note(failure, "usage", "hosts",
                         "%s is asked without a credential; leave auth, "
                         "Authorization and Cookie out", exchange->host);
}

/* Pops the pattern; the message does not outlive it, so it raises here. */
static ul_host_pattern take_pattern(lua_State *L, lua_Integer number) {
  ul_host_pattern pattern;
  size_t length;
  if (lua_type(L, -1) != LUA_TSTRING)
    luaL_error(L, "request.hosts[%I]: a string expected, got %s", number,
               luaL_typename(L, -1));
  const char *text = lua_tolstring(L, -1, &length);
  const char *problem = ul_host_pattern_parse(text, length, &pattern);
  if (problem != NULL)
    luaL_error(L, "request.hosts[%I]: '%s' is no host: %s", number, text,
               problem);
  lua_pop(L, 1);
  return pattern;
}

static bool is_named(lua_State *L, int hosts, const ul_origin *origin) {
  bool is_found = false;
  lua_Integer count = luaL_len(L, hosts);
  for (lua_Integer i = 1; i <= count; i++) {
    lua_rawgeti(L, hosts, i);
    ul_host_pattern pattern = take_pattern(L, i);
    is_found |= ul_host_pattern_matches(&pattern, origin);
  }
  return is_found;
}

/* Appends the patterns, as far as a message has room for them. */
static void print_patterns(lua_State *L, int hosts, char *text, size_t size) {
  size_t used = 0;
  lua_Integer count = luaL_len(L, hosts);
  for (lua_Integer i = 1; i <= count; i++) {
    size_t length;
    lua_rawgeti(L, hosts, i);
    const char *pattern = lua_tolstring(L, -1, &length);
    if (used + length + 3 < size) {
      if (used > 0) used += (size_t)(stpcpy(text + used, ", ") - text) - used;
      memcpy(text + used, pattern, length);
      used += length;
    }
    lua_pop(L, 1);
  }
  text[used] = '\0';
}

static bool check_named(lua_State *L, int hosts, const ul_exchange *exchange,
                        ul_failure *failure) {
  char patterns[400];
  if (is_named(L, hosts, &exchange->origin)) return true;
  print_patterns(L, hosts, patterns, sizeof patterns);
  return ul_failure_note(failure, "refused", "host",
                         "%s is none of the hosts that may be asked: %s",
                         exchange->host, patterns);
}

/* Whether the vendor itself is on this machine, as in tests. */
static bool is_local(lua_State *L, int table) {
  ul_origin origin;
  size_t length = 0;
  lua_getfield(L, table, "base_url");
  const char *url = lua_tolstring(L, -1, &length);
  bool is_read =
    url != NULL && ul_origin_parse(url, length, &origin, NULL) == NULL;
  lua_pop(L, 1);
  return is_read && ul_origin_is_loopback(&origin);
}

bool ul_hosts_read(lua_State *L, int table, ul_exchange *exchange,
                   ul_failure *failure) {
  exchange->reach = ul_reach_of(&exchange->origin);
  int type = lua_getfield(L, table, "hosts");
  int hosts = lua_gettop(L);
  if (type != LUA_TNIL && type != LUA_TTABLE)
    luaL_error(L, "request.hosts: a list expected, got %s",
               luaL_typename(L, hosts));
  bool is_good = type == LUA_TNIL ||
    (check_bare(L, table, exchange, failure) &&
     check_named(L, hosts, exchange, failure) &&
     (is_local(L, table) ||
      ul_reach_public(&exchange->origin, &exchange->reach, failure)));
  lua_pop(L, 1);
  return is_good;
}
