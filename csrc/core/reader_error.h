/*
** What is wrong with the bytes of a reader, for Lua: one table, however often
** it is asked for.
*/
#ifndef UL_READER_ERROR_H
#define UL_READER_ERROR_H

#include <lua.h>
#include <stdint.h>

/* Pushes the table of a reader's error. */
typedef void ul_reader_error_push(lua_State *L, void *reader);

/* Pushes nil and the error of the reader at `index`, which its user value
** `place` holds from the first time on: 2. */
int ul_reader_error(lua_State *L, int index, int place,
                    ul_reader_error_push *push, void *reader);

/* For `push`: the table with kind and code; and a number in it. */
void ul_reader_error_open(lua_State *L, const char *kind, const char *code);
void ul_reader_error_count(lua_State *L, const char *name, uint64_t value);

#endif
