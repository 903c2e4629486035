#include "keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"

#define BYTES_MAX ((size_t)64 * 1024)  /* the longest tokens have 8 KB */

void ul_keyfile_drop(ul_keyfile *file) {
  if (file->bytes != NULL) explicit_bzero(file->bytes, BYTES_MAX + 1);
  free(file->bytes);
  file->bytes = NULL;
}

static void strip_newline(ul_keyfile *file) {
  if (file->length == 0 || file->bytes[file->length - 1] != '\n') return;
  file->length--;
  if (file->length > 0 && file->bytes[file->length - 1] == '\r') file->length--;
}

static int read_from(int descriptor, ul_keyfile *file) {
  struct stat found;
  file->bytes = malloc(BYTES_MAX + 1);
  if (file->bytes == NULL) return ENOMEM;
  if (fstat(descriptor, &found) != 0) return errno;
  file->is_regular = S_ISREG(found.st_mode);
  int error =
    ul_io_read(descriptor, file->bytes, BYTES_MAX + 1, &file->length);
  return error == 0 && file->length > BYTES_MAX ? EFBIG : error;
}

int ul_keyfile_load(const char *path, ul_keyfile *file) {
  int descriptor;
  *file = (ul_keyfile){0};
  int error = ul_io_open(path, O_RDONLY | O_NOCTTY, 0, &descriptor);
  if (error != 0) return error;
  error = read_from(descriptor, file);
  close(descriptor);
  if (error != 0)
    ul_keyfile_drop(file);
  else
    strip_newline(file);
  return error;
}

const char *ul_keyfile_reason(int error) {
  return error == EFBIG ? "it is larger than 64 KB" : strerror(error);
}
