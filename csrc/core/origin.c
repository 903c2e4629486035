/* core.origin: where a URL leads, as the check of credentials reads it, and
** which hosts a pattern names. */
#include "origin.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <string.h>

#include "core.h"
#include "host_pattern.h"
#include "misprint.h"

static void push_origin(lua_State *L, const ul_origin *origin) {
  lua_createtable(L, 0, 6);
  lua_pushstring(L, origin->scheme);
  lua_setfield(L, -2, "scheme");
  lua_pushstring(L, origin->host);
  lua_setfield(L, -2, "host");
  lua_pushinteger(L, origin->port);
  lua_setfield(L, -2, "port");
  lua_pushboolean(L, ul_origin_is_loopback(origin));
  lua_setfield(L, -2, "is_loopback");
  lua_pushstring(L, ul_misprint_of(origin));
  lua_setfield(L, -2, "misprint");
}

/* parse(url): the origin's fields and `path`, without query and fragment. */
static int origin_parse(lua_State *L) {
  ul_origin origin;
  size_t length, rest;
  const char *url = luaL_checklstring(L, 1, &length);
  const char *problem = ul_origin_parse(url, length, &origin, &rest);
  if (problem != NULL) {
    lua_pushnil(L);
    lua_pushfstring(L, "no usable URL: %s", problem);
    return 2;
  }
  push_origin(L, &origin);
  lua_pushlstring(L, url + rest, strcspn(url + rest, "?#"));
  lua_setfield(L, -2, "path");
  return 1;
}

/* What no URL may hold (RFC 3986 2): control characters and spaces, what is no
** ASCII, and delimiters that readers take in different ways. */
static bool is_odd(unsigned char byte) {
  return byte <= ' ' || byte >= 0x7f ||
         (byte < 'a' ? byte == '"' || byte == '<' || byte == '>' ||
                       byte == '\\' || byte == '^' || byte == '`'
                     : byte >= '{' && byte <= '}');
}

/* The length of what stands before the path, as it is written; 0 where it
** begins in no such way, or holds what no URL may hold. */
static size_t site_length(const char *url, size_t length) {
  for (size_t i = 0; i < length; i++)
    if (is_odd((unsigned char)url[i])) return 0;
  size_t start = strcspn(url, "/?#");
  if (url[start] != '/' || url[start + 1] != '/') return 0;
  return start + 2 + strcspn(url + start + 2, "/?#");
}

/* site(url): what stands before the path, or nil where no site is seen */
static int origin_site(lua_State *L) {
  size_t length;
  const char *url = luaL_checklstring(L, 1, &length);
  size_t site = site_length(url, length);
  if (site == 0) return 0;
  lua_pushlstring(L, url, site);
  return 1;
}

/* common_site(list): the site that all of them begin with; nil where they do
** not, or are no URLs at all */
static int origin_common_site(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  const char *last = NULL, *first = NULL;
  size_t site = 0;
  lua_Integer count = luaL_len(L, 1);
  for (lua_Integer i = 1; i <= count; i++) {
    size_t length;
    if (lua_rawgeti(L, 1, i) != LUA_TSTRING) return 0;
    const char *url = lua_tolstring(L, -1, &length);
    lua_pop(L, 1);
    if (url == last) continue;
    size_t own = site_length(url, length);
    if (first == NULL) first = url, site = own;
    if (own == 0 || own != site || memcmp(url, first, site) != 0) return 0;
    last = url;
  }
  if (first == NULL) return 0;
  lua_pushlstring(L, first, site);
  return 1;
}

/* pattern(text): true, or nil and what is wrong with it */
static int origin_pattern(lua_State *L) {
  ul_host_pattern pattern;
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  const char *problem = ul_host_pattern_parse(text, length, &pattern);
  if (problem == NULL) {
    lua_pushboolean(L, true);
    return 1;
  }
  lua_pushnil(L);
  lua_pushfstring(L, "no usable host: %s", problem);
  return 2;
}

static const luaL_Reg functions[] = {
  {"parse", origin_parse},
  {"pattern", origin_pattern},
  {"common_site", origin_common_site},
  {"site", origin_site},
  {NULL, NULL},
};

int ul_open_origin(lua_State *L) {
  luaL_newlib(L, functions);
  return 1;
}
