/*
** core.secret: credentials as values that scripts hold but cannot read. They
** come from the environment or a file; only the transfer module turns them
** into header fields, and only for the origins they are bound to.
*/
#include "secret.h"

#include <errno.h>
#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core.h"
#include "credential.h"
#include "fail.h"
#include "keyfile.h"
#include "mask.h"
#include "misprint.h"
#include "secret_make.h"
#include "store.h"

#define STORE_TYPE "usagelua.store"
#define SHORTEST 8  /* characters; what is shorter is a mistake */
#define FILE_SUFFIX "_FILE"

extern char **environ;

/* The store of this state. */

typedef struct store_box {
  ul_store *store;  /* this state is one of its users; NULL without */
} store_box;

static int store_gc(lua_State *L) {
  store_box *box = luaL_checkudata(L, 1, STORE_TYPE);
  ul_store_release(box->store);
  box->store = NULL;
  return 0;
}

/* Pushes the box that holds the store, empty where it is new. */
static store_box *push_store_box(lua_State *L) {
  if (lua_getfield(L, LUA_REGISTRYINDEX, STORE_TYPE ".own") == LUA_TUSERDATA)
    return lua_touserdata(L, -1);
  lua_pop(L, 1);
  store_box *box = lua_newuserdatauv(L, sizeof *box, 0);
  box->store = NULL;
  luaL_newmetatable(L, STORE_TYPE);
  lua_pushcfunction(L, store_gc);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  lua_pushvalue(L, -1);
  lua_setfield(L, LUA_REGISTRYINDEX, STORE_TYPE ".own");
  return box;
}

ul_store *ul_secret_store(lua_State *L) {
  store_box *box = push_store_box(L);
  if (box->store == NULL) box->store = ul_store_new();
  if (box->store == NULL) ul_fail_memory(L);
  lua_pop(L, 1);
  return box->store;
}

void ul_secret_use_store(lua_State *L, ul_store *store) {
  store_box *box = push_store_box(L);
  ul_store *old = box->store;
  box->store = ul_store_share(store);
  ul_store_release(old);
  lua_pop(L, 1);
}

/* The userdata. */

static ul_secret *checksecret(lua_State *L) {
  ul_secret *secret = luaL_checkudata(L, 1, UL_SECRET_TYPE);
  if (secret->bytes == NULL) luaL_error(L, "attempt to use a closed secret");
  return secret;
}

/* Pushes a closed secret, which the collector can have at any moment. */
static ul_secret *pushsecret(lua_State *L) {
  ul_secret *secret = lua_newuserdatauv(L, sizeof *secret, 0);
  memset(secret, 0, sizeof *secret);
  luaL_setmetatable(L, UL_SECRET_TYPE);
  return secret;
}

static void free_wiped(char *bytes, size_t length) {
  if (bytes != NULL) explicit_bzero(bytes, length);
  free(bytes);
}

static int secret_close(lua_State *L) {
  ul_secret *secret = luaL_checkudata(L, 1, UL_SECRET_TYPE);
  char *bytes = secret->bytes;
  secret->bytes = NULL;
  free_wiped(bytes, secret->length);
  free(secret->origins);
  free(secret->name);
  memset(secret, 0, sizeof *secret);
  return 0;
}

static void set_name(lua_State *L, ul_secret *secret, const char *name) {
  secret->name = strdup(name);
  if (secret->name == NULL) ul_fail_memory(L);
}

static void set_bytes(lua_State *L, ul_secret *secret, const char *bytes,
                      size_t length) {
  secret->bytes = malloc(length + 1);
  if (secret->bytes == NULL) ul_fail_memory(L);
  memcpy(secret->bytes, bytes, length);
  secret->bytes[length] = '\0';
  secret->length = length;
}

static ul_origin *new_origins(lua_State *L, ul_secret *secret, size_t count) {
  secret->origins = calloc(count, sizeof *secret->origins);
  if (secret->origins == NULL) ul_fail_memory(L);
  return secret->origins;
}

/* What is wrong with the value, or NULL. */
static const char *check_value(const ul_secret *secret) {
  if (secret->length == 0) return "is empty";
  for (size_t i = 0; i < secret->length; i++)
    if (strchr("\r\n", secret->bytes[i]) != NULL)  /* NUL is found as well */
      return "holds a line break or a NUL (it has to be one line)";
  if (secret->is_hidden &&
      ul_mask_characters(secret->bytes, secret->length) < SHORTEST)
    return "has fewer than 8 characters and cannot be a key";
  return NULL;
}

/* Moves the content into the secret. Not set_bytes: that one may raise. */
static bool take_content(ul_secret *secret, ul_keyfile *file) {
  secret->bytes = malloc(file->length + 1);
  if (secret->bytes != NULL) {
    memcpy(secret->bytes, file->bytes, file->length);
    secret->bytes[file->length] = '\0';
    secret->length = file->length;
  }
  ul_keyfile_drop(file);
  return secret->bytes != NULL;
}

/* The file's bytes, or the reason why there are none. */
static const char *load(lua_State *L, const char *path, ul_keyfile *file) {
  int error = ul_keyfile_load(path, file);
  if (error == ENOMEM) ul_fail_memory(L);
  return error != 0 ? ul_keyfile_reason(error) : NULL;
}

/* From the environment. The fill_* functions return 0, or what they pushed
** for the script: nil and an error. */

static int fill_from_file(lua_State *L, ul_secret *secret, const char *name,
                          const char *path) {
  ul_keyfile file;
  const char *problem = load(L, path, &file);
  if (problem != NULL)
    return ul_fail_push(L, "credential",
                        "the credential %s cannot be read from %s (named by %s"
                        FILE_SUFFIX "): %s", name, path, name, problem);
  bool is_regular = file.is_regular;
  if (!take_content(secret, &file)) ul_fail_memory(L);
  problem = check_value(secret);
  if (problem != NULL)
    return ul_fail_push(L, "credential",
                        "the credential %s, read from %s (named by %s"
                        FILE_SUFFIX "), %s", name, path, name, problem);
  if (!is_regular && !ul_store_put(ul_secret_store(L), name, secret->bytes))
    ul_fail_memory(L);
  return 0;
}

static int fill_from_variable(lua_State *L, ul_secret *secret,
                              const char *name, const char *value) {
  set_bytes(L, secret, value, strlen(value));
  const char *problem = check_value(secret);
  if (problem == NULL) return 0;
  return ul_fail_push(L, "credential",
                      "the credential %s %s; set it to the whole value", name,
                      problem);
}

static bool is_filled(const char *value) {
  return value != NULL && *value != '\0';
}

/* The value of NAME_FILE. The pushed name stays on the stack. */
static const char *file_variable(lua_State *L, const char *name) {
  const char *variable = lua_pushfstring(L, "%s" FILE_SUFFIX, name);
  return ul_store_get(ul_secret_store(L), variable);
}

/* An empty variable counts as missing, as CI systems make it where a secret
** is not there for a branch. */
static int fill(lua_State *L, ul_secret *secret, const char *name) {
  const char *value = ul_store_get(ul_secret_store(L), name);
  if (is_filled(value)) return fill_from_variable(L, secret, name, value);
  const char *path = file_variable(L, name);
  if (is_filled(path)) return fill_from_file(L, secret, name, path);
  return ul_fail_push(L, "credential",
                      "the credential %s is %s; set it, or set %s" FILE_SUFFIX
                      " to a file that holds it", name,
                      value != NULL ? "empty" : "not set", name);
}

/* Binding. */

static int bind_to_override(lua_State *L, ul_secret *secret,
                            const char *variable, const char *url) {
  char text[UL_ORIGIN_TEXT];
  ul_origin *origin = new_origins(L, secret, 1);
  const char *problem = ul_origin_parse(url, strlen(url), origin, NULL);
  if (problem != NULL)  /* the value is not shown: it may hold a password */
    return ul_fail_push(L, "usage", "%s is no usable URL: %s", variable,
                        problem);
  ul_origin_print(origin, text);
  const char *misprint = ul_misprint_of(origin);
  if (misprint != NULL)
    return ul_fail_push(L, "refused", "%s leads to %s; %s", variable, text,
                        misprint);
  if (!ul_origin_is_allowed(origin))
    return ul_fail_push(L, "refused",
                        "%s leads to %s; credentials go by https, and by "
                        "http to this machine only", variable, text);
  secret->origin_count = 1;
  return 0;
}

static int bind_built_in(lua_State *L, ul_secret *secret,
                         const ul_credential *credential) {
  const char *variable;
  secret->is_built_in = true;
  const char *url = ul_credential_override(credential->vendor, &variable);
  if (url != NULL) return bind_to_override(L, secret, variable, url);
  new_origins(L, secret, UL_CREDENTIAL_HOSTS);
  secret->origin_count =
    ul_credential_origins(credential->vendor, secret->origins);
  return 0;
}

ul_origin ul_secret_checkorigin(lua_State *L, int index) {
  ul_origin origin;
  size_t length;
  const char *text = luaL_checklstring(L, index, &length);
  const char *problem = ul_origin_parse_host(text, length, &origin);
  if (problem != NULL)
    ul_fail_raise(L, "usage", "cannot bind a secret to '%s': %s", text,
                  problem);
  if (!ul_origin_is_allowed(&origin))
    ul_fail_raise(L, "refused",
                  "cannot bind a secret to '%s': secrets go by https, and by "
                  "http to this machine only", text);
  return origin;
}

static void check_widening(lua_State *L, const ul_secret *secret,
                           const ul_origin *origin) {
  char text[UL_SECRET_REFUSAL_MAX];
  if (!secret->is_built_in || ul_secret_allows(secret, origin)) return;
  ul_secret_refusal(secret, origin, text, sizeof text);
  ul_fail_raise(L, "refused", "%s", text);
}

/* secret:bind(host, ...): a new secret that goes to these only. */
static int secret_bind(lua_State *L) {
  int count = lua_gettop(L) - 1;
  const ul_secret *secret = checksecret(L);
  luaL_argcheck(L, count > 0, 2, "expected a host such as 'api.acme.test'");
  ul_secret *bound = pushsecret(L);
  bound->is_built_in = secret->is_built_in;
  bound->is_hidden = secret->is_hidden;
  set_name(L, bound, secret->name);
  new_origins(L, bound, (size_t)count);
  for (int i = 0; i < count; i++) {
    ul_origin origin = ul_secret_checkorigin(L, i + 2);
    check_widening(L, secret, &origin);
    bound->origins[bound->origin_count++] = origin;
  }
  set_bytes(L, bound, secret->bytes, secret->length);
  return 1;
}

/* Making them. */

static bool is_name_byte(char c, bool is_first) {
  bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
  return letter || (!is_first && c >= '0' && c <= '9');
}

/* The message does not show what came: it may be the secret itself, written
** where its name belongs. */
static const char *checkname(lua_State *L, int index) {
  size_t length;
  const char *name = luaL_checklstring(L, index, &length);
  bool is_name = length > 0 && strlen(name) == length;
  for (size_t i = 0; i < length && is_name; i++)
    is_name = is_name_byte(name[i], i == 0);
  if (!is_name)
    ul_fail_raise(L, "usage", "a credential is named by an environment "
                  "variable (letters, digits and '_'), not by its value");
  return name;
}

/* Whether it is a key rather than a user name; the table in C knows for its
** own, whatever the caller says. */
static bool is_hidden(lua_State *L, int index, const ul_credential *known) {
  if (known != NULL) return known->is_hidden;
  if (lua_isnoneornil(L, index)) return true;
  luaL_checktype(L, index, LUA_TTABLE);
  bool hidden =
    lua_getfield(L, index, "secret") == LUA_TNIL || lua_toboolean(L, -1);
  lua_pop(L, 1);
  return hidden;
}

/* Leaves the secret on top of the stack, masked in all text from now on. */
static int finish(lua_State *L, const ul_secret *secret, int index) {
  if (secret->is_hidden) ul_mask_add(L, secret->bytes, secret->length);
  lua_pushvalue(L, index);
  return 1;
}

const char *ul_secret_push(lua_State *L, const ul_secret *wanted) {
  ul_secret *secret = pushsecret(L);
  secret->is_hidden = true;
  set_name(L, secret, wanted->name);
  new_origins(L, secret, wanted->origin_count);
  memcpy(secret->origins, wanted->origins,
         wanted->origin_count * sizeof *secret->origins);
  secret->origin_count = wanted->origin_count;
  set_bytes(L, secret, wanted->bytes, wanted->length);
  const char *problem = check_value(secret);
  if (problem == NULL) ul_mask_add(L, secret->bytes, secret->length);
  return problem;
}

static int secret_env(lua_State *L) {
  const char *name = checkname(L, 1);
  const ul_credential *known = ul_credential_find(name);
  bool hidden = is_hidden(L, 2, known);
  ul_secret *secret = pushsecret(L);
  int index = lua_gettop(L);
  secret->is_hidden = hidden;
  set_name(L, secret, name);
  int failed = fill(L, secret, name);
  if (failed == 0 && known != NULL) failed = bind_built_in(L, secret, known);
  return failed != 0 ? failed : finish(L, secret, index);
}

typedef struct same_file {
  struct stat wanted;
  char variable[128];    /* out: whose file it is */
} same_file;

static bool is_file_variable(const char *name) {
  char base[sizeof((same_file *)0)->variable];
  size_t length = strlen(name), suffix = sizeof FILE_SUFFIX - 1;
  if (length <= suffix || length >= sizeof base) return false;
  if (strcmp(name + length - suffix, FILE_SUFFIX) != 0) return false;
  memcpy(base, name, length - suffix);
  base[length - suffix] = '\0';
  return ul_credential_find(base) != NULL;
}

static bool names_file(const char *name, const char *value, void *context) {
  same_file *file = context;
  struct stat found;
  if (!is_file_variable(name) || stat(value, &found) != 0) return false;
  if (found.st_dev != file->wanted.st_dev) return false;
  if (found.st_ino != file->wanted.st_ino) return false;
  snprintf(file->variable, sizeof file->variable, "%s", name);
  return true;
}

/* A built-in credential does not become free by being read as a file. */
static bool is_built_in_file(lua_State *L, const char *path,
                             same_file *file) {
  return stat(path, &file->wanted) == 0 &&
         ul_store_any(ul_secret_store(L), names_file, file);
}

static int fill_from_path(lua_State *L, ul_secret *secret, const char *path) {
  ul_keyfile file;
  const char *problem = load(L, path, &file);
  if (problem != NULL)
    return ul_fail_push(L, "credential",
                        "the credential file %s cannot be read: %s", path,
                        problem);
  if (!take_content(secret, &file)) ul_fail_memory(L);
  problem = check_value(secret);
  if (problem == NULL) return 0;
  return ul_fail_push(L, "credential", "the credential in the file %s %s",
                      path, problem);
}

static int secret_file(lua_State *L) {
  same_file same;
  const char *path = luaL_checkstring(L, 1);
  if (is_built_in_file(L, path, &same))
    return ul_fail_push(L, "refused", "the file %s holds the credential of "
                        "%s; name that variable instead", path, same.variable);
  ul_secret *secret = pushsecret(L);
  int index = lua_gettop(L);
  secret->is_hidden = true;
  set_name(L, secret, path);
  int failed = fill_from_path(L, secret, path);
  return failed != 0 ? failed : finish(L, secret, index);
}

/* has(name): whether env would find something, without reading it, and the
** path of the file that it would read it from. */
static int secret_has(lua_State *L) {
  const char *name = checkname(L, 1);
  bool is_set = is_filled(ul_store_get(ul_secret_store(L), name));
  const char *path = is_set ? NULL : file_variable(L, name);
  lua_pushboolean(L, is_set || is_filled(path));
  if (is_filled(path)) lua_pushstring(L, path);
  else lua_pushnil(L);
  return 2;
}

static bool is_credential_variable(const char *name) {
  return ul_credential_find(name) != NULL || is_file_variable(name);
}

/* Keys are masked from here on, whether or not a script ever names them. */
static void capture(lua_State *L, const char *name) {
  ul_store *store = ul_secret_store(L);
  if (!ul_store_capture(store, name)) ul_fail_memory(L);
  const ul_credential *known = ul_credential_find(name);
  const char *value = ul_store_get(store, name);
  if (known != NULL && known->is_hidden && value != NULL)
    ul_mask_add(L, value, strlen(value));
}

/* Whether the variable is `name`, its file, or either of an account. */
static bool is_of(const char *variable, const char *name) {
  size_t length = strlen(name);
  if (strncmp(variable, name, length) != 0) return false;
  const char *rest = variable + length;
  return *rest == '\0' || strcmp(rest, FILE_SUFFIX) == 0 ||
         strncmp(rest, "__", 2) == 0;
}

/* Whether it is of one of the names in the list at `index`, nil for none. */
static bool is_listed(lua_State *L, int index, const char *variable) {
  bool found = false;
  lua_Integer count = lua_isnoneornil(L, index) ? 0 : luaL_len(L, index);
  for (lua_Integer i = 1; i <= count && !found; i++) {
    lua_geti(L, index, i);
    found = is_of(variable, checkname(L, -1));
    lua_pop(L, 1);
  }
  return found;
}

/* Pushes the name of the first such variable still in the environment. */
static const char *next_variable(lua_State *L, int index) {
  for (char **variable = environ; *variable != NULL; variable++) {
    size_t length = strcspn(*variable, "=");
    const char *name = lua_pushlstring(L, *variable, length);
    bool is_wanted = is_credential_variable(name) || is_listed(L, index, name);
    if (is_wanted && getenv(name) != NULL) return name;
    lua_pop(L, 1);
  }
  return NULL;
}

/* capture(names?): out of the environment go the built-in credentials and
** these variables, those of accounts too. Whether there was one of the
** former. */
static int secret_capture(lua_State *L) {
  const char *name;
  bool found = false;
  lua_settop(L, 1);
  while (environ != NULL && (name = next_variable(L, 1)) != NULL) {
    found |= is_credential_variable(name);
    capture(L, name);
    lua_pop(L, 1);
  }
  lua_pushboolean(L, found);
  return 1;
}

/* same(a, b): whether two secrets hold the same, in a time that does not tell
** how much of it. */
static int secret_same(lua_State *L) {
  const ul_secret *one = luaL_checkudata(L, 1, UL_SECRET_TYPE);
  const ul_secret *other = luaL_checkudata(L, 2, UL_SECRET_TYPE);
  bool is_same = one->bytes != NULL && other->bytes != NULL &&
                 one->length == other->length;
  unsigned char difference = 0;
  for (size_t i = 0; is_same && i < one->length; i++)
    difference |= (unsigned char)(one->bytes[i] ^ other->bytes[i]);
  lua_pushboolean(L, is_same && difference == 0);
  return 1;
}

/* What scripts may do with them. */

static int secret_name(lua_State *L) {
  lua_pushstring(L, checksecret(L)->name);
  return 1;
}

static int secret_hosts(lua_State *L) {
  char text[UL_ORIGIN_TEXT];
  const ul_secret *secret = checksecret(L);
  lua_createtable(L, (int)secret->origin_count, 0);
  for (size_t i = 0; i < secret->origin_count; i++) {
    ul_origin_print_short(&secret->origins[i], text);
    lua_pushstring(L, text);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

static int secret_tostring(lua_State *L) {
  lua_pushliteral(L, "***");
  return 1;
}

static int secret_concat(lua_State *L) {
  luaL_tolstring(L, 1, NULL);
  luaL_tolstring(L, 2, NULL);
  lua_concat(L, 2);
  return 1;
}

static const luaL_Reg methods[] = {
  {"bind", secret_bind},
  {"close", secret_close},
  {"hosts", secret_hosts},
  {"name", secret_name},
  {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
  {"__close", secret_close},
  {"__concat", secret_concat},
  {"__gc", secret_close},
  {"__tostring", secret_tostring},
  {NULL, NULL},
};

static const luaL_Reg functions[] = {
  {"capture", secret_capture},
  {"env", secret_env},
  {"file", secret_file},
  {"has", secret_has},
  {"same", secret_same},
  {NULL, NULL},
};

/* Comparing, measuring and assigning stay what they are for any userdata:
** by identity, or an error that names the type. */
int ul_open_secret(lua_State *L) {
  luaL_newmetatable(L, UL_SECRET_TYPE);
  luaL_setfuncs(L, metamethods, 0);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pushliteral(L, UL_SECRET_TYPE);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  return 1;
}
