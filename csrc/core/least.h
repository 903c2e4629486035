/*
** The first few of many texts, in the order of their bytes, each once; what
** else there was is only known to have been. It owns its memory.
*/
#ifndef UL_LEAST_H
#define UL_LEAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"

enum { UL_LEAST_TEXTS = 20 }; /* as usagelua.where.matches tells */

typedef struct ul_least {
  ul_buffer texts[UL_LEAST_TEXTS];
  uint32_t count;
  uint32_t largest; /* which one, once there are as many */
  bool more;
} ul_least;

void ul_least_init(ul_least *least);
void ul_least_free(ul_least *least);

/* False without memory. */
bool ul_least_note(ul_least *least, const char *bytes, size_t length);

#endif
