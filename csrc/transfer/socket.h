/*
** Which socket an exchange speaks on, and whether bytes wait there that
** nobody asked for. libcurl does not say: it names the two ends of the
** connection, and a socket that it was given before is found by them. The
** kernel is asked once for each; from then on the ends are known until the
** socket is closed, which goes through here too.
*/
#ifndef UL_SOCKET_H
#define UL_SOCKET_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#include "address.h"

typedef struct ul_ends {
  const char *remote_ip;
  int remote_port, local_port;
} ul_ends;

typedef struct ul_sockets {
  struct ul_socket_hint {
    int fd;           /* 0: none; a connection is never on descriptor 0 */
    bool is_http2;    /* frames of its own may come at any time */
  } *by_port;         /* owned; one for each local port */
  struct ul_socket_ends {
    char remote_ip[UL_ADDRESS_TEXT];
    int remote_port;
    int local_port;   /* 0: not known, or closed */
  } *by_fd;           /* owned; one for each descriptor */
  size_t count;
} ul_sockets;

/* False: no memory. */
bool ul_sockets_open(ul_sockets *sockets);
void ul_sockets_close(ul_sockets *sockets);

/* Whether `fd` is the connection between these ends. */
bool ul_socket_joins(int fd, const ul_ends *ends);

/* Remembers, as far as there is memory; finds again, -1 where it is not known. */
void ul_sockets_note(ul_sockets *sockets, int fd, const ul_ends *ends);
int ul_sockets_find(const ul_sockets *sockets, const ul_ends *ends);

/* The socket is about to be closed. */
void ul_sockets_forget(ul_sockets *sockets, int fd);

void ul_sockets_note_http2(ul_sockets *sockets, int local_port);
bool ul_sockets_is_http2(const ul_sockets *sockets, int local_port);

typedef enum ul_socket_state {
  UL_SOCKET_QUIET,     /* open, nothing to read */
  UL_SOCKET_READABLE,  /* bytes wait */
  UL_SOCKET_CLOSED     /* by the other side, or broken */
} ul_socket_state;

ul_socket_state ul_socket_look(int fd);

/* Whether libcurl's TLS library holds decoded bytes that nobody has read. */
bool ul_socket_has_decoded(CURL *easy);

#endif
