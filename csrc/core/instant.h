/*
** Date-times as vendors mostly write them, 2026-06-01T00:00:00Z or with an
** offset, as seconds since 1970. Other forms, and what is none, are for
** usagelua.time.timestamp to judge. No locale and no TZ has a say.
*/
#ifndef UL_INSTANT_H
#define UL_INSTANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* False where the text is not of this form. */
bool ul_instant_read(const char *text, size_t length, int64_t *seconds);

#endif
