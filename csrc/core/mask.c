/*
** core.mask: every secret of this Lua state, replaced in any text.
** The set is a userdata in the registry: it outlives the secrets themselves
** and goes, wiped, with the state.
*/
#include <lauxlib.h>
#include <lua.h>
#include <string.h>

#include "core.h"
#include "fail.h"
#include "mask.h"
#include "masker.h"

#define MASKER_TYPE "usagelua.masker"
#define SET_KEY "usagelua.masker.set"
#define SHORTEST 8  /* characters; what is shorter hides too much else */

static const char MASK[] = "***";

typedef struct box {
  ul_masker *masker;  /* owned; NULL once the state is closing */
} box;

static int masker_gc(lua_State *L) {
  box *b = luaL_checkudata(L, 1, MASKER_TYPE);
  ul_masker_free(b->masker);
  b->masker = NULL;
  return 0;
}

static void push_new_set(lua_State *L) {
  box *b = lua_newuserdatauv(L, sizeof *b, 0);
  b->masker = NULL;
  if (luaL_newmetatable(L, MASKER_TYPE)) {
    lua_pushcfunction(L, masker_gc);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  b->masker = ul_masker_new();
  if (b->masker == NULL) ul_fail_memory(L);
}

/* The set of this state, made at the first call. */
static ul_masker *masker_of(lua_State *L) {
  luaL_checkstack(L, 4, NULL);
  if (lua_getfield(L, LUA_REGISTRYINDEX, SET_KEY) == LUA_TNIL) {
    lua_pop(L, 1);
    push_new_set(L);
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, SET_KEY);
  }
  ul_masker *masker = ((box *)lua_touserdata(L, -1))->masker;
  lua_pop(L, 1);
  if (masker == NULL) luaL_error(L, "the Lua state is closing");
  return masker;
}

size_t ul_mask_characters(const char *bytes, size_t length) {
  size_t count = 0;
  for (size_t i = 0; i < length; i++)
    count += ((unsigned char)bytes[i] & 0xc0) != 0x80;
  return count;
}

static bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool add(lua_State *L, const char *bytes, size_t length) {
  if (ul_mask_characters(bytes, length) < SHORTEST) return false;
  if (!ul_masker_add(masker_of(L), bytes, length))
    ul_fail_memory(L);
  return true;
}

/* A server that reflects a header value does so without the blanks around
** it, so that form is a secret too. */
bool ul_mask_add(lua_State *L, const char *bytes, size_t length) {
  bool added = add(L, bytes, length);
  const char *end = bytes + length;
  while (bytes < end && is_blank(*bytes)) bytes++;
  while (end > bytes && is_blank(end[-1])) end--;
  if ((size_t)(end - bytes) < length) add(L, bytes, (size_t)(end - bytes));
  return added;
}

/* Pushes text up to `until` with the secrets masked; returns how far it came
** before something that only more text can decide. */
static size_t push_masked(lua_State *L, const char *text, size_t length,
                          bool is_last) {
  const ul_masker *masker = masker_of(L);
  size_t from = 0, open = length;
  ul_hit hit;
  luaL_Buffer out;
  luaL_buffinit(L, &out);
  while (ul_masker_find(masker, text, length, from, &hit, &open)) {
    if (!is_last && open < hit.end) break;
    luaL_addlstring(&out, text + from, hit.start - from);
    luaL_addlstring(&out, MASK, sizeof MASK - 1);
    from = hit.end;
  }
  size_t until = is_last ? length : open;
  if (!is_last && hit.end > 0 && hit.start < until) until = hit.start;
  luaL_addlstring(&out, text + from, until - from);
  luaL_pushresult(&out);
  return until;
}

static bool is_clean(lua_State *L, const char *text, size_t length,
                     bool is_last) {
  size_t open = length;
  ul_hit hit;
  if (ul_masker_find(masker_of(L), text, length, 0, &hit, &open)) return false;
  return is_last || open == length;
}

static int mask_text(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  lua_settop(L, 1);
  if (!is_clean(L, text, length, true)) push_masked(L, text, length, true);
  return 1;
}

static int mask_piece(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  lua_settop(L, 1);
  if (is_clean(L, text, length, false)) {
    lua_pushliteral(L, "");
    return 2;
  }
  size_t until = push_masked(L, text, length, false);
  lua_pushlstring(L, text + until, length - until);
  return 2;
}

static int mask_add(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  lua_pushboolean(L, ul_mask_add(L, text, length));
  return 1;
}

static const luaL_Reg functions[] = {
  {"text", mask_text},
  {"piece", mask_piece},
  {"add", mask_add},
  {NULL, NULL},
};

/* The set is made here, before all that writes text: what is made first is
** collected last when the state closes. */
int ul_open_mask(lua_State *L) {
  masker_of(L);
  luaL_newlib(L, functions);
  return 1;
}
