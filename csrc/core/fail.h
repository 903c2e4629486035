/*
** The plain form of an error from core: a table { kind=, message=, code= }
** that prints as its message; errors.from makes the error object of it.
*/
#ifndef UL_FAIL_H
#define UL_FAIL_H

#include <lua.h>

/* Pushes nil and the error, for `return ul_fail_push(L, "io", ...)`: 2. The
** formats are lua_pushfstring's. */
int ul_fail_push(lua_State *L, const char *kind, const char *format, ...);

/* The same for a failed system call: "WHAT PATH: No such file or directory",
** code = "ENOENT". `error` is errno, saved by the caller; lack of memory
** raises. */
int ul_fail_system(lua_State *L, const char *what, const char *path,
                   int error);

/* Raises the error instead. */
int ul_fail_raise(lua_State *L, const char *kind, const char *format, ...);

/* Raises what Lua itself raises without memory. */
_Noreturn void ul_fail_memory(lua_State *L);

#endif
