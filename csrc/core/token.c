/*
** core.token: the answer of an OAuth 2 token endpoint (RFC 6749 5.1), read so
** that its tokens become secrets and never Lua strings. The bytes are held
** here, at most 64 KB, read when all have come, and wiped.
*/
#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>

#include "core.h"
#include "fail.h"
#include "json_number.h"
#include "json_read.h"
#include "secret_make.h"
#include "sink.h"

#define READER_TYPE "usagelua.token"
#define MOST_BYTES ((size_t)64 << 10)
#define MAX_DEPTH 32

typedef struct token_reader {
  ul_sink sink;         /* first: the transfer module writes to it */
  char *bytes;          /* owned, MOST_BYTES; NULL once closed */
  size_t length;
  bool is_over;         /* more came than is held */
  char *name;           /* owned; of the secrets, for messages */
  ul_origin *origins;   /* owned; where the tokens may go */
  size_t origin_count;
} token_reader;

/* --- the members that count --- */

typedef enum member {
  ACCESS_TOKEN,
  REFRESH_TOKEN,
  TOKEN_TYPE,
  EXPIRES_IN,
  ERROR_CODE,
  MEMBERS,
  NO_MEMBER = MEMBERS
} member;

static const char *const member_names[MEMBERS] = {
  [ACCESS_TOKEN] = "access_token",
  [REFRESH_TOKEN] = "refresh_token",
  [TOKEN_TYPE] = "token_type",
  [EXPIRES_IN] = "expires_in",
  [ERROR_CODE] = "error",
};

typedef struct text {
  char *bytes;     /* owned, NUL-ended; NULL: the member is not there */
  size_t length;
} text;

/* What is read of the document. A userdata while it is filled, so that the
** tokens are wiped whatever raises. */
typedef struct answer {
  ul_json_read read;
  unsigned char is_object[MAX_DEPTH];
  text members[MEMBERS];
  member current;
} answer;

static void free_text(text *one) {
  if (one->bytes != NULL) explicit_bzero(one->bytes, one->length);
  free(one->bytes);
  *one = (text){0};
}

static int answer_gc(lua_State *L) {
  answer *found = lua_touserdata(L, 1);
  ul_buffer *kept = &found->read.kept;
  if (kept->block != NULL) explicit_bzero(kept->block, kept->capacity);
  ul_json_read_free(&found->read);
  for (int i = 0; i < MEMBERS; i++) free_text(&found->members[i]);
  return 0;
}

static member find_member(const char *bytes, size_t length) {
  for (int i = 0; i < MEMBERS; i++)
    if (strlen(member_names[i]) == length &&
        memcmp(member_names[i], bytes, length) == 0)
      return (member)i;
  return NO_MEMBER;
}

static bool keep(answer *found, const char *bytes, size_t length) {
  if (found->current == NO_MEMBER) return true;
  text *one = &found->members[found->current];
  free_text(one);
  one->bytes = malloc(length + 1);
  if (one->bytes == NULL) {
    ul_json_refuse_memory(&found->read);
    return false;
  }
  memcpy(one->bytes, bytes, length);
  one->bytes[length] = '\0';
  one->length = length;
  return true;
}

/* Only the outermost object is looked into. */
static ul_json_verdict on_begin(void *context, bool is_object) {
  answer *found = context;
  return is_object && found->read.depth == 0 ? UL_JSON_WANTED : UL_JSON_SKIP;
}

static bool on_end(void *context) {
  (void)context;
  return true;
}

static ul_json_verdict on_key(void *context, const char *bytes,
                              size_t length) {
  answer *found = context;
  found->current = find_member(bytes, length);
  return found->current == NO_MEMBER ? UL_JSON_SKIP : UL_JSON_WANTED;
}

static bool on_text(void *context, const char *bytes, size_t length) {
  return keep(context, bytes, length);
}

static bool on_word(void *context, ul_json_word word) {
  (void)context;
  (void)word;
  return true;
}

static const ul_json_sink document = {
  .begin = on_begin, .end = on_end, .key = on_key, .string = on_text,
  .number = on_text, .word = on_word,
};

/* --- the reader --- */

static token_reader *checkreader(lua_State *L) {
  token_reader *reader = luaL_checkudata(L, 1, READER_TYPE);
  if (reader->bytes == NULL)
    luaL_error(L, "attempt to use a closed %s", READER_TYPE);
  return reader;
}

static bool take(token_reader *reader, const char *bytes, size_t length) {
  if (length > MOST_BYTES - reader->length) reader->is_over = true;
  if (reader->is_over) return false;
  if (length > 0) memcpy(reader->bytes + reader->length, bytes, length);
  reader->length += length;
  return true;
}

static bool write_sink(lua_State *L, int index, const char *bytes,
                       size_t length) {
  token_reader *reader = lua_touserdata(L, index);
  return reader->bytes != NULL && take(reader, bytes, length);
}

static int reader_close(lua_State *L) {
  token_reader *reader = luaL_checkudata(L, 1, READER_TYPE);
  char *bytes = reader->bytes;
  reader->bytes = NULL;
  if (bytes != NULL) explicit_bzero(bytes, MOST_BYTES);
  free(bytes);
  free(reader->name);
  free(reader->origins);
  reader->name = NULL;
  reader->origins = NULL;
  return 0;
}

static int fail_over(lua_State *L) {
  return ul_fail_push(L, "limit", "the answer of the token endpoint is larger "
                      "than %d bytes", (int)MOST_BYTES);
}

/* reader:feed(bytes) -> true | nil, err */
static int reader_feed(lua_State *L) {
  token_reader *reader = checkreader(L);
  size_t length;
  const char *bytes = luaL_checklstring(L, 2, &length);
  if (!take(reader, bytes, length)) return fail_over(L);
  lua_pushboolean(L, true);
  return 1;
}

/* The metatable of answers has nothing but the finalizer. */
static answer *push_answer(lua_State *L) {
  answer *found = lua_newuserdatauv(L, sizeof *found, 0);
  memset(found, 0, sizeof *found);
  ul_json_read_init(&found->read, &document, found, found->is_object,
                    MAX_DEPTH, false);
  found->current = NO_MEMBER;
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, answer_gc);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  return found;
}

static bool parse(lua_State *L, token_reader *reader, answer *found) {
  bool is_good = ul_json_feed(&found->read, reader->bytes, reader->length) &&
                 ul_json_finish(&found->read);
  if (!is_good && found->read.error.memory) ul_fail_memory(L);
  return is_good;
}

/* Pushes the secret of a member under its name, into the table on top. Other
** than NULL: what is wrong with it. */
static const char *set_token(lua_State *L, const token_reader *reader,
                             const answer *found, member which) {
  const text *one = &found->members[which];
  if (one->bytes == NULL) return NULL;
  ul_secret wanted = {.bytes = one->bytes, .length = one->length,
                      .name = reader->name, .origins = reader->origins,
                      .origin_count = reader->origin_count};
  const char *problem = ul_secret_push(L, &wanted);
  lua_setfield(L, -2, member_names[which]);
  return problem;
}

static void set_type(lua_State *L, const answer *found) {
  lua_pushstring(L, found->members[TOKEN_TYPE].bytes);  /* NULL is nil */
  lua_setfield(L, -2, member_names[TOKEN_TYPE]);
}

/* A number, or one in a string, as some endpoints have it. */
static void set_lifetime(lua_State *L, const answer *found) {
  const text *one = &found->members[EXPIRES_IN];
  ul_number_state state = 0;
  if (one->bytes == NULL) return;
  const char *end = one->bytes + one->length;
  if (ul_number_scan(one->bytes, end, &state) != end ||
      !ul_number_may_end(state))
    return;
  ul_number number = ul_number_value(one->bytes, one->length);
  if (number.kind == UL_NUMBER_INTEGER)
    lua_pushnumber(L, (double)number.integer);
  else if (number.kind == UL_NUMBER_REAL)
    lua_pushnumber(L, number.real);
  else
    return;  /* for ever, as far as one run goes */
  lua_setfield(L, -2, member_names[EXPIRES_IN]);
}

static int push_tokens(lua_State *L, const token_reader *reader,
                       const answer *found) {
  lua_createtable(L, 0, 4);
  const char *problem = set_token(L, reader, found, ACCESS_TOKEN);
  if (problem == NULL) problem = set_token(L, reader, found, REFRESH_TOKEN);
  if (problem != NULL)
    return ul_fail_push(L, "shape", "a token in the answer of the token "
                        "endpoint %s", problem);
  set_type(L, found);
  set_lifetime(L, found);
  return 1;
}

/* Only letters, digits and _ of an error's code are shown (RFC 6749 5.2). */
static int fail_error(lua_State *L, const text *code) {
  size_t length = strspn(code->bytes, "abcdefghijklmnopqrstuvwxyz_");
  return ul_fail_push(L, "auth", "the token endpoint answered with the error "
                      "'%s'", length == code->length && length < 80
                                ? code->bytes : "?");
}

/* reader:finish() -> tokens | nil, err */
static int reader_finish(lua_State *L) {
  token_reader *reader = checkreader(L);
  if (reader->is_over) return fail_over(L);
  answer *found = push_answer(L);
  if (!parse(L, reader, found))
    return ul_fail_push(L, "shape", "the answer of the token endpoint is no "
                        "JSON: %s", found->read.error.message);
  if (found->members[ACCESS_TOKEN].bytes != NULL)
    return push_tokens(L, reader, found);
  if (found->members[ERROR_CODE].bytes != NULL)
    return fail_error(L, &found->members[ERROR_CODE]);
  return ul_fail_push(L, "shape", "the answer of the token endpoint has no "
                      "access_token");
}

/* The arguments from the second on are hosts. */
static void take_origins(lua_State *L, token_reader *reader, size_t count) {
  reader->origins = calloc(count, sizeof *reader->origins);
  if (reader->origins == NULL) ul_fail_memory(L);
  for (size_t i = 0; i < count; i++)
    reader->origins[i] = ul_secret_checkorigin(L, (int)i + 2);
  reader->origin_count = count;
}

/* reader(name, host, ...) -> reader */
static int token_reader_new(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  int hosts = lua_gettop(L) - 1;
  luaL_argcheck(L, hosts > 0, 2, "expected a host such as 'api.acme.test'");
  token_reader *reader = lua_newuserdatauv(L, sizeof *reader, 0);
  memset(reader, 0, sizeof *reader);
  luaL_setmetatable(L, READER_TYPE);
  reader->sink.write = write_sink;
  lua_settop(L, hosts + 2);
  reader->name = strdup(name);
  reader->bytes = malloc(MOST_BYTES);
  if (reader->name == NULL || reader->bytes == NULL) ul_fail_memory(L);
  take_origins(L, reader, (size_t)hosts);
  return 1;
}

static const luaL_Reg methods[] = {
  {"close", reader_close},
  {"feed", reader_feed},
  {"finish", reader_finish},
  {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
  {"__close", reader_close},
  {"__gc", reader_close},
  {NULL, NULL},
};

static const luaL_Reg functions[] = {
  {"reader", token_reader_new},
  {NULL, NULL},
};

/* The secrets that come out have their metatable from core.secret. */
int ul_open_token(lua_State *L) {
  lua_pushcfunction(L, ul_open_secret);
  lua_call(L, 0, 0);
  ul_push_sink_type(L, READER_TYPE, metamethods, methods, 0);
  lua_pushliteral(L, READER_TYPE);
  lua_setfield(L, -2, "__metatable");
  luaL_newlib(L, functions);
  return 1;
}
