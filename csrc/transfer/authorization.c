/*
** Puts credentials into a request, as its auth table says: one row for each
** place where one may stand. Each secret is asked whether it may go where the
** request goes before its bytes are touched; what is made of it stands in C
** memory only, which is wiped (field.c, upload.c). Kinds that sign the whole
** request would be rows that come last.
*/
#include <string.h>

#include "binding.h"
#include "field.h"
#include "secret.h"
#include "url.h"

static const ul_secret *tosecret(lua_State *L, int index) {
  return luaL_testudata(L, index, UL_SECRET_TYPE);
}

static const ul_secret *take_secret(lua_State *L, int auth, const char *name) {
  lua_getfield(L, auth, name);
  const ul_secret *secret = tosecret(L, -1);
  if (secret == NULL)
    luaL_error(L, "auth.%s: a secret expected, got %s", name,
               luaL_typename(L, -1));
  lua_pop(L, 1);
  return secret;
}

/* A string, or nil where there is something `otherwise`. */
static ul_text take_text(lua_State *L, int auth, const char *name,
                         const char *otherwise) {
  ul_text text = {"", 0};
  int type = lua_getfield(L, auth, name);
  if (type == LUA_TNIL && otherwise != NULL)
    text = (ul_text){otherwise, strlen(otherwise)};
  else if (type == LUA_TSTRING)
    text.bytes = lua_tolstring(L, -1, &text.length);
  else
    luaL_error(L, "auth.%s: a string expected, got %s", name,
               luaL_typename(L, -1));
  lua_pop(L, 1);
  return text;
}

static bool may_go(const ul_secret *secret, const ul_exchange *exchange,
                   ul_failure *failure) {
  char reason[UL_SECRET_REFUSAL_MAX];
  if (ul_secret_allows(secret, &exchange->origin)) return true;
  ul_secret_refusal(secret, &exchange->origin, reason, sizeof reason);
  return ul_failure_note(failure, "refused", "credential", "%s", reason);
}

static ul_text text_of(const ul_secret *secret) {
  return (ul_text){secret->bytes, secret->length};
}

static bool is_sendable(ul_text text) {
  for (size_t i = 0; i < text.length; i++)
    if (strchr("\r\n", text.bytes[i]) != NULL) return false;  /* and NUL */
  return true;
}

static bool check_sendable(ul_text text, const char *what,
                           ul_failure *failure) {
  return is_sendable(text) ||
         ul_failure_note(failure, "credential", "bytes",
                         "the %s holds a line end or a NUL and cannot be sent",
                         what);
}

static bool check_alone(const ul_exchange *exchange, const char *name,
                        ul_failure *failure) {
  return !ul_field_is_in(exchange->fields, name) ||
         ul_failure_note(failure, "usage", "header",
                         "the header field %s is given twice, by headers and "
                         "by auth",
                         name);
}

/* A user name is a secret too, or a plain string. */
static bool take_user(lua_State *L, int auth, const ul_exchange *exchange,
                      ul_text *user, ul_failure *failure) {
  lua_getfield(L, auth, "username");
  const ul_secret *secret = tosecret(L, -1);
  lua_pop(L, 1);
  if (secret == NULL)
    *user = take_text(L, auth, "username", NULL);
  else if (may_go(secret, exchange, failure))
    *user = text_of(secret);
  else
    return false;
  if (user->length > 0 && memchr(user->bytes, ':', user->length) != NULL)
    return ul_failure_note(failure, "credential", "bytes",
                           "the user name holds a colon, which Basic "
                           "authentication cannot carry");
  return check_sendable(*user, "user name", failure);
}

static bool add_basic(lua_State *L, int auth, ul_exchange *exchange,
                      ul_failure *failure) {
  ul_text user;
  const ul_secret *password = take_secret(L, auth, "password");
  if (!take_user(L, auth, exchange, &user, failure) ||
      !may_go(password, exchange, failure) ||
      !check_sendable(text_of(password), "password", failure) ||
      !check_alone(exchange, "Authorization", failure))
    return false;
  return ul_field_add_basic(&exchange->fields, user, text_of(password)) ||
         ul_failure_memory(failure);
}

/* `name` ends with NUL. */
static bool add_field(ul_exchange *exchange, ul_text name, ul_text prefix,
                      const ul_secret *secret, ul_failure *failure) {
  if (!may_go(secret, exchange, failure) ||
      !check_sendable(text_of(secret), "credential", failure) ||
      !check_alone(exchange, name.bytes, failure))
    return false;
  return ul_field_add(&exchange->fields, name, prefix, text_of(secret)) ||
         ul_failure_memory(failure);
}

static bool add_bearer(lua_State *L, int auth, ul_exchange *exchange,
                       ul_failure *failure) {
  const ul_secret *token = take_secret(L, auth, "token");
  return add_field(exchange, (ul_text){"Authorization", 13},
                   (ul_text){"Bearer ", 7}, token, failure);
}

static bool add_header(lua_State *L, int auth, ul_exchange *exchange,
                       ul_failure *failure) {
  ul_text name = take_text(L, auth, "name", NULL);
  ul_text prefix = take_text(L, auth, "prefix", "");
  const ul_secret *value = take_secret(L, auth, "value");
  if (!ul_field_is_token(name) || ul_field_is_reserved(name) ||
      !ul_field_is_value(prefix))
    return ul_failure_note(failure, "usage", "header",
                           "'%.60s' is no header field that a credential can "
                           "be sent in",
                           name.bytes);
  return add_field(exchange, name, prefix, value, failure);
}

/* A parameter's name, and the secret that is its value. */
static bool take_parameter(lua_State *L, int auth, const ul_exchange *exchange,
                           ul_text *name, ul_text *value,
                           ul_failure *failure) {
  *name = take_text(L, auth, "name", NULL);
  const ul_secret *secret = take_secret(L, auth, "value");
  if (!may_go(secret, exchange, failure)) return false;
  *value = text_of(secret);
  return name->length > 0 ||
         ul_failure_note(failure, "usage", "parameter",
                         "a credential cannot be sent as a parameter without "
                         "a name");
}

static bool add_query(lua_State *L, int auth, ul_exchange *exchange,
                      ul_failure *failure) {
  ul_text name, value;
  exchange->has_key_in_url = true;
  return take_parameter(L, auth, exchange, &name, &value, failure) &&
         ul_url_add(exchange->url, name, value, failure);
}

/* Makes the body a form, where the caller has not said that it is one. */
static bool add_form_type(ul_exchange *exchange) {
  return ul_field_is_in(exchange->fields, "Content-Type") ||
         ul_field_add(&exchange->fields, (ul_text){"Content-Type", 12},
                      (ul_text){"", 0},
                      (ul_text){"application/x-www-form-urlencoded", 33});
}

static bool add_form(lua_State *L, int auth, ul_exchange *exchange,
                     ul_failure *failure) {
  ul_text name, value;
  if (!take_parameter(L, auth, exchange, &name, &value, failure)) return false;
  return (ul_upload_add(&exchange->upload, name, value) &&
          add_form_type(exchange)) ||
         ul_failure_memory(failure);
}

static const struct kind {
  const char *name;
  bool (*add)(lua_State *L, int auth, ul_exchange *exchange,
              ul_failure *failure);
} kinds[] = {
  {"basic", add_basic},
  {"bearer", add_bearer},
  {"header", add_header},
  {"query", add_query},
  {"form", add_form},
};

/* Pushes the names of the kinds: "basic, bearer, ...". */
static void push_kinds(lua_State *L) {
  luaL_Buffer text;
  luaL_buffinit(L, &text);
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    if (i > 0) luaL_addstring(&text, ", ");
    luaL_addstring(&text, kinds[i].name);
  }
  luaL_pushresult(&text);
}

static bool add_one(lua_State *L, int auth, ul_exchange *exchange,
                    ul_failure *failure) {
  luaL_argexpected(L, lua_istable(L, auth), auth, "auth table");
  ul_text name = take_text(L, auth, "kind", NULL);
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (strcmp(kinds[i].name, name.bytes) == 0)
      return kinds[i].add(L, auth, exchange, failure);
  push_kinds(L);
  luaL_error(L, "auth.kind: one of %s expected, got '%s'",
             lua_tostring(L, -1), name.bytes);
  return false;
}

static bool add_list(lua_State *L, int list, ul_exchange *exchange,
                     ul_failure *failure) {
  bool is_good = true;
  lua_Integer count = luaL_len(L, list);
  for (lua_Integer i = 1; is_good && i <= count; i++) {
    lua_rawgeti(L, list, i);
    is_good = add_one(L, lua_gettop(L), exchange, failure);
    lua_pop(L, 1);
  }
  return is_good;
}

bool ul_authorization_add(lua_State *L, int index, ul_exchange *exchange,
                          ul_failure *failure) {
  if (lua_isnil(L, index)) return true;
  if (!lua_istable(L, index))
    luaL_error(L, "request.auth: a table expected, got %s",
               luaL_typename(L, index));
  bool is_list = lua_rawgeti(L, index, 1) != LUA_TNIL;
  lua_pop(L, 1);
  return is_list ? add_list(L, index, exchange, failure)
                 : add_one(L, index, exchange, failure);
}
