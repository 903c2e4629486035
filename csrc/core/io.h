/*
** Reading and writing descriptors to the end: interrupted and short calls are
** taken up again, a full pipe is waited for. All return 0 or an errno; the
** caller owns the descriptor.
*/
#ifndef UL_IO_H
#define UL_IO_H

#include <stddef.h>
#include <sys/types.h>

/* Opens with O_CLOEXEC and never as 0, 1 or 2, so that a stream the user
** closed does not become one of our files. */
int ul_io_open(const char *path, int flags, mode_t mode, int *descriptor);

/* The descriptor that a path like /dev/stdout or /proc/self/fd/3 means, or
** -1. Opening such a path anew would lose the place in the file. */
int ul_io_descriptor_of(const char *path);

/* Reads until `size` bytes or the end; `*length` is what came. */
int ul_io_read(int descriptor, char *bytes, size_t size, size_t *length);

int ul_io_write(int descriptor, const char *bytes, size_t length);

#endif
