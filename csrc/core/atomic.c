#include "atomic.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"
#include "sync.h"

#define LINKS_MAX 40      /* as many as Linux follows */
#define ATTEMPTS_MAX 16   /* names tried before giving up */

/* The bytes of `path` up to and with its last slash. */
static size_t folder_length(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash != NULL ? (size_t)(slash - path) + 1 : 0;
}

static int copy_path(char *to, const char *path) {
  size_t length = strlen(path);
  if (length == 0) return ENOENT;
  if (length >= PATH_MAX) return ENAMETOOLONG;
  memcpy(to, path, length + 1);
  return 0;
}

/* Puts in `path` what the link there points to; ELOOP is a plain success of
** another kind and never comes from here: 0 and `*is_link` false mean that
** there is no link (or nothing at all). */
static int follow_link(char *path, bool *is_link) {
  char target[PATH_MAX];
  ssize_t length = readlink(path, target, sizeof target);
  *is_link = length >= 0;
  if (length < 0) return errno == EINVAL || errno == ENOENT ? 0 : errno;
  size_t folder = target[0] == '/' ? 0 : folder_length(path);
  if (folder + (size_t)length >= PATH_MAX) return ENAMETOOLONG;
  memcpy(path + folder, target, (size_t)length);
  path[folder + (size_t)length] = '\0';
  return 0;
}

/* By hand, not realpath: a link may point to what does not exist yet, and
** /dev/stdout must be known before it turns into the file behind it. */
static int follow_links(char *path) {
  for (int i = 0; i < LINKS_MAX; i++) {
    bool is_link;
    if (ul_io_descriptor_of(path) >= 0) return 0;
    int error = follow_link(path, &is_link);
    if (error != 0 || !is_link) return error;
  }
  return ELOOP;
}

static int open_duplicate(ul_atomic *file, int descriptor) {
  file->descriptor = fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  file->is_open = file->descriptor >= 0;
  return file->is_open ? 0 : errno;
}

static int open_directly(ul_atomic *file, const char *path) {
  int error = ul_io_open(path, O_WRONLY | O_NOCTTY, 0, &file->descriptor);
  file->is_open = error == 0;
  return error;
}

/* A name in the same folder, so that the rename stays within one file
** system, and short, since the other may have all 255 bytes. */
static int name_temporary(ul_atomic *file) {
  uint64_t random;
  int folder = (int)folder_length(file->path);
  if (getrandom(&random, sizeof random, 0) != sizeof random) return errno;
  snprintf(file->temporary, PATH_MAX + 32,
           "%.*s" UL_ATOMIC_PREFIX "%016llx" UL_ATOMIC_SUFFIX, folder,
           file->path, (unsigned long long)random);
  return 0;
}

static int create_temporary(ul_atomic *file, mode_t mode) {
  const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
  int error = EEXIST;
  for (int i = 0; i < ATTEMPTS_MAX && error == EEXIST; i++) {
    error = name_temporary(file);
    if (error == 0)
      error = ul_io_open(file->temporary, flags, mode, &file->descriptor);
  }
  file->is_open = error == 0;
  return error;
}

/* `mode` exactly, whatever the umask: a file with state is 0600. */
static int open_beside(ul_atomic *file, const char *path, mode_t mode) {
  bool is_free = mode == UL_MODE_KEPT;
  file->path = strdup(path);
  file->temporary = malloc(PATH_MAX + 32);
  if (file->path == NULL || file->temporary == NULL) return ENOMEM;
  int error = create_temporary(file, is_free ? 0666 : mode & 0700);
  if (error != 0 || is_free) return error;
  return fchmod(file->descriptor, mode) == 0 ? 0 : errno;
}

static int open_existing(ul_atomic *file, const char *path,
                         const struct stat *found, mode_t mode) {
  if (S_ISDIR(found->st_mode)) return EISDIR;
  if (!S_ISREG(found->st_mode)) return open_directly(file, path);
  if (access(path, W_OK) != 0) return errno;
  if (mode == UL_MODE_KEPT) mode = found->st_mode & 0777;
  return open_beside(file, path, mode);
}

static int open_path(ul_atomic *file, const char *path, mode_t mode) {
  struct stat found;
  int descriptor = ul_io_descriptor_of(path);
  if (descriptor >= 0) return open_duplicate(file, descriptor);
  if (stat(path, &found) == 0)
    return open_existing(file, path, &found, mode);
  if (errno != ENOENT) return errno;
  if (path[strlen(path) - 1] == '/') return EISDIR;
  return open_beside(file, path, mode);
}

int ul_atomic_open(ul_atomic *file, const char *path, mode_t mode) {
  char real[PATH_MAX];
  int error = copy_path(real, path);
  if (error == 0) error = follow_links(real);
  if (error == 0) error = open_path(file, real, mode);
  if (error != 0) ul_atomic_abandon(file);
  return error;
}

void ul_atomic_borrow(ul_atomic *file, int descriptor) {
  file->descriptor = descriptor;
  file->is_open = file->is_borrowed = true;
}

int ul_atomic_write(ul_atomic *file, const char *bytes, size_t length) {
  return ul_io_write(file->descriptor, bytes, length);
}

/* Closes once: after EINTR Linux has closed it already. */
static int close_descriptor(ul_atomic *file) {
  int descriptor = file->descriptor;
  if (!file->is_open) return 0;
  file->is_open = false;
  if (file->is_borrowed) return 0;
  return close(descriptor) == 0 || errno == EINTR ? 0 : errno;
}

static int replace(ul_atomic *file) {
  int error = ul_sync_descriptor(file->descriptor);
  int closing = close_descriptor(file);
  if (error == 0) error = closing;
  if (error == 0 && rename(file->temporary, file->path) != 0) error = errno;
  if (error != 0) return error;
  free(file->temporary);
  file->temporary = NULL;
  return ul_sync_folder_of(file->path);
}

int ul_atomic_commit(ul_atomic *file) {
  int error =
    file->temporary != NULL ? replace(file) : close_descriptor(file);
  ul_atomic_abandon(file);
  return error;
}

void ul_atomic_abandon(ul_atomic *file) {
  close_descriptor(file);
  if (file->temporary != NULL) unlink(file->temporary);
  free(file->temporary);
  free(file->path);
  *file = (ul_atomic){0};
}
