/*
** What the binding files share: the userdata types and how values cross.
** usagelua.engine is a ul_multi; its user value ANCHORS maps the address of
** each exchange that a step may still hand out to its userdata, so that no
** easy handle is collected while libcurl has it, or, where the engine is told
** so, weakly, so that one that nobody holds ends; FAILURE is the function that
** makes the caller's errors of ours. usagelua.exchange is a pointer to a
** ul_exchange, NULL when it is closed; its user values keep the engine and the
** request's body. usagelua.series is a ul_slots.
*/
#ifndef UL_BINDING_H
#define UL_BINDING_H

#include <lauxlib.h>
#include <lua.h>

#include "exchange.h"
#include "failure.h"
#include "multi.h"

#define UL_ENGINE_TYPE "usagelua.engine"
#define UL_EXCHANGE_TYPE "usagelua.exchange"
#define UL_SERIES_TYPE "usagelua.series"

enum { UL_ENGINE_ANCHORS = 1, UL_ENGINE_FAILURE, UL_ENGINE_VALUES = 2 };
enum { UL_EXCHANGE_ENGINE = 1, UL_EXCHANGE_BODY, UL_EXCHANGE_VALUES = 2 };

/* Make the types' metatables; nothing is left on the stack. */
void ul_engine_register(lua_State *L);
void ul_exchange_register(lua_State *L);
void ul_series_register(lua_State *L);

/* usagelua.transfer.engine */
int ul_engine_new(lua_State *L);

/* The engine's method series; the engine is at 1, and open. */
int ul_series_new(lua_State *L);

/* usagelua.transfer.fields */
int ul_exchange_fields(lua_State *L);

/* Raises what Lua itself raises without memory. */
int ul_raise_memory(lua_State *L);

/* Pushes nil and the error table; raises where memory ran out. Returns 2. */
int ul_push_failure(lua_State *L, const ul_failure *failure);

/* Leaves the error on top of the stack as the engine at `engine` wants it.
** `sink` is the reader that refused, or 0. */
void ul_engine_translate(lua_State *L, int engine, int sink);

/* Pushes nil and the error as the engine at `engine` wants it. Returns 2. */
int ul_engine_refuse(lua_State *L, int engine, const ul_failure *failure);

/* Pushes the userdata of an exchange of the engine at `engine`, with none in it
** yet: closed. */
ul_exchange **ul_exchange_push_empty(lua_State *L, int engine);

/* Pushes a new exchange, closed, bound to the engine at `engine`. */
ul_exchange *ul_exchange_push(lua_State *L, int engine);

/* Closes the exchange at `index`: idempotent. */
void ul_exchange_close(lua_State *L, int index);

/* Raises where libcurl does not go on. */
void ul_engine_check(lua_State *L, CURLMcode code);

/* Lets the engine's next step hand out the exchange at `index`. */
void ul_engine_anchor(lua_State *L, int engine, int index);

/* Reads the request table at `table` into the exchange on top of the stack,
** which is going to be one of the multi handle's. Raises on values of a wrong
** type. False: refused, `failure` says why. */
bool ul_request_read(lua_State *L, int table, ul_multi *multi,
                     ul_exchange *exchange, ul_failure *failure);

/* Holds the request of the table at `table` to the hosts that it names, where
** it names some, and says how far it may reach. Raises and fails as
** ul_request_read. */
bool ul_hosts_read(lua_State *L, int table, ul_exchange *exchange,
                   ul_failure *failure);

/* Adds the credentials of the auth table at `index` (nil: none), each only
** where it may go. Raises and fails as ul_request_read. */
bool ul_authorization_add(lua_State *L, int index, ul_exchange *exchange,
                          ul_failure *failure);

#endif
