/* The rows of a view as text (view_text.c). */
#ifndef UL_VIEW_TEXT_H
#define UL_VIEW_TEXT_H

#include <lua.h>

/* view:text(first, last, form) -> text */
int ul_view_text(lua_State *L);

#endif
