/*
** core.fold: adds up the items of a reader without making a Lua value of
** each. As items are read, their values go into a batch of typed columns
** (item.h, column.h), batches go through the rules (group.h), and only the
** groups stay, to be asked for at the end. An item that is not just as the
** columns expect it is kept as it came, for Lua to judge. What calls Lua does
** so in fold:take, between the pieces of a document. Rows may also be kept as
** they are (rows.h), and be added up later: fold:kept, fold:add.
*/
#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>

#include "core.h"
#include "csv.h"
#include "fail.h"
#include "fold.h"
#include "fold_batch.h"
#include "fold_items.h"
#include "fold_judge.h"
#include "fold_row.h"
#include "json.h"
#include "rows.h"

#define FOLD "usagelua.fold"

ul_fold *ul_fold_check(lua_State *L, int index) {
  ul_fold *fold = luaL_checkudata(L, index, FOLD);
  luaL_argcheck(L, fold->open, index, "the fold is closed");
  return fold;
}

static ul_fold *check_fold(lua_State *L) { return ul_fold_check(L, 1); }

/* ---- between the pieces ---- */

static void fill_late(ul_fold *fold) {
  for (uint32_t i = 0; i < fold->column_count; i++) {
    if (!fold->sources[i].is_late) continue;
    ul_column_value value = {.code = fold->columns[i].otherwise};
    for (size_t row = fold->late; row < fold->rows; row++)
      ul_column_set(&fold->columns[i], row, &value);
  }
}

static bool judge_item(lua_State *L, ul_fold *fold, int functions,
                       const ul_fold_kept *kept) {
  size_t end = kept->row + kept->rows;
  if (!ul_fold_derive_rows(L, fold, kept->row, end) ||
      !ul_fold_judge_rows(L, fold, kept->row, end))
    return false;
  return !fold->has_filter ||
         (ul_fold_filter_rows(L, fold, functions, kept->row, end) &&
          ul_fold_group_rows(L, fold, functions, kept->row, end));
}

static int by_number(const void *a, const void *b) {
  const ul_fold_kept *one = a, *other = b;
  return (one->number > other->number) - (one->number < other->number);
}

/* The first item that is wrong is the one that is told. */
static void sort_doubts(ul_fold *fold) {
  if (fold->doubts.length > 0)
    qsort(fold->doubts.bytes, ul_fold_count_kept(&fold->doubts),
          sizeof(ul_fold_kept), by_number);
}

/* An item of which a condition cannot say what it thinks is taken back. */
static void judge_pending(lua_State *L, ul_fold *fold) {
  int top = lua_gettop(L);
  int functions = fold->has_filter ? ul_fold_push_functions(L, fold) : 0;
  for (size_t i = 0; i < ul_fold_count_kept(&fold->pending); i++) {
    ul_fold_kept kept = *ul_fold_kept_at(&fold->pending, i);
    if (judge_item(L, fold, functions, &kept)) continue;
    if (!ul_fold_bury(fold, kept.row, kept.row + kept.rows) ||
        !ul_buffer_append(&fold->doubts, (const char *)&kept, sizeof kept))
      ul_fail_memory(L);
  }
  lua_settop(L, top);
  if (fold->derive.is_wanted) sort_doubts(fold);
}

/* fold:take() -> whether Lua has nothing to judge. Adds up what was read. */
static int fold_take(lua_State *L) {
  ul_fold *fold = check_fold(L);
  fill_late(fold);
  if (!ul_fold_make_filters(fold)) ul_fail_memory(L);
  judge_pending(L, fold);
  if (fold->has_late) ul_fold_judge_rows(L, fold, fold->late, fold->rows);
  ul_buffer_clear(&fold->pending);
  if (!ul_fold_add_up(fold)) ul_fail_memory(L);
  lua_pushboolean(L, fold->doubts.length == 0);
  if (fold->doubts.length == 0) ul_buffer_clear(&fold->kept);
  return 1;
}

/* fold:cell(column) -> the value in the row that a function is asked about */
static int fold_cell(lua_State *L) {
  const ul_fold *fold = check_fold(L);
  lua_Integer number = luaL_checkinteger(L, 2);
  luaL_argcheck(L, number >= 1 && number <= (lua_Integer)fold->column_count &&
                     fold->row < fold->rows, 2, "there is no such value");
  ul_fold_push_cell(L, fold, (uint32_t)number - 1);
  return 1;
}

/* fold:row, fold:untold, fold:functions: see fold_row.h */
static int fold_row(lua_State *L) {
  check_fold(L);
  return ul_fold_row(L);
}

static int fold_untold(lua_State *L) {
  check_fold(L);
  return ul_fold_untold(L);
}

static int fold_functions(lua_State *L) {
  check_fold(L);
  return ul_fold_functions(L);
}

static int push_kept(lua_State *L, const ul_fold *fold,
                     const ul_fold_kept *kept) {
  if (kept->on_tape)
    lua_pushboolean(L, true);
  else
    lua_pushlstring(L, fold->kept.bytes + kept->bytes, kept->length);
  if (kept->has_key)
    lua_pushlstring(L, kept->key_length > 0 ? fold->kept.bytes + kept->key
                                            : "", kept->key_length);
  else
    lua_pushnil(L);
  lua_pushinteger(L, (lua_Integer)kept->number);
  return 3;
}

/* fold:doubt() -> the text of an item for Lua to judge, its key, and which
** item it is; true for the text where the item is the reader's next; nothing
** where there is none */
static int fold_doubt(lua_State *L) {
  ul_fold *fold = check_fold(L);
  if (fold->given < ul_fold_count_kept(&fold->doubts))
    return push_kept(L, fold, ul_fold_kept_at(&fold->doubts, fold->given++));
  fold->given = 0;
  ul_buffer_clear(&fold->doubts);
  if (fold->pending.length == 0) ul_buffer_clear(&fold->kept);
  return 0;
}

/* fold:first() -> the same of the first item since the last take; kept only
** where columns are late */
static int fold_first(lua_State *L) {
  const ul_fold *fold = check_fold(L);
  if (ul_fold_count_kept(&fold->pending) == 0) return 0;
  return push_kept(L, fold, ul_fold_kept_at(&fold->pending, 0));
}

/* fold:give_back(): what was not taken so far becomes doubts */
static int fold_give_back(lua_State *L) {
  ul_fold *fold = check_fold(L);
  luaL_argcheck(L, fold->holds, 1, "it does not hold its items");
  for (size_t i = 0; i < ul_fold_count_kept(&fold->pending); i++) {
    const ul_fold_kept *kept = ul_fold_kept_at(&fold->pending, i);
    if (kept->rows > 0 && !ul_buffer_append(&fold->doubts, (const char *)kept,
                                            sizeof *kept))
      ul_fail_memory(L);
  }
  ul_buffer_clear(&fold->pending);
  fold->rows = 0;
  return 0;
}

/* fold:derive(function): gives the derived columns of a row */
static int fold_derive(lua_State *L) {
  check_fold(L);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_settop(L, 2);
  lua_setiuservalue(L, 1, UL_FOLD_DERIVE);
  return 0;
}

/* fold:wait(is_wanted): whether all items are for Lua to judge from now on */
static int fold_wait(lua_State *L) {
  check_fold(L)->waits = lua_toboolean(L, 2);
  return 0;
}

/* fold:unique(item) -> the key of the item of this number, or nil where that
** is for Lua to say; nothing behind the last */
static int fold_unique(lua_State *L) {
  const ul_identity *identity = &check_fold(L)->identity;
  lua_Integer item = luaL_checkinteger(L, 2);
  luaL_argcheck(L, identity->has_key && item >= 1, 2, "there is no such key");
  if ((uint64_t)item > identity->items) return 0;
  size_t length;
  const char *key = ul_identity_key(identity, (uint64_t)item - 1, &length);
  if (key == NULL)
    lua_pushnil(L);
  else
    lua_pushlstring(L, key, length);
  return 1;
}

/* fold:again() -> which item, counted from 1, is the first that has the same
** `distinct` values as one before, and these values, false for what is not
** there; nothing where there is none */
static int fold_again(lua_State *L) {
  const ul_identity *identity = &check_fold(L)->identity;
  if (identity->again_item == 0) return 0;
  const char *at = identity->again.bytes;
  const char *end = at + identity->again.length;
  luaL_checkstack(L, UL_IDENTITY_VALUES + 1, NULL);
  lua_pushinteger(L, (lua_Integer)identity->again_item);
  int count = 1;
  for (; at < end; count++) {
    uint32_t length;
    memcpy(&length, at, sizeof length);
    at += sizeof length;
    if (length == UL_IDENTITY_ABSENT) {
      lua_pushboolean(L, false);
    } else {
      lua_pushlstring(L, at, length);
      at += length;
    }
  }
  return count;
}

/* fold:ends() -> the text of the first item and that of the last, of those that
** were on no tape; nothing where there is none */
static int fold_ends(lua_State *L) {
  const ul_identity *identity = &check_fold(L)->identity;
  const ul_buffer *first = &identity->first, *last = &identity->last;
  luaL_argcheck(L, identity->has_ends, 1, "it does not keep them");
  if (last->length == 0) last = first;
  if (first->length == 0) first = last;
  if (first->length == 0) return 0;
  lua_pushlstring(L, first->bytes, first->length);
  lua_pushlstring(L, last->bytes, last->length);
  return 2;
}

/* fold:mark() -> the text of the end mark, whether an item came behind it; nothing
** where it has not come */
static int fold_mark(lua_State *L) {
  const ul_mark *mark = &check_fold(L)->mark;
  if (!mark->is_seen) return 0;
  lua_pushlstring(L, mark->item.bytes, mark->item.length);
  lua_pushboolean(L, mark->is_behind);
  return 2;
}

/* fold:otherwise(column, value): what stands where an answer has nothing */
static int fold_otherwise(lua_State *L) {
  ul_fold *fold = check_fold(L);
  lua_Integer number = luaL_checkinteger(L, 2);
  luaL_argcheck(L, number >= 1 && number <= (lua_Integer)fold->column_count, 2,
                "there is no such column");
  ul_column *column = &fold->columns[number - 1];
  if (lua_isnoneornil(L, 3)) {
    column->otherwise = 0;
  } else if (column->kind == UL_COLUMN_BOOLEAN) {
    luaL_checktype(L, 3, LUA_TBOOLEAN);
    column->otherwise = lua_toboolean(L, 3) ? UL_CODE_TRUE : UL_CODE_FALSE;
  } else {
    size_t length;
    luaL_argexpected(L, lua_type(L, 3) == LUA_TSTRING &&
                          column->kind == UL_COLUMN_TEXT, 3, "text");
    const char *text = lua_tolstring(L, 3, &length);
    column->otherwise = ul_column_code(column, text, length);
    if (column->otherwise == 0) ul_fail_memory(L);
  }
  return 0;
}

/* fold:most(column, integer): the largest that it takes as it is */
static int fold_most(lua_State *L) {
  ul_fold *fold = check_fold(L);
  lua_Integer number = luaL_checkinteger(L, 2);
  lua_Integer most = luaL_checkinteger(L, 3);
  luaL_argcheck(L, number >= 1 && number <= (lua_Integer)fold->column_count, 2,
                "there is no such column");
  luaL_argcheck(L, most >= 0, 3, "the largest integer is 0 or more");
  fold->columns[number - 1].most = most;
  return 0;
}

/* Room for rows and items that do not come any more. */
static void free_batch(ul_fold *fold) {
  ul_item_free(&fold->item);
  ul_buffer_free(&fold->kept);
  ul_buffer_free(&fold->pending);
  ul_buffer_free(&fold->dead);
  for (uint32_t i = 0; i < fold->column_count; i++) {
    ul_buffer_free(&fold->columns[i].scratch);
    ul_buffer_free(&fold->columns[i].codes);
    ul_buffer_free(&fold->columns[i].figures);
  }
  fold->room = 0;
}

/* fold:finish() -> rows that were added up */
static int fold_finish(lua_State *L) {
  ul_fold *fold = check_fold(L);
  if (fold->keeps && !ul_fold_keep_rows(fold, 1)) ul_fail_memory(L);
  if (fold->rows == 0 && fold->doubts.length == 0) free_batch(fold);
  lua_pushinteger(L, (lua_Integer)fold->total_rows);
  return 1;
}

/* fold:kept() -> the rows that were kept; no more are taken */
static int fold_kept(lua_State *L) {
  ul_fold *fold = check_fold(L);
  luaL_argcheck(L, fold->keeps, 1, "it keeps no rows");
  ul_kept *kept = ul_rows_push(L);
  if (!ul_fold_keep_rows(fold, 1)) ul_fail_memory(L);
  for (uint32_t i = 0; i < fold->column_count; i++) {
    ul_dictionary texts = fold->keeping.columns[i].dictionary;
    fold->keeping.columns[i].dictionary = fold->columns[i].dictionary;
    fold->columns[i].dictionary = texts;
  }
  *kept = fold->keeping;
  fold->keeping = (ul_kept){.rows = 0};
  fold->keeps = false;
  return 1;
}

/* ---- the type ---- */

/* A reader that is inside an item of the fold's cannot go on. */
static void let_go(ul_json_select *select) {
  if (select->taker.item == NULL) return;
  select->taker.item = NULL;
  if (select->past_tape && select->read->error.kind == NULL)
    ul_json_refuse(select->read, "json", "closed",
                   "what takes the items was closed");
}

/* The reader may still be there, or be finalized with the fold: its memory
** is valid as long as it is a user value. */
static int fold_close(lua_State *L) {
  ul_fold *fold = luaL_checkudata(L, 1, FOLD);
  if (!fold->open) return 0;
  if (fold->select != NULL) let_go(fold->select);
  if (fold->csv != NULL) ul_csv_let_go(fold->csv);
  ul_fold_free(fold);
  return 0;
}

static int fold_tostring(lua_State *L) {
  const ul_fold *fold = luaL_checkudata(L, 1, FOLD);
  uint64_t rows = fold->total_rows + fold->rows;
  if (fold->open)
    lua_pushfstring(L, FOLD " (%I rows)", (lua_Integer)rows);
  else
    lua_pushliteral(L, FOLD " (closed)");
  return 1;
}

/* A fold without a reader, for rows that are kept. */
static int new_for_rows(lua_State *L) {
  lua_settop(L, 2);
  ul_fold *fold = lua_newuserdatauv(L, sizeof *fold, UL_FOLD_USER_VALUES);
  memset(fold, 0, sizeof *fold);
  luaL_setmetatable(L, FOLD);
  lua_pushvalue(L, 2);
  lua_setiuservalue(L, 3, UL_FOLD_JUDGE);
  lua_newtable(L);
  lua_setiuservalue(L, 3, UL_FOLD_SHOWN);
  ul_fold_read_spec(L, 1, fold);
  lua_settop(L, 3);
  return 1;
}

/* Whether items are gone once they are read, as long as nothing is odd. */
static bool adds_up(const ul_fold *fold) {
  return !fold->keeps && !fold->holds && !fold->has_late && !fold->has_filter;
}

/* Of a reader of JSON. */
static void take_items(lua_State *L, ul_fold *fold) {
  ul_json_select *select = ul_json_check_select(L, 3);
  luaL_argcheck(L, select->taker.item == NULL, 3,
                "another fold takes its items");
  luaL_argcheck(L, select->plan.has_rows, 3, "it has no rows");
  fold->plan = &select->plan;
  fold->select = select;
  ul_fold_read_spec(L, 1, fold);
  ul_json_set_taker(L, 3, 4, adds_up(fold));
  ul_select_set_taker(select, &(ul_select_taker){&fold->item,
                                                   ul_fold_take_item, fold});
}

/* Of a reader of CSV, whose columns are the names of an item. */
static void take_rows(lua_State *L, ul_fold *fold) {
  ul_csv *csv = ul_csv_check(L, 3, &fold->plan);
  luaL_argcheck(L, csv->taker.item == NULL, 3, "another fold takes its rows");
  ul_fold_read_spec(L, 1, fold);
  fold->csv = csv;
  ul_csv_set_taker(L, 3, 4,
                   (ul_csv_taker){&fold->item, ul_fold_take_row, fold});
}

/* core.fold(spec, judge[, reader]) -> fold, which takes the reader's items, or
** kept rows */
static int fold_new(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  if (lua_isnoneornil(L, 3)) return new_for_rows(L);
  lua_settop(L, 3);
  ul_fold *fold = lua_newuserdatauv(L, sizeof *fold, UL_FOLD_USER_VALUES);
  memset(fold, 0, sizeof *fold);
  luaL_setmetatable(L, FOLD);
  lua_pushvalue(L, 2);
  lua_setiuservalue(L, 4, UL_FOLD_JUDGE);
  lua_pushvalue(L, 3);
  lua_setiuservalue(L, 4, UL_FOLD_READER);
  lua_newtable(L);
  lua_setiuservalue(L, 4, UL_FOLD_SHOWN);
  if (ul_csv_is_reader(L, 3))
    take_rows(L, fold);
  else
    take_items(L, fold);
  lua_settop(L, 4);
  return 1;
}

static const luaL_Reg methods[] = {
  {"add", ul_fold_add},
  {"cell", fold_cell},           {"close", fold_close},
  {"condition", ul_fold_condition}, {"ends", fold_ends},
  {"again", fold_again},   {"give_back", fold_give_back}, {"unique", fold_unique},
  {"value", ul_fold_value},         {"wait", fold_wait},
  {"counts", ul_fold_counts},       {"derive", fold_derive},
  {"different", ul_fold_different},
  {"doubt", fold_doubt},         {"figure", ul_fold_figure},
  {"finish", fold_finish},       {"first", fold_first},
  {"functions", fold_functions}, {"kept", fold_kept},
  {"key", ul_fold_key},             {"mark", fold_mark},
  {"merge", ul_fold_merge},
  {"most", fold_most}, {"otherwise", fold_otherwise}, {"reading", ul_fold_reading},
  {"result", ul_fold_result},    {"row", fold_row},
  {"take", fold_take},           {"untold", fold_untold},
  {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
  {"__close", fold_close},
  {"__gc", fold_close},
  {"__index", NULL},
  {"__tostring", fold_tostring},
  {NULL, NULL},
};

int ul_open_fold(lua_State *L) {
  luaL_newmetatable(L, FOLD);
  luaL_setfuncs(L, metamethods, 0);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
  lua_pushcfunction(L, fold_new);
  return 1;
}
