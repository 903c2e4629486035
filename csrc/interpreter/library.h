/*
** Where the interpreter finds usagelua's own Lua modules: a folder beside the
** binary that bears its version, else the copies linked in. Never the
** current folder.
*/
#ifndef UL_LIBRARY_H
#define UL_LIBRARY_H

#include <lua.h>

/* Puts the searchers for `usagelua`, `usagelua.*` and what is linked in
** before Lua's own, and the folder found on Lua's path; [-0, +0], may raise. */
void ul_library_install(lua_State *L);

/* Pushes the folder found beside the binary, or nil. */
void ul_library_push_root(lua_State *L);

/* Pushes the text of the linked-in module `name`, or nil. */
void ul_library_push_embedded(lua_State *L, const char *name);

#endif
