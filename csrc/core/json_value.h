/*
** From tapes (json_tape.h) to Lua values: tables are made with their size,
** keys that come again and again are made into Lua strings once.
*/
#ifndef UL_JSON_VALUE_H
#define UL_JSON_VALUE_H

#include <lua.h>
#include <stdint.h>

/* The name of the metatable that marks a table as an array. */
#define UL_JSON_ARRAY "usagelua.json.array"

/* Pushes what the other functions need of a state: a userdata, `keys`. */
void ul_json_push_keys(lua_State *L);

/* The seed for all hashes on the tapes. */
uint64_t ul_json_seed(lua_State *L, int keys);

/* Pushes the value at `at` and gives the place behind it. The tape must stay
** until it returns. May raise (memory). `depth` is the deepest it can be. */
const char *ul_json_push_value(lua_State *L, int keys, const char *at,
                               int depth);

#endif
