/*
** Lua's allocator: a limit to what a script may hold at once, in bytes, and
** small blocks at the price of a list. A Lua library is tens of thousands of
** them when it starts, which the C library's malloc makes one by one.
*/
#ifndef UL_MEMORY_H
#define UL_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* Checkers of memory want to see each block, and each freed. */
#ifdef UL_FREE_ALL
#define UL_MEMORY_SMALL 0
#else
#define UL_MEMORY_SMALL 256
#endif
#define UL_MEMORY_STEP 16

typedef struct ul_memory {
  size_t used;
  size_t limit;   /* 0: none */
  bool is_ending; /* the process ends: what is left goes with it */
  /* Small blocks that nobody uses, by their size in steps. */
  struct ul_unused *unused[UL_MEMORY_SMALL / UL_MEMORY_STEP + 1];
  char *page, *page_end; /* where the next small block is cut */
} ul_memory;

/* A lua_Alloc; `ud` is a ul_memory that outlives the state. Small blocks stay
** with it, for others of their size, and are not counted once they are unused:
** who frees many of them and then takes large ones holds more than the limit,
** twice of it at most. */
void *ul_memory_alloc(void *ud, void *block, size_t old_size, size_t new_size);

#endif
