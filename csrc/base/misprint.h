/*
** Domains that stand in a vendor's documentation by mistake and belong to
** somebody else. Nothing is sent there, with a credential or without one.
*/
#ifndef UL_MISPRINT_H
#define UL_MISPRINT_H

#include "origin.h"

/* What is wrong with a host of such a domain, for a person; NULL for every
** other host. A static text. */
const char *ul_misprint_of(const ul_origin *origin);

#endif
