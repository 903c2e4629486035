/* Items taken apart, see item.h. */
#include "item.h"

#include <string.h>

#include "json_tape.h"

#define LIMIT_BYTES ((size_t)1 << 31)

#define NO_VALUE UINT32_MAX

/* Where several containers share members, they are looked for one by one. */
enum { MEMBERS_SHARED = 64 };

typedef struct node {
  uint32_t name, name_length; /* in `names` */
  uint32_t next;              /* with the same parent; 0: none */
  uint32_t child;
  uint32_t likely;            /* the child to be tried first */
  uint32_t members;           /* what each member of it is; 0: no container */
  uint32_t value;             /* or NO_VALUE */
  ul_item_place place;
} node;

static node *node_at(const ul_item *item, uint32_t index) {
  return (node *)(void *)item->nodes.bytes + index;
}

static uint32_t add_node(ul_item *item) {
  node new = {.value = NO_VALUE};
  if (!ul_buffer_append(&item->nodes, (const char *)&new, sizeof new))
    return 0;
  return (uint32_t)(item->nodes.length / sizeof new) - 1;
}

void ul_item_init(ul_item *item) {
  *item = (ul_item){.members = 0};
  ul_buffer_init(&item->nodes, LIMIT_BYTES);
  ul_buffer_init(&item->names, LIMIT_BYTES);
  ul_buffer_init(&item->found, LIMIT_BYTES);
  ul_buffer_init(&item->keys, LIMIT_BYTES);
  (void)add_node(item);
}

void ul_item_free(ul_item *item) {
  ul_buffer_free(&item->nodes);
  ul_buffer_free(&item->names);
  ul_buffer_free(&item->found);
  ul_buffer_free(&item->keys);
}

/* ---- paths ---- */

static bool has_name(const ul_item *item, const node *n, const char *bytes,
                     size_t length) {
  return n->name_length == length &&
         (length == 0 ||
          memcmp(item->names.bytes + n->name, bytes, length) == 0);
}

static uint32_t child_named(const ul_item *item, const node *parent,
                            const char *bytes, size_t length) {
  uint32_t i = parent->child;
  while (i != 0 && !has_name(item, node_at(item, i), bytes, length))
    i = node_at(item, i)->next;
  return i;
}

uint32_t ul_item_child(ul_item *item, uint32_t parent, const char *name,
                       size_t length) {
  if (item->nodes.length == 0) return 0;
  uint32_t index = child_named(item, node_at(item, parent), name, length);
  if (index != 0) return index;
  index = add_node(item);
  if (index == 0) return 0;
  node *new = node_at(item, index);
  new->name = (uint32_t)item->names.length;
  new->name_length = (uint32_t)length;
  if (!ul_buffer_append(&item->names, name, length)) return 0;
  uint32_t *link = &node_at(item, parent)->child;
  while (*link != 0) link = &node_at(item, *link)->next;
  *link = index;
  return index;
}

uint32_t ul_item_container(ul_item *item, uint32_t parent) {
  if (item->nodes.length == 0) return 0;
  if (node_at(item, parent)->members != 0)
    return node_at(item, parent)->members;
  uint32_t index = add_node(item);
  node_at(item, parent)->members = index;
  item->containers += index != 0;
  return index;
}

uint32_t ul_item_value(ul_item *item, uint32_t index, ul_item_place place) {
  node *n = node_at(item, index);
  if (n->value == NO_VALUE) {
    n->place = place;
    n->value = item->values[place]++;
  }
  return n->value;
}

/* ---- taking apart ---- */

/* What has been found, as a table of pointers. */
static const char **found(const ul_item *item) {
  return (const char **)(void *)item->found.bytes;
}

/* Room for `count` more values, none of which is found yet. */
static bool add_values(ul_item *item, uint32_t count) {
  size_t size = count * sizeof(const char *);
  if (!ul_buffer_has_room(&item->found, size) &&
      !ul_buffer_reserve(&item->found, size))
    return false;
  char *at = item->found.bytes + item->found.length;
  for (size_t i = 0; i < count; i++) ((const char **)(void *)at)[i] = NULL;
  item->found.length += size;
  return true;
}

typedef struct taking {
  ul_item *item;
  uint32_t member; /* the present one */
  ul_item_result result;
} taking;

static const char *take_value(taking *t, node *n, const char *at);

static uint32_t member_named(const ul_item *item, const char *key,
                             size_t length) {
  for (uint32_t tried = 0, i = item->expected; tried < item->members;
       tried++, i++) {
    if (i >= item->members) i = 0;
    const ul_item_key *known = ul_item_key_of(item, i);
    if (known->length == length && memcmp(known->bytes, key, length) == 0)
      return i;
  }
  return item->members;
}

/* The member of that key becomes the present one. */
static bool open_member(taking *t, bool is_shared, const char *key,
                        size_t length) {
  ul_item *item = t->item;
  t->member = is_shared ? member_named(item, key, length) : item->members;
  item->expected = t->member + 1;
  if (t->member < item->members) return true;
  if (is_shared && item->members >= MEMBERS_SHARED) t->result = UL_ITEM_DOUBT;
  ul_item_key new = {key, length};
  if (!ul_buffer_append(&item->keys, (const char *)&new, sizeof new) ||
      !add_values(item, item->values[UL_IN_MEMBER])) {
    t->result = UL_ITEM_NO_MEMORY;
    return false;
  }
  item->members++;
  return true;
}

/* The node of a key, of which those of one kind of object mostly come in one
** order; NULL where no path leads there. */
static node *follow(const ul_item *item, node *n, const char *key,
                    size_t length) {
  if (n->child == 0) return NULL;
  uint32_t i = n->likely;
  if (i == 0 || !has_name(item, node_at(item, i), key, length)) {
    i = child_named(item, n, key, length);
    if (i == 0) return NULL;
  }
  node *child = node_at(item, i);
  n->likely = child->next != 0 ? child->next : n->child;
  return child;
}

static const char *take_members(taking *t, node *n, uint32_t count,
                                const char *at) {
  bool is_shared = t->item->containers > 1 && t->item->members > 0;
  node *each = n->members != 0 ? node_at(t->item, n->members) : NULL;
  t->item->expected = 0;
  for (; count > 0 && t->result != UL_ITEM_NO_MEMORY; count--) {
    ul_tape_take_u32(&at); /* the hash */
    uint32_t length = ul_tape_take_u32(&at);
    const char *key = ul_tape_take_bytes(&at, length);
    if (each != NULL && !open_member(t, is_shared, key, length)) return at;
    at = take_value(t, each != NULL ? each : follow(t->item, n, key, length),
                    at);
  }
  return at;
}

static void set_found(taking *t, const node *n, const char *at) {
  size_t base = 0;
  if (n->place == UL_IN_MEMBER)
    base = t->item->values[UL_IN_ITEM] +
           (size_t)t->member * t->item->values[UL_IN_MEMBER];
  found(t->item)[base + n->value] = at;
}

/* The value at `at`, of which `n` says what it is (NULL: nothing to us). */
static const char *take_value(taking *t, node *n, const char *at) {
  if (n == NULL) return ul_tape_behind(at);
  if (n->value != NO_VALUE) set_found(t, n, at);
  if ((n->child | n->members) == 0) return ul_tape_behind(at);
  const char *inside = at;
  ul_tape_type type = ul_tape_take_type(&inside);
  if (type == UL_TAPE_OBJECT) {
    uint32_t count = ul_tape_take_u32(&inside);
    return take_members(t, n, count, inside);
  }
  if (type != UL_TAPE_NULL) t->result = UL_ITEM_DOUBT;
  return ul_tape_behind(at);
}

ul_item_result ul_item_take(ul_item *item, const char **at) {
  taking t = {.item = item};
  bool is_object = **at == (char)UL_TAPE_OBJECT;
  ul_buffer_clear(&item->found);
  ul_buffer_clear(&item->keys);
  item->members = 0;
  if (item->nodes.length == 0 || !add_values(item, item->values[UL_IN_ITEM]))
    return UL_ITEM_NO_MEMORY;
  *at = take_value(&t, node_at(item, 0), *at);
  if (!is_object && t.result == UL_ITEM_TAKEN) t.result = UL_ITEM_DOUBT;
  return t.result;
}
