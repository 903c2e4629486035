/*
** The library's Lua files, linked into the binary as they are and compiled
** (the build writes the table): a binary that is copied alone still runs, and
** starts without compiling what nobody has edited.
*/
#ifndef UL_EMBEDDED_H
#define UL_EMBEDDED_H

#include <stddef.h>

typedef struct ul_embedded {
  const char *name; /* module name */
  const char *text;
  size_t length;
  const char *code; /* what string.dump made of it */
  size_t code_length;
} ul_embedded;

extern const ul_embedded ul_embedded_modules[]; /* sorted by name */
extern const size_t ul_embedded_count;

#endif
