/*
** One character of a text, read in every way that programs write it: as it
** is, %2B, \u002b, \/, \43, &amp;, &#43;, &#x2B;, a doubled quote, a plus for a
** space, and these within each other (%5Cu002B, \\\", &amp;#43;). It decides
** nothing about what is right; the masker asks whether any reading fits.
*/
#ifndef UL_ESCAPE_H
#define UL_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>

#define UL_ESCAPE_DEPTH 3     /* a JSON text in a JSON text in a URL */
#define UL_READINGS_MAX 12

typedef struct ul_reading {
  unsigned char bytes[4];  /* what is meant: a byte, or a UTF-8 sequence */
  unsigned char count;     /* bytes used of these */
  size_t length;           /* bytes it takes in the text */
} ul_reading;

typedef struct ul_readings {
  ul_reading list[UL_READINGS_MAX];
  size_t count;
  bool is_open;  /* the text ended within what may have become an escape */
} ul_readings;

/* Whether more than the byte itself may be meant where the text has `c`. */
bool ul_escape_leads(char c);

/* All readings at `at`, which lies before `end`; the byte itself first. */
void ul_escape_read(const char *at, const char *end, int depth,
                    ul_readings *out);

#endif
