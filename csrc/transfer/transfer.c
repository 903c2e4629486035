/*
** Module usagelua.transfer: HTTP transfers over libcurl, many at once, in
** steps that never call Lua. It knows no vendor, no retry and no JSON.
*/
#define _GNU_SOURCE  /* dladdr */
#include <curl/curl.h>
#include <dlfcn.h>
#include <lauxlib.h>
#include <lua.h>
#include <string.h>

#include "binding.h"
#include "export.h"
#include "packing.h"
#include "url.h"

UL_EXPORT int luaopen_usagelua_transfer(lua_State *L);

static void setfield_text(lua_State *L, const char *name, const char *value) {
  if (value == NULL) return;
  lua_pushstring(L, value);
  lua_setfield(L, -2, name);
}

int ul_raise_memory(lua_State *L) {
  lua_pushliteral(L, "not enough memory"); /* without a place, as Lua's */
  return lua_error(L);
}

int ul_push_failure(lua_State *L, const ul_failure *failure) {
  if (failure->kind == NULL || *failure->kind == *UL_NO_MEMORY)
    return ul_raise_memory(L);
  lua_pushnil(L);
  lua_createtable(L, 0, 5);
  setfield_text(L, "kind", failure->kind);
  setfield_text(L, "code", failure->code);
  setfield_text(L, "message", failure->message);
  setfield_text(L, "hint", failure->hint);
  return 2;
}

/* Frees what curl gave, whatever raises: the string is owned by a userdata
** until it has been copied. */
static int free_text(lua_State *L) {
  char **text = lua_touserdata(L, 1);
  char *bytes = *text;
  *text = NULL;
  curl_free(bytes);
  return 0;
}

static char **push_text_owner(lua_State *L) {
  char **text = lua_newuserdatauv(L, sizeof *text, 0);
  *text = NULL;
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, free_text);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  return text;
}

/* resolve(base, reference) -> url | nil, err */
static int transfer_resolve(lua_State *L) {
  const char *base = luaL_checkstring(L, 1);
  const char *reference = luaL_checkstring(L, 2);
  char **text = push_text_owner(L);
  ul_failure failure = {0};
  *text = ul_url_resolve(base, reference, &failure);
  if (*text == NULL) return ul_push_failure(L, &failure);
  lua_pushstring(L, *text);
  return 1;
}

/* origin(url) -> "https://host:8443" | nil, err */
static int transfer_origin(lua_State *L) {
  size_t length;
  const char *url = luaL_checklstring(L, 1, &length);
  char text[UL_ORIGIN_TEXT];
  ul_origin origin;
  const char *problem = ul_origin_parse(url, length, &origin, NULL);
  if (problem != NULL) {
    ul_failure failure = {0};
    ul_failure_note(&failure, "refused", "url", "the URL is refused: %s",
                    problem);
    return ul_push_failure(L, &failure);
  }
  ul_origin_print(&origin, text);
  lua_pushstring(L, text);
  return 1;
}

static const luaL_Reg functions[] = {
  {"engine", ul_engine_new},
  {"fields", ul_exchange_fields},
  {"origin", transfer_origin},
  {"pack", ul_packing_pack},
  {"resolve", transfer_resolve},
  {"unpack", ul_packing_unpack},
  {NULL, NULL},
};

/* Lua unloads its C libraries when a state closes. Two stay: libcurl, inside
** which a thread may still look up a name that was given up on, and this one,
** whose functions libcurl calls for its memory (wiping.h). */
static void keep_loaded(const void *address) {
  Dl_info place;
  if (dladdr(address, &place) == 0 || place.dli_fname == NULL) return;
  void *library =
    dlopen(place.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
  if (library != NULL) (void)dlclose(library);
}

static void keep_libraries_loaded(void) {
  void *address;
  CURL *(*function)(void) = curl_easy_init;
  memcpy(&address, &function, sizeof address);
  keep_loaded(address);
  keep_loaded(functions);
}

UL_EXPORT int luaopen_usagelua_transfer(lua_State *L) {
  keep_libraries_loaded();
  luaL_checkversion(L);
  ul_engine_register(L);
  ul_exchange_register(L);
  ul_series_register(L);
  luaL_newlib(L, functions);
  return 1;
}
