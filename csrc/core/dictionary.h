/*
** Texts and their codes, from 1 in the order of their coming; 0 stands for no
** text. Columns of texts hold codes, so that equal texts are kept once and
** compared as numbers. It owns its memory; texts move when one is added.
*/
#ifndef UL_DICTIONARY_H
#define UL_DICTIONARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"

typedef struct ul_dictionary {
  ul_buffer bytes;   /* the texts, end to end */
  ul_buffer entries; /* of struct entry; code 1 is the first */
  ul_buffer slots;   /* of uint32_t: codes, 0 for a free one */
  uint64_t seed;
  uint32_t count, mask;
  uint32_t last; /* the code found or added last */
  uint32_t wrong; /* guesses in turn, and texts since */
  uint64_t version; /* another one where texts were forgotten */
} ul_dictionary;

/* `seed` is something that no sender of the texts can know. */
void ul_dictionary_init(ul_dictionary *dictionary, uint64_t seed);
void ul_dictionary_free(ul_dictionary *dictionary);

/* Forgets all texts and keeps the memory. */
void ul_dictionary_clear(ul_dictionary *dictionary);

/* The code of the text, which is added where it is not there yet; 0 without
** memory. Whether it was added shows in `count`. */
uint32_t ul_dictionary_add(ul_dictionary *dictionary, const char *bytes,
                           size_t length);

/* The code of a text that nobody looks for: it may have others already, but
** for the last one, which is not repeated. For dictionaries without any that
** was added by the above. */
uint32_t ul_dictionary_append(ul_dictionary *dictionary, const char *bytes,
                              size_t length);

/* The text of a code. */
const char *ul_dictionary_text(const ul_dictionary *dictionary, uint32_t code,
                               size_t *length);

#endif
