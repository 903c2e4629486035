/*
** Room in Lua's memory for much that is about to be made and stays: while it
** is made, a collector that looks at it again and again finds nothing to free.
*/
#ifndef UL_ROOM_H
#define UL_ROOM_H

#include <lua.h>
#include <stddef.h>

/* Where so many bytes are much beside all that Lua holds, what is garbage by
** then is collected at once, and the collector rests until they are made.
** So Lua never holds more than what lived before and what is made. */
void ul_make_room(lua_State *L, size_t bytes);

#endif
