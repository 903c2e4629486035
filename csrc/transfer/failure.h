/*
** Why a transfer failed: one of the error kinds of errors.lua, a short code,
** one line for people. Plain data; the first failure of an exchange stays,
** whatever libcurl reports after it. Owns nothing.
*/
#ifndef UL_FAILURE_H
#define UL_FAILURE_H

#include <stdbool.h>
#include <stddef.h>

#define UL_FAILURE_TEXT 768  /* bytes; longer messages are cut */

/* The kind that becomes a raised "not enough memory", as in all of Lua. */
#define UL_NO_MEMORY "memory"

typedef struct ul_failure {
  const char *kind;  /* static; NULL: nothing failed */
  const char *code;  /* static; tells apart what the kind does not, or NULL */
  const char *hint;  /* static; what to do next, or NULL */
  char message[UL_FAILURE_TEXT];
} ul_failure;

/* Notes a failure unless there is one already; returns false, so that a check
** can end with it. Bytes that are no printable ASCII are shown as '?': parts
** of the text may come from a server. */
__attribute__((format(printf, 4, 5)))
bool ul_failure_note(ul_failure *failure, const char *kind, const char *code,
                     const char *format, ...);

bool ul_failure_memory(ul_failure *failure);

static inline bool ul_has_failed(const ul_failure *failure) {
  return failure->kind != NULL;
}

#endif
