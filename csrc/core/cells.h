/*
** How many cells of a terminal a UTF-8 text takes: two for East Asian wide
** characters and emoji, none for combining marks and controls, one for all
** else, a stray byte included. Not wcwidth: that one follows the locale, and
** the same report has to come out the same everywhere.
*/
#ifndef UL_CELLS_H
#define UL_CELLS_H

#include <stddef.h>

size_t ul_cells_width(const char *text, size_t length);

/* The bytes of the longest beginning that fits `cells`, with the marks that
** belong to its last character. */
size_t ul_cells_cut(const char *text, size_t length, size_t cells);

#endif
