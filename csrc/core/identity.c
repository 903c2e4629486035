/* What tells items apart, see identity.h. */
#include "identity.h"

#include "json_number.h"

#define LIMIT_BYTES ((size_t)1 << 33)

void ul_identity_init(ul_identity *identity) {
  *identity = (ul_identity){.items = 0};
  ul_dictionary_init(&identity->keys, 0);
  ul_buffer_init(&identity->codes, LIMIT_BYTES);
  ul_buffer_init(&identity->first, LIMIT_BYTES);
  ul_buffer_init(&identity->last, LIMIT_BYTES);
}

void ul_identity_free(ul_identity *identity) {
  ul_dictionary_free(&identity->keys);
  ul_buffer_free(&identity->codes);
  ul_buffer_free(&identity->first);
  ul_buffer_free(&identity->last);
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
