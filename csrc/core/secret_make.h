/* What other parts of core need to make secrets: those that no variable and
** no file holds (secret.c). */
#ifndef UL_SECRET_MAKE_H
#define UL_SECRET_MAKE_H

#include <lua.h>

#include "secret.h"

/* A host that a secret is to be bound to; raises for what may not be one. */
ul_origin ul_secret_checkorigin(lua_State *L, int index);

/* Pushes a hidden secret with a copy of the bytes, name and origins (at least
** one) of `wanted`, masked in all text from now on. Where the value can be no
** key, what is wrong with it comes back, a static text: not to be used then.
** May raise (memory). */
const char *ul_secret_push(lua_State *L, const ul_secret *wanted);

#endif
