/* The bounded buffer of buffer.h. */
#include "buffer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY_BYTES 256

void ul_buffer_init(ul_buffer *buffer, size_t limit) {
  *buffer = (ul_buffer){.limit = limit};
}

void ul_buffer_reuse(ul_buffer *buffer, size_t limit) {
  buffer->length = 0;
  buffer->limit = limit;
  buffer->bytes = buffer->block;
}

static size_t consumed(const ul_buffer *buffer) {
  return buffer->block == NULL ? 0 : (size_t)(buffer->bytes - buffer->block);
}

static void move_to_front(ul_buffer *buffer) {
  memmove(buffer->block, buffer->bytes, buffer->length);
  buffer->bytes = buffer->block;
}

/* Doubling, so that n appended bytes cost at most about 2n copied ones. */
static size_t next_capacity(const ul_buffer *buffer, size_t needed) {
  size_t capacity = buffer->capacity;
  if (capacity < FIRST_CAPACITY_BYTES) capacity = FIRST_CAPACITY_BYTES;
  while (capacity < needed && capacity <= buffer->limit / 2) capacity *= 2;
  return capacity < needed ? needed : capacity;
}

static bool move_to_larger(ul_buffer *buffer, size_t needed) {
  size_t capacity = next_capacity(buffer, needed);
  bool all_live = consumed(buffer) == 0;
  char *block = all_live ? realloc(buffer->block, capacity) : malloc(capacity);
  if (block == NULL) return false;
  if (!all_live) {
    memcpy(block, buffer->bytes, buffer->length);
    free(buffer->block);
  }
  buffer->block = buffer->bytes = block;
  buffer->capacity = capacity;
  return true;
}

bool ul_buffer_reserve(ul_buffer *buffer, size_t extra) {
  if (buffer->length > buffer->limit) return false;
  if (extra > buffer->limit - buffer->length) return false;
  size_t needed = buffer->length + extra;
  if (buffer->block == NULL || needed > buffer->capacity)
    return move_to_larger(buffer, needed);
  if (consumed(buffer) + needed <= buffer->capacity) return true;
  /* Moving pays only when what was consumed outweighs what moves; else the
  ** room is at most doubled, so the block never exceeds twice the limit. */
  if (consumed(buffer) < buffer->length)
    return move_to_larger(buffer, needed * 2);
  move_to_front(buffer);
  return true;
}

void ul_buffer_consume(ul_buffer *buffer, size_t size) {
  assert(size <= buffer->length);
  buffer->length -= size;
  buffer->bytes = buffer->length == 0 ? buffer->block : buffer->bytes + size;
}

void ul_buffer_clear(ul_buffer *buffer) {
  ul_buffer_consume(buffer, buffer->length);
}

void ul_buffer_free(ul_buffer *buffer) {
  free(buffer->block);
  ul_buffer_init(buffer, buffer->limit);
}
