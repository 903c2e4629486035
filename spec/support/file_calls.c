/*
** Loaded before the C library (LD_PRELOAD): tells on standard error how files
** are made, brought to the disk and renamed. With CLOSE_FAILS in the environment a
** written file is closed, and that it failed is said; the file that REMOVED
** names is gone when the first one is locked.
*/
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int open(const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  if ((flags & O_CREAT) != 0)
    dprintf(STDERR_FILENO, "open%s%s %o\n", (flags & O_EXCL) != 0 ? " new" : "",
            (flags & O_NOFOLLOW) != 0 ? " no link" : "", (unsigned)mode);
  return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int fsync(int descriptor) {
  struct stat found;
  bool is_folder = fstat(descriptor, &found) == 0 && S_ISDIR(found.st_mode);
  dprintf(STDERR_FILENO, "fsync %s\n", is_folder ? "folder" : "file");
  return (int)syscall(SYS_fsync, descriptor);
}

int rename(const char *from, const char *to) {
  dprintf(STDERR_FILENO, "rename\n");
  return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

/* Its owner removes the file of that name just before it is locked. */
int flock(int descriptor, int operation) {
  static bool is_gone;
  const char *name = getenv("REMOVED");
  if (name != NULL && !is_gone) unlink(name);
  is_gone = true;
  return (int)syscall(SYS_flock, descriptor, operation);
}

int close(int descriptor) {
  struct stat found;
  int flags = fcntl(descriptor, F_GETFL);
  bool is_written = flags >= 0 && (flags & O_ACCMODE) == O_WRONLY &&
                    fstat(descriptor, &found) == 0 && S_ISREG(found.st_mode);
  int result = (int)syscall(SYS_close, descriptor);
  if (!is_written || getenv("CLOSE_FAILS") == NULL) return result;
  errno = ENOSPC;
  return -1;
}
