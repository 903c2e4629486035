/* What tells items apart, see identity.h. */
#include "identity.h"

#include "json_keys.h"
#include "json_number.h"

#define LIMIT_BYTES ((size_t)1 << 33)

void ul_identity_init(ul_identity *identity) {
  *identity = (ul_identity){.items = 0};
  ul_dictionary_init(&identity->keys, 0);
  ul_buffer_init(&identity->codes, LIMIT_BYTES);
  ul_buffer_init(&identity->first, LIMIT_BYTES);
  ul_buffer_init(&identity->last, LIMIT_BYTES);
  ul_buffer_init(&identity->again, LIMIT_BYTES);
  identity->seed = ul_keys_seed();
}

void ul_identity_free(ul_identity *identity) {
  ul_dictionary_free(&identity->keys);
  ul_buffer_free(&identity->codes);
  ul_buffer_free(&identity->first);
  ul_buffer_free(&identity->last);
  ul_buffer_free(&identity->again);
  ul_seen_free(&identity->seen);
}

/* 0 for what is no key, and without memory. */
static uint32_t code_of(ul_identity *identity, const ul_item *item,
                        const ul_item_value *value) {
  if (value->type == UL_ITEM_TEXT)
    return ul_dictionary_append(&identity->keys,
                                ul_item_text(item, value->is.text),
                                value->length);
  char digits[UL_NUMBER_TEXT_BYTES];
  size_t length = ul_number_print_integer(digits, value->is.integer);
  return ul_dictionary_append(&identity->keys, digits, length);
}

static ul_identity_result note_key(ul_identity *identity, const ul_item *item,
                                   bool is_object) {
  static const ul_item_value nothing;
  const ul_item_value *value =
    is_object ? ul_item_own(item, identity->slot) : &nothing;
  bool is_key = value->type == UL_ITEM_TEXT || value->type == UL_ITEM_INTEGER;
  uint32_t code = is_key ? code_of(identity, item, value) : 0;
  if (is_key && code == 0) return UL_IDENTITY_NO_MEMORY;
  if (!ul_buffer_append(&identity->codes, (const char *)&code, sizeof code))
    return UL_IDENTITY_NO_MEMORY;
  return is_key ? UL_IDENTITY_NOTED : UL_IDENTITY_DOUBT;
}

static bool add_value(ul_buffer *values, const char *bytes, size_t size) {
  uint32_t length = (uint32_t)size;
  return ul_buffer_append(values, (const char *)&length, sizeof length) &&
         ul_buffer_append(values, bytes, size);
}

/* The value behind those that are there; what is no text and no integer is
** not there, and the mapper's to judge. */
static bool spell(ul_buffer *values, const ul_item *item,
                  const ul_item_value *value) {
  const uint32_t absent = UL_IDENTITY_ABSENT;
  char digits[UL_NUMBER_TEXT_BYTES];
  switch (value->type) {
    case UL_ITEM_TEXT:
      return add_value(values, ul_item_text(item, value->is.text),
                       value->length);
    case UL_ITEM_INTEGER:
      return add_value(values, digits,
                       ul_number_print_integer(digits, value->is.integer));
    default:
      return ul_buffer_append(values, (const char *)&absent, sizeof absent);
  }
}

/* An empty text names nobody. */
static bool is_there(const ul_item_value *value) {
  return value->type == UL_ITEM_TEXT ? value->length > 0
                                     : value->type == UL_ITEM_INTEGER;
}

/* Of one value behind others. Two rows of values are taken for one by a chance
** of one in thousands of millions. */
static uint64_t print_on(uint64_t print, const ul_item *item,
                         const ul_item_value *value) {
  char digits[UL_NUMBER_TEXT_BYTES];
  switch (value->type) {
    case UL_ITEM_TEXT:
      return ul_keys_print(print, ul_item_text(item, value->is.text),
                           value->length);
    case UL_ITEM_INTEGER:
      return ul_keys_print(
        print, digits, ul_number_print_integer(digits, value->is.integer));
    default: return ul_keys_print(~print, "", 0);
  }
}

static bool note_again(ul_identity *identity, const ul_item *item) {
  if (identity->again_item != 0) return true;
  identity->again_item = identity->items + 1;
  for (uint32_t i = 0; i < identity->slot_count; i++)
    if (!spell(&identity->again, item,
               ul_item_own(item, identity->slots[i])))
      return false;
  return true;
}

/* An item whose first value is not there is like no other. */
static bool note_values(ul_identity *identity, const ul_item *item) {
  uint64_t print = identity->seed;
  if (!is_there(ul_item_own(item, identity->slots[0]))) return true;
  for (uint32_t i = 0; i < identity->slot_count; i++)
    print = print_on(print, item, ul_item_own(item, identity->slots[i]));
  switch (ul_seen_note(&identity->seen, print)) {
    case UL_SEEN_NO_MEMORY: return false;
    case UL_SEEN_AGAIN: return note_again(identity, item);
    case UL_SEEN_NEW: break;
  }
  return true;
}

static bool note_ends(ul_identity *identity, const char *bytes,
                      size_t length) {
  ul_buffer *end = identity->items == 0 ? &identity->first : &identity->last;
  ul_buffer_clear(end);
  return bytes == NULL || ul_buffer_append(end, bytes, length);
}

ul_identity_result ul_identity_note_item(ul_identity *identity,
                                         const ul_item *item,
                                         const char *bytes, size_t length) {
  ul_identity_result result = UL_IDENTITY_NOTED;
  if (identity->has_key) result = note_key(identity, item, bytes != NULL);
  if (identity->has_ends && !note_ends(identity, bytes, length))
    result = UL_IDENTITY_NO_MEMORY;
  if (identity->slot_count > 0 && bytes != NULL &&
      !note_values(identity, item))
    result = UL_IDENTITY_NO_MEMORY;
  identity->items++;
  return result;
}

const char *ul_identity_key(const ul_identity *identity, uint64_t item,
                            size_t *length) {
  const uint32_t *codes =
    (const uint32_t *)(const void *)identity->codes.bytes;
  return codes[item] != 0
           ? ul_dictionary_text(&identity->keys, codes[item], length)
           : NULL;
}
