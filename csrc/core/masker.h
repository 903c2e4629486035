/*
** The set of secret texts, and the search for them in any text, in any form
** that escape.h reads, and in Base64 of both alphabets wherever it begins
** within a group of three. Knows no Lua. What it holds is wiped when freed.
*/
#ifndef UL_MASKER_H
#define UL_MASKER_H

#include <stdbool.h>
#include <stddef.h>

typedef struct ul_masker ul_masker;

typedef struct ul_hit {
  size_t start, end;  /* offsets in the text, end excluded */
} ul_hit;

ul_masker *ul_masker_new(void);           /* NULL: no memory */
void ul_masker_free(ul_masker *masker);   /* NULL does nothing */

/* Takes a copy. False: no memory; the set is then as usable as before. */
bool ul_masker_add(ul_masker *masker, const char *bytes, size_t length);

bool ul_masker_is_empty(const ul_masker *masker);

/*
** The first stretch at or after `from` that holds secrets; those that overlap
** make one stretch. False: none. `*open` becomes the first place at or after
** `from`, and before the end of the search, where the text ended while it
** might still become a secret; it is left alone where there is none.
*/
bool ul_masker_find(const ul_masker *masker, const char *text, size_t length,
                    size_t from, ul_hit *hit, size_t *open);

#endif
