/* One item while it is read, see item.h. */
#include "item.h"

#include <string.h>

#include "same.h"

#define LIMIT_BYTES ((size_t)1 << 31)

/* Where several containers share members, they are looked for one by one; an
** item with more of them is judged elsewhere. */
enum { MEMBERS_SHARED = 64 };

void ul_item_init(ul_item *item) {
  *item = (ul_item){.members = 0};
  ul_buffer_init(&item->values, LIMIT_BYTES);
  ul_buffer_init(&item->texts, LIMIT_BYTES);
  ul_buffer_init(&item->keys, LIMIT_BYTES);
}

void ul_item_free(ul_item *item) {
  ul_buffer_free(&item->values);
  ul_buffer_free(&item->texts);
  ul_buffer_free(&item->keys);
}

/* Room for `count` more values, none of which is found yet. */
static bool add_values(ul_item *item, uint32_t count) {
  size_t size = count * sizeof(ul_item_value);
  if (!ul_buffer_has_room(&item->values, size) &&
      !ul_buffer_reserve(&item->values, size + 1))
    return false;
  memset(item->values.bytes + item->values.length, 0, size);
  item->values.length += size;
  return true;
}

bool ul_item_begin(ul_item *item) {
  ul_buffer_clear(&item->values);
  ul_buffer_clear(&item->texts);
  ul_buffer_clear(&item->keys);
  item->members = item->member = item->expected = item->container = 0;
  item->is_doubtful = false;
  return add_values(item, item->own_slots);
}

void ul_item_open_container(ul_item *item) {
  item->expected = 0;
  item->container++;
  item->is_shared = item->members > 0;
}

static bool add_text(ul_item *item, const char *bytes, size_t length) {
  if (!ul_buffer_has_room(&item->texts, length + 1) &&
      !ul_buffer_reserve(&item->texts, length + 1))
    return false;
  memcpy(item->texts.bytes + item->texts.length, bytes, length);
  item->texts.length += length;
  return true;
}

static bool has_key(const ul_item *item, uint32_t member, const char *bytes,
                    size_t length) {
  const ul_item_key *key = ul_item_key_of(item, member);
  return key->length == length &&
         ul_same(ul_item_text(item, key->text), bytes, length);
}

/* Containers mostly have their members in one order. */
static uint32_t member_named(const ul_item *item, const char *bytes,
                             size_t length) {
  uint32_t i = item->expected;
  for (uint32_t tried = 0; tried < item->members; tried++, i++) {
    if (i >= item->members) i = 0;
    if (has_key(item, i, bytes, length)) return i;
  }
  return item->members;
}

static bool add_member(ul_item *item, const char *key, size_t length) {
  ul_item_key new = {item->texts.length, (uint32_t)length, item->container};
  if (!add_text(item, key, length) || !add_values(item, item->member_slots))
    return false;
  return ul_buffer_append(&item->keys, (const char *)&new, sizeof new);
}

static bool is_compared(const ul_item *item) {
  return item->is_shared || item->members < UL_ITEM_FEW_MEMBERS;
}

/* Of an item that has too many it does not matter any more which one it is. */
static ul_item_member give_up(ul_item *item) {
  item->is_doubtful = true;
  item->member = 0;
  return UL_MEMBER_OPEN;
}

ul_item_member ul_item_open_member(ul_item *item, const char *key,
                                   size_t length) {
  if (item->is_shared && item->members > MEMBERS_SHARED) return give_up(item);
  item->member =
    is_compared(item) ? member_named(item, key, length) : item->members;
  item->expected = item->member + 1;
  if (item->member < item->members) {
    ul_item_key *known = (ul_item_key *)(void *)item->keys.bytes + item->member;
    if (known->container == item->container) return UL_MEMBER_TWICE;
    known->container = item->container;
    return UL_MEMBER_OPEN;
  }
  if (!add_member(item, key, length)) return UL_MEMBER_NO_MEMORY;
  item->members++;
  return UL_MEMBER_OPEN;
}

bool ul_item_put_text(ul_item *item, ul_item_value *value, const char *bytes,
                      size_t length) {
  value->type = UL_ITEM_TEXT;
  value->length = (uint32_t)length;
  value->is.text = item->texts.length;
  return add_text(item, bytes, length);
}
