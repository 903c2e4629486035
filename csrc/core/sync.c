#include "sync.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "io.h"

/* Some file systems know no fsync and say so; that is no failure of ours. */
int ul_sync_descriptor(int descriptor) {
  int result;
  do {
    result = fsync(descriptor);
  } while (result != 0 && errno == EINTR);
  if (result == 0 || errno == EINVAL || errno == ENOTSUP) return 0;
  return errno;
}

/* A folder that may be written but not read cannot be opened; then the system
** does it in its own time. */
int ul_sync_folder_of(const char *path) {
  char folder[PATH_MAX];
  int descriptor;
  const char *slash = strrchr(path, '/');
  int length = slash != NULL ? (int)(slash - path) + 1 : 1;
  snprintf(folder, sizeof folder, "%.*s", length, slash != NULL ? path : ".");
  if (ul_io_open(folder, O_RDONLY | O_DIRECTORY, 0, &descriptor) != 0) return 0;
  int error = ul_sync_descriptor(descriptor);
  close(descriptor);
  return error;
}
