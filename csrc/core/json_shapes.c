/* Shapes of objects, see json_shapes.h. */
#include "json_shapes.h"

/* A shape with more children is that of a map, whose keys are data. */
enum { MOST_CHILDREN = 16 };

void ul_shapes_init(ul_shapes *shapes) {
  shapes->count = shapes->named = 1;
  memset(&shapes->shape[0], 0, sizeof shapes->shape[0]);
}

static bool is_key(const ul_shape *shape, const char *key, size_t length) {
  return shape->length == length && memcmp(shape->key, key, length) == 0;
}

static uint32_t find_child(const ul_shapes *shapes, const ul_shape *of,
                           const char *key, size_t length) {
  uint32_t child = of->child;
  while (child != 0 && !is_key(&shapes->shape[child], key, length))
    child = shapes->shape[child].next;
  return child;
}

static bool has_key(const ul_shapes *shapes, uint32_t shape, const char *key,
                    size_t length) {
  for (; shape != 0; shape = shapes->shape[shape].parent)
    if (is_key(&shapes->shape[shape], key, length)) return true;
  return false;
}

static uint32_t make_child(ul_shapes *shapes, uint32_t parent,
                           const char *key, size_t length) {
  ul_shape *of = &shapes->shape[parent];
  if (length > UL_SHAPE_KEY_BYTES || of->count == UL_SHAPE_KEYS ||
      of->children == MOST_CHILDREN || shapes->count == UL_SHAPES ||
      has_key(shapes, parent, key, length))
    return 0;
  ul_shape *made = &shapes->shape[shapes->count];
  *made = (ul_shape){.parent = (uint16_t)parent, .next = of->child,
                     .count = of->count + 1, .length = (uint8_t)length};
  memcpy(made->key, key, length);
  made->key[length] = '"';
  of->children++;
  return of->child = (uint16_t)shapes->count++;
}

uint32_t ul_shapes_next(ul_shapes *shapes, uint32_t shape, const char *key,
                        size_t length) {
  ul_shape *of = &shapes->shape[shape];
  uint32_t child = find_child(shapes, of, key, length);
  if (child == 0) child = make_child(shapes, shape, key, length);
  if (child != 0) of->likely = (uint16_t)child;
  return child;
}
