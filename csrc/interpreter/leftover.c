#include "leftover.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "../core/atomic.h"

#define DESCRIPTORS_MAX 1024

static bool is_temporary(const char *path) {
  const char *slash = strrchr(path, '/');
  size_t length = strlen(path), suffix = strlen(UL_ATOMIC_SUFFIX);
  if (slash == NULL || length < suffix) return false;
  return strncmp(slash + 1, UL_ATOMIC_PREFIX, strlen(UL_ATOMIC_PREFIX)) == 0 &&
         strcmp(path + length - suffix, UL_ATOMIC_SUFFIX) == 0;
}

/* Fills in "/proc/self/fd/17"; snprintf is not for signal handlers. */
static void name_descriptor(char name[32], int descriptor) {
  static const char FOLDER[] = "/proc/self/fd/";
  size_t digits = 1;
  for (int rest = descriptor; rest >= 10; rest /= 10) digits++;
  memcpy(name, FOLDER, sizeof FOLDER);
  char *end = name + sizeof FOLDER - 1 + digits;
  *end = '\0';
  for (int rest = descriptor; digits > 0; digits--, rest /= 10)
    *--end = (char)('0' + rest % 10);
}

static void remove_if_temporary(int descriptor) {
  char name[32], path[PATH_MAX];
  name_descriptor(name, descriptor);
  ssize_t length = readlink(name, path, sizeof path - 1);
  if (length <= 0) return;
  path[length] = '\0';
  if (is_temporary(path)) unlink(path);
}

void ul_leftover_remove(void) {
  for (int i = STDERR_FILENO + 1; i < DESCRIPTORS_MAX; i++)
    remove_if_temporary(i);
}
