/* One item while it is read, see item.h. */
#include "item.h"

#include <string.h>

#include "same.h"

#define LIMIT_BYTES ((size_t)1 << 31)

void ul_item_init(ul_item *item) {
  *item = (ul_item){.version = 1, .newest = 1};
  ul_buffer_init(&item->values, LIMIT_BYTES);
  ul_buffer_init(&item->texts, LIMIT_BYTES);
  ul_buffer_init(&item->keys, LIMIT_BYTES);
  ul_buffer_init(&item->names, LIMIT_BYTES);
}

void ul_item_free(ul_item *item) {
  ul_buffer_free(&item->values);
  ul_buffer_free(&item->texts);
  ul_buffer_free(&item->keys);
  ul_buffer_free(&item->names);
  item->version = ++item->newest;
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

/* An item is expected to have as many members as the one before, or some
** more, and no more than there are keys. */
static uint32_t expected_members(const ul_item *item) {
  size_t known = item->keys.length / sizeof(ul_item_key);
  size_t expected = item->members + UL_ITEM_MORE_MEMBERS;
  if (expected > UL_ITEM_SHARED_MEMBERS) expected = UL_ITEM_SHARED_MEMBERS;
  return (uint32_t)(known < expected ? known : expected);
}

/* Room for the values of the item and of its first members, none of which is
** found yet. */
static bool make_room(ul_item *item, uint32_t members) {
  size_t slots = item->own_slots + (size_t)members * item->member_slots;
  size_t size = slots * sizeof(ul_item_value);
  if (!ul_buffer_has_room(&item->values, size + 1) &&
      !ul_buffer_reserve(&item->values, size + 1))
    return false;
  memset(item->values.bytes, 0, size);
  item->values.length = item->own_slots * sizeof(ul_item_value);
  item->room = members;
  return true;
}

static void empty(ul_item *item) {
  ul_buffer_clear(&item->values);
  ul_buffer_clear(&item->texts);
  item->members = item->member = item->expected = 0;
  item->is_shared = item->is_unsure = item->is_doubtful = false;
}

bool ul_item_begin(ul_item *item) {
  uint32_t members = expected_members(item);
  empty(item);
  return make_room(item, members) || make_room(item, 0);
}

bool ul_item_begin_with(ul_item *item, uint32_t members) {
  empty(item);
  return make_room(item, members);
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

static bool has_key(const ul_item *item, uint32_t index, const char *bytes,
                    size_t length) {
  const ul_item_key *key = ul_item_key_at(item, index);
  return key->length == length &&
         ul_same(ul_item_name(item, key), bytes, length);
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

/* Whether the item before had its next new member under this key too. Keys
** that are there are all different, so it needs no other look. */
static bool is_known(const ul_item *item, const char *bytes, size_t length) {
  size_t known = item->keys.length / sizeof(ul_item_key);
  return item->members < known && has_key(item, item->members, bytes, length);
}

/* The next key; those left over go, of which it is none. */
static bool add_key(ul_item *item, const char *bytes, size_t length) {
  ul_buffer *names = &item->names, *keys = &item->keys;
  if (item->members * sizeof(ul_item_key) < keys->length) {
    names->length = ul_item_key_at(item, item->members)->name;
    keys->length = item->members * sizeof(ul_item_key);
  }
  item->version = ++item->newest;
  ul_item_key new = {.name = names->length, .length = (uint32_t)length};
  /* One byte more, so that there is memory to point to for empty keys. */
  if (!ul_buffer_has_room(names, length + 1) &&
      !ul_buffer_reserve(names, length + 1))
    return false;
  if (!ul_buffer_append(keys, (const char *)&new, sizeof new)) return false;
  memcpy(names->bytes + names->length, bytes, length);
  names->length += length;
  return true;
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

static ul_item_member add_member(ul_item *item, const char *key,
                                 size_t length, bool is_there) {
  item->is_unsure = item->is_unsure || (!is_there && !is_compared(item));
  if ((!is_there && !add_key(item, key, length)) ||
      !add_values(item, item->member_slots))
    return UL_MEMBER_NO_MEMORY;
  ul_item_key_at(item, item->members)->container = item->container;
  item->member = item->members++;
  item->expected = item->members;
  return UL_MEMBER_OPEN;
}

ul_item_member ul_item_open_member(ul_item *item, const char *key,
                                   size_t length) {
  if (item->is_shared && item->members > UL_ITEM_SHARED_MEMBERS)
    return give_up(item);
  if (item->expected == item->members && !item->is_shared &&
      is_known(item, key, length))
    return add_member(item, key, length, true);
  uint32_t member =
    is_compared(item) ? member_named(item, key, length) : item->members;
  if (member == item->members)
    return add_member(item, key, length, is_known(item, key, length));
  ul_item_key *known = ul_item_key_at(item, member);
  item->member = member;
  item->expected = member + 1;
  if (known->container == item->container) return UL_MEMBER_TWICE;
  known->container = item->container;
  return UL_MEMBER_OPEN;
}

/* All of them have the empty key. */
bool ul_item_open_next(ul_item *item) {
  return add_member(item, "", 0, is_known(item, "", 0)) == UL_MEMBER_OPEN;
}

bool ul_item_set_keys(ul_item *item, const ul_item_key *keys,
                      const char *names, uint32_t count, uint64_t *own) {
  ul_buffer_clear(&item->keys);
  ul_buffer_clear(&item->names);
  item->version = ++item->newest;
  for (uint32_t i = 0; i < count; i++) {
    ul_item_key key = keys[i];
    key.name = item->names.length;
    if (!ul_buffer_reserve(&item->names, key.length + (size_t)1) ||
        !ul_buffer_append(&item->names, names + keys[i].name, key.length) ||
        !ul_buffer_append(&item->keys, (const char *)&key, sizeof key))
      return false;
  }
  if (*own == 0) *own = item->version;
  item->version = *own;
  return true;
}

bool ul_item_put_text(ul_item *item, ul_item_value *value, const char *bytes,
                      size_t length) {
  value->type = UL_ITEM_TEXT;
  value->length = (uint32_t)length;
  value->is.text = item->texts.length;
  return add_text(item, bytes, length);
}
