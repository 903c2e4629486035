/*
** Columns of texts that follow from others of the same row: Lua says once for
** each combination of texts what they are, or that such a row is none.
*/
#ifndef UL_FOLD_DERIVE_H
#define UL_FOLD_DERIVE_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "tuples.h"

struct ul_fold;

enum { UL_DERIVE_FROM = 4, UL_DERIVE_TO = 4 };

typedef enum ul_derived {
  UL_DERIVED,
  UL_DERIVED_NO_ROW, /* it does not count */
  UL_DERIVED_DOUBT   /* its item is for Lua to judge */
} ul_derived;

typedef struct ul_derive {
  bool is_wanted;
  uint32_t from_count, from[UL_DERIVE_FROM]; /* columns */
  uint32_t to_count, to[UL_DERIVE_TO];
  ul_tuples seen;    /* codes of `from` */
  ul_buffer answers; /* to each of them */
} ul_derive;

void ul_derive_start(ul_derive *derive, uint64_t seed);
void ul_derive_free(ul_derive *derive);

/* Fills in the derived columns of a row. May ask the function that user value
** UL_FOLD_DERIVE of the fold at index 1 holds, and raise. */
ul_derived ul_fold_derive(lua_State *L, struct ul_fold *fold, size_t row);

#endif
