/*
** The library's Lua files, linked into the binary as they are (the build
** writes the table): a binary that is copied alone still runs.
*/
#ifndef UL_EMBEDDED_H
#define UL_EMBEDDED_H

#include <stddef.h>

typedef struct ul_embedded {
  const char *name; /* module name; NULL ends the table */
  const char *text;
  size_t length;
} ul_embedded;

extern const ul_embedded ul_embedded_modules[];

#endif
