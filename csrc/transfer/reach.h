/*
** How far a request may reach: to which addresses it may be connected,
** whatever the name of its host leads to. Asked for each address before a
** socket is made for it, and of a connection before anything is sent on it.
*/
#ifndef UL_REACH_H
#define UL_REACH_H

#include <stdbool.h>

#include "address.h"
#include "failure.h"
#include "origin.h"

typedef enum ul_reach {
  UL_REACH_ANY,     /* where the name leads, or the proxy */
  UL_REACH_LOCAL,   /* this machine, as the name says */
  UL_REACH_PUBLIC,  /* the internet, nothing of a network of our own */
  UL_REACH_PROXIED  /* the proxy, which asks the internet; never around it */
} ul_reach;

/* Of a request to this origin: what carries a credential, or a script asks. */
ul_reach ul_reach_of(const ul_origin *origin);

/* Of one to a host that a vendor's answer named, where the vendor itself is
** not on this machine. Refused is a host that is an address of our own. */
bool ul_reach_public(const ul_origin *origin, ul_reach *reach,
                     ul_failure *failure);

/* Whether libcurl asks a proxy in its place, as far as we can tell. */
bool ul_reach_is_proxied(const ul_origin *origin);

/* Whether there are addresses that it does not reach. */
static inline bool ul_reach_is_bounded(ul_reach reach) {
  return reach == UL_REACH_LOCAL || reach == UL_REACH_PUBLIC;
}

/* `host` is for the message. */
bool ul_reach_check(ul_reach reach, const ul_address *address,
                    const char *host, ul_failure *failure);

#endif
