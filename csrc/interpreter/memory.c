#include "memory.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_BYTES ((size_t)64 << 10)

typedef struct ul_unused {
  struct ul_unused *next;
} ul_unused;

static bool is_small(size_t size) { return size <= UL_MEMORY_SMALL; }

static size_t steps_of(size_t size) {
  return (size + UL_MEMORY_STEP - 1) / UL_MEMORY_STEP;
}

/* What is left of the last page is less than a small block. */
static void *cut(ul_memory *memory, size_t size) {
  if ((size_t)(memory->page_end - memory->page) < size) {
    char *page = malloc(PAGE_BYTES);
    if (page == NULL) return NULL;
    memory->page = page;
    memory->page_end = page + PAGE_BYTES;
  }
  void *block = memory->page;
  memory->page += size;
  return block;
}

static void *take(ul_memory *memory, size_t size) {
  if (!is_small(size)) return malloc(size);
  size_t steps = steps_of(size);
  ul_unused *block = memory->unused[steps];
  if (block == NULL) return cut(memory, steps * UL_MEMORY_STEP);
  memory->unused[steps] = block->next;
  return block;
}

static void give_back(ul_memory *memory, void *block, size_t size) {
  if (!is_small(size)) {
    free(block);
    return;
  }
  if (block == NULL) return;
  ul_unused *unused = block;
  unused->next = memory->unused[steps_of(size)];
  memory->unused[steps_of(size)] = unused;
}

/* Lua relies on blocks that become smaller: one that cannot move stays. */
static void *move(ul_memory *memory, void *block, size_t old_size,
                  size_t new_size) {
  void *moved = take(memory, new_size);
  if (moved == NULL) return new_size <= old_size ? block : NULL;
  memcpy(moved, block, old_size < new_size ? old_size : new_size);
  give_back(memory, block, old_size);
  return moved;
}

static void *resize(ul_memory *memory, void *block, size_t old_size,
                    size_t new_size) {
  if (block == NULL) return take(memory, new_size);
  if (!is_small(old_size) && !is_small(new_size))
    return realloc(block, new_size);
  if (steps_of(old_size) == steps_of(new_size)) return block;
  return move(memory, block, old_size, new_size);
}

void *ul_memory_alloc(void *ud, void *block, size_t old_size, size_t new_size) {
  ul_memory *memory = ud;
  if (block == NULL) old_size = 0; /* Lua passes the kind of object there */
  if (new_size == 0) {
    if (UL_MEMORY_SMALL == 0 || !memory->is_ending)
      give_back(memory, block, old_size);
    memory->used -= old_size;
    return NULL;
  }
  size_t used = memory->used - old_size + new_size;
  bool is_over = memory->limit > 0 && used > memory->limit;
  if (is_over && new_size > old_size) return NULL;
  void *grown = resize(memory, block, old_size, new_size);
  if (grown != NULL) memory->used = used;
  return grown;
}
