/* O_TMPFILE is Linux's. */
#define _GNU_SOURCE
#include "holding.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"

#define MODE_PRIVATE 0600
#define ATTEMPTS_MAX 16 /* names tried before giving up */

void ul_holding_init(ul_holding *h, size_t memory_bytes) {
  *h = (ul_holding){.file = -1, .memory_bytes = memory_bytes};
  ul_buffer_init(&h->memory, memory_bytes);
}

/* Where the file system knows no files without a name: one that loses it at
** once. */
static int open_named(const char *folder, int *file) {
  char path[PATH_MAX];
  uint64_t random;
  const int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW;
  int error = EEXIST;
  for (int i = 0; i < ATTEMPTS_MAX && error == EEXIST; i++) {
    if (getrandom(&random, sizeof random, 0) != sizeof random) return errno;
    int length = snprintf(path, sizeof path, "%s/.usagelua-%016llx", folder,
                          (unsigned long long)random);
    if (length < 0 || (size_t)length >= sizeof path) return ENAMETOOLONG;
    error = ul_io_open(path, flags, MODE_PRIVATE, file);
  }
  if (error == 0) (void)unlink(path);
  return error;
}

static int open_nameless(const char *folder, int *file) {
#ifdef O_TMPFILE
  int error = ul_io_open(folder, O_RDWR | O_TMPFILE | O_EXCL, MODE_PRIVATE,
                         file);
  if (error != EOPNOTSUPP && error != EISDIR && error != EINVAL) return error;
#endif
  return open_named(folder, file);
}

static int move_to_file(ul_holding *h, const char *folder) {
  int file = -1;
  int error = open_nameless(folder, &file);
  if (error != 0) return error;
  h->file = file;
  error = ul_io_write(file, h->memory.bytes, h->memory.length);
  ul_buffer_free(&h->memory);
  return error;
}

int ul_holding_write(ul_holding *h, const char *folder, const char *bytes,
                     size_t length) {
  int error = 0;
  if (h->file < 0 && length > h->memory_bytes - h->memory.length)
    error = move_to_file(h, folder);
  if (error == 0 && h->file >= 0)
    error = ul_io_write(h->file, bytes, length);
  else if (error == 0 && !ul_buffer_append(&h->memory, bytes, length))
    error = ENOMEM;
  if (error == 0) h->size += length;
  return error;
}

int ul_holding_rewind(ul_holding *h) {
  h->place = 0;
  if (h->file >= 0 && lseek(h->file, 0, SEEK_SET) < 0) return errno;
  return 0;
}

static size_t least(uint64_t a, size_t b) { return a < b ? (size_t)a : b; }

int ul_holding_read(ul_holding *h, char *bytes, size_t room, size_t *length) {
  int error = 0;
  *length = least(h->size - h->place, room);
  if (h->file >= 0) {
    size_t wanted = *length;
    error = ul_io_read(h->file, bytes, wanted, length);
    if (error == 0 && *length < wanted) error = EIO;
  } else if (*length > 0) {
    memcpy(bytes, h->memory.bytes + h->place, *length);
  }
  if (error == 0) h->place += *length;
  return error;
}

void ul_holding_free(ul_holding *h) {
  if (h->file >= 0) close(h->file);
  h->file = -1;
  h->size = h->place = 0;
  ul_buffer_free(&h->memory);
}
