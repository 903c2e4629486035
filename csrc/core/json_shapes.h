/*
** The shapes of objects: which keys they have, in which order. Documents have
** few of them. A shape is one key behind the keys of another shape, so an
** object is followed from key to key, and the key that came the last time is
** tried first; one that is found this way stands in its object only once.
** There is room for so many shapes and no more: what has none is for others.
*/
#ifndef UL_JSON_SHAPES_H
#define UL_JSON_SHAPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
  UL_SHAPES = 1024,
  UL_SHAPE_KEYS = 64,     /* of one shape */
  UL_SHAPE_KEY_BYTES = 40 /* Lua does not intern longer ones either */
};

typedef struct ul_shape {
  uint16_t parent; /* the shape without the last key; 0 is the empty shape */
  uint16_t likely; /* the child that was taken the last time; 0: none */
  uint16_t child;  /* the first one, 0: none */
  uint16_t next;   /* the parent's next child, 0: none */
  uint8_t count;   /* keys, with its own */
  uint8_t children;
  uint8_t length; /* of its own key */
  char key[UL_SHAPE_KEY_BYTES + 1]; /* and the quote behind it */
} ul_shape;

typedef struct ul_shapes {
  uint32_t count; /* with the empty one */
  uint32_t named; /* for users: up to which they know the keys; 1 at first */
  ul_shape shape[UL_SHAPES];
} ul_shapes;

void ul_shapes_init(ul_shapes *shapes);

/* The shape of those keys and one more, which becomes the likely one. It is
** made where it is not there yet; 0 where it cannot be: the key stands in the
** shape, is too long, or there are too many. */
uint32_t ul_shapes_next(ul_shapes *shapes, uint32_t shape, const char *key,
                        size_t length);

static inline bool ul_same_8(const char *a, const char *b) {
  uint64_t first, second;
  memcpy(&first, a, sizeof first);
  memcpy(&second, b, sizeof second);
  return first == second;
}

static inline bool ul_same_4(const char *a, const char *b) {
  uint32_t first, second;
  memcpy(&first, a, sizeof first);
  memcpy(&second, b, sizeof second);
  return first == second;
}

/* The last bytes are looked at together with some of those before. */
static inline bool ul_same_bytes(const char *a, const char *b, size_t size) {
  if (size >= 8) {
    for (size_t i = 0; i + 8 < size; i += 8)
      if (!ul_same_8(a + i, b + i)) return false;
    return ul_same_8(a + size - 8, b + size - 8);
  }
  if (size >= 4) return ul_same_4(a, b) && ul_same_4(a + size - 4, b + size - 4);
  for (size_t i = 0; i < size; i++)
    if (a[i] != b[i]) return false;
  return true;
}

/* Whether the text, of which so many bytes may be looked at, is the key of
** that shape and a quote. */
static inline bool ul_shape_has_key(const ul_shape *shape, const char *text,
                                    size_t size) {
  return size > shape->length &&
         ul_same_bytes(text, shape->key, shape->length + (size_t)1);
}

#endif
