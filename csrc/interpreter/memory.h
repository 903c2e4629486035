/*
** Lua's allocator with a limit: what a script may hold at once, in bytes.
*/
#ifndef UL_MEMORY_H
#define UL_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

typedef struct ul_memory {
  size_t used;
  size_t limit;   /* 0: none */
  bool is_ending; /* the process ends: what is left goes with it */
} ul_memory;

/* A lua_Alloc; `ud` is a ul_memory that outlives the state. */
void *ul_memory_alloc(void *ud, void *block, size_t old_size, size_t new_size);

#endif
