/*
** When libcurl wants to be called again: the sockets that it waits for, in an
** epoll set, and the time of its next timer. A turn calls it for what is
** ready, so a turn costs what happens in it and not what is in flight. The
** socket of a kept connection stays in the set while nothing is wanted of it:
** the next request finds it there, and if it speaks meanwhile it is taken out.
*/
#ifndef UL_LOOP_H
#define UL_LOOP_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ul_loop_socket {
  uint32_t wanted, registered;  /* EPOLL... */
  bool is_ours;                 /* we made it and hear when it is closed */
  bool is_watched;              /* the caller's, none of libcurl's */
  uint32_t made_in;             /* the turn that it was made in */
} ul_loop_socket;

typedef CURLMcode ul_loop_worked(void *user);

typedef struct ul_loop {
  CURLM *handle;            /* not owned */
  int epoll_fd;
  ul_loop_socket *sockets;  /* owned; by descriptor */
  size_t capacity;
  double timer_s;           /* when libcurl's timer is due, or INFINITY */
  bool has_failed;          /* a wish could not be kept: no memory */
  uint32_t turn;            /* which one it is */
  ul_loop_worked *worked;   /* called whenever libcurl has worked on a socket */
  void *user;
} ul_loop;

/* Makes the multi handle tell the loop what it waits for. False: no memory,
** no descriptor. ul_loop_close is right at every moment but before the multi
** handle is cleaned up. */
bool ul_loop_open(ul_loop *loop, CURLM *handle, ul_loop_worked *worked,
                  void *user);
void ul_loop_close(ul_loop *loop);

/* The same for another multi handle, from now on. False: no memory; the one
** before goes on. */
bool ul_loop_follow(ul_loop *loop, CURLM *handle);

/* A socket that an exchange was given; one that is about to be closed. */
bool ul_loop_add(ul_loop *loop, int fd);
void ul_loop_forget(ul_loop *loop, int fd);

/* Turns end when it is readable. Returns 0 or errno. */
int ul_loop_watch(ul_loop *loop, int fd);

/* Lets libcurl work where its timer is due. */
CURLMcode ul_loop_run_timers(ul_loop *loop, double now_s);

/* Calls libcurl at once where its timer has run out by now: cheaper than to ask
** for the time where it has none. */
CURLMcode ul_loop_run_due(ul_loop *loop);

/* Waits, at most until `until_s`, and lets libcurl work on what is ready.
** *interrupted is set where a watched descriptor is readable. */
CURLMcode ul_loop_turn(ul_loop *loop, double until_s, bool *interrupted);

#endif
