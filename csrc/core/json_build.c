/* Lua values of whole texts, see json_build.h. */
#include "json_build.h"

#include <lauxlib.h>

#include "json_document.h"
#include "json_value.h"
#include "room.h"

#define DOCUMENT "usagelua.json.document"

/* User values: the key of each shape, by its number. */
enum { STRINGS = 1, ARRAY_MARK, USER_VALUES = ARRAY_MARK };

typedef struct builder {
  lua_State *L;
  const ul_document *document;
  const uint64_t *at;
  int strings, array_mark; /* stack indices */
} builder;

static int document_gc(lua_State *L) {
  ul_document_free(lua_touserdata(L, 1));
  return 0;
}

static void push_new(lua_State *L, int keys) {
  ul_document *d = lua_newuserdatauv(L, sizeof *d, USER_VALUES);
  ul_document_init(d, ul_json_seed(L, keys));
  if (luaL_newmetatable(L, DOCUMENT)) {
    lua_pushcfunction(L, document_gc);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  lua_newtable(L);
  lua_setiuservalue(L, -2, STRINGS);
  luaL_getmetatable(L, UL_JSON_ARRAY);
  lua_setiuservalue(L, -2, ARRAY_MARK);
}

static ul_document *take(lua_State *L, int keys, int place) {
  lua_pushvalue(L, place);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    push_new(L, keys);
  }
  lua_pushnil(L);
  lua_replace(L, place);
  return lua_touserdata(L, -1);
}

/* ---- building ---- */

/* The strings of the shapes that are new. */
static void name_shapes(const builder *b, ul_shapes *shapes) {
  for (; shapes->named < shapes->count; shapes->named++) {
    const ul_shape *shape = &shapes->shape[shapes->named];
    lua_pushlstring(b->L, shape->key, shape->length);
    lua_rawseti(b->L, b->strings, shapes->named);
  }
}

static void push_value(builder *b);

static void push_array(builder *b, uint32_t count) {
  lua_createtable(b->L, (int)count, 0);
  lua_pushvalue(b->L, b->array_mark);
  lua_setmetatable(b->L, -2);
  for (lua_Integer i = 1; i <= count; i++) {
    push_value(b);
    lua_rawseti(b->L, -2, i);
  }
}

static void push_string(const builder *b, uint64_t word) {
  lua_pushlstring(b->L, ul_word_bytes(b->document, word), ul_word_low(word));
}

/* The members whose keys are those of the shape, in its order. */
static void set_shaped(builder *b, uint32_t shape) {
  const ul_shape *all = b->document->shapes.shape;
  uint16_t keys[UL_SHAPE_KEYS];
  uint32_t first = UL_SHAPE_KEYS;
  for (; shape != 0; shape = all[shape].parent) keys[--first] = (uint16_t)shape;
  for (; first < UL_SHAPE_KEYS; first++) {
    lua_rawgeti(b->L, b->strings, keys[first]);
    push_value(b);
    lua_rawset(b->L, -3);
  }
}

static void push_object(builder *b, uint32_t shape, uint32_t more) {
  int count = b->document->shapes.shape[shape].count + (int)more;
  lua_createtable(b->L, 0, count);
  set_shaped(b, shape);
  for (; more > 0; more--) {
    push_string(b, *b->at++);
    push_value(b);
    lua_rawset(b->L, -3);
  }
}

static void push_wide(builder *b) {
  lua_Integer value;
  memcpy(&value, b->at++, sizeof value);
  lua_pushinteger(b->L, value);
}

static void push_real(builder *b) {
  lua_Number value;
  memcpy(&value, b->at++, sizeof value);
  lua_pushnumber(b->L, value);
}

static void push_value(builder *b) {
  uint64_t word = *b->at++;
  switch (ul_word_tag_of(word)) {
    case UL_WORD_NULL: lua_pushlightuserdata(b->L, NULL); break;
    case UL_WORD_FALSE: lua_pushboolean(b->L, false); break;
    case UL_WORD_TRUE: lua_pushboolean(b->L, true); break;
    case UL_WORD_INTEGER: lua_pushinteger(b->L, ul_word_integer(word)); break;
    case UL_WORD_WIDE: push_wide(b); break;
    case UL_WORD_REAL: push_real(b); break;
    case UL_WORD_TEXT:
    case UL_WORD_UNESCAPED: push_string(b, word); break;
    case UL_WORD_ARRAY: push_array(b, ul_word_high(word)); break;
    case UL_WORD_OBJECT:
      push_object(b, ul_word_low(word), ul_word_high(word));
      break;
  }
}

/* The document is on top of the stack; leaves the value in its place. */
static void build(lua_State *L, ul_document *d, size_t max_depth) {
  int self = lua_gettop(L);
  /* A table and a key for each level, and what is on top. */
  luaL_checkstack(L, 2 * (int)max_depth + 8, "value nests too deep");
  ul_make_room(L, d->built_bytes);
  lua_getiuservalue(L, self, STRINGS);
  lua_getiuservalue(L, self, ARRAY_MARK);
  builder b = {.L = L, .document = d, .strings = self + 1,
               .array_mark = self + 2,
               .at = (const uint64_t *)(const void *)d->words.bytes};
  name_shapes(&b, &d->shapes);
  push_value(&b);
}

bool ul_json_build(lua_State *L, int keys, int place, const char *text,
                   size_t length, size_t max_depth) {
  ul_document *d = take(L, keys, place);
  int self = lua_gettop(L);
  bool ok = ul_document_read(d, text, length, max_depth);
  if (ok) build(L, d, max_depth);
  ul_document_clear(d);
  lua_pushvalue(L, self);
  lua_replace(L, place);
  if (ok) lua_replace(L, self);
  lua_settop(L, ok ? self : self - 1);
  return ok;
}
