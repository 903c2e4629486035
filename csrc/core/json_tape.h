/*
** A tape holds JSON values as plain bytes until they are wanted as Lua
** values: containers know how many values they have, so that tables can be
** made with their size; nothing on the tape can raise or be collected.
**
** A value is one byte of ul_tape_type, then
**   integer, real   8 bytes
**   string          4 bytes length, bytes
**   array, object   4 bytes count, then the values; in an object each after
**                   its key: 4 bytes hash, 4 bytes length, bytes
** Numbers stand unaligned, in the machine's order.
*/
#ifndef UL_JSON_TAPE_H
#define UL_JSON_TAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "buffer.h"
#include "json_path.h"

typedef enum ul_tape_type {
  UL_TAPE_NULL,
  UL_TAPE_FALSE,
  UL_TAPE_TRUE,
  UL_TAPE_INTEGER,
  UL_TAPE_REAL,
  UL_TAPE_STRING,
  UL_TAPE_ARRAY,
  UL_TAPE_OBJECT
} ul_tape_type;

/* What the tape of one value, or of the items not yet taken, may hold. It
** keeps every count and length on it within 32 bits. */
#define UL_TAPE_LIMIT_BYTES ((size_t)1 << 31)

typedef struct ul_tape {
  ul_buffer buffer;
  uint64_t consumed; /* bytes taken from the front so far: a position on the */
                     /* tape stays true when the front goes */
} ul_tape;

void ul_tape_init(ul_tape *tape);
void ul_tape_clear(ul_tape *tape);
void ul_tape_free(ul_tape *tape);
void ul_tape_consume(ul_tape *tape, size_t size);

/* ---- writing: false when the tape is full or memory is ---- */

/* Room for `size` bytes, counted as written; NULL when there is none. */
static inline char *ul_tape_extend(ul_tape *tape, size_t size) {
  ul_buffer *buffer = &tape->buffer;
  if (!ul_buffer_has_room(buffer, size) && !ul_buffer_reserve(buffer, size))
    return NULL;
  char *to = buffer->bytes + buffer->length;
  buffer->length += size;
  return to;
}

/* null, false, true */
static inline bool ul_tape_word(ul_tape *tape, ul_tape_type type) {
  char *to = ul_tape_extend(tape, 1);
  if (to == NULL) return false;
  *to = (char)type;
  return true;
}

static inline bool ul_tape_integer(ul_tape *tape, int64_t value) {
  char *to = ul_tape_extend(tape, 1 + sizeof value);
  if (to == NULL) return false;
  *to = (char)UL_TAPE_INTEGER;
  memcpy(to + 1, &value, sizeof value);
  return true;
}

static inline bool ul_tape_real(ul_tape *tape, double value) {
  char *to = ul_tape_extend(tape, 1 + sizeof value);
  if (to == NULL) return false;
  *to = (char)UL_TAPE_REAL;
  memcpy(to + 1, &value, sizeof value);
  return true;
}

static inline void ul_tape_put_u32(char *to, uint32_t value) {
  memcpy(to, &value, sizeof value);
}

static inline bool ul_tape_string(ul_tape *tape, const char *bytes,
                                  size_t length) {
  if (length > UL_TAPE_LIMIT_BYTES) return false;
  char *to = ul_tape_extend(tape, 5 + length);
  if (to == NULL) return false;
  *to = (char)UL_TAPE_STRING;
  ul_tape_put_u32(to + 1, (uint32_t)length);
  memcpy(to + 5, bytes, length);
  return true;
}

static inline bool ul_tape_key(ul_tape *tape, const char *bytes,
                               size_t length, uint32_t hash) {
  if (length > UL_TAPE_LIMIT_BYTES) return false;
  char *to = ul_tape_extend(tape, 8 + length);
  if (to == NULL) return false;
  ul_tape_put_u32(to, hash);
  ul_tape_put_u32(to + 4, (uint32_t)length);
  memcpy(to + 8, bytes, length);
  return true;
}

/* Gives the position that ul_tape_close takes with the number of values. */
static inline bool ul_tape_open(ul_tape *tape, ul_tape_type type,
                                uint64_t *position) {
  *position = tape->consumed + tape->buffer.length;
  char *to = ul_tape_extend(tape, 5);
  if (to == NULL) return false;
  *to = (char)type;
  return true;
}

static inline void ul_tape_close(ul_tape *tape, uint64_t position,
                                 uint32_t count) {
  char *at = tape->buffer.bytes + (position - tape->consumed);
  ul_tape_put_u32(at + 1, count);
}

/* ---- reading ---- */

/* Each takes what it returns off the front of `*at`. */
static inline ul_tape_type ul_tape_take_type(const char **at) {
  return (ul_tape_type)(unsigned char)*(*at)++;
}

static inline uint32_t ul_tape_take_u32(const char **at) {
  uint32_t value;
  memcpy(&value, *at, sizeof value);
  *at += sizeof value;
  return value;
}

static inline int64_t ul_tape_take_integer(const char **at) {
  int64_t value;
  memcpy(&value, *at, sizeof value);
  *at += sizeof value;
  return value;
}

static inline double ul_tape_take_real(const char **at) {
  double value;
  memcpy(&value, *at, sizeof value);
  *at += sizeof value;
  return value;
}

static inline const char *ul_tape_take_bytes(const char **at, size_t length) {
  const char *bytes = *at;
  *at += length;
  return bytes;
}

/* Behind the value at `at`. */
const char *ul_tape_skip(const char *at);

/* The value of the member of that name, where the value at `at` is an object
** that has it; else NULL. */
const char *ul_tape_member(const char *at, const char *name, size_t length);

/* The value that the names of a path lead to from the one at `*at`, or NULL;
** `name` is scratch. False without memory. */
bool ul_tape_follow(ul_path path, ul_buffer *name, const char **at);

#endif
