/*
** core.json.encode, .array and .object: from Lua values to JSON text.
*/
#ifndef UL_JSON_ENCODE_H
#define UL_JSON_ENCODE_H

#include <lua.h>

/* Sets the functions in the table at `module` (absolute). */
void ul_json_set_encode(lua_State *L, int module);

#endif
