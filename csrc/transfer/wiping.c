#include "wiping.h"

#include <malloc.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* All of a block, with what the allocator added to its size: it may hold
** what stood there when the block was larger. */
static void wipe(void *block) {
  memset(block, 0, malloc_usable_size(block));
  /* as in explicit_bzero: else the compiler sees that nobody reads it */
  __asm__ volatile("" : : "r"(block) : "memory");
}

static void free_wiped(void *block) {
  if (block == NULL) return;
  wipe(block);
  free(block);
}

/* realloc would leave the old bytes where they were. */
static void *move(void *block, size_t room, size_t size) {
  void *moved = malloc(size);
  if (moved == NULL) return NULL;
  memcpy(moved, block, room < size ? room : size);
  free_wiped(block);
  return moved;
}

static void *realloc_wiped(void *block, size_t size) {
  if (block == NULL) return malloc(size);
  size_t room = malloc_usable_size(block);
  bool has_room = size <= room && size >= room / 2;
  return has_room ? block : move(block, room, size);
}

CURLcode ul_wiping_init_curl(void) {
  return curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, free_wiped,
                              realloc_wiped, strdup, calloc);
}
