/*
** fold:add(rows, columns[, view]): rows that were kept (rows.h) go through the
** rules of a fold, batch by batch.
*/
#include <lauxlib.h>
#include <string.h>

#include "fail.h"
#include "fold.h"
#include "fold_batch.h"
#include "fold_judge.h"
#include "fold_row.h"
#include "rows.h"
#include "view.h"

/* Where a column's values come from. */
typedef struct supply {
  const ul_kept *kept;
  uint32_t column;       /* UL_NO_COLUMN: none */
  const uint32_t *codes; /* of texts: the fold's by those of the rows */
} supply;

/* Leaves what anchors it on the stack. */
static const uint32_t *translate_texts(lua_State *L, ul_column *to,
                                       const ul_dictionary *texts) {
  uint32_t *codes = lua_newuserdatauv(
    L, ((size_t)texts->count + 1) * sizeof *codes, 0);
  codes[0] = 0;
  for (uint32_t code = 1; code <= texts->count; code++) {
    size_t length;
    const char *text = ul_dictionary_text(texts, code, &length);
    codes[code] = ul_dictionary_add(&to->dictionary, text, length);
    if (codes[code] == 0) ul_fail_memory(L);
  }
  return codes;
}

static supply check_supply(lua_State *L, ul_column *to, const ul_kept *kept,
                           lua_Integer number) {
  supply from = {kept, UL_NO_COLUMN, NULL};
  luaL_argcheck(L, number >= 0 && number <= (lua_Integer)kept->column_count, 3,
                "there is no such column");
  if (number == 0) return from;
  from.column = (uint32_t)number - 1;
  luaL_argcheck(L, kept->columns[from.column].kind == to->kind, 3,
                "a column of another kind");
  if (to->kind == UL_COLUMN_TEXT)
    from.codes =
      translate_texts(L, to, &kept->columns[from.column].dictionary);
  return from;
}

static void fill_codes(uint32_t *codes, uint32_t code, size_t rows) {
  for (size_t i = 0; i < rows; i++) codes[i] = code;
}

static void copy_codes(uint32_t *codes, const supply *from,
                       const ul_kept_cells *cells, size_t at, size_t rows) {
  const uint32_t *source = cells->codes + at;
  if (from->codes == NULL)
    memcpy(codes, source, rows * sizeof *codes);
  else
    for (size_t i = 0; i < rows; i++) codes[i] = from->codes[source[i]];
}

static void copy_cells(ul_column *to, const supply *from,
                       const ul_kept_chunk *chunk, size_t at, size_t rows) {
  uint32_t *codes = ul_column_codes(to);
  if (from->column == UL_NO_COLUMN) {
    fill_codes(codes, to->otherwise, rows);
    return;
  }
  if (from->column >= chunk->columns) {
    fill_codes(codes, 0, rows);
    return;
  }
  const ul_kept_cells *cells = &chunk->cells[from->column];
  if (cells->codes != NULL)
    copy_codes(codes, from, cells, at, rows);
  else
    fill_codes(codes, from->codes != NULL ? from->codes[cells->code]
                                          : cells->code, rows);
  if (cells->figures != NULL)
    memcpy(ul_column_figures(to), cells->figures + at,
           rows * sizeof(ul_figure));
}

/* Rows of which a condition or a function cannot say what it thinks are left
** to Lua: their numbers go into the list at the top. */
static void judge_by_row(lua_State *L, ul_fold *fold, int functions,
                         size_t first_row) {
  for (size_t row = 0; row < fold->rows; row++) {
    if (row < fold->dead.length && fold->dead.bytes[row]) continue;
    if (ul_fold_judge_rows(L, fold, row, row + 1) &&
        ul_fold_filter_rows(L, fold, functions, row, row + 1) &&
        ul_fold_group_rows(L, fold, functions, row, row + 1))
      continue;
    if (!ul_fold_bury(fold, row, row + 1)) ul_fail_memory(L);
    lua_pushinteger(L, (lua_Integer)(first_row + row) + 1);
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
  }
}

/* Rows that nobody chose are dead from the beginning. */
static void bury_others(lua_State *L, ul_fold *fold, const bool *chosen) {
  for (size_t row = 0; row < fold->rows; row++)
    if (!chosen[row] && !ul_fold_bury(fold, row, row + 1)) ul_fail_memory(L);
}

static void add_slice(lua_State *L, ul_fold *fold, int functions,
                      const supply *from, const ul_kept_chunk *chunk,
                      size_t at, const bool *chosen) {
  size_t left = chunk->rows - at;
  size_t rows = left < UL_FOLD_BATCH_ROWS ? left : UL_FOLD_BATCH_ROWS;
  if (!ul_fold_make_room(fold, rows)) ul_fail_memory(L);
  for (uint32_t i = 0; i < fold->column_count; i++)
    if (!fold->columns[i].is_asked)
      copy_cells(&fold->columns[i], &from[i], chunk, at, rows);
  fold->rows = rows;
  if (chosen != NULL) bury_others(L, fold, chosen + chunk->before + at);
  if (!ul_fold_make_filters(fold)) ul_fail_memory(L);
  if (fold->has_filter || !ul_fold_judge_rows(L, fold, 0, rows))
    judge_by_row(L, fold, functions, chunk->before + at);
  if (!ul_fold_add_up(fold)) ul_fail_memory(L);
}

/* Of each of the rows whether the view at `index` has it; NULL without a view.
** Leaves what anchors it on the stack. */
static const bool *choose_rows(lua_State *L, int index, const ul_kept *kept) {
  if (lua_isnoneornil(L, index)) return NULL;
  const ul_kept *viewed;
  const ul_view *view = ul_view_check(L, index, &viewed);
  luaL_argcheck(L, viewed == kept, index, "a view on other rows");
  bool *chosen = lua_newuserdatauv(L, kept->rows + 1, 0);
  memset(chosen, 0, kept->rows + 1);
  for (size_t i = 0; i < view->count; i++)
    chosen[ul_view_number(view, i)] = true;
  return chosen;
}

/* fold:add(rows, columns[, view]) -> the numbers of rows for Lua to judge. Adds
** kept rows up, those of the view alone; `columns` says for each of the fold's
** which of theirs it is, or 0. Only of a fold without a reader. */
int ul_fold_add(lua_State *L) {
  ul_fold *fold = ul_fold_check(L, 1);
  const ul_kept *kept = ul_rows_check(L, 2);
  luaL_checktype(L, 3, LUA_TTABLE);
  luaL_argcheck(L, fold->plan == NULL && !fold->keeps, 1,
                "it takes the items of a reader");
  lua_settop(L, 4);
  luaL_checkstack(L, (int)fold->column_count + 8, "too many columns");
  const bool *chosen = choose_rows(L, 4, kept);
  supply *from = lua_newuserdatauv(
    L, ((size_t)fold->column_count + 1) * sizeof *from, 0);
  for (uint32_t i = 0; i < fold->column_count; i++) {
    lua_rawgeti(L, 3, (lua_Integer)i + 1);
    lua_Integer number = luaL_optinteger(L, -1, 0);
    lua_pop(L, 1);
    from[i] = check_supply(L, &fold->columns[i], kept, number);
  }
  int functions = fold->has_filter ? ul_fold_push_functions(L, fold) : 0;
  lua_newtable(L);
  for (uint32_t i = 0; i < ul_kept_chunk_count(kept); i++) {
    const ul_kept_chunk *chunk = ul_kept_chunk_at(kept, i);
    for (size_t at = 0; at < chunk->rows; at += UL_FOLD_BATCH_ROWS)
      add_slice(L, fold, functions, from, chunk, at, chosen);
  }
  return 1;
}
