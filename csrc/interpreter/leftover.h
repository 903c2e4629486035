/*
** The files that wait beside their place until they are whole (see
** core/atomic.h), for a process that ends without closing them.
*/
#ifndef UL_LEFTOVER_H
#define UL_LEFTOVER_H

/* Removes those that are open in this process. Async-signal-safe. */
void ul_leftover_remove(void);

#endif
