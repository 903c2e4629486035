/*
** Bytes that are written once and then read as often as wanted: in memory at
** first, beyond a limit in a file that has no name and is gone with its
** descriptor, however the process ends. Plain C; owns the memory and the
** descriptor. All calls that may fail return 0 or an errno.
*/
#ifndef UL_HOLDING_H
#define UL_HOLDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"

typedef struct ul_holding {
  ul_buffer memory;    /* all bytes, while there is no file */
  size_t memory_bytes; /* what it may hold */
  int file;            /* -1: none */
  uint64_t size;       /* bytes written */
  uint64_t place;      /* of the reading */
} ul_holding;

void ul_holding_init(ul_holding *holding, size_t memory_bytes);

/* `folder` is where the file is made. */
int ul_holding_write(ul_holding *holding, const char *folder,
                     const char *bytes, size_t length);

/* Reading begins (again) at the first byte. */
int ul_holding_rewind(ul_holding *holding);

/* The next bytes, `room` at most; none behind the last. */
int ul_holding_read(ul_holding *holding, char *bytes, size_t room,
                    size_t *length);

void ul_holding_free(ul_holding *holding);

#endif
