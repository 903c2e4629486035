/*
** Which socket an exchange speaks on, and whether bytes wait there that
** nobody asked for. libcurl does not say: it names the two ends of the
** connection, and a socket that it was given before is found by them. What
** is kept is a hint by local port, checked against the kernel on each use.
*/
#ifndef UL_SOCKET_H
#define UL_SOCKET_H

#include <curl/curl.h>
#include <stdbool.h>

typedef struct ul_ends {
  const char *remote_ip;
  int remote_port, local_port;
} ul_ends;

typedef struct ul_sockets {
  struct ul_socket_hint {
    int fd;           /* 0: none; a connection is never on descriptor 0 */
    bool is_http2;    /* frames of its own may come at any time */
  } *by_port;         /* owned; one for each local port */
} ul_sockets;

/* False: no memory. */
bool ul_sockets_open(ul_sockets *sockets);
void ul_sockets_close(ul_sockets *sockets);

/* Whether `fd` is the connection between these ends. */
bool ul_socket_joins(int fd, const ul_ends *ends);

/* Remembers, and finds again; -1 where it is not known. */
void ul_sockets_note(ul_sockets *sockets, int fd, int local_port);
int ul_sockets_find(const ul_sockets *sockets, const ul_ends *ends);

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
