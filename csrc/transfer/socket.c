#include "socket.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define PORTS 65536
#define FIRST_COUNT ((size_t)64)

typedef union address {
  struct sockaddr any;
  struct sockaddr_in ipv4;
  struct sockaddr_in6 ipv6;
} address;

bool ul_sockets_open(ul_sockets *sockets) {
  sockets->by_port = calloc(PORTS, sizeof *sockets->by_port);
  return sockets->by_port != NULL;
}

void ul_sockets_close(ul_sockets *sockets) {
  free(sockets->by_port);
  free(sockets->by_fd);
  *sockets = (ul_sockets){0};
}

static int port_of(const address *end) {
  return ntohs(end->any.sa_family == AF_INET6 ? end->ipv6.sin6_port
                                              : end->ipv4.sin_port);
}

static bool has_ip(const address *end, const char *ip) {
  char text[INET6_ADDRSTRLEN];
  bool is_ipv6 = end->any.sa_family == AF_INET6;
  const void *bytes = is_ipv6 ? (const void *)&end->ipv6.sin6_addr
                              : (const void *)&end->ipv4.sin_addr;
  if (inet_ntop(end->any.sa_family, bytes, text, sizeof text) == NULL)
    return false;
  return strcmp(text, ip) == 0;
}

bool ul_socket_joins(int fd, const ul_ends *ends) {
  address local, remote;
  socklen_t local_size = sizeof local, remote_size = sizeof remote;
  return ends->remote_ip != NULL &&
         getsockname(fd, &local.any, &local_size) == 0 &&
         getpeername(fd, &remote.any, &remote_size) == 0 &&
         port_of(&local) == ends->local_port &&
         port_of(&remote) == ends->remote_port &&
         has_ip(&remote, ends->remote_ip);
}

static bool is_port(int port) {
  return port > 0 && port < PORTS;
}

static bool reserve(ul_sockets *sockets, int fd) {
  if ((size_t)fd < sockets->count) return true;
  size_t count = sockets->count < FIRST_COUNT ? FIRST_COUNT : sockets->count;
  while (count <= (size_t)fd) count *= 2;
  struct ul_socket_ends *by_fd =
    realloc(sockets->by_fd, count * sizeof *by_fd);
  if (by_fd == NULL) return false;
  memset(by_fd + sockets->count, 0, (count - sockets->count) * sizeof *by_fd);
  sockets->by_fd = by_fd;
  sockets->count = count;
  return true;
}

void ul_sockets_note(ul_sockets *sockets, int fd, const ul_ends *ends) {
  size_t length = strlen(ends->remote_ip);
  if (!is_port(ends->local_port) || !reserve(sockets, fd)) return;
  struct ul_socket_ends *known = &sockets->by_fd[fd];
  if (length >= sizeof known->remote_ip) return;
  memcpy(known->remote_ip, ends->remote_ip, length + 1);
  known->remote_port = ends->remote_port;
  known->local_port = ends->local_port;
  sockets->by_port[ends->local_port].fd = fd;
  sockets->by_port[ends->local_port].is_http2 = false;
}

void ul_sockets_forget(ul_sockets *sockets, int fd) {
  if (fd >= 0 && (size_t)fd < sockets->count)
    sockets->by_fd[fd] = (struct ul_socket_ends){0};
}

int ul_sockets_find(const ul_sockets *sockets, const ul_ends *ends) {
  if (!is_port(ends->local_port) || ends->remote_ip == NULL) return -1;
  int fd = sockets->by_port[ends->local_port].fd;
  if (fd <= 0) return -1;
  const struct ul_socket_ends *known = &sockets->by_fd[fd];
  bool is_same = known->local_port == ends->local_port &&
                 known->remote_port == ends->remote_port &&
                 strcmp(known->remote_ip, ends->remote_ip) == 0;
  return is_same ? fd : -1;
}

void ul_sockets_note_http2(ul_sockets *sockets, int local_port) {
  if (is_port(local_port)) sockets->by_port[local_port].is_http2 = true;
}

bool ul_sockets_is_http2(const ul_sockets *sockets, int local_port) {
  return is_port(local_port) && sockets->by_port[local_port].is_http2;
}

ul_socket_state ul_socket_look(int fd) {
  char byte;
  ssize_t count = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (count > 0) return UL_SOCKET_READABLE;
  bool is_quiet = count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK ||
                                errno == EINTR);
  return is_quiet ? UL_SOCKET_QUIET : UL_SOCKET_CLOSED;
}

/* The TLS library is libcurl's choice, so its function is looked up where
** libcurl brought it; without it nothing can be said. */
bool ul_socket_has_decoded(CURL *easy) {
  struct curl_tlssessioninfo *tls = NULL;
  int (*pending)(const void *ssl);
  if (curl_easy_getinfo(easy, CURLINFO_TLS_SSL_PTR, &tls) != CURLE_OK ||
      tls == NULL || tls->backend != CURLSSLBACKEND_OPENSSL ||
      tls->internals == NULL)
    return false;
  void *symbol = dlsym(RTLD_DEFAULT, "SSL_pending");
  if (symbol == NULL) return false;
  memcpy(&pending, &symbol, sizeof pending);  /* as POSIX dlsym says */
  return pending(tls->internals) > 0;
}
