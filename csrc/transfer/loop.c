#include "loop.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "now.h"

#define EVENTS_AT_ONCE 256
#define FIRST_CAPACITY ((size_t)64)
#define MAX_WAIT_MS 60000

/* --- what is known of a descriptor --- */

static bool reserve(ul_loop *loop, int fd) {
  size_t capacity = loop->capacity < FIRST_CAPACITY ? FIRST_CAPACITY
                                                    : loop->capacity;
  while (capacity <= (size_t)fd) capacity *= 2;
  if (capacity == loop->capacity) return true;
  ul_loop_socket *sockets = realloc(loop->sockets, capacity * sizeof *sockets);
  if (sockets == NULL) return false;
  memset(sockets + loop->capacity, 0,
         (capacity - loop->capacity) * sizeof *sockets);
  loop->sockets = sockets;
  loop->capacity = capacity;
  return true;
}

static ul_loop_socket *find(ul_loop *loop, int fd) {
  return fd >= 0 && (size_t)fd < loop->capacity ? &loop->sockets[fd] : NULL;
}

/* A descriptor of libcurl's own may have been closed and opened again behind
** our back: the kernel has the last word on whether it is in the set. */
static int set_events(int epoll_fd, int fd, uint32_t events, bool is_there) {
  struct epoll_event event = {.events = events, .data.fd = fd};
  if (epoll_ctl(epoll_fd, is_there ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd,
                &event) == 0)
    return 0;
  if (errno != (is_there ? ENOENT : EEXIST)) return errno;
  return epoll_ctl(epoll_fd, is_there ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd,
                   &event) == 0 ? 0 : errno;
}

static void take_out(ul_loop *loop, int fd, ul_loop_socket *entry) {
  if (entry->registered != 0)
    (void)epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
  entry->registered = 0;
}

/* --- libcurl's wishes --- */

static uint32_t events_of(int wish) {
  return ((wish & CURL_POLL_IN) != 0 ? (uint32_t)EPOLLIN : 0) |
         ((wish & CURL_POLL_OUT) != 0 ? (uint32_t)EPOLLOUT : 0);
}

static void stop_wanting(ul_loop *loop, int fd) {
  ul_loop_socket *entry = find(loop, fd);
  if (entry == NULL) return;
  entry->wanted = 0;
  if (!entry->is_ours) take_out(loop, fd, entry);
}

static bool want(ul_loop *loop, int fd, uint32_t events) {
  if (!reserve(loop, fd)) return false;
  ul_loop_socket *entry = &loop->sockets[fd];
  entry->wanted = events;
  if (entry->is_ours && entry->registered == events) return true;
  if (set_events(loop->epoll_fd, fd, events, entry->registered != 0) != 0)
    return false;
  entry->registered = events;
  return true;
}

static int on_wish(CURL *easy, curl_socket_t fd, int wish, void *user,
                   void *of_socket) {
  (void)easy;
  (void)of_socket;
  ul_loop *loop = user;
  if (wish == CURL_POLL_REMOVE)
    stop_wanting(loop, fd);
  else if (!want(loop, fd, events_of(wish)))
    loop->has_failed = true;
  return 0;
}

static int on_timer(CURLM *handle, long timeout_ms, void *user) {
  (void)handle;
  ul_loop *loop = user;
  loop->timer_s = timeout_ms < 0 ? (double)INFINITY
                                 : ul_now_s() + (double)timeout_ms * 1e-3;
  return 0;
}

static bool set_options(ul_loop *loop, CURLM *handle) {
  return curl_multi_setopt(handle, CURLMOPT_SOCKETFUNCTION, on_wish) ==
           CURLM_OK &&
         curl_multi_setopt(handle, CURLMOPT_SOCKETDATA, loop) == CURLM_OK &&
         curl_multi_setopt(handle, CURLMOPT_TIMERFUNCTION, on_timer) ==
           CURLM_OK &&
         curl_multi_setopt(handle, CURLMOPT_TIMERDATA, loop) == CURLM_OK;
}

bool ul_loop_open(ul_loop *loop, CURLM *handle, ul_loop_worked *worked,
                  void *user) {
  *loop = (ul_loop){.handle = handle, .timer_s = (double)INFINITY,
                    .worked = worked, .user = user};
  loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  return loop->epoll_fd >= 0 && set_options(loop, handle);
}

bool ul_loop_follow(ul_loop *loop, CURLM *handle) {
  if (!set_options(loop, handle)) return false;
  loop->handle = handle;
  loop->timer_s = (double)INFINITY;
  return true;
}

void ul_loop_close(ul_loop *loop) {
  if (loop->handle == NULL) return;
  if (loop->epoll_fd >= 0) (void)close(loop->epoll_fd);
  free(loop->sockets);
  *loop = (ul_loop){.epoll_fd = -1};
}

bool ul_loop_add(ul_loop *loop, int fd) {
  if (!reserve(loop, fd)) return false;
  loop->sockets[fd] = (ul_loop_socket){.is_ours = true, .made_in = loop->turn};
  return true;
}

void ul_loop_forget(ul_loop *loop, int fd) {
  ul_loop_socket *entry = find(loop, fd);
  if (entry != NULL) *entry = (ul_loop_socket){0};  /* closing takes it out */
}

int ul_loop_watch(ul_loop *loop, int fd) {
  if (!reserve(loop, fd)) return ENOMEM;
  loop->sockets[fd].is_watched = true;
  return set_events(loop->epoll_fd, fd, EPOLLIN, false);
}

/* --- turns --- */

CURLMcode ul_loop_run_timers(ul_loop *loop, double now_s) {
  int running;
  if (now_s < loop->timer_s) return CURLM_OK;
  loop->timer_s = (double)INFINITY;
  return curl_multi_socket_action(loop->handle, CURL_SOCKET_TIMEOUT, 0,
                                  &running);
}

CURLMcode ul_loop_run_due(ul_loop *loop) {
  if (isinf(loop->timer_s)) return CURLM_OK;
  return ul_loop_run_timers(loop, ul_now_s());
}

/* What broke is read and written too: that tells how. */
static int selected(uint32_t events, uint32_t wanted) {
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) events |= wanted;
  return ((events & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0) |
         ((events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0);
}

/* An event of a socket that was closed in this turn is none of another that
** has its number now. */
static CURLMcode act(ul_loop *loop, int fd, uint32_t events) {
  int running;
  ul_loop_socket *entry = &loop->sockets[fd];
  if (entry->is_ours && entry->made_in == loop->turn) return CURLM_OK;
  if (entry->wanted == 0) {
    take_out(loop, fd, entry);
    return CURLM_OK;
  }
  CURLMcode code = curl_multi_socket_action(
    loop->handle, fd, selected(events, entry->wanted), &running);
  return code == CURLM_OK ? loop->worked(loop->user) : code;
}

/* Rounded up, so that a wait is not over before its time. */
static int to_ms(double seconds) {
  if (seconds <= 0) return 0;
  return seconds * 1000 < MAX_WAIT_MS ? (int)ceil(seconds * 1000) : MAX_WAIT_MS;
}

CURLMcode ul_loop_turn(ul_loop *loop, double until_s, bool *interrupted) {
  struct epoll_event events[EVENTS_AT_ONCE];
  if (loop->timer_s < until_s) until_s = loop->timer_s;
  int wait_ms = until_s > 0 ? to_ms(until_s - ul_now_s()) : 0;
  int count = epoll_wait(loop->epoll_fd, events, EVENTS_AT_ONCE, wait_ms);
  loop->turn++;
  if (count < 0 && errno != EINTR) return CURLM_INTERNAL_ERROR;
  CURLMcode code = CURLM_OK;
  for (int i = 0; i < count && code == CURLM_OK; i++) {
    int fd = events[i].data.fd;
    if (loop->sockets[fd].is_watched)
      *interrupted = true;
    else
      code = act(loop, fd, events[i].events);
  }
  if (code == CURLM_OK && loop->has_failed) code = CURLM_OUT_OF_MEMORY;
  loop->has_failed = false;
  return code;
}
