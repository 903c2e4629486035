/*
** Many transfers at once over one libcurl multi handle, in plain steps: add,
** perform, wait, read finished. Keeps the lists of exchanges in flight and of
** those that changed, our own limits of time, and idle easy handles for reuse.
** Knows no Lua. Exchanges belong to the caller, who stops each before it goes.
*/
#ifndef UL_MULTI_H
#define UL_MULTI_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#include "exchange.h"
#include "failure.h"
#include "link.h"
#include "loop.h"
#include "socket.h"
#include "trust.h"
#include "url.h"
#include "usual.h"

#define UL_MAX_IDLE_EASY 256
#define UL_MAX_SPARE 256

typedef struct ul_multi {
  CURLM *handle;          /* NULL: closed */
  ul_link in_flight;      /* of ul_exchange.in_flight */
  ul_link changed;        /* of ul_exchange.changed */
  size_t in_flight_count, changed_count;
  ul_link news;           /* of keepers that have something for the caller */
  double next_check_s;    /* no limit of time runs out before this */
  bool is_worn;           /* libcurl lacked memory: another handle comes next */
  long max_connections, kept_connections;
  ul_trust trust;
  ul_site site;           /* of the last request */
  ul_usual usual;
  ul_sockets sockets;
  ul_loop loop;
  bool is_woken;
  bool tells_excess_first;  /* libcurl, before it passes the rest on */
  struct ul_idle_easy {
    CURL *easy;
    ul_shape shape;
  } idle[UL_MAX_IDLE_EASY];
  size_t idle_count;
  ul_exchange *spare[UL_MAX_SPARE];  /* owned; as new, with their buffers */
  size_t spare_count;
} ul_multi;

/* False: no memory. A zeroed ul_multi is a closed one. */
bool ul_multi_open(ul_multi *multi, long max_connections);

/* Stops every exchange (kind cancelled) and frees what it owns. */
void ul_multi_close(ul_multi *multi);

/* An exchange as new, NULL where there is no memory; takes it back, stopped,
** with all it has. Of a closed multi handle too. */
ul_exchange *ul_multi_new_exchange(ul_multi *multi);
void ul_multi_free_exchange(ul_multi *multi, ul_exchange *exchange);

/* Starts an exchange whose request has been read. */
bool ul_multi_start(ul_multi *multi, ul_exchange *exchange,
                    ul_failure *failure);

/* Takes an exchange out of flight; its connection is kept if it is at rest.
** Harmless when it is not in flight. Not from inside a libcurl callback. */
void ul_multi_stop(ul_exchange *exchange);

/* Stops it, and no step hands it out any more. */
void ul_multi_forget(ul_exchange *exchange);

/* Lets a paused exchange go on where its reader has made room. */
void ul_multi_resume(ul_exchange *exchange);

/* The exchange is to be handed out by the next step. */
void ul_multi_mark(ul_exchange *exchange);

/* Takes the first of those to be handed out off their list; there is one. */
ul_exchange *ul_multi_take_changed(ul_multi *multi);

/* Ends one that has ended well, or never began; its keeper is not asked. */
void ul_multi_end(ul_exchange *exchange);

/* The next request in the place of one that ended well: the exchange is as new
** but for what its handle was told. False: it is in flight no more. */
bool ul_multi_again(ul_exchange *exchange, ul_failure *failure);

/* A keeper, by its own link, has news: the step ends, and hands it out. */
void ul_multi_tell(ul_multi *multi, ul_link *keeper);
void ul_multi_untell(ul_link *keeper);

size_t ul_multi_news_count(const ul_multi *multi);

/* Takes one with news off the list; NULL: there is none. */
ul_link *ul_multi_take_news(ul_multi *multi);

/* Exchanges in flight, or ended and not yet handed out; keepers with news. */
size_t ul_multi_active(const ul_multi *multi);

/* A phase begins now: its limit counts from here. */
void ul_multi_enter(ul_exchange *exchange, ul_phase phase);

/* What was started goes out, where what it needs is at hand. Returns libcurl's
** code; of no memory all exchanges have failed, here and below. */
CURLMcode ul_multi_begin(ul_multi *multi);

/* Moves bytes until something changed, `wait_s` has passed, or a watched
** descriptor became readable (*interrupted). Returns libcurl's code. */
CURLMcode ul_multi_step(ul_multi *multi, double wait_s, bool *interrupted);

/* A step that does not wait, for who reads this exchange and has all that has
** come. Whether more has, and nothing of others: else the next step hands out
** what there is, this exchange too. */
CURLMcode ul_multi_go_on(ul_exchange *exchange, bool *has_come);

#endif
