/*
** Where the interpreter finds usagelua's own Lua modules: a folder beside the
** binary that bears its version, else the copies linked in. Never the
** current folder.
*/
#ifndef UL_LIBRARY_H
#define UL_LIBRARY_H

#include <lua.h>

/* Puts the searcher for `usagelua` and `usagelua.*` in front of Lua's own,
** and the linked-in modules behind them; [-0, +0], may raise. */
void ul_library_install(lua_State *L);

/* Pushes the folder found beside the binary, or nil. */
void ul_library_push_root(lua_State *L);

/* Pushes the text of the linked-in module `name`, or nil. */
void ul_library_push_embedded(lua_State *L, const char *name);

#endif
