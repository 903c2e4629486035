/* Lua values from tapes, see json_value.h. */
#include "json_value.h"

#include <lauxlib.h>
#include <string.h>

#include "json_keys.h"
#include "json_tape.h"

/* Longer keys are not made once: Lua does not intern them either. */
enum { KEPT_KEYS = 256, KEPT_KEY_BYTES = 40 };

/* A Lua string that stands at the slot's index + 1 in the user value. */
typedef struct kept_key {
  const char *bytes; /* its own; NULL: none yet */
  uint32_t length;
  uint32_t hash;
} kept_key;

typedef struct key_cache {
  uint64_t seed;
  kept_key slots[KEPT_KEYS];
} key_cache;

enum { STRINGS = 1, ARRAY_MARK, USER_VALUES = ARRAY_MARK };

void ul_json_push_keys(lua_State *L) {
  key_cache *cache = lua_newuserdatauv(L, sizeof *cache, USER_VALUES);
  memset(cache, 0, sizeof *cache);
  cache->seed = ul_keys_seed();
  lua_createtable(L, KEPT_KEYS, 0);
  lua_setiuservalue(L, -2, STRINGS);
  luaL_newmetatable(L, UL_JSON_ARRAY);
  lua_setiuservalue(L, -2, ARRAY_MARK);
}

uint64_t ul_json_seed(lua_State *L, int keys) {
  const key_cache *cache = lua_touserdata(L, keys);
  return cache->seed;
}

typedef struct builder {
  lua_State *L;
  key_cache *cache;
  int strings, array_mark; /* stack indices */
  const char *at;
} builder;

static void push_new_key(builder *b, kept_key *slot, const char *bytes,
                         uint32_t length, uint32_t hash) {
  lua_State *L = b->L;
  lua_pushlstring(L, bytes, length);
  if (length > KEPT_KEY_BYTES) return;
  lua_pushvalue(L, -1);
  lua_rawseti(L, b->strings, slot - b->cache->slots + 1);
  *slot = (kept_key){lua_tostring(L, -1), length, hash};
}

static void push_key(builder *b) {
  uint32_t hash = ul_tape_take_u32(&b->at);
  uint32_t length = ul_tape_take_u32(&b->at);
  const char *bytes = ul_tape_take_bytes(&b->at, length);
  kept_key *slot = &b->cache->slots[hash % KEPT_KEYS];
  if (slot->hash == hash && slot->length == length && slot->bytes != NULL &&
      memcmp(slot->bytes, bytes, length) == 0)
    lua_rawgeti(b->L, b->strings, slot - b->cache->slots + 1);
  else
    push_new_key(b, slot, bytes, length, hash);
}

static void push_value(builder *b);

static void push_array(builder *b) {
  uint32_t count = ul_tape_take_u32(&b->at);
  lua_createtable(b->L, (int)count, 0);
  lua_pushvalue(b->L, b->array_mark);
  lua_setmetatable(b->L, -2);
  for (uint32_t i = 1; i <= count; i++) {
    push_value(b);
    lua_rawseti(b->L, -2, i);
  }
}

static void push_object(builder *b) {
  uint32_t count = ul_tape_take_u32(&b->at);
  lua_createtable(b->L, 0, (int)count);
  for (; count > 0; count--) {
    push_key(b);
    push_value(b);
    lua_rawset(b->L, -3);
  }
}

static void push_string(builder *b) {
  uint32_t length = ul_tape_take_u32(&b->at);
  lua_pushlstring(b->L, ul_tape_take_bytes(&b->at, length), length);
}

static void push_value(builder *b) {
  switch (ul_tape_take_type(&b->at)) {
    case UL_TAPE_NULL: lua_pushlightuserdata(b->L, NULL); break;
    case UL_TAPE_FALSE: lua_pushboolean(b->L, false); break;
    case UL_TAPE_TRUE: lua_pushboolean(b->L, true); break;
    case UL_TAPE_INTEGER:
      lua_pushinteger(b->L, ul_tape_take_integer(&b->at));
      break;
    case UL_TAPE_REAL: lua_pushnumber(b->L, ul_tape_take_real(&b->at)); break;
    case UL_TAPE_STRING: push_string(b); break;
    case UL_TAPE_ARRAY: push_array(b); break;
    case UL_TAPE_OBJECT: push_object(b); break;
  }
}

const char *ul_json_push_value(lua_State *L, int keys, const char *at,
                               int depth) {
  /* A table and a key for each level, and what is on top. */
  luaL_checkstack(L, 2 * depth + 8, "value nests too deep");
  lua_getiuservalue(L, keys, STRINGS);
  lua_getiuservalue(L, keys, ARRAY_MARK);
  builder b = {.L = L, .cache = lua_touserdata(L, keys), .at = at,
               .strings = lua_gettop(L) - 1, .array_mark = lua_gettop(L)};
  push_value(&b);
  lua_replace(L, b.strings);
  lua_pop(L, 1);
  return b.at;
}
