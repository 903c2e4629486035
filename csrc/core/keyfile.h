/*
** A small file that holds one secret: read into memory that is wiped, without
** the newline at its end. Knows no Lua.
*/
#ifndef UL_KEYFILE_H
#define UL_KEYFILE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct ul_keyfile {
  char *bytes;      /* owned until ul_keyfile_drop */
  size_t length;
  bool is_regular;  /* else a pipe, which can be read only once */
} ul_keyfile;

/* 0, or an errno and nothing to drop; EFBIG where it is over 64 KB. */
int ul_keyfile_load(const char *path, ul_keyfile *file);

/* Wipes and frees; harmless when done before. */
void ul_keyfile_drop(ul_keyfile *file);

/* What went wrong, for a message. */
const char *ul_keyfile_reason(int error);

#endif
