/*
** Network addresses, as a connection is made to: which are this machine's,
** and which stand on the public internet. Looks nothing up.
*/
#ifndef UL_ADDRESS_H
#define UL_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

#define UL_ADDRESS_TEXT INET6_ADDRSTRLEN

typedef union ul_address {
  struct sockaddr any;
  struct sockaddr_in ipv4;
  struct sockaddr_in6 ipv6;
} ul_address;

/* Takes what libcurl or the system hands out; false: of another family. */
bool ul_address_copy(ul_address *address, const struct sockaddr *from);

/* Reads an address without brackets; false: it is none, perhaps a name. */
bool ul_address_parse(ul_address *address, const char *text);

/* Writes it without port. `text` holds UL_ADDRESS_TEXT bytes. */
void ul_address_print(const ul_address *address, char *text);

/* 127.0.0.0/8 and ::1 */
bool ul_address_is_loopback(const ul_address *address);

/* Whether the address is one of the internet at large: not this machine's,
** not of a private, shared, link-local, documentation, multicast or reserved
** range (the IANA special-purpose registries, RFC 6890), and where an IPv4
** address stands within an IPv6 one, not that either. */
bool ul_address_is_public(const ul_address *address);

#endif
