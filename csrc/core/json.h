/* What others in this folder need of core.json's reader. */
#ifndef UL_JSON_H
#define UL_JSON_H

#include <lua.h>

#include "json_select.h"

/* The selection of the reader at `index`; raises where there is none. It is
** the reader's. */
ul_json_select *ul_json_check_select(lua_State *L, int index);

/* Keeps the value at `taker` as long as the reader at `index` lives. Whether it
** adds items up: see sink.h. */
void ul_json_set_taker(lua_State *L, int index, int taker, bool adds_up);

#endif
