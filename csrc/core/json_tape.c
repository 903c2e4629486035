/* Writing tapes, see json_tape.h. */
#include "json_tape.h"

#include <string.h>

void ul_tape_init(ul_tape *tape) {
  ul_buffer_init(&tape->buffer, UL_TAPE_LIMIT_BYTES);
  tape->consumed = 0;
}

void ul_tape_clear(ul_tape *tape) {
  ul_buffer_clear(&tape->buffer);
  tape->consumed = 0;
}

void ul_tape_free(ul_tape *tape) { ul_buffer_free(&tape->buffer); }

void ul_tape_consume(ul_tape *tape, size_t size) {
  ul_buffer_consume(&tape->buffer, size);
  tape->consumed += size;
}

/* Room for `size` bytes, counted as written; NULL when there is none. */
static char *extend(ul_tape *tape, size_t size) {
  ul_buffer *buffer = &tape->buffer;
  if (!ul_buffer_reserve(buffer, size)) return NULL;
  char *to = buffer->bytes + buffer->length;
  buffer->length += size;
  return to;
}

bool ul_tape_word(ul_tape *tape, ul_tape_type type) {
  char *to = extend(tape, 1);
  if (to == NULL) return false;
  *to = (char)type;
  return true;
}

static bool put64(ul_tape *tape, ul_tape_type type, const void *value) {
  char *to = extend(tape, 9);
  if (to == NULL) return false;
  *to = (char)type;
  memcpy(to + 1, value, 8);
  return true;
}

bool ul_tape_integer(ul_tape *tape, int64_t value) {
  return put64(tape, UL_TAPE_INTEGER, &value);
}

bool ul_tape_real(ul_tape *tape, double value) {
  return put64(tape, UL_TAPE_REAL, &value);
}

static void put_u32(char *to, uint32_t value) {
  memcpy(to, &value, sizeof value);
}

bool ul_tape_string(ul_tape *tape, const char *bytes, size_t length) {
  if (length > UL_TAPE_LIMIT_BYTES) return false;
  char *to = extend(tape, 5 + length);
  if (to == NULL) return false;
  *to = (char)UL_TAPE_STRING;
  put_u32(to + 1, (uint32_t)length);
  memcpy(to + 5, bytes, length);
  return true;
}

bool ul_tape_key(ul_tape *tape, const char *bytes, size_t length,
                 uint32_t hash) {
  if (length > UL_TAPE_LIMIT_BYTES) return false;
  char *to = extend(tape, 8 + length);
  if (to == NULL) return false;
  put_u32(to, hash);
  put_u32(to + 4, (uint32_t)length);
  memcpy(to + 8, bytes, length);
  return true;
}

bool ul_tape_open(ul_tape *tape, ul_tape_type type, uint64_t *position) {
  *position = tape->consumed + tape->buffer.length;
  char *to = extend(tape, 5);
  if (to == NULL) return false;
  *to = (char)type;
  return true;
}

void ul_tape_close(ul_tape *tape, uint64_t position, uint32_t count) {
  put_u32(tape->buffer.bytes + (position - tape->consumed) + 1, count);
}

/* ---- reading ---- */

/* Behind the value at `at`. Containers nest as deep as the reader allowed. */
static const char *skip_value(const char *at) {
  ul_tape_type type = ul_tape_take_type(&at);
  if (type == UL_TAPE_INTEGER || type == UL_TAPE_REAL) return at + 8;
  if (type < UL_TAPE_INTEGER) return at;
  uint32_t count = ul_tape_take_u32(&at);
  if (type == UL_TAPE_STRING) return at + count;
  for (; count > 0; count--) {
    if (type == UL_TAPE_OBJECT) {
      ul_tape_take_u32(&at);
      uint32_t length = ul_tape_take_u32(&at);
      at += length;
    }
    at = skip_value(at);
  }
  return at;
}

const char *ul_tape_member(const char *at, const char *name, size_t length) {
  if (ul_tape_take_type(&at) != UL_TAPE_OBJECT) return NULL;
  for (uint32_t count = ul_tape_take_u32(&at); count > 0; count--) {
    ul_tape_take_u32(&at); /* the hash */
    uint32_t key_length = ul_tape_take_u32(&at);
    const char *key = ul_tape_take_bytes(&at, key_length);
    if (key_length == length &&
        (length == 0 || memcmp(key, name, length) == 0))
      return at;
    at = skip_value(at);
  }
  return NULL;
}
