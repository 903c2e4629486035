/*
** The body of a request: bytes of a Lua string that the exchange keeps, or of
** this module's own where a credential stands in them, which are wiped.
*/
#ifndef UL_UPLOAD_H
#define UL_UPLOAD_H

#include <stdbool.h>
#include <stddef.h>

#include "field.h"

typedef struct ul_upload {
  const char *bytes;     /* NULL: no body */
  size_t length, sent;
  char *owned;           /* what `bytes` is, where it is ours; or NULL */
} ul_upload;

/* Puts `name=value` behind what is there, percent-encoded as a form has it.
** False: no memory. */
bool ul_upload_add(ul_upload *upload, ul_text name, ul_text value);

/* Wipes and frees what is ours; the rest stays as it is. */
void ul_upload_free(ul_upload *upload);

/* `name=value`, percent-encoded and ended with NUL; `*size` (the NUL counts)
** is what to wipe before it is freed. NULL: no memory. */
char *ul_upload_pair(ul_text name, ul_text value, size_t *size);

#endif
