/*
** Paths in JSON documents, as they are written in descriptions and printed
** in errors: names joined by `.`, `[]` for all items of an array, `{}` for
** all members of an object, `["a.b"]` for a name that holds one of `.[]{}"`
** or control characters (with the escapes of JSON). `.` alone is the whole
** document. Printed paths have numbers: `data.users[3]`, counted from 0.
*/
#ifndef UL_JSON_PATH_H
#define UL_JSON_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"

typedef enum ul_step {
  UL_STEP_NAME,
  UL_STEP_ITEMS,
  UL_STEP_MEMBERS,
  UL_STEP_END,
  UL_STEP_WRONG, /* the path is not of this grammar, from `at` on */
  UL_STEP_MEMORY
} ul_step;

typedef struct ul_path {
  const char *text, *at, *end;
} ul_path;

ul_path ul_path_of(const char *text, size_t length);

/* Takes the next step; that of a name leaves the name in `name`. */
ul_step ul_path_next(ul_path *path, ul_buffer *name);

/* Append one step; they cut long names, and leave out what has no room. */
void ul_path_print_name(ul_buffer *out, const char *name, size_t length);
void ul_path_print_index(ul_buffer *out, uint64_t index);

#endif
