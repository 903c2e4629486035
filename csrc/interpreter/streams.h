/*
** Standard input, output and error, where the caller closed one of them.
*/
#ifndef UL_STREAMS_H
#define UL_STREAMS_H

#include <stdbool.h>

/* Takes the places of closed ones, so that no file of the run gets them and
** what is meant for them goes into it; using one is still an error. To be
** called before anything is opened. */
bool ul_streams_fill(void);

#endif
