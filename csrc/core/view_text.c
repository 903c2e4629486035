/*
** view:text: rows of a view as lines of a format, without a Lua value for each
** cell. What stands around the cells is given, and most cells are written
** here; a text that is not plain, or a double where the format has its own
** way, is written by a function of Lua.
*/
#include "view_text.h"

#include <lauxlib.h>
#include <string.h>

#include "fail.h"
#include "json_number.h"
#include "view.h"

#define TEXT "usagelua.rows.text"
#define LIMIT_BYTES ((size_t)1 << 31)

/* The stack: the arguments, then what is made once. */
enum { VIEW = 1, FIRST, LAST, FORM, BUFFER, TEXT_OF, REAL_OF, TAIL_OF, TAIL,
       TOP = TAIL };

/* How lines are written. */
typedef struct form {
  const ul_view *view;
  const ul_kept *kept;
  ul_buffer *out;
  uint32_t count;      /* of cells */
  uint32_t *columns;   /* of the view, by cell; UL_VIEW_NONE: absent */
  const char **heads;  /* before each cell */
  size_t *head_lengths;
  uint32_t by_count;   /* columns on which the tail hangs, and the codes that */
  uint32_t *by, *codes; /* they had in the row before */
  bool has_tail;
  const char *quote, *absent;
} form;

static int buffer_gc(lua_State *L) {
  ul_buffer_free(luaL_checkudata(L, 1, TEXT));
  return 0;
}

static ul_buffer *push_buffer(lua_State *L) {
  ul_buffer *out = lua_newuserdatauv(L, sizeof *out, 0);
  ul_buffer_init(out, LIMIT_BYTES);
  if (luaL_newmetatable(L, TEXT)) {
    lua_pushcfunction(L, buffer_gc);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  return out;
}

static void put(lua_State *L, const form *f, const char *bytes,
                size_t length) {
  if (!ul_buffer_append(f->out, bytes, length)) ul_fail_memory(L);
}

static void put_text(lua_State *L, const form *f, const char *text) {
  put(L, f, text, strlen(text));
}

/* ---- cells ---- */

/* Bytes that mean nothing in any of the formats, nor to a terminal, a log or a
** spreadsheet. */
static bool is_plain_byte(unsigned char c) {
  return c >= 0x20 && c < 0x7f && strchr("\"\\,;|#", c) == NULL;
}

static bool is_plain(const char *text, size_t length) {
  if (length == 0 || strchr("=+-@ ", text[0]) != NULL) return false;
  for (size_t i = 0; i < length; i++) {
    if (!is_plain_byte((unsigned char)text[i])) return false;
    if (text[i] == ':' && i > 0 && text[i - 1] == ':') return false;
  }
  return true;
}

/* What the function at `index` makes of the value on top, which goes. */
static void put_called(lua_State *L, const form *f, int index) {
  lua_pushvalue(L, index);
  lua_insert(L, -2);
  lua_call(L, 1, 1);
  size_t length;
  const char *text = luaL_checklstring(L, -1, &length);
  put(L, f, text, length);
  lua_pop(L, 1);
}

static void put_words(lua_State *L, const form *f, const ul_dictionary *words,
                      uint32_t code) {
  size_t length;
  const char *text = ul_dictionary_text(words, code, &length);
  if (!is_plain(text, length)) {
    lua_pushlstring(L, text, length);
    put_called(L, f, TEXT_OF);
    return;
  }
  put_text(L, f, f->quote);
  put(L, f, text, length);
  put_text(L, f, f->quote);
}

static void put_number(lua_State *L, const form *f, ul_column_value value) {
  char text[UL_NUMBER_TEXT_BYTES];
  if (value.code == UL_CODE_INTEGER) {
    put(L, f, text, ul_number_print_integer(text, value.figure.integer));
  } else if (lua_isnil(L, REAL_OF)) {
    put(L, f, text, ul_number_print_real(text, value.figure.real));
  } else {
    lua_pushnumber(L, value.figure.real);
    put_called(L, f, REAL_OF);
  }
}

static void put_value(lua_State *L, const form *f, uint32_t column,
                      ul_column_value value) {
  if (value.code == 0) {
    put_text(L, f, f->absent);
    return;
  }
  const ul_kept_column *of =
    &f->kept->columns[f->view->columns[column].column];
  switch (of->kind) {
    case UL_COLUMN_TEXT: put_words(L, f, &of->dictionary, value.code); break;
    case UL_COLUMN_BOOLEAN:
      put_text(L, f, value.code == UL_CODE_TRUE ? "true" : "false");
      break;
    case UL_COLUMN_NUMBER: put_number(L, f, value); break;
  }
}

/* ---- lines ---- */

static ul_column_value value_of(const form *f, const ul_kept_chunk *chunk,
                                size_t at, uint32_t column) {
  if (column == UL_VIEW_NONE) return (ul_column_value){.code = 0};
  return ul_view_value_in(f->view, f->kept, chunk, at, column);
}

/* Whether the tail is that of the row before. */
static bool is_same_tail(form *f, const ul_kept_chunk *chunk, size_t at) {
  bool is_same = f->has_tail;
  for (uint32_t i = 0; i < f->by_count; i++) {
    uint32_t code = value_of(f, chunk, at, f->by[i]).code;
    is_same = is_same && code == f->codes[i];
    f->codes[i] = code;
  }
  return is_same;
}

static void put_tail(lua_State *L, form *f, const ul_kept_chunk *chunk,
                     size_t at, size_t row) {
  if (!is_same_tail(f, chunk, at)) {
    lua_pushvalue(L, TAIL_OF);
    lua_pushinteger(L, (lua_Integer)row + 1);
    lua_call(L, 1, 1);
    luaL_checkstring(L, -1);
    lua_replace(L, TAIL);
    f->has_tail = true;
  }
  size_t length;
  const char *tail = lua_tolstring(L, TAIL, &length);
  put(L, f, tail, length);
}

static void put_row(lua_State *L, form *f, size_t row) {
  size_t at;
  ul_view_look_ahead(f->view, f->kept, row);
  const ul_kept_chunk *chunk =
    ul_kept_find(f->kept, ul_view_number(f->view, row), &at);
  for (uint32_t i = 0; i < f->count; i++) {
    put(L, f, f->heads[i], f->head_lengths[i]);
    put_value(L, f, f->columns[i], value_of(f, chunk, at, f->columns[i]));
  }
  put_tail(L, f, chunk, at, row);
}

/* ---- the form ---- */

/* A list of columns of the view, 0 for none; leaves what anchors it. */
static uint32_t *read_columns(lua_State *L, const form *f, const char *name,
                              uint32_t *count) {
  if (lua_getfield(L, FORM, name) != LUA_TTABLE)
    luaL_error(L, "a form has %s", name);
  int list = lua_gettop(L);
  lua_Unsigned length = lua_rawlen(L, list);
  luaL_argcheck(L, length < UINT16_MAX, FORM, "too many columns");
  uint32_t *columns =
    lua_newuserdatauv(L, ((size_t)length + 1) * sizeof *columns, 0);
  for (*count = 0; *count < length; ++*count) {
    lua_rawgeti(L, list, (lua_Integer)*count + 1);
    lua_Integer number = luaL_checkinteger(L, -1);
    luaL_argcheck(L, number >= 0 && number <= (lua_Integer)
                       f->view->column_count, FORM, "there is no such column");
    columns[*count] = number > 0 ? (uint32_t)number - 1 : UL_VIEW_NONE;
    lua_pop(L, 1);
  }
  return columns;
}

/* Texts that the form's table keeps alive. */
static void read_heads(lua_State *L, form *f) {
  if (lua_getfield(L, FORM, "heads") != LUA_TTABLE)
    luaL_error(L, "a form has heads");
  int list = lua_gettop(L);
  f->heads = lua_newuserdatauv(L, ((size_t)f->count + 1) * sizeof *f->heads, 0);
  f->head_lengths =
    lua_newuserdatauv(L, ((size_t)f->count + 1) * sizeof *f->head_lengths, 0);
  for (uint32_t i = 0; i < f->count; i++) {
    if (lua_rawgeti(L, list, (lua_Integer)i + 1) != LUA_TSTRING)
      luaL_error(L, "a head is text");
    f->heads[i] = lua_tolstring(L, -1, &f->head_lengths[i]);
    lua_pop(L, 1);
  }
}

static const char *text_field(lua_State *L, const char *name) {
  if (lua_getfield(L, FORM, name) != LUA_TSTRING)
    luaL_error(L, "a form has %s", name);
  return lua_tostring(L, -1);
}

static void read_form(lua_State *L, form *f) {
  luaL_checkstack(L, 24, "too many values");
  f->out = push_buffer(L);
  lua_getfield(L, FORM, "text");
  lua_getfield(L, FORM, "real");
  lua_getfield(L, FORM, "tail");
  lua_pushnil(L);
  luaL_checktype(L, TEXT_OF, LUA_TFUNCTION);
  luaL_checktype(L, TAIL_OF, LUA_TFUNCTION);
  f->columns = read_columns(L, f, "columns", &f->count);
  f->by = read_columns(L, f, "by", &f->by_count);
  f->codes =
    lua_newuserdatauv(L, ((size_t)f->by_count + 1) * sizeof *f->codes, 0);
  read_heads(L, f);
  f->quote = text_field(L, "quote");
  f->absent = text_field(L, "absent");
}

int ul_view_text(lua_State *L) {
  form f = {.has_tail = false};
  f.view = ul_view_check(L, VIEW, &f.kept);
  lua_Integer first = luaL_checkinteger(L, FIRST);
  lua_Integer last = luaL_checkinteger(L, LAST);
  luaL_checktype(L, FORM, LUA_TTABLE);
  lua_settop(L, FORM);
  luaL_argcheck(L, first >= 1 && last <= (lua_Integer)f.view->count, LAST,
                "there are no such rows");
  read_form(L, &f);
  for (lua_Integer row = first; row <= last; row++)
    put_row(L, &f, (size_t)row - 1);
  lua_pushlstring(L, f.out->length > 0 ? f.out->bytes : "", f.out->length);
  return 1;
}
