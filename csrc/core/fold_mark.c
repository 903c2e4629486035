/* The end mark of an answer, see fold_mark.h. */
#include "fold_mark.h"

#include <lauxlib.h>
#include <string.h>

#include "fail.h"
#include "figure.h"

#define LIMIT_BYTES ((size_t)1 << 33)

void ul_mark_init(ul_mark *mark) {
  *mark = (ul_mark){.count = 0};
  ul_buffer_init(&mark->texts, LIMIT_BYTES);
  ul_buffer_init(&mark->item, LIMIT_BYTES);
}

void ul_mark_free(ul_mark *mark) {
  ul_buffer_free(&mark->texts);
  ul_buffer_free(&mark->item);
}

static void set_text(lua_State *L, ul_mark *mark, ul_mark_test *test) {
  const char *text = luaL_checklstring(L, -1, &test->length);
  test->type = UL_ITEM_TEXT;
  test->text = mark->texts.length;
  if (!ul_buffer_append(&mark->texts, text, test->length)) ul_fail_memory(L);
}

void ul_mark_add(lua_State *L, ul_mark *mark, uint32_t slot) {
  if (mark->count == UL_MARK_TESTS) luaL_error(L, "too many values of a mark");
  ul_mark_test *test = &mark->tests[mark->count];
  *test = (ul_mark_test){.slot = slot};
  if (lua_isboolean(L, -1)) {
    test->type = lua_toboolean(L, -1) ? UL_ITEM_TRUE : UL_ITEM_FALSE;
  } else if (lua_isinteger(L, -1)) {
    test->type = UL_ITEM_INTEGER;
    test->figure.integer = lua_tointeger(L, -1);
  } else if (lua_type(L, -1) == LUA_TNUMBER) {
    test->type = UL_ITEM_REAL;
    test->figure.real = lua_tonumber(L, -1);
  } else {
    set_text(L, mark, test);
  }
  mark->count++;
}

static bool is_number(ul_item_type type) {
  return type == UL_ITEM_INTEGER || type == UL_ITEM_REAL;
}

static uint32_t code_of(ul_item_type type) {
  return type == UL_ITEM_INTEGER ? UL_CODE_INTEGER : UL_CODE_REAL;
}

static bool is_same_number(const ul_mark_test *test,
                           const ul_item_value *value) {
  ul_figure figure;
  if (value->type == UL_ITEM_INTEGER)
    figure.integer = value->is.integer;
  else
    figure.real = value->is.real;
  return ul_figure_compare(code_of(test->type), test->figure,
                           code_of(value->type), figure) == 0;
}

static bool fits(const ul_mark *mark, const ul_mark_test *test,
                 const ul_item *item) {
  const ul_item_value *value = ul_item_own(item, test->slot);
  if (is_number(test->type))
    return is_number(value->type) && is_same_number(test, value);
  if (value->type != test->type) return false;
  if (test->type != UL_ITEM_TEXT) return true;
  return value->length == test->length &&
         (test->length == 0 ||
          memcmp(ul_item_text(item, value->is.text),
                 mark->texts.bytes + test->text, test->length) == 0);
}

ul_mark_found ul_mark_look_at(ul_mark *mark, const ul_item *item,
                              const char *bytes, size_t length) {
  if (mark->is_seen) {
    mark->is_behind = true;
    return UL_MARK_TAKEN;
  }
  if (mark->count == 0 || bytes == NULL) return UL_MARK_ROW;
  for (uint32_t i = 0; i < mark->count; i++)
    if (!fits(mark, &mark->tests[i], item)) return UL_MARK_ROW;
  mark->is_seen = true;
  return ul_buffer_append(&mark->item, bytes, length) ? UL_MARK_TAKEN
                                                      : UL_MARK_NO_MEMORY;
}
