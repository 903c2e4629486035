#include "secret.h"

#include <stdarg.h>
#include <stdio.h>

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

__attribute__((format(printf, 2, 3)))
static void put(writer *out, const char *format, ...) {
  va_list arguments;
  if (out->used + 1 >= out->size) return;
  va_start(arguments, format);
  int length = vsnprintf(out->text + out->used, out->size - out->used, format,
                         arguments);
  va_end(arguments);
  if (length > 0) out->used += (size_t)length;
}

static void put_origins(writer *out, const ul_secret *secret) {
  char text[UL_ORIGIN_TEXT];
  for (size_t i = 0; i < secret->origin_count; i++) {
    ul_origin_print_short(&secret->origins[i], text);
    put(out, "%s%s", i > 0 ? ", " : "", text);
  }
}

void ul_secret_refusal(const ul_secret *secret, const ul_origin *origin,
                       char *text, size_t size) {
  char target[UL_ORIGIN_TEXT];
  writer out = {text, size, 0};
  const char *name = secret->name != NULL ? secret->name : "?";
  ul_origin_print_short(origin, target);
  if (secret->bytes == NULL) {
    put(&out, "the credential %s is closed", name);
  } else if (secret->origin_count == 0) {
    put(&out, "the credential %s is bound to no host; "
        "bind it first: secret:bind('%s')", name, target);
  } else if (!ul_origin_is_allowed(origin)) {
    put(&out, "the credential %s goes by https only, not to %s", name, target);
  } else {
    put(&out, "the credential %s goes to ", name);
    put_origins(&out, secret);
    put(&out, " only, not to %s", target);
  }
}
