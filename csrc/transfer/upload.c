#include "upload.h"

#include <stdlib.h>
#include <string.h>

#include "percent.h"

char *ul_upload_pair(ul_text name, ul_text value, size_t *size) {
  *size = ul_percent_length(name.bytes, name.length) + 1 +
          ul_percent_length(value.bytes, value.length) + 1;
  char *pair = malloc(*size);
  if (pair == NULL) return NULL;
  char *end = ul_percent_encode(pair, name.bytes, name.length);
  *end++ = '=';
  end = ul_percent_encode(end, value.bytes, value.length);
  *end = '\0';
  return pair;
}

/* Joins what is there and the pair. */
static char *join(const ul_upload *upload, const char *pair, size_t length) {
  char *body = malloc(upload->length + 1 + length), *end = body;
  if (body == NULL) return NULL;
  if (upload->length > 0) {
    memcpy(body, upload->bytes, upload->length);
    end += upload->length;
    *end++ = '&';
  }
  memcpy(end, pair, length);
  return body;
}

bool ul_upload_add(ul_upload *upload, ul_text name, ul_text value) {
  size_t size;
  char *pair = ul_upload_pair(name, value, &size);
  if (pair == NULL) return false;
  char *body = join(upload, pair, size - 1);
  explicit_bzero(pair, size);
  free(pair);
  if (body == NULL) return false;
  size_t length = upload->length + (upload->length > 0) + size - 1;
  ul_upload_free(upload);
  *upload = (ul_upload){.bytes = body, .length = length, .owned = body};
  return true;
}

void ul_upload_free(ul_upload *upload) {
  char *owned = upload->owned;
  if (owned == NULL) return;
  explicit_bzero(owned, upload->length);
  *upload = (ul_upload){0};
  free(owned);
}
