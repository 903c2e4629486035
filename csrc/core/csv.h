/* What others in this folder need of core.csv's reader. */
#ifndef UL_CSV_H
#define UL_CSV_H

#include <lua.h>
#include <stdbool.h>

#include "csv_read.h"
#include "json_plan.h"

bool ul_csv_is_reader(lua_State *L, int index);

/* The rows of the reader at `index`, and a plan in which its wanted columns are
** the names of an item; raises where it is closed. They are the reader's. */
ul_csv *ul_csv_check(lua_State *L, int index, ul_json_plan **plan);

/* Rows go to the taker from now on, by the slots that the plan has; the value at
** `holder` is kept as long as the reader lives. */
void ul_csv_set_taker(lua_State *L, int index, int holder,
                      ul_csv_taker taker);

#endif
