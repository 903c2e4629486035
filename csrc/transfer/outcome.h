/*
** What libcurl's result means: success only where it also is one by our own
** count, else a failure with kind, code and a message of its own.
*/
#ifndef UL_OUTCOME_H
#define UL_OUTCOME_H

#include <curl/curl.h>
#include <stdbool.h>

#include "exchange.h"

/* Judges a transfer that has ended; `easy` is still whole. Sets
** `exchange->failure` unless all is well or it is set already. */
void ul_outcome_judge(ul_exchange *exchange, CURL *easy, CURLcode code);

/* Whether a limit of time has run out, by `now_s`; sets the failure. */
bool ul_outcome_is_late(ul_exchange *exchange, double now_s);

/* When ul_outcome_is_late is to be asked next; infinite where never. */
double ul_outcome_next_check_s(const ul_exchange *exchange);

#endif
