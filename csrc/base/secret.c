#include "secret.h"

#include <string.h>

#include "misprint.h"

bool ul_secret_allows(const ul_secret *secret, const ul_origin *origin) {
  if (secret->bytes == NULL || !ul_origin_is_allowed(origin)) return false;
  for (size_t i = 0; i < secret->origin_count; i++)
    if (ul_origin_equal(&secret->origins[i], origin)) return true;
  return false;
}

typedef struct writer {
  char *text;
  size_t size, used;
} writer;

/* Appends what there is room for; the text always ends with NUL. */
static void put(writer *out, const char *text) {
  size_t room = out->size - out->used - 1, length = strlen(text);
  if (length > room) length = room;
  memcpy(out->text + out->used, text, length);
  out->used += length;
  out->text[out->used] = '\0';
}

static void put_origins(writer *out, const ul_secret *secret) {
  char text[UL_ORIGIN_TEXT];
  for (size_t i = 0; i < secret->origin_count; i++) {
    ul_origin_print_short(&secret->origins[i], text);
    if (i > 0) put(out, ", ");
    put(out, text);
  }
}

static void put_misprint(writer *out, const ul_origin *origin) {
  const char *misprint = ul_misprint_of(origin);
  if (misprint == NULL) return;
  put(out, ": ");
  put(out, misprint);
}

static void put_reason(writer *out, const ul_secret *secret,
                       const ul_origin *origin) {
  char target[UL_ORIGIN_TEXT];
  ul_origin_print_short(origin, target);
  if (secret->bytes == NULL) {
    put(out, " is closed");
  } else if (secret->origin_count == 0) {
    put(out, " is bound to no host; bind it first: secret:bind('");
    put(out, target);
    put(out, "')");
  } else if (!ul_origin_is_allowed(origin)) {
    put(out, " goes by https only, not to ");
    put(out, target);
  } else {
    put(out, " goes to ");
    put_origins(out, secret);
    put(out, " only, not to ");
    put(out, target);
    put_misprint(out, origin);
  }
}

void ul_secret_refusal(const ul_secret *secret, const ul_origin *origin,
                       char *text, size_t size) {
  writer out = {text, size, 0};
  put(&out, "the credential ");
  put(&out, secret->name != NULL ? secret->name : "?");
  put_reason(&out, secret, origin);
}
