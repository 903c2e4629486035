/*
** A growable run of bytes with a named upper limit, in plain C. Bytes are
** appended at the end and consumed from the front; consuming moves nothing
** until the room is needed, so a long stream of small pieces stays linear.
** The buffer owns its memory; what it appends is copied. It never aborts:
** a full buffer or a lack of memory is a return value.
*/
#ifndef UL_BUFFER_H
#define UL_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

typedef struct ul_buffer {
  char *bytes;     /* the first byte not yet consumed; NULL until the first */
                   /* append; moved by append, reserve and consume */
  size_t length;   /* bytes there are */
  size_t limit;    /* `length` never goes beyond */
  char *block;     /* private: what malloc gave */
  size_t capacity; /* private: its size */
} ul_buffer;

/* An empty buffer that owns nothing yet. */
void ul_buffer_init(ul_buffer *buffer, size_t limit);

/* Empties one, which may be zeroed, and keeps what it owns. */
void ul_buffer_reuse(ul_buffer *buffer, size_t limit);

/* Room for `extra` more bytes behind the last; they may be written at
** `bytes + length` and are then counted by raising `length`. False, and
** nothing changed, when the limit or the memory does not allow it. */
bool ul_buffer_reserve(ul_buffer *buffer, size_t extra);

/* Drops `size` (at most `length`) bytes from the front. */
void ul_buffer_consume(ul_buffer *buffer, size_t size);

/* Whether ul_buffer_reserve has nothing to do. */
static inline bool ul_buffer_has_room(const ul_buffer *buffer, size_t extra) {
  if (buffer->block == NULL) return false;
  size_t used = (size_t)(buffer->bytes - buffer->block) + buffer->length;
  return extra <= buffer->capacity - used &&
         extra <= buffer->limit - buffer->length;
}

/* Copies `size` bytes to the end: all of them, or none and false. */
static inline bool ul_buffer_append(ul_buffer *buffer, const char *bytes,
                                    size_t size) {
  if (size == 0) return true;
  if (!ul_buffer_has_room(buffer, size) && !ul_buffer_reserve(buffer, size))
    return false;
  memcpy(buffer->bytes + buffer->length, bytes, size);
  buffer->length += size;
  return true;
}

/* Empties it and keeps the memory. */
void ul_buffer_clear(ul_buffer *buffer);

/* Gives the memory back; the buffer is empty and may be used again. */
void ul_buffer_free(ul_buffer *buffer);

#endif
