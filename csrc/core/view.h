/* What others in this folder need of views on kept rows (view.c). */
#ifndef UL_VIEW_H
#define UL_VIEW_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "figure.h"
#include "kept.h"

#define UL_VIEW_NONE UINT32_MAX

typedef struct ul_view_column {
  uint32_t column; /* of the rows, or UL_VIEW_NONE: nothing stands in it */
  ul_scale scale;
} ul_view_column;

typedef struct ul_view {
  bool is_open;
  uint32_t *numbers; /* of the rows, from 0; NULL: all as they stand */
  size_t count;
  uint32_t column_count;
  ul_view_column columns[];
} ul_view;

/* core.rows.view(rows, columns) -> view; each column { column =, numerator =,
** denominator = } */
int ul_view_new(lua_State *L);

/* Makes the type. */
void ul_view_register(lua_State *L);

/* The view at `index`, and its rows; raises where there is none. */
ul_view *ul_view_check(lua_State *L, int index, const ul_kept **kept);

static inline size_t ul_view_number(const ul_view *view, size_t row) {
  return view->numbers != NULL ? view->numbers[row] : row;
}

/* A value of the row at a place of a chunk, as the view has it. */
static inline ul_column_value ul_view_value_in(const ul_view *view,
                                               const ul_kept *kept,
                                               const ul_kept_chunk *chunk,
                                               size_t at, uint32_t column) {
  const ul_view_column *of = &view->columns[column];
  if (of->column == UL_VIEW_NONE) return (ul_column_value){.code = 0};
  ul_column_value value = ul_kept_value(chunk, of->column, at);
  if (kept->columns[of->column].kind == UL_COLUMN_NUMBER)
    value = ul_figure_scale(value, of->scale);
  return value;
}

/* Rows that are read one after another lie far apart where they are sorted:
** asks for one that comes soon after this one. */
void ul_view_look_ahead(const ul_view *view, const ul_kept *kept, size_t row);

/* A value of a row, from 0, in the view's order. */
ul_column_value ul_view_value(const ul_view *view, const ul_kept *kept,
                              size_t row, uint32_t column);

#endif
