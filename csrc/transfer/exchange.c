/*
** The userdata usagelua.exchange: one request on its way and its answer.
** Methods read what has come; nothing here waits.
*/
#include "exchange.h"

#include <string.h>

#include "binding.h"
#include "delivery.h"
#include "easy.h"
#include "feeding.h"
#include "field.h"
#include "sink.h"

#define FEED_BYTES ((size_t)1 << 20)  /* for one call of feed */
#define FEED_TO_ADD_BYTES ((size_t)4 << 20)

/* The functions have the metatable as their upvalue: looking for it by name
** costs more than what most of them do. */
static ul_exchange **tobox(lua_State *L) {
  bool is_one = lua_getmetatable(L, 1) &&
                lua_rawequal(L, -1, lua_upvalueindex(1));
  if (!is_one) return luaL_checkudata(L, 1, UL_EXCHANGE_TYPE);
  lua_pop(L, 1);
  return lua_touserdata(L, 1);
}

static ul_exchange *checkexchange(lua_State *L) {
  ul_exchange *exchange = *tobox(L);
  if (exchange == NULL || exchange->multi == NULL)
    luaL_error(L, "attempt to use a closed %s", UL_EXCHANGE_TYPE);
  return exchange;
}

ul_exchange **ul_exchange_push_empty(lua_State *L, int engine) {
  engine = lua_absindex(L, engine);
  ul_exchange **box = lua_newuserdatauv(L, sizeof(void *), UL_EXCHANGE_VALUES);
  *box = NULL;
  luaL_setmetatable(L, UL_EXCHANGE_TYPE);
  lua_pushvalue(L, engine);
  lua_setiuservalue(L, -2, UL_EXCHANGE_ENGINE);
  return box;
}

ul_exchange *ul_exchange_push(lua_State *L, int engine) {
  engine = lua_absindex(L, engine);
  ul_exchange **box = ul_exchange_push_empty(L, engine);
  *box = ul_multi_new_exchange(lua_touserdata(L, engine));
  if (*box == NULL) ul_raise_memory(L);
  return *box;
}

/* --- closing --- */

static void unanchor(lua_State *L, int index, const ul_exchange *exchange) {
  lua_getiuservalue(L, index, UL_EXCHANGE_ENGINE);
  lua_getiuservalue(L, -1, UL_ENGINE_ANCHORS);
  lua_pushnil(L);
  lua_rawsetp(L, -2, exchange);
  lua_pop(L, 2);
}

/* Gives what is in the box back to the engine that it came from. */
static void empty(lua_State *L, int index) {
  ul_exchange **box = lua_touserdata(L, index);
  ul_exchange *exchange = *box;
  *box = NULL;
  lua_getiuservalue(L, index, UL_EXCHANGE_ENGINE);
  ul_multi_free_exchange(lua_touserdata(L, -1), exchange);
  lua_pop(L, 1);
}

void ul_exchange_close(lua_State *L, int index) {
  ul_exchange *exchange = *(ul_exchange **)lua_touserdata(L, index);
  index = lua_absindex(L, index);
  if (exchange == NULL) return;
  if (exchange->multi != NULL) {
    ul_multi_forget(exchange);
    exchange->multi = NULL;
    unanchor(L, index, exchange);
  }
  if (!exchange->is_lending) empty(L, index);
}

static int exchange_close(lua_State *L) {
  (void)tobox(L);
  ul_exchange_close(L, 1);
  return 0;
}

/* Nobody is reading any more, whatever a raised error has left behind. */
static int exchange_gc(lua_State *L) {
  ul_exchange *exchange = *tobox(L);
  if (exchange != NULL) exchange->is_lending = false;
  return exchange_close(L);
}

/* --- reading --- */

/* Handing a piece to Lua or to a sink may raise, and may run finalizers that
** close the exchange. Between lend and take_back the body stays where it is;
** a piece that was not taken back is lost, and so is the answer. */
static void lend(ul_exchange *exchange) {
  exchange->is_lending = true;
}

static void take_back(lua_State *L, ul_exchange *exchange) {
  exchange->is_lending = false;
  if (exchange->multi == NULL) {
    empty(L, 1);
    luaL_error(L, "%s was closed while it was read", UL_EXCHANGE_TYPE);
  }
}

static void note_lost(ul_exchange *exchange) {
  if (exchange->is_lending)
    ul_failure_note(&exchange->failure, "cut", "lost",
                    "a piece of the answer from %s was lost: its reader raised "
                    "an error",
                    exchange->host);
}

/* The error on top of the stack, as the exchange's engine wants it. */
static void translate(lua_State *L, int sink) {
  lua_getiuservalue(L, 1, UL_EXCHANGE_ENGINE);
  lua_insert(L, -2);
  ul_engine_translate(L, lua_gettop(L) - 1, sink);
  lua_remove(L, -2);
}

/* With `sent`: whether the request had gone out, wholly or in part. */
static int push_exchange_failure(lua_State *L, const ul_exchange *exchange) {
  int count = ul_push_failure(L, &exchange->failure);
  lua_pushboolean(L, exchange->was_sent);
  lua_setfield(L, -2, "sent");
  translate(L, 0);
  return count;
}

/* What stands for all that is no piece: nil and a word, or nil and an error. */
static int push_no_piece(lua_State *L, const ul_exchange *exchange,
                         ul_delivery delivery) {
  if (delivery == UL_DELIVERY_FAIL)
    return push_exchange_failure(L, exchange);
  lua_pushnil(L);
  lua_pushstring(L, delivery == UL_DELIVERY_END ? "end" : "wait");
  return 2;
}

static int read_piece(lua_State *L, ul_exchange *exchange) {
  ul_scratch scratch;
  ul_piece piece;
  note_lost(exchange);
  ul_delivery delivery =
    ul_delivery_next(exchange, scratch, sizeof scratch, &piece);
  if (delivery != UL_DELIVERY_PIECE)
    return push_no_piece(L, exchange, delivery);
  lend(exchange);
  lua_pushlstring(L, piece.bytes, piece.length);
  take_back(L, exchange);
  return 1;
}

/* exchange:read() -> piece | nil, "wait" | nil, "end" | nil, err */
static int exchange_read(lua_State *L) {
  return read_piece(L, checkexchange(L));
}

/* Whether nothing can follow what was just handed out, and all was well. */
static bool is_through(const ul_exchange *exchange) {
  return exchange->phase == UL_PHASE_ENDED && !exchange->body.is_gzip &&
         exchange->body.body_bytes == exchange->body.wire_bytes &&
         !ul_has_failed(&exchange->failure);
}

/* exchange:pull() -> as read, or the last piece, "end" */
static int exchange_pull(lua_State *L) {
  ul_exchange *exchange = checkexchange(L);
  int count = read_piece(L, exchange);
  if (count > 1 || !is_through(exchange)) return count;
  lua_pushliteral(L, "end");
  return 2;
}

static bool give(lua_State *L, ul_exchange *exchange, const ul_piece *piece) {
  ul_sink *sink = lua_touserdata(L, 2);
  lend(exchange);
  bool is_taken = sink->write(L, 2, piece->bytes, piece->length);
  take_back(L, exchange);
  return is_taken;
}

/* More is at hand than one call gives: the next step says so at once. */
static int push_more(lua_State *L, ul_exchange *exchange) {
  lua_getiuservalue(L, 1, UL_EXCHANGE_ENGINE);
  ul_engine_anchor(L, lua_gettop(L), 1);
  ul_multi_mark(exchange);
  lua_pushstring(L, "wait");
  return 1;
}

static int push_sink_failure(lua_State *L) {
  ul_failure failure = {0};
  ul_failure_note(&failure, "sink", NULL, "the reader takes no more");
  int count = ul_push_failure(L, &failure);
  translate(L, 2);
  return count;
}

static int push_state(lua_State *L, const ul_exchange *exchange,
                      ul_delivery delivery) {
  if (delivery == UL_DELIVERY_FAIL)
    return push_exchange_failure(L, exchange);
  lua_pushstring(L, delivery == UL_DELIVERY_END ? "end" : "wait");
  return 1;
}

/* Lua is only asked where there is something else to do, or nothing. */
static ul_delivery fetch(lua_State *L, ul_exchange *exchange, char *scratch,
                         ul_piece *piece) {
  CURLMcode code;
  note_lost(exchange);
  ul_delivery delivery =
    ul_feeding_next(exchange, scratch, UL_PIECE_BYTES, piece, &code);
  ul_engine_check(L, code);
  return delivery;
}

/* What a feeding beside came to. */
static int push_fed(lua_State *L, const ul_feeding *feeding) {
  ul_exchange *exchange = feeding->exchange;
  ul_engine_check(L, feeding->code);
  if (!feeding->is_taken) {
    (void)give(L, exchange, &(ul_piece){"", 0});
    return push_sink_failure(L);
  }
  if (feeding->delivery == UL_DELIVERY_PIECE) return push_more(L, exchange);
  return push_state(L, exchange, feeding->delivery);
}

/* exchange:feed(sink) -> "wait" | "end" | nil, err */
static int exchange_feed(lua_State *L) {
  ul_exchange *exchange = checkexchange(L);
  luaL_argexpected(L, ul_tosink(L, 2) != NULL, 2, "sink");
  ul_sink *sink = lua_touserdata(L, 2);
  const size_t most = sink->adds_up ? FEED_TO_ADD_BYTES : FEED_BYTES;
  ul_scratch scratch[2];
  ul_piece piece;
  for (size_t given = 0; given < most; given += piece.length) {
    ul_delivery delivery = fetch(L, exchange, *scratch, &piece);
    if (delivery != UL_DELIVERY_PIECE)
      return push_state(L, exchange, delivery);
    ul_feeding feeding = {.exchange = exchange, .sink = sink,
                          .scratch = scratch, .delivery = delivery,
                          .piece = piece, .given = given, .is_taken = true};
    if (ul_feeding_pays(exchange, sink, &piece) &&
        ul_feeding_run(&feeding, most))
      return push_fed(L, &feeding);
    if (!give(L, exchange, &piece)) return push_sink_failure(L);
  }
  return push_more(L, exchange);
}

/* --- looking --- */

/* exchange:status() -> integer, or nil before the headers are complete */
static int exchange_status(lua_State *L) {
  const ul_answer *answer = &checkexchange(L)->answer;
  if (answer->is_complete)
    lua_pushinteger(L, answer->status);
  else
    lua_pushnil(L);
  return 1;
}

/* exchange:ended() -> whether nothing more comes: all that is to be read is
** here, or it has failed */
static int exchange_ended(lua_State *L) {
  lua_pushboolean(L, checkexchange(L)->phase == UL_PHASE_ENDED);
  return 1;
}

/* Adds `value` to what stands under the name: nothing, a string, a list. */
static void collect(lua_State *L, int headers, const char *name,
                    const char *value) {
  switch (lua_getfield(L, headers, name)) {
    case LUA_TNIL:
      lua_pop(L, 1);
      lua_pushstring(L, value);
      break;
    case LUA_TSTRING:
      lua_createtable(L, 2, 0);
      lua_insert(L, -2);
      lua_rawseti(L, -2, 1);
      lua_pushstring(L, value);
      lua_rawseti(L, -2, 2);
      break;
    default:
      lua_pushstring(L, value);
      lua_rawseti(L, -2, luaL_len(L, -2) + 1);
  }
  lua_setfield(L, headers, name);
}

/* Pushes the strings of the list on top of the stack, joined by commas
** (RFC 9110 5.3). */
static void push_joined(lua_State *L) {
  int list = lua_gettop(L);
  lua_Integer count = luaL_len(L, list);
  luaL_Buffer text;
  luaL_buffinit(L, &text);
  for (lua_Integer i = 1; i <= count; i++) {
    if (i > 1) luaL_addstring(&text, ", ");
    lua_rawgeti(L, list, i);
    luaL_addvalue(&text);
  }
  luaL_pushresult(&text);
}

static void join_lists(lua_State *L, int headers) {
  lua_pushnil(L);
  while (lua_next(L, headers)) {
    if (lua_istable(L, -1)) {
      lua_pushvalue(L, -2);  /* key list key */
      lua_insert(L, -2);     /* key key list */
      push_joined(L);
      lua_remove(L, -2);     /* key key text */
      lua_rawset(L, headers);
    } else {
      lua_pop(L, 1);
    }
  }
}

/* Pushes fields (name NUL value NUL ...) as a table. */
static void push_fields(lua_State *L, const char *fields, size_t length) {
  const char *end = fields + length;
  lua_newtable(L);
  int headers = lua_gettop(L);
  while (fields < end) {
    const char *value = fields + strlen(fields) + 1;
    if (value >= end) break;
    collect(L, headers, fields, value);
    fields = value + strlen(value) + 1;
  }
  join_lists(L, headers);
}

/* exchange:headers() -> table, or nil before they are complete */
static int exchange_headers(lua_State *L) {
  const ul_answer *answer = &checkexchange(L)->answer;
  if (answer->is_complete)
    push_fields(L, answer->fields.bytes, answer->fields.length);
  else
    lua_pushnil(L);
  return 1;
}

/* exchange:fields() -> string for transfer.fields, or nil */
static int exchange_fields(lua_State *L) {
  const ul_answer *answer = &checkexchange(L)->answer;
  if (answer->is_complete)
    lua_pushlstring(L, answer->fields.bytes, answer->fields.length);
  else
    lua_pushnil(L);
  return 1;
}

/* transfer.fields(string) -> table, as exchange:headers() would have given */
int ul_exchange_fields(lua_State *L) {
  size_t length;
  const char *fields = luaL_checklstring(L, 1, &length);
  luaL_argcheck(L, length == 0 || fields[length - 1] == '\0', 1,
                "what exchange:fields() gave expected");
  push_fields(L, fields, length);
  return 1;
}

static void set_number(lua_State *L, const char *name, double value) {
  lua_pushnumber(L, value);
  lua_setfield(L, -2, name);
}

static void set_count(lua_State *L, const char *name, uint64_t value) {
  lua_pushinteger(L, (lua_Integer)value);
  lua_setfield(L, -2, name);
}

static void set_flag(lua_State *L, const char *name, bool value) {
  lua_pushboolean(L, value);
  lua_setfield(L, -2, name);
}

static void set_text(lua_State *L, const char *name, const char *value) {
  lua_pushstring(L, value);  /* NULL is nil */
  lua_setfield(L, -2, name);
}

/* exchange:facts() -> table */
static int exchange_facts(lua_State *L) {
  const ul_exchange *exchange = checkexchange(L);
  ul_facts facts = exchange->facts;
  if (exchange->easy != NULL &&
      ul_easy_read_facts(exchange->easy, &facts) != CURLE_OK)
    facts = exchange->facts;
  lua_createtable(L, 0, 11);
  set_text(L, "http", facts.http);
  set_number(L, "connect_s", facts.connect_s);
  set_number(L, "first_byte_s", facts.first_byte_s);
  set_number(L, "total_s", facts.total_s);
  set_flag(L, "reused", facts.is_reused);
  set_flag(L, "sent", exchange->was_sent);
  set_count(L, "header_bytes", exchange->answer.header_bytes);
  set_count(L, "wire_bytes", exchange->body.wire_bytes);
  set_count(L, "body_bytes", exchange->body.body_bytes);
  if (exchange->answer.is_complete)
    set_text(L, "framing", ul_framing_name(exchange->answer.framing));
  if (exchange->answer.is_complete && exchange->answer.is_gzip)
    set_text(L, "coding", "gzip");
  return 1;
}

static const char *state(const ul_exchange *exchange) {
  if (ul_has_failed(&exchange->failure)) return "failed";
  return exchange->phase == UL_PHASE_ENDED ? "ended" : "in flight";
}

static int exchange_tostring(lua_State *L) {
  const ul_exchange *exchange = *tobox(L);
  if (exchange == NULL || exchange->multi == NULL)
    lua_pushfstring(L, "%s (closed)", UL_EXCHANGE_TYPE);
  else
    lua_pushfstring(L, "%s (%s %s, %s)", UL_EXCHANGE_TYPE, exchange->method,
                    exchange->host, state(exchange));
  return 1;
}

static const luaL_Reg methods[] = {
  {"close", exchange_close},
  {"ended", exchange_ended},
  {"facts", exchange_facts},
  {"feed", exchange_feed},
  {"fields", exchange_fields},
  {"headers", exchange_headers},
  {"pull", exchange_pull},
  {"read", exchange_read},
  {"status", exchange_status},
  {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
  {"__close", exchange_close},
  {"__gc", exchange_gc},
  {"__index", NULL},
  {"__tostring", exchange_tostring},
  {NULL, NULL},
};

void ul_exchange_register(lua_State *L) {
  luaL_newmetatable(L, UL_EXCHANGE_TYPE);
  lua_pushvalue(L, -1);
  luaL_setfuncs(L, metamethods, 1);
  luaL_newlibtable(L, methods);
  lua_pushvalue(L, -2);
  luaL_setfuncs(L, methods, 1);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}
