#include "streams.h"

#include <fcntl.h>
#include <unistd.h>

static bool is_open(int descriptor) { return fcntl(descriptor, F_GETFD) >= 0; }

/* Opened the wrong way round: what reads or writes here fails as on a closed
** one. The lowest free number is the one that is missing. */
static bool fill(int descriptor) {
  int flags = descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY;
  return is_open(descriptor) || open("/dev/null", flags) == descriptor;
}

bool ul_streams_fill(void) {
  return fill(STDIN_FILENO) && fill(STDOUT_FILENO) && fill(STDERR_FILENO);
}
