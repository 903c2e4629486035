/*
** Reads a request table into an exchange: method, URL, header fields, body,
** limits. A value of a wrong type raises; what may not be sent is refused.
*/
#include <math.h>
#include <string.h>

#include "binding.h"
#include "field.h"
#include "url.h"

#define DEFAULT_MAX_HEADER_BYTES 262144
#define DEFAULT_BUFFER_BYTES (96 << 10) /* stays in the cache */
#define DEFAULT_MAX_BODY_BYTES ((lua_Integer)8 << 30)

/* --- single values of the table; each leaves the stack as it was --- */

static double take_seconds(lua_State *L, int table, const char *name,
                           double otherwise) {
  double value = otherwise;
  if (lua_getfield(L, table, name) != LUA_TNIL) {
    int is_number;
    value = lua_tonumberx(L, -1, &is_number);
    if (!is_number || isnan(value) || value <= 0)
      luaL_error(L, "request.%s: seconds above 0 expected, got %s", name,
                 luaL_tolstring(L, -1, NULL));
  }
  lua_pop(L, 1);
  return value;
}

static lua_Integer take_bytes(lua_State *L, int table, const char *name,
                              lua_Integer otherwise) {
  lua_Integer value = otherwise;
  if (lua_getfield(L, table, name) != LUA_TNIL) {
    int is_integer;
    value = lua_tointegerx(L, -1, &is_integer);
    if (!is_integer || value < 0)
      luaL_error(L, "request.%s: a whole number of bytes expected, got %s",
                 name, luaL_tolstring(L, -1, NULL));
  }
  lua_pop(L, 1);
  return value;
}

/* The text stays valid as long as the table holds it. */
static ul_text take_text(lua_State *L, int table, const char *name) {
  ul_text text = {NULL, 0};
  int type = lua_getfield(L, table, name);
  if (type == LUA_TSTRING)
    text.bytes = lua_tolstring(L, -1, &text.length);
  else if (type != LUA_TNIL)
    luaL_error(L, "request.%s: a string expected, got %s", name,
               luaL_typename(L, -1));
  lua_pop(L, 1);
  return text;
}

static bool take_flag(lua_State *L, int table, const char *name,
                      bool otherwise) {
  bool value = otherwise;
  if (lua_getfield(L, table, name) != LUA_TNIL) value = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return value;
}

/* --- the parts of a request --- */

static bool is_upper_token(ul_text method) {
  for (size_t i = 0; i < method.length; i++)
    if (method.bytes[i] >= 'a' && method.bytes[i] <= 'z') return false;
  return ul_field_is_token(method);
}

static bool is_tunnel(const char *method) {
  return strcmp(method, "CONNECT") == 0 || strcmp(method, "TRACE") == 0;
}

static bool read_method(lua_State *L, int table, ul_exchange *exchange,
                        ul_failure *failure) {
  ul_text method = take_text(L, table, "method");
  if (method.bytes == NULL) method = (ul_text){"GET", 3};
  if (method.length >= sizeof exchange->method || !is_upper_token(method))
    return ul_failure_note(failure, "usage", "method",
                           "the method '%.40s' is none; write GET, POST, ... "
                           "in upper case",
                           method.bytes);
  memcpy(exchange->method, method.bytes, method.length);
  if (is_tunnel(exchange->method))
    return ul_failure_note(failure, "usage", "method",
                           "the method %s is not sent", exchange->method);
  return true;
}

static bool read_url(lua_State *L, int table, ul_site *site,
                     ul_exchange *exchange, ul_failure *failure) {
  ul_text url = take_text(L, table, "url");
  if (url.bytes == NULL)
    luaL_error(L, "request.url: a string expected, got nil");
  if (!ul_url_open(url.bytes, url.length, &exchange->url, site, failure))
    return false;
  exchange->origin = site->origin;
  ul_origin_print_short(&exchange->origin, exchange->host);
  return true;
}

static ul_text check_field_part(lua_State *L, int pair, int place,
                                lua_Integer number) {
  ul_text text;
  if (lua_rawgeti(L, pair, place) != LUA_TSTRING)
    luaL_error(L, "request.headers[%I]: { name, value } of strings expected, "
               "got %s", number, luaL_typename(L, -1));
  text.bytes = lua_tolstring(L, -1, &text.length);
  lua_pop(L, 1);
  return text;
}

static bool check_field(ul_text name, ul_text value, ul_failure *failure) {
  if (!ul_field_is_token(name))
    return ul_failure_note(failure, "usage", "header",
                           "'%.60s' is no name of a header field", name.bytes);
  if (ul_field_is_reserved(name))
    return ul_failure_note(failure, "usage", "header",
                           "the header field %s is written by the transfer "
                           "itself; leave it out",
                           name.bytes);
  if (!ul_field_is_value(value))
    return ul_failure_note(failure, "usage", "header",
                           "the value of the header field %s holds a line end "
                           "or another control character",
                           name.bytes);
  return true;
}

static bool read_field(lua_State *L, int pair, lua_Integer number,
                       ul_exchange *exchange, ul_failure *failure) {
  ul_text name = check_field_part(L, pair, 1, number);
  ul_text value = check_field_part(L, pair, 2, number);
  if (!check_field(name, value, failure)) return false;
  return ul_field_add(&exchange->fields, name, (ul_text){"", 0}, value) ||
         ul_failure_memory(failure);
}

static bool read_fields(lua_State *L, int table, ul_exchange *exchange,
                        ul_failure *failure) {
  bool is_good = true;
  int type = lua_getfield(L, table, "headers");
  if (type != LUA_TNIL && type != LUA_TTABLE)
    luaL_error(L, "request.headers: a list expected, got %s",
               luaL_typename(L, -1));
  lua_Integer count = type == LUA_TNIL ? 0 : luaL_len(L, -1);
  for (lua_Integer i = 1; is_good && i <= count; i++) {
    if (lua_rawgeti(L, -1, i) != LUA_TTABLE)
      luaL_error(L, "request.headers[%I]: { name, value } expected, got %s", i,
                 luaL_typename(L, -1));
    is_good = read_field(L, lua_gettop(L), i, exchange, failure);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return is_good;
}

static bool add_usual_fields(lua_State *L, int table, ul_usual *usual,
                             ul_exchange *exchange, ul_failure *failure) {
  struct curl_slist *fields =
    ul_usual_of(usual, take_flag(L, table, "gzip", true),
                ul_field_is_in(exchange->fields, "Content-Type"));
  if (fields == NULL) return ul_failure_memory(failure);
  exchange->usual = fields;
  ul_field_join(&exchange->fields, fields);
  return true;
}

static bool read_authorization(lua_State *L, int table, ul_exchange *exchange,
                               ul_failure *failure) {
  lua_getfield(L, table, "auth");
  bool is_good = ul_authorization_add(L, lua_gettop(L), exchange, failure);
  lua_pop(L, 1);
  return is_good;
}

/* The exchange, on top of the stack, keeps the string. */
static void read_body(lua_State *L, int table, ul_exchange *exchange) {
  ul_text body = take_text(L, table, "body");
  lua_getfield(L, table, "body");
  lua_setiuservalue(L, -2, UL_EXCHANGE_BODY);
  exchange->upload = (ul_upload){.bytes = body.bytes, .length = body.length};
}

static void read_limits(lua_State *L, int table, ul_exchange *exchange) {
  exchange->limits.connect_s = take_seconds(L, table, "connect_s", 10);
  exchange->limits.first_byte_s = take_seconds(L, table, "first_byte_s", 120);
  exchange->pace.window_s = take_seconds(L, table, "stall_s", 30);
  double min_bytes = exchange->pace.window_s *
                     (double)take_bytes(L, table, "stall_bytes", 1024);
  exchange->pace.min_bytes = min_bytes < 1e15 ? (uint64_t)ceil(min_bytes)
                                              : (uint64_t)1e15;
}

static void read_sizes(lua_State *L, int table, ul_exchange *exchange) {
  lua_Integer header_bytes = take_bytes(L, table, "max_header_bytes",
                                        DEFAULT_MAX_HEADER_BYTES);
  lua_Integer held_bytes = take_bytes(L, table, "buffer_bytes",
                                      DEFAULT_BUFFER_BYTES);
  lua_Integer body_bytes = take_bytes(L, table, "max_body_bytes",
                                      DEFAULT_MAX_BODY_BYTES);
  ul_answer_init(&exchange->answer, exchange->host,
                 strcmp(exchange->method, "HEAD") == 0, (size_t)header_bytes);
  exchange->answer.unpacks = take_flag(L, table, "unpack", false);
  ul_body_init(&exchange->body, exchange->host, (size_t)held_bytes,
               (uint64_t)body_bytes);
}

static const struct version {
  const char *name;
  long number;
} versions[] = {
  {"1.1", CURL_HTTP_VERSION_1_1},
  {"2", CURL_HTTP_VERSION_2TLS},  /* offered over TLS; the server decides */
};

static void read_version(lua_State *L, int table, ul_exchange *exchange) {
  ul_text name = take_text(L, table, "http");
  exchange->http_version = CURL_HTTP_VERSION_2TLS;
  if (name.bytes == NULL) return;
  for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
    if (strcmp(versions[i].name, name.bytes) == 0) {
      exchange->http_version = versions[i].number;
      return;
    }
  }
  luaL_error(L, "request.http: '1.1' or '2' expected, got '%s'", name.bytes);
}

bool ul_request_read(lua_State *L, int table, ul_multi *multi,
                     ul_exchange *exchange, ul_failure *failure) {
  read_version(L, table, exchange);
  read_limits(L, table, exchange);
  if (!read_method(L, table, exchange, failure)) return false;
  read_sizes(L, table, exchange);
  if (!read_url(L, table, &multi->site, exchange, failure)) return false;
  if (!read_fields(L, table, exchange, failure)) return false;
  if (!ul_hosts_read(L, table, exchange, failure)) return false;
  read_body(L, table, exchange);
  if (!read_authorization(L, table, exchange, failure)) return false;
  return add_usual_fields(L, table, &multi->usual, exchange, failure);
}
