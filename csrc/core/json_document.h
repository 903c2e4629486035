/*
** A whole text of JSON at one go: every document that can be read is checked
** as strictly as by the reader (json_read.h) and laid out in words, from which
** Lua values are built (json_build.h). What is wrong with a text is not said:
** it is left to the reader, and so is what is rare (very long strings).
**
** A word is a ul_word_tag in its lowest bits and what belongs to it above:
**   integer          its value, where that fits
**   wide, real       nothing; the next word is the value
**   text, unescaped  28 bits length, 32 bits where the bytes begin, in the
**                    text or in `unescaped`
**   array            32 bits count, in the upper half; the values follow
**   object           28 bits shape, then 32 bits count of further members; the
**                    values of the shape's keys follow, then the further
**                    members, each a text or unescaped and its value
*/
#ifndef UL_JSON_DOCUMENT_H
#define UL_JSON_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "json_keys.h"
#include "json_shapes.h"

typedef enum ul_word_tag {
  UL_WORD_NULL,
  UL_WORD_FALSE,
  UL_WORD_TRUE,
  UL_WORD_INTEGER,
  UL_WORD_WIDE,
  UL_WORD_REAL,
  UL_WORD_TEXT,
  UL_WORD_UNESCAPED,
  UL_WORD_ARRAY,
  UL_WORD_OBJECT
} ul_word_tag;

enum { UL_WORD_TAG_BITS = 4, UL_WORD_LOW_BITS = 28, UL_WORD_HIGH = 32 };

/* For users: `words`, `shapes`, `built_bytes`. The shapes stay from one
** document to the next while there is room. */
typedef struct ul_document {
  const char *text, *end;
  uint64_t *at, *room_end; /* in `words` */
  ul_buffer words;         /* of uint64_t */
  ul_buffer unescaped;     /* strings that had escapes, end to end */
  ul_json_keys keys;       /* of the open objects that have no shape */
  size_t built_bytes;      /* about what Lua will take, every string new */
  ul_shapes shapes;
} ul_document;

void ul_document_init(ul_document *document, uint64_t seed);
void ul_document_free(ul_document *document);

/* Makes it ready for another; keeps its memory unless that is large. */
void ul_document_clear(ul_document *document);

/* Whether the text, which has a NUL behind it and stays, could be read; the
** words of its value are the caller's until ul_document_clear. */
bool ul_document_read(ul_document *document, const char *text, size_t length,
                      size_t max_depth);

/* ---- words ---- */

static inline ul_word_tag ul_word_tag_of(uint64_t word) {
  return (ul_word_tag)(word & (((uint64_t)1 << UL_WORD_TAG_BITS) - 1));
}

static inline uint32_t ul_word_low(uint64_t word) {
  return (uint32_t)word >> UL_WORD_TAG_BITS;
}

static inline uint32_t ul_word_high(uint64_t word) {
  return (uint32_t)(word >> UL_WORD_HIGH);
}

static inline int64_t ul_word_integer(uint64_t word) {
  int64_t value;
  memcpy(&value, &word, sizeof value);
  return value >> UL_WORD_TAG_BITS;
}

/* The bytes of a text or unescaped. */
static inline const char *ul_word_bytes(const ul_document *document,
                                        uint64_t word) {
  const char *from = ul_word_tag_of(word) == UL_WORD_TEXT
    ? document->text : document->unescaped.bytes;
  return from + ul_word_high(word);
}

#endif
