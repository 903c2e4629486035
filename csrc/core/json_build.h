/*
** The Lua value of a whole text of JSON (json_document.h). Tables are made
** with their size, and the key strings of shapes once.
*/
#ifndef UL_JSON_BUILD_H
#define UL_JSON_BUILD_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

/* Pushes the value of the text; false, and pushes nothing, where it is left
** to the reader. May raise (memory). `keys` is where ul_json_push_keys left its
** value; `place` an index, nil at first, of what is kept from call to call: it
** is not there during a call, so that a finalizer may decode, too. */
bool ul_json_build(lua_State *L, int keys, int place, const char *text,
                   size_t length, size_t max_depth);

#endif
