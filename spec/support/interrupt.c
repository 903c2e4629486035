/*
** A signal at a chosen point of a program: loaded before the C library
** (LD_PRELOAD), it counts the calls by which a program touches files and the
** network, in the program named by INTERRUPT_IN, and sends it the signal
** INTERRUPT_BY before call number INTERRUPT_AT. The file INTERRUPT_COUNT, of
** eight bytes, holds the count while it runs.
*/
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static _Atomic int64_t own_count;
static _Atomic int64_t *count = &own_count;
static int64_t at;
static int by;

static int64_t number(const char *name) {
  const char *text = getenv(name);
  return text != NULL ? strtoll(text, NULL, 10) : 0;
}

static void share_count(const char *path) {
  int fd = open(path, O_RDWR);
  if (fd < 0) return;
  void *page = mmap(NULL, sizeof own_count, PROT_READ | PROT_WRITE, MAP_SHARED,
                    fd, 0);
  if (page != MAP_FAILED) count = page;
  close(fd);
}

__attribute__((constructor)) static void begin(void) {
  const char *program = getenv("INTERRUPT_IN");
  if (program == NULL || strcmp(program, program_invocation_short_name) != 0)
    return;
  if (getenv("INTERRUPT_COUNT") != NULL) share_count(getenv("INTERRUPT_COUNT"));
  atomic_store(count, 0);
  by = (int)number("INTERRUPT_BY");
  at = number("INTERRUPT_AT");
}

static void pass(void) {
  if (atomic_fetch_add(count, 1) + 1 == at && at > 0) kill(getpid(), by);
}

#define NEXT(name) \
  static __typeof__(name) *next; \
  if (next == NULL) next = (__typeof__(name) *)dlsym(RTLD_NEXT, #name); \
  pass()

static mode_t mode_of(int flags, va_list more) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;
}

int open(const char *path, int flags, ...) {
  NEXT(open);
  va_list more;
  va_start(more, flags);
  mode_t mode = mode_of(flags, more);
  va_end(more);
  return next(path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...) {
  NEXT(openat);
  va_list more;
  va_start(more, flags);
  mode_t mode = mode_of(flags, more);
  va_end(more);
  return next(folder, path, flags, mode);
}

int close(int fd) {
  NEXT(close);
  return next(fd);
}

ssize_t read(int fd, void *bytes, size_t length) {
  NEXT(read);
  return next(fd, bytes, length);
}

ssize_t write(int fd, const void *bytes, size_t length) {
  NEXT(write);
  return next(fd, bytes, length);
}

ssize_t send(int fd, const void *bytes, size_t length, int flags) {
  NEXT(send);
  return next(fd, bytes, length, flags);
}

ssize_t recv(int fd, void *bytes, size_t length, int flags) {
  NEXT(recv);
  return next(fd, bytes, length, flags);
}

int connect(int fd, const struct sockaddr *address, socklen_t length) {
  NEXT(connect);
  return next(fd, address, length);
}

int poll(struct pollfd *list, nfds_t length, int timeout_ms) {
  NEXT(poll);
  return next(list, length, timeout_ms);
}

int fsync(int fd) {
  NEXT(fsync);
  return next(fd);
}

int rename(const char *from, const char *to) {
  NEXT(rename);
  return next(from, to);
}

int linkat(int from, const char *path, int to, const char *name, int flags) {
  NEXT(linkat);
  return next(from, path, to, name, flags);
}

int unlink(const char *path) {
  NEXT(unlink);
  return next(path);
}

int mkdir(const char *path, mode_t mode) {
  NEXT(mkdir);
  return next(path, mode);
}
