/*
** Writing, see json_encode.h. Tables are read raw, so no Lua code runs in
** between; the text grows in a buffer that the first upvalue of encode owns.
** What JSON cannot hold is the caller's mistake and raises, with its path.
*/
#include "json_encode.h"

#include <lauxlib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "json_path.h"
#include "json_value.h"
#include "json_write.h"
#include "secret.h"

#define ENCODER "usagelua.json.encoder"
#define OBJECT "usagelua.json.object"

enum { MAX_DEPTH = 128, MAX_INDENT = 16 };

#define TEXT_LIMIT_BYTES ((size_t)1 << 31)
#define PATH_LIMIT_BYTES 512
#define KEPT_TEXT_BYTES ((size_t)1 << 16)

/* Metatable field of an ordered object: key -> its rank. */
#define RANKS "ranks"

/* Where the encoder is: a member or an item of an open table. */
typedef struct level {
  struct level *outer;
  const char *key; /* NULL: an array */
  size_t key_length;
  lua_Integer index; /* of an array, from 0 */
} level;

typedef struct key_entry {
  const char *bytes; /* of a string that the table holds */
  size_t length;
  lua_Integer rank; /* those that have none come last */
} key_entry;

typedef struct encoder {
  ul_buffer text;
  ul_buffer keys; /* of key_entry: those of all open tables */
  ul_buffer path; /* for messages */
  size_t indent;  /* spaces; 0: all on one line */
  int depth;
  int ranks;      /* stack index of the option's ranks, or 0 */
  level *innermost;
} encoder;

/* ---- errors ---- */

static void print_path(ul_buffer *out, const level *l) {
  if (l == NULL) return;
  print_path(out, l->outer);
  if (l->key != NULL)
    ul_path_print_name(out, l->key, l->key_length);
  else
    ul_path_print_index(out, (uint64_t)l->index);
}

/* Raises. The path is in the encoder's memory until Lua has its message. */
static int refuse(lua_State *L, encoder *e, const char *what) {
  ul_buffer_clear(&e->path);
  print_path(&e->path, e->innermost);
  lua_pushlstring(L, e->path.length > 0 ? e->path.bytes : "",
                  e->path.length);
  return luaL_error(L, "cannot encode %s%s%s", what,
                    e->path.length > 0 ? " at " : "", lua_tostring(L, -1));
}

static void need(lua_State *L, bool done) {
  if (!done) ul_fail_memory(L);
}

static void put(lua_State *L, encoder *e, const char *text, size_t length) {
  need(L, ul_buffer_append(&e->text, text, length));
}

/* ---- values ---- */

static void put_string(lua_State *L, encoder *e, const char *bytes,
                       size_t length) {
  ul_written result = ul_json_write_string(&e->text, bytes, length);
  if (result == UL_WRITTEN_NOT_UTF8)
    refuse(L, e, "a string that is not UTF-8");
  need(L, result == UL_WRITTEN);
}

/* A key that is no UTF-8 stays out of the message: the path ends before. */
static void put_key(lua_State *L, encoder *e, const char *bytes,
                    size_t length) {
  level *l = e->innermost;
  e->innermost = l->outer;
  ul_written result = ul_json_write_string(&e->text, bytes, length);
  if (result == UL_WRITTEN_NOT_UTF8) refuse(L, e, "a key that is not UTF-8");
  need(L, result == UL_WRITTEN);
  e->innermost = l;
  l->key = bytes;
  l->key_length = length;
}

static void put_number(lua_State *L, encoder *e, int index) {
  if (lua_isinteger(L, index)) {
    need(L, ul_json_write_integer(&e->text, lua_tointeger(L, index)));
    return;
  }
  double value = lua_tonumber(L, index);
  if (isnan(value)) refuse(L, e, "nan");
  if (isinf(value)) refuse(L, e, value < 0 ? "-inf" : "inf");
  need(L, ul_json_write_real(&e->text, value));
}

static void put_userdata(lua_State *L, encoder *e, int index) {
  if (luaL_testudata(L, index, UL_SECRET_TYPE) == NULL)
    refuse(L, e, "a userdata");
  put(L, e, "\"***\"", 5);
}

static void put_table(lua_State *L, encoder *e, int index);

static void put_value(lua_State *L, encoder *e, int index) {
  switch (lua_type(L, index)) {
    case LUA_TBOOLEAN:
      if (lua_toboolean(L, index)) put(L, e, "true", 4);
      else put(L, e, "false", 5);
      break;
    case LUA_TNUMBER: put_number(L, e, index); break;
    case LUA_TSTRING: {
      size_t length;
      const char *bytes = lua_tolstring(L, index, &length);
      put_string(L, e, bytes, length);
      break;
    }
    case LUA_TTABLE: put_table(L, e, index); break;
    case LUA_TUSERDATA: put_userdata(L, e, index); break;
    case LUA_TLIGHTUSERDATA:
      if (lua_touserdata(L, index) != NULL) refuse(L, e, "a light userdata");
      put(L, e, "null", 4);
      break;
    case LUA_TNIL: refuse(L, e, "nil (write json.null)"); break;
    default:
      lua_pushfstring(L, "a %s", luaL_typename(L, index));
      refuse(L, e, lua_tostring(L, -1));
  }
}

/* ---- containers ---- */

static void put_newline(lua_State *L, encoder *e) {
  if (e->indent == 0) return;
  need(L, ul_json_write_newline(&e->text, e->indent * (size_t)e->depth));
}

/* Before each value of a container. */
static void put_separator(lua_State *L, encoder *e, bool first) {
  if (!first) put(L, e, ",", 1);
  put_newline(L, e);
}

static void open_container(lua_State *L, encoder *e, level *l,
                           const char *bracket) {
  if (e->depth == MAX_DEPTH) refuse(L, e, "more than 128 levels (a cycle?)");
  luaL_checkstack(L, 8, "value nests too deep");
  put(L, e, bracket, 1);
  l->outer = e->innermost;
  e->innermost = l;
  e->depth++;
}

static void close_container(lua_State *L, encoder *e, const level *l,
                            const char *bracket, bool empty) {
  e->innermost = l->outer;
  e->depth--;
  if (!empty) put_newline(L, e);
  put(L, e, bracket, 1);
}

/* How many keys the table has if all are positions up to `length`, else -1. */
static lua_Integer count_positions(lua_State *L, int index,
                                   lua_Integer length) {
  lua_Integer count = 0;
  for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1), count++) {
    lua_Integer position = lua_isinteger(L, -2) ? lua_tointeger(L, -2) : 0;
    if (position < 1 || position > length) {
      lua_pop(L, 2);
      return -1;
    }
  }
  return count;
}

static void put_array(lua_State *L, encoder *e, int index) {
  lua_Integer length = (lua_Integer)lua_rawlen(L, index);
  if (count_positions(L, index, length) != length)
    refuse(L, e, "a table with holes, or with names beside positions");
  level l = {.index = 0};
  open_container(L, e, &l, "[");
  for (; l.index < length; l.index++) {
    put_separator(L, e, l.index == 0);
    lua_rawgeti(L, index, l.index + 1);
    put_value(L, e, lua_gettop(L));
    lua_pop(L, 1);
  }
  close_container(L, e, &l, "]", length == 0);
}

static int compare_keys(const void *left, const void *right) {
  const key_entry *a = left, *b = right;
  if (a->rank != b->rank) return a->rank < b->rank ? -1 : 1;
  size_t shorter = a->length < b->length ? a->length : b->length;
  int order = memcmp(a->bytes, b->bytes, shorter);
  if (order != 0) return order;
  return (a->length > b->length) - (a->length < b->length);
}

/* The rank of the key below the top; `ranks` is a stack index, or 0. */
static lua_Integer rank_of_key(lua_State *L, int ranks) {
  if (ranks == 0) return LUA_MAXINTEGER;
  lua_pushvalue(L, -2);
  lua_Integer rank = lua_rawget(L, ranks) == LUA_TNIL ? LUA_MAXINTEGER
                                                      : lua_tointeger(L, -1);
  lua_pop(L, 1);
  return rank;
}

/* Puts the keys of the table on the stack of keys, in the order of writing,
** and gives their number. */
static size_t collect_keys(lua_State *L, encoder *e, int index, int ranks) {
  size_t first = e->keys.length, count = 0;
  for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1), count++) {
    if (lua_type(L, -2) != LUA_TSTRING)
      refuse(L, e, "a table with other keys beside names");
    key_entry entry = {.rank = rank_of_key(L, ranks)};
    entry.bytes = lua_tolstring(L, -2, &entry.length);
    need(L, ul_buffer_append(&e->keys, (const char *)&entry, sizeof entry));
  }
  if (count > 1)
    qsort(e->keys.bytes + first, count, sizeof(key_entry), compare_keys);
  return count;
}

static void put_member(lua_State *L, encoder *e, int index,
                       const key_entry *key) {
  put_key(L, e, key->bytes, key->length);
  put(L, e, ": ", e->indent > 0 ? 2 : 1);
  lua_pushlstring(L, key->bytes, key->length);
  lua_rawget(L, index);
  put_value(L, e, lua_gettop(L));
  lua_pop(L, 1);
}

static void put_object(lua_State *L, encoder *e, int index, int ranks) {
  size_t first = e->keys.length;
  size_t count = collect_keys(L, e, index, ranks);
  level l = {.key = ""};
  open_container(L, e, &l, "{");
  for (size_t i = 0; i < count; i++) {
    key_entry key;
    memcpy(&key, e->keys.bytes + first + i * sizeof key, sizeof key);
    put_separator(L, e, i == 0);
    put_member(L, e, index, &key);
  }
  e->keys.length = first;
  close_container(L, e, &l, "}", count == 0);
}

/* ---- marks ---- */

typedef enum shape { SHAPE_EMPTY, SHAPE_ARRAY, SHAPE_OBJECT } shape;

/* What the metatable on top, which it pops, says; leaves the ranks of an
** ordered object. SHAPE_EMPTY: nothing. */
static shape marked_shape(lua_State *L) {
  luaL_getmetatable(L, UL_JSON_ARRAY);
  bool is_array = lua_rawequal(L, -1, -2);
  lua_pop(L, 1);
  bool is_object = false;
  if (!is_array) {
    lua_pushliteral(L, RANKS);
    is_object = lua_rawget(L, -2) == LUA_TTABLE;
    if (is_object) lua_insert(L, -2);
    else lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return is_array ? SHAPE_ARRAY : is_object ? SHAPE_OBJECT : SHAPE_EMPTY;
}

/* Without a mark the first key decides; the others are checked later. */
static shape shape_of_keys(lua_State *L, int index) {
  lua_pushnil(L);
  if (!lua_next(L, index)) return SHAPE_EMPTY;
  bool position = lua_type(L, -2) == LUA_TNUMBER;
  lua_pop(L, 2);
  return position ? SHAPE_ARRAY : SHAPE_OBJECT;
}

static void put_table(lua_State *L, encoder *e, int index) {
  int top = lua_gettop(L), ranks = e->ranks;
  shape form = SHAPE_EMPTY;
  if (lua_getmetatable(L, index)) form = marked_shape(L);
  if (form == SHAPE_OBJECT) ranks = lua_gettop(L);
  if (form == SHAPE_EMPTY) form = shape_of_keys(L, index);
  if (form == SHAPE_ARRAY) put_array(L, e, index);
  else put_object(L, e, index, ranks);
  lua_settop(L, top);
}

/* Leaves a table that maps each string of the array at `index` to its
** position. */
static void push_ranks(lua_State *L, int index) {
  lua_newtable(L);
  for (lua_Integer i = 1; lua_rawgeti(L, index, i) != LUA_TNIL; i++) {
    if (lua_type(L, -1) != LUA_TSTRING)
      luaL_error(L, "key_order has to be a list of names");
    lua_pushinteger(L, i);
    lua_rawset(L, -3);
  }
  lua_pop(L, 1);
}

/* core.json.array([t]) */
static int json_array(lua_State *L) {
  if (lua_isnoneornil(L, 1)) {
    lua_settop(L, 0);
    lua_newtable(L);
  }
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  luaL_getmetatable(L, UL_JSON_ARRAY);
  bool other = lua_getmetatable(L, 1) && !lua_rawequal(L, -1, 2);
  luaL_argcheck(L, !other, 1, "the table has another metatable");
  lua_settop(L, 2);
  lua_setmetatable(L, 1);
  return 1;
}

/* Takes the pair on top: object[k] = v, ranks[k] = i. A pair without value is
** left out. */
static void set_pair(lua_State *L, int object, int ranks, lua_Integer i) {
  if (!lua_istable(L, -1) || lua_rawgeti(L, -1, 1) != LUA_TSTRING)
    luaL_error(L, "pair %I is not of the form { name, value }", i);
  lua_pushvalue(L, -1);
  if (lua_rawget(L, ranks) != LUA_TNIL)
    luaL_error(L, "name '%s' comes twice", lua_tostring(L, -2));
  lua_pop(L, 1);
  lua_pushvalue(L, -1);
  lua_pushinteger(L, i);
  lua_rawset(L, ranks);
  lua_rawgeti(L, -2, 2);
  lua_rawset(L, object);
  lua_pop(L, 1);
}

/* core.json.object(pairs) */
static int json_object(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  int count = (int)lua_rawlen(L, 1);
  lua_createtable(L, 0, count); /* 2: the object */
  lua_createtable(L, 0, 2);     /* 3: its metatable */
  lua_createtable(L, 0, count); /* 4: the ranks */
  for (int i = 1; i <= count; i++) {
    lua_rawgeti(L, 1, i);
    set_pair(L, 2, 4, i);
  }
  lua_setfield(L, 3, RANKS);
  lua_pushliteral(L, OBJECT);
  lua_setfield(L, 3, "__name");
  lua_setmetatable(L, 2);
  return 1;
}

/* ---- encode ---- */

static int encoder_gc(lua_State *L) {
  encoder *e = luaL_checkudata(L, 1, ENCODER);
  ul_buffer_free(&e->text);
  ul_buffer_free(&e->keys);
  ul_buffer_free(&e->path);
  return 0;
}

static void push_encoder(lua_State *L) {
  encoder *e = lua_newuserdatauv(L, sizeof *e, 0);
  memset(e, 0, sizeof *e);
  ul_buffer_init(&e->text, TEXT_LIMIT_BYTES);
  ul_buffer_init(&e->keys, TEXT_LIMIT_BYTES);
  ul_buffer_init(&e->path, PATH_LIMIT_BYTES);
  if (luaL_newmetatable(L, ENCODER)) {
    lua_pushcfunction(L, encoder_gc);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
}

static size_t check_indent(lua_State *L) {
  lua_getfield(L, 2, "indent");
  lua_Integer indent = luaL_optinteger(L, -1, 0);
  luaL_argcheck(L, indent >= 0 && indent <= MAX_INDENT, 2,
                "indent has to be 0 to 16 spaces");
  lua_pop(L, 1);
  return (size_t)indent;
}

/* Leaves the ranks, where the option is given, and takes their index. */
static void check_options(lua_State *L, encoder *e) {
  if (lua_isnoneornil(L, 2)) return;
  luaL_checktype(L, 2, LUA_TTABLE);
  e->indent = check_indent(L);
  if (lua_getfield(L, 2, "key_order") == LUA_TNIL) return;
  luaL_argcheck(L, lua_istable(L, -1), 2,
                "key_order has to be a list of names");
  push_ranks(L, lua_gettop(L));
  e->ranks = lua_gettop(L);
}

/* Whatever an earlier call that raised left behind is dropped. */
static void start(encoder *e) {
  ul_buffer_clear(&e->text);
  ul_buffer_clear(&e->keys);
  e->indent = 0;
  e->depth = e->ranks = 0;
  e->innermost = NULL;
}

static int json_encode(lua_State *L) {
  encoder *e = lua_touserdata(L, lua_upvalueindex(1));
  luaL_checkany(L, 1);
  lua_settop(L, 2);
  start(e);
  check_options(L, e);
  put_value(L, e, 1);
  lua_pushlstring(L, e->text.bytes, e->text.length);
  if (e->text.capacity > KEPT_TEXT_BYTES) ul_buffer_free(&e->text);
  return 1;
}

void ul_json_set_encode(lua_State *L, int module) {
  static const luaL_Reg marks[] = {
    {"array", json_array},
    {"object", json_object},
    {NULL, NULL},
  };
  push_encoder(L);
  lua_pushcclosure(L, json_encode, 1);
  lua_setfield(L, module, "encode");
  lua_pushvalue(L, module);
  luaL_setfuncs(L, marks, 0);
  lua_pop(L, 1);
}
