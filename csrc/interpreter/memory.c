#include "memory.h"

#include <stdlib.h>

/* Checkers of memory want to see each block freed. */
#ifdef UL_FREE_ALL
#define FREES_AT_END true
#else
#define FREES_AT_END false
#endif

void *ul_memory_alloc(void *ud, void *block, size_t old_size, size_t new_size) {
  ul_memory *memory = ud;
  if (block == NULL) old_size = 0; /* Lua passes the kind of object there */
  if (new_size == 0) {
    if (FREES_AT_END || !memory->is_ending) free(block);
    memory->used -= old_size;
    return NULL;
  }
  size_t used = memory->used - old_size + new_size;
  bool is_over = memory->limit > 0 && used > memory->limit;
  if (is_over && new_size > old_size) return NULL;
  void *grown = realloc(block, new_size);
  if (grown != NULL) memory->used = used;
  return grown;
}
