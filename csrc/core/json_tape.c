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

/* ---- reading ---- */

/* Containers nest as deep as the reader allowed. */
const char *ul_tape_skip(const char *at) {
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
    at = ul_tape_skip(at);
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
    at = ul_tape_skip(at);
  }
  return NULL;
}

bool ul_tape_follow(ul_path path, ul_buffer *name, const char **at) {
  ul_step step = UL_STEP_NAME;
  while (*at != NULL && step == UL_STEP_NAME) {
    step = ul_path_next(&path, name);
    if (step == UL_STEP_NAME)
      *at = ul_tape_member(*at, name->bytes, name->length);
  }
  return step != UL_STEP_MEMORY;
}
