#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int move_up(int descriptor, int *moved) {
  *moved = descriptor;
  if (descriptor > STDERR_FILENO) return 0;
  *moved = fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  int error = *moved < 0 ? errno : 0;
  close(descriptor);
  return error;
}

int ul_io_open(const char *path, int flags, mode_t mode, int *descriptor) {
  int opened;
  do {
    opened = open(path, flags | O_CLOEXEC, mode);
  } while (opened < 0 && errno == EINTR);
  if (opened < 0) return errno;
  return move_up(opened, descriptor);
}

/* Digits and nothing else, or -1. */
static int number(const char *text) {
  if (*text == '\0' || strlen(text) > 6) return -1;
  if (text[strspn(text, "0123456789")] != '\0') return -1;
  return atoi(text);
}

int ul_io_descriptor_of(const char *path) {
  static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
  if (strcmp(path, "/dev/stdin") == 0) return STDIN_FILENO;
  if (strcmp(path, "/dev/stdout") == 0) return STDOUT_FILENO;
  if (strcmp(path, "/dev/stderr") == 0) return STDERR_FILENO;
  for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
    size_t length = strlen(folders[i]);
    if (strncmp(path, folders[i], length) == 0) return number(path + length);
  }
  return -1;
}

int ul_io_read(int descriptor, char *bytes, size_t size, size_t *length) {
  *length = 0;
  while (*length < size) {
    ssize_t count = read(descriptor, bytes + *length, size - *length);
    if (count == 0) break;
    if (count > 0) *length += (size_t)count;
    if (count < 0 && errno != EINTR) return errno;
  }
  return 0;
}

/* A parent may have left the pipe in non-blocking mode. */
static void wait_until_writable(int descriptor) {
  struct pollfd wanted = {.fd = descriptor, .events = POLLOUT};
  poll(&wanted, 1, -1);
}

int ul_io_write(int descriptor, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t count = write(descriptor, bytes, length);
    if (count > 0) {
      bytes += count;
      length -= (size_t)count;
    } else if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      wait_until_writable(descriptor);
    } else if (count < 0 && errno != EINTR) {
      return errno;
    }
  }
  return 0;
}
