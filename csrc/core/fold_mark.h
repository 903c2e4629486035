/*
** The end mark of an answer: an item that is no row, and says that those before
** it are all. It is known by values of its own. It owns its memory.
*/
#ifndef UL_FOLD_MARK_H
#define UL_FOLD_MARK_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "column.h"
#include "item.h"

enum { UL_MARK_TESTS = 8 };

typedef struct ul_mark_test {
  uint32_t slot; /* of the item */
  ul_item_type type;
  ul_figure figure;    /* of a number */
  size_t text, length; /* where a text is, among those of the mark */
} ul_mark_test;

typedef struct ul_mark {
  ul_mark_test tests[UL_MARK_TESTS];
  uint32_t count; /* 0: an answer has no mark */
  bool is_seen, is_behind; /* an item has come behind it */
  ul_buffer texts, item; /* what it was, as it came */
} ul_mark;

void ul_mark_init(ul_mark *mark);
void ul_mark_free(ul_mark *mark);

/* Another value that it is known by: a boolean, a number or a text on top of the
** stack, at that slot of the item. */
void ul_mark_add(lua_State *L, ul_mark *mark, uint32_t slot);

typedef enum ul_mark_found {
  UL_MARK_ROW,
  UL_MARK_TAKEN, /* it was the mark, or stands behind that */
  UL_MARK_NO_MEMORY
} ul_mark_found;

/* Of an item that was read: `bytes` is NULL where it is no object. */
ul_mark_found ul_mark_look_at(ul_mark *mark, const ul_item *item,
                              const char *bytes, size_t length);

/* The same; most answers have no mark. */
static inline ul_mark_found ul_mark_look(ul_mark *mark, const ul_item *item,
                                         const char *bytes, size_t length) {
  return mark->count == 0 && !mark->is_seen
           ? UL_MARK_ROW : ul_mark_look_at(mark, item, bytes, length);
}

#endif
