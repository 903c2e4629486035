/*
** Ends what Lua cannot: a second thread watches the time since a signal, or
** since the run's limit, and whether the script has come back to the
** scheduler (a beat). Where the process itself stood still, so did the script:
** that is not its fault. It uses no Lua hooks, so no pcall, __gc or C function
** of a script can swallow it. One watchdog a process; it owns the signal
** handlers of SIGINT, SIGTERM and SIGHUP and the pipe that wakes the poll.
*/
#ifndef UL_WATCHDOG_H
#define UL_WATCHDOG_H

#include <stdbool.h>

/* Seconds without a beat, after a signal or the limit, that end the process. */
#define UL_GRACE_S 2
/* Seconds after a signal until the process ends whatever it does. */
#define UL_SIGNAL_LIMIT_S 5

/* Seconds that a fresh Lua state has to delete the report jobs of a script
** that did not come back, before the process ends. */
#define UL_RESCUE_S 3

/* Installs the handlers, opens the pipe, starts the thread. */
bool ul_watchdog_start(void);

/* End of the pipe that becomes readable on a signal. */
int ul_watchdog_fd(void);

/* The signal that came, once; 0 where none did. Empties the pipe. */
int ul_watchdog_take(void);

/* The first signal that came, taken or not; 0 where none did. */
int ul_watchdog_signal(void);

/* The script is back, and rightly says nothing for `quiet_s` seconds more. */
void ul_watchdog_beat(double quiet_s);

/* The run must have ended `seconds` from now. Past that, whatever comes back
** with beats has `longest_s` to clean up or to write. 0 lifts the limit. */
void ul_watchdog_limit(double seconds, double longest_s);

/* To be called before the process ends by itself: does not return where the
** watchdog is about to end it. */
void ul_watchdog_leave(void);

#endif
