/* Columns that follow from others, see fold_derive.h. */
#include "fold_derive.h"

#include <lauxlib.h>

#include "fold_row.h"
#include "fold_spec.h"

#define LIMIT_BYTES ((size_t)1 << 34)

typedef struct answer {
  ul_derived fate;
  uint32_t codes[UL_DERIVE_TO];
} answer;

void ul_derive_start(ul_derive *derive, uint64_t seed) {
  ul_tuples_init(&derive->seen, derive->from_count, seed);
  ul_buffer_init(&derive->answers, LIMIT_BYTES);
}

void ul_derive_free(ul_derive *derive) {
  ul_tuples_free(&derive->seen);
  ul_buffer_free(&derive->answers);
}

static void need_memory(lua_State *L, bool ok) {
  if (!ok) luaL_error(L, "not enough memory");
}

/* The code of a text that the function gave, nil for none. */
static uint32_t code_at(lua_State *L, int index, ul_column *column) {
  if (lua_isnil(L, index)) return 0;
  size_t length;
  const char *text = luaL_checklstring(L, index, &length);
  uint32_t code = ul_column_code(column, text, length);
  need_memory(L, code != 0);
  return code;
}

/* What the function says of the row: its texts; false first where it is no
** row, nothing where it cannot say. */
static answer ask(lua_State *L, ul_fold *fold, size_t row) {
  const ul_derive *derive = &fold->derive;
  answer new = {.fate = UL_DERIVED_DOUBT};
  int top = lua_gettop(L);
  luaL_checkstack(L, UL_DERIVE_FROM + UL_DERIVE_TO + 4, "too many columns");
  lua_getiuservalue(L, 1, UL_FOLD_DERIVE);
  fold->row = row;
  for (uint32_t i = 0; i < derive->from_count; i++)
    ul_fold_push_cell(L, fold, derive->from[i]);
  lua_call(L, (int)derive->from_count, LUA_MULTRET);
  if (lua_gettop(L) > top) {
    bool is_row = !lua_isboolean(L, top + 1);
    new.fate = is_row ? UL_DERIVED : UL_DERIVED_NO_ROW;
    lua_settop(L, top + (int)derive->to_count);
    for (uint32_t i = 0; is_row && i < derive->to_count; i++)
      new.codes[i] =
        code_at(L, top + 1 + (int)i, &fold->columns[derive->to[i]]);
  }
  lua_settop(L, top);
  return new;
}

ul_derived ul_fold_derive(lua_State *L, ul_fold *fold, size_t row) {
  ul_derive *derive = &fold->derive;
  uint32_t key[UL_DERIVE_FROM];
  for (uint32_t i = 0; i < derive->from_count; i++)
    key[i] = ul_column_codes(&fold->columns[derive->from[i]])[row];
  uint32_t index = ul_tuples_add(&derive->seen, key);
  need_memory(L, index != UL_TUPLES_NONE);
  if (index * sizeof(answer) >= derive->answers.length) {
    answer new = ask(L, fold, row);
    need_memory(L, ul_buffer_append(&derive->answers, (const char *)&new,
                                    sizeof new));
  }
  const answer *found =
    (const answer *)(const void *)derive->answers.bytes + index;
  for (uint32_t i = 0; i < derive->to_count; i++)
    ul_column_codes(&fold->columns[derive->to[i]])[row] = found->codes[i];
  return found->fate;
}
