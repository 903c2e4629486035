#include "library.h"

#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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
  int length = snprintf(path, sizeof path, "%s/usagelua/version.lua", root);
  if (length < 0 || (size_t)length >= sizeof path) return false;
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

static int compare_name(const void *name, const void *module) {
  return strcmp(name, ((const ul_embedded *)module)->name);
}

static const ul_embedded *find_embedded(const char *name) {
  return bsearch(name, ul_embedded_modules, ul_embedded_count,
                 sizeof *ul_embedded_modules, compare_name);
}

void ul_library_push_root(lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, ROOT_KEY);
}

void ul_library_push_embedded(lua_State *L, const char *name) {
  const ul_embedded *module = find_embedded(name);
  if (module == NULL) lua_pushnil(L);
  else lua_pushlstring(L, module->text, module->length);
}

/* [-0, +1]: the module's function; raises where it does not compile. What
** another release of Lua compiled may not be for this one. */
static void load_embedded(lua_State *L, const ul_embedded *module) {
  if (luaL_loadbufferx(L, module->code, module->code_length, module->name,
                       "b") == LUA_OK)
    return;
  lua_pop(L, 1);
  const char *chunk = lua_pushfstring(L, "=%s", module->name);
  if (luaL_loadbufferx(L, module->text, module->length, chunk, "t") != LUA_OK)
    lua_error(L);
  lua_remove(L, -2);
}

/* 1: the file holds this text, 0: another one, -1: it cannot be read. */
static int holds(int file, const char *text, size_t length) {
  struct stat about;
  if (fstat(file, &about) != 0) return -1;
  if ((size_t)about.st_size != length) return 0;
  char piece[16384];
  while (length > 0) {
    ssize_t count = read(file, piece, sizeof piece);
    if (count < 0) return -1;
    if (count == 0 || (size_t)count > length) return 0;
    if (memcmp(piece, text, (size_t)count) != 0) return 0;
    text += count;
    length -= (size_t)count;
  }
  return 1;
}

/* [-0, +1]: the module's function; raises where it does not compile. What
** nobody has edited is there compiled. */
static void load_file(lua_State *L, int file, const char *path,
                      const ul_embedded *module) {
  int held =
    module != NULL ? holds(file, module->text, module->length) : 0;
  int error = errno;
  close(file);
  if (held < 0) luaL_error(L, "cannot read %s: %s", path, strerror(error));
  if (held > 0) load_embedded(L, module);
  else if (luaL_loadfilex(L, path, "t") != LUA_OK) lua_error(L);
}

/* Or not for us: the next place is looked at. */
static bool is_not_there(int error) {
  return error == ENOENT || error == ENOTDIR || error == EACCES;
}

static const char *const TEMPLATES[] = {"%s/%s.lua", "%s/%s/init.lua"};

/* [-0, +2 or +0]: the loader and its file, where `name` is in the folder. */
static int from_root(lua_State *L, const char *name) {
  ul_library_push_root(L);
  const char *root = lua_tostring(L, -1);
  if (root == NULL) return 0;
  const char *file = luaL_gsub(L, name, ".", "/");
  for (size_t i = 0; i < sizeof TEMPLATES / sizeof *TEMPLATES; i++) {
    const char *path = lua_pushfstring(L, TEMPLATES[i], root, file);
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0 && is_not_there(errno)) continue;
    if (descriptor < 0)
      luaL_error(L, "cannot open %s: %s", path, strerror(errno));
    load_file(L, descriptor, path, find_embedded(name));
    lua_pushstring(L, path);
    return 2;
  }
  return 0;
}

static int from_embedded(lua_State *L, const char *name) {
  const ul_embedded *module = find_embedded(name);
  if (module == NULL) return 0;
  load_embedded(L, module);
  lua_pushfstring(L, "linked-in:%s", name);
  return 2;
}

static bool is_own(const char *name) {
  static const char OWN[] = "usagelua";
  size_t length = sizeof OWN - 1;
  if (strncmp(name, OWN, length) != 0) return false;
  return name[length] == '\0' || name[length] == '.';
}

/* Searcher for the library's own names. */
static int search_own(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  if (!is_own(name)) return 0;
  int found = from_root(L, name);
  return found > 0 ? found : from_embedded(L, name);
}

/* Searcher for linked-in libraries of others. */
static int search_linked(lua_State *L) {
  return from_embedded(L, luaL_checkstring(L, 1));
}

/* Puts the function on the stack's top at a place of a list; pops it. */
static void insert(lua_State *L, int list, lua_Integer at) {
  for (lua_Integer i = (lua_Integer)lua_rawlen(L, list); i >= at; i--) {
    lua_rawgeti(L, list, i);
    lua_rawseti(L, list, i + 1);
  }
  lua_rawseti(L, list, at);
}

/* Behind package.preload and before Lua's path, on which the current folder
** is: what lies there must not take our place. */
static void insert_searchers(lua_State *L, int package) {
  lua_getfield(L, package, "searchers");
  int searchers = lua_gettop(L);
  lua_pushcfunction(L, search_own);
  insert(L, searchers, 2);
  lua_pushcfunction(L, search_linked);
  insert(L, searchers, 3);
  lua_pop(L, 1);
}

/* The folder may hold rocks of others beside our files. */
static void extend_path(lua_State *L, int package, const char *root) {
  lua_getfield(L, package, "path");
  lua_pushfstring(L, "%s/?.lua;%s/?/init.lua;%s", root, root,
                  lua_tostring(L, -1));
  lua_setfield(L, package, "path");
  lua_pop(L, 1);
}

void ul_library_install(lua_State *L) {
  char root[PATH_MAX];
  bool has_root = find_root(root, sizeof root);
  lua_getglobal(L, "package");
  int package = lua_gettop(L);
  insert_searchers(L, package);
  if (has_root) {
    extend_path(L, package, root);
    lua_pushstring(L, root);
    lua_setfield(L, LUA_REGISTRYINDEX, ROOT_KEY);
  }
  lua_pop(L, 1);
}
