#include "library.h"

#include <lauxlib.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "embedded.h"

static const char ROOT_KEY[] = "usagelua.root";

/* Below the binary's folder: a build tree, and PREFIX/bin or the bin folder
** of a LuaRocks tree. */
static const char *const BESIDE[] = {"lua", "../share/lua/5.4"};

static bool own_folder(char *folder, size_t size) {
  ssize_t length = readlink("/proc/self/exe", folder, size - 1);
  if (length <= 0) return false;
  folder[length] = '\0';
  char *slash = strrchr(folder, '/');
  if (slash == NULL) return false;
  *slash = '\0';
  return true;
}

/* A folder with another version's files is not ours to load. */
static bool bears_version(const char *root) {
  char path[PATH_MAX], line[256];
  const char wanted[] = "return \"" UL_VERSION "\"";
  if (snprintf(path, sizeof path, "%s/usagelua/version.lua", root) >= (int)sizeof path)
    return false;
  FILE *file = fopen(path, "re");
  if (file == NULL) return false;
  bool bears = false;
  while (!bears && fgets(line, sizeof line, file) != NULL)
    bears = strncmp(line, wanted, sizeof wanted - 1) == 0;
  fclose(file);
  return bears;
}

static bool find_root(char *root, size_t size) {
  char folder[PATH_MAX];
  if (!own_folder(folder, sizeof folder)) return false;
  for (size_t i = 0; i < sizeof BESIDE / sizeof *BESIDE; i++) {
    int length = snprintf(root, size, "%s/%s", folder, BESIDE[i]);
    if (length > 0 && (size_t)length < size && bears_version(root)) return true;
  }
  return false;
}

static const ul_embedded *find_embedded(const char *name) {
  for (const ul_embedded *module = ul_embedded_modules; module->name != NULL; module++) {
    if (strcmp(module->name, name) == 0) return module;
  }
  return NULL;
}

void ul_library_push_root(lua_State *L) { lua_getfield(L, LUA_REGISTRYINDEX, ROOT_KEY); }

void ul_library_push_embedded(lua_State *L, const char *name) {
  const ul_embedded *module = find_embedded(name);
  if (module == NULL) lua_pushnil(L);
  else lua_pushlstring(L, module->text, module->length);
}

/* [-0, +2 or +0]: the loader and its file, where `name` is in the folder. */
static int from_root(lua_State *L, const char *name) {
  ul_library_push_root(L);
  const char *root = lua_tostring(L, -1);
  if (root == NULL) return 0;
  const char *file = luaL_gsub(L, name, ".", "/");
  for (int i = 0; i < 2; i++) {
    const char *path = lua_pushfstring(L, i == 0 ? "%s/%s.lua" : "%s/%s/init.lua", root, file);
    if (access(path, R_OK) != 0) continue;
    if (luaL_loadfilex(L, path, "t") != LUA_OK) return lua_error(L);
    lua_pushstring(L, path);
    return 2;
  }
  return 0;
}

static int from_embedded(lua_State *L, const char *name) {
  const ul_embedded *module = find_embedded(name);
  if (module == NULL) return 0;
  const char *chunk = lua_pushfstring(L, "=%s", name);
  if (luaL_loadbufferx(L, module->text, module->length, chunk, "t") != LUA_OK)
    return lua_error(L);
  lua_pushfstring(L, "linked-in:%s.lua", luaL_gsub(L, name, ".", "/"));
  return 2;
}

/* Searcher for the library's own names. */
static int search_own(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  if (strcmp(name, "usagelua") != 0 && strncmp(name, "usagelua.", 9) != 0) return 0;
  int found = from_root(L, name);
  return found > 0 ? found : from_embedded(L, name);
}

/* Searcher for linked-in libraries of others, after all that Lua finds. */
static int search_linked(lua_State *L) {
  return from_embedded(L, luaL_checkstring(L, 1));
}

static void insert_searcher(lua_State *L, int searchers, lua_Integer at) {
  for (lua_Integer i = (lua_Integer)lua_rawlen(L, searchers); i >= at; i--) {
    lua_rawgeti(L, searchers, i);
    lua_rawseti(L, searchers, i + 1);
  }
  lua_rawseti(L, searchers, at);
}

void ul_library_install(lua_State *L) {
  char root[PATH_MAX];
  if (find_root(root, sizeof root)) lua_pushstring(L, root);
  else lua_pushnil(L);
  lua_setfield(L, LUA_REGISTRYINDEX, ROOT_KEY);
  lua_getglobal(L, "package");
  lua_getfield(L, -1, "searchers");
  int searchers = lua_gettop(L);
  lua_pushcfunction(L, search_own);
  insert_searcher(L, searchers, 2); /* behind package.preload */
  lua_pushcfunction(L, search_linked);
  lua_rawseti(L, searchers, (lua_Integer)lua_rawlen(L, searchers) + 1);
  lua_pop(L, 2);
}
