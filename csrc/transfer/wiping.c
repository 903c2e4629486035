#define _GNU_SOURCE /* dladdr */
#include "wiping.h"

#include <dlfcn.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* --- blocks that were wiped, and wait for whoever asks for such a size --- */

/* A request of libcurl's is made of some forty blocks, the same again for the
** next: most are found here, as new. Rooms of 24, 40, 56 ... bytes, as the C
** library has them, and of 1152, 1280 ... */
#define FINE_BYTES ((size_t)16)
#define FINE_LOSS_BYTES ((size_t)8)
#define FINE_KINDS ((size_t)64)
#define MAX_FINE_BYTES (FINE_KINDS * FINE_BYTES - FINE_LOSS_BYTES)
#define COARSE_BYTES ((size_t)128)
#define COARSE_BEGIN ((size_t)1024)
#define MAX_ROOM_BYTES ((size_t)8 << 10)
#define KINDS (FINE_KINDS + 1 + (MAX_ROOM_BYTES - COARSE_BEGIN) / COARSE_BYTES)
#define MAX_SHELF_BYTES ((size_t)256 << 10)

/* The one mutable static here: libcurl hands no state to its memory functions.
** It belongs to the first thread that asks; all others, and the threads in
** which libcurl looks up names, go to the C library each time. */
static struct {
  _Atomic pthread_t owner;  /* 0: nobody */
  size_t bytes;
  void *first[KINDS];       /* each block begins with the next one's place */
} shelf;

/* The least kind whose rooms hold so many bytes. */
static size_t kind_of(size_t size) {
  if (size <= MAX_FINE_BYTES) {
    size_t kind = (size + FINE_LOSS_BYTES + FINE_BYTES - 1) / FINE_BYTES;
    return kind < 2 ? 2 : kind;
  }
  if (size <= COARSE_BEGIN) return FINE_KINDS + 1;
  return FINE_KINDS + (size - COARSE_BEGIN + COARSE_BYTES - 1) / COARSE_BYTES;
}

static size_t room_of(size_t kind) {
  if (kind <= FINE_KINDS) return kind * FINE_BYTES - FINE_LOSS_BYTES;
  return COARSE_BEGIN + (kind - FINE_KINDS) * COARSE_BYTES;
}

static bool is_ours(void) {
  return atomic_load_explicit(&shelf.owner, memory_order_relaxed) ==
         pthread_self();
}

/* A block of zeros, or NULL: there is none. */
static void *take(size_t size) {
  if (size > MAX_ROOM_BYTES || !is_ours()) return NULL;
  size_t kind = kind_of(size);
  void **block = shelf.first[kind];
  if (block == NULL) return NULL;
  shelf.first[kind] = *block;
  *block = NULL;
  shelf.bytes -= room_of(kind);
  return block;
}

/* A wiped block; false: it has to be freed. */
static bool put(void *block, size_t room) {
  if (room > MAX_ROOM_BYTES || shelf.bytes > MAX_SHELF_BYTES || !is_ours())
    return false;
  size_t kind = kind_of(room);
  if (room_of(kind) > room) kind--;
  void **place = block;
  *place = shelf.first[kind];
  shelf.first[kind] = place;
  shelf.bytes += room_of(kind);
  return true;
}

/* So that it fits whoever asks for such a size later. */
static size_t whole_room(size_t size) {
  return size > MAX_ROOM_BYTES ? size : room_of(kind_of(size));
}

/* Whoever has put an allocator in the place of the C library's is to see every
** block come and go. */
static bool is_of_libc(void *(*allocate)(size_t)) {
#ifdef UL_FREE_ALL
  (void)allocate;
  return false;
#else
  Dl_info theirs, libc;
  void (*function)(void) = abort;
  void *address, *other;
  memcpy(&address, &allocate, sizeof address);
  memcpy(&other, &function, sizeof other);
  return dladdr(address, &theirs) != 0 && dladdr(other, &libc) != 0 &&
         theirs.dli_fbase == libc.dli_fbase;
#endif
}

static void open_shelf(void) {
  pthread_t nobody = 0;
  if (is_of_libc(malloc))
    atomic_compare_exchange_strong(&shelf.owner, &nobody, pthread_self());
}

/* --- what libcurl calls --- */

/* All of a block, with what the allocator added to its size: it may hold
** what stood there when the block was larger. */
static void wipe(void *block, size_t room) {
  memset(block, 0, room);
  /* as in explicit_bzero: else the compiler sees that nobody reads it */
  __asm__ volatile("" : : "r"(block) : "memory");
}

static void *allocate(size_t size) {
  void *block = take(size);
  return block != NULL ? block : malloc(whole_room(size));
}

static void *allocate_zeros(size_t count, size_t size) {
  if (size > 0 && count > SIZE_MAX / size) return NULL;
  void *block = take(count * size);
  return block != NULL ? block : calloc(1, whole_room(count * size));
}

static char *copy(const char *text) {
  size_t size = strlen(text) + 1;
  char *block = allocate(size);
  if (block != NULL) memcpy(block, text, size);
  return block;
}

static void free_wiped(void *block) {
  if (block == NULL) return;
  size_t room = malloc_usable_size(block);
  wipe(block, room);
  if (!put(block, room)) free(block);
}

/* realloc would leave the old bytes where they were. */
static void *move(void *block, size_t room, size_t size) {
  void *moved = allocate(size);
  if (moved == NULL) return NULL;
  memcpy(moved, block, room < size ? room : size);
  free_wiped(block);
  return moved;
}

static void *realloc_wiped(void *block, size_t size) {
  if (block == NULL) return allocate(size);
  size_t room = malloc_usable_size(block);
  bool has_room = size <= room && size >= room / 2;
  return has_room ? block : move(block, room, size);
}

CURLcode ul_wiping_init_curl(void) {
  open_shelf();
  return curl_global_init_mem(CURL_GLOBAL_DEFAULT, allocate, free_wiped,
                              realloc_wiped, copy, allocate_zeros);
}
