/* What the other parts of core ask of the mask set of their Lua state. */
#ifndef UL_MASK_H
#define UL_MASK_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

/* From now on masked in all text of this state; false for what is shorter
** than eight characters and is not taken. May raise (memory). */
bool ul_mask_add(lua_State *L, const char *bytes, size_t length);

/* UTF-8 characters in the bytes; a stray byte counts as it falls. */
size_t ul_mask_characters(const char *bytes, size_t length);

#endif
