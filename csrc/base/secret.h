/*
** A secret: bytes that scripts hold but cannot read, and the origins they may
** go to. The userdata `usagelua.secret` is laid out as ul_secret; core.so
** makes it, transfer.so finds it with luaL_testudata(L, i, UL_SECRET_TYPE)
** and asks ul_secret_allows before it connects. Neither keeps a pointer into
** it past the call: the collector wipes and frees what it owns.
*/
#ifndef UL_SECRET_H
#define UL_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "origin.h"

#define UL_SECRET_TYPE "usagelua.secret"
#define UL_SECRET_REFUSAL_MAX 2048  /* bytes of a refusal, NUL included */

typedef struct ul_secret {
  char *bytes;           /* owned, NUL-ended; NULL once closed */
  size_t length;         /* bytes, without the NUL; no CR, LF or NUL within */
  char *name;            /* owned; the variable or the path it came from */
  ul_origin *origins;    /* owned; where it may go; NULL with none */
  size_t origin_count;   /* 0: not bound, goes nowhere */
  bool is_built_in;      /* bound by the table in C; may only be narrowed */
  bool is_hidden;        /* a key or token, masked in all text; else a name */
} ul_secret;

/* Whether the secret may be sent there: open, bound to exactly this scheme,
** host and port, and https unless the host is this machine. */
bool ul_secret_allows(const ul_secret *secret, const ul_origin *origin);

/* Why not, for a person: "the credential LT_ACCESS_KEY goes to
** api.lambdatest.com, eu-api.lambdatest.com only, not to example.com".
** Never shows the value. Writes at most `size` (> 0) bytes, NUL included. */
void ul_secret_refusal(const ul_secret *secret, const ul_origin *origin,
                       char *text, size_t size);

#endif
