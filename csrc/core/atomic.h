/*
** A file that is replaced whole or not at all: written beside its place under
** a name of its own, brought to the disk, then renamed. What cannot be
** replaced (a terminal, a pipe, /dev/null, /dev/stdout) is written directly.
** A symbolic link stays, and the file it points to is replaced.
** All return 0 or an errno. Knows no Lua.
*/
#ifndef UL_ATOMIC_H
#define UL_ATOMIC_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define UL_MODE_KEPT ((mode_t)-1)  /* the old file's, else 0666 & ~umask */

/* What names of files that are not in their place yet begin and end with. */
#define UL_ATOMIC_PREFIX ".usagelua-"
#define UL_ATOMIC_SUFFIX ".tmp"

typedef struct ul_atomic {
  char *path;       /* owned; what commit renames to */
  char *temporary;  /* owned; NULL where bytes are written directly */
  int descriptor;
  bool is_open;
  bool is_borrowed; /* the descriptor is somebody else's to close */
} ul_atomic;

/* Fills a zeroed `file`, which stays closed on failure. */
int ul_atomic_open(ul_atomic *file, const char *path, mode_t mode);

/* The same for a descriptor that is open already and stays so. */
void ul_atomic_borrow(ul_atomic *file, int descriptor);

int ul_atomic_write(ul_atomic *file, const char *bytes, size_t length);

/* Puts the file in its place and closes; on failure nothing is replaced and
** nothing is left beside it. */
int ul_atomic_commit(ul_atomic *file);

/* Closes and removes what was not committed; harmless on a closed one. */
void ul_atomic_abandon(ul_atomic *file);

#endif
