/* What has come before, see seen.h. */
#include "seen.h"

#include <stdbool.h>
#include <stdlib.h>

enum { FIRST_SLOTS = 1024 };

/* The slot of the print, or the free one where it belongs. */
static uint64_t *find(uint64_t *slots, uint32_t mask, uint64_t print) {
  uint32_t i = (uint32_t)print & mask;
  while (slots[i] != 0 && slots[i] != print) i = (i + 1) & mask;
  return &slots[i];
}

/* Half is filled at most: most are looked for in vain. */
static bool has_room(const ul_seen *seen) {
  return seen->slots != NULL && seen->count < (seen->mask + 1) / 2;
}

static bool grow(ul_seen *seen) {
  uint32_t slots = seen->slots != NULL ? (seen->mask + 1) * 2 : FIRST_SLOTS;
  uint64_t *new = calloc(slots, sizeof *new);
  if (new == NULL) return false;
  for (uint32_t i = 0; seen->slots != NULL && i <= seen->mask; i++)
    if (seen->slots[i] != 0)
      *find(new, slots - 1, seen->slots[i]) = seen->slots[i];
  free(seen->slots);
  seen->slots = new;
  seen->mask = slots - 1;
  return true;
}

ul_seen_result ul_seen_note(ul_seen *seen, uint64_t print) {
  bool is_full = seen->count == UL_SEEN_MOST;
  if (print == 0) print = 1;
  if (!is_full && !has_room(seen) && !grow(seen)) return UL_SEEN_NO_MEMORY;
  uint64_t *slot = find(seen->slots, seen->mask, print);
  if (*slot == print) return UL_SEEN_AGAIN;
  if (!is_full) {
    *slot = print;
    seen->count++;
  }
  return UL_SEEN_NEW;
}

void ul_seen_free(ul_seen *seen) {
  free(seen->slots);
  *seen = (ul_seen){.slots = NULL};
}
