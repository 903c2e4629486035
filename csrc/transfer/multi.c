#include "multi.h"

#include <math.h>
#include <poll.h>

#include "easy.h"
#include "field.h"
#include "now.h"
#include "outcome.h"

#define MIN_KEPT_CONNECTIONS 64L
#define MAX_POLL_MS 60000

static bool set_options(CURLM *handle, long max_connections) {
  /* One stream per HTTP/2 connection: in libcurl 7.88 a paused stream holds
  ** up all others of its connection. */
  return curl_multi_setopt(handle, CURLMOPT_PIPELINING, CURLPIPE_NOTHING) ==
           CURLM_OK &&
         curl_multi_setopt(handle, CURLMOPT_MAXCONNECTS,
                           MIN_KEPT_CONNECTIONS) == CURLM_OK &&
         curl_multi_setopt(handle, CURLMOPT_MAX_TOTAL_CONNECTIONS,
                           max_connections) == CURLM_OK;
}

bool ul_multi_open(ul_multi *multi, long max_connections) {
  ul_link_init(&multi->in_flight);
  ul_link_init(&multi->changed);
  multi->next_check_s = (double)INFINITY;
  multi->kept_connections = MIN_KEPT_CONNECTIONS;
  multi->handle = curl_multi_init();
  return multi->handle != NULL && ul_sockets_open(&multi->sockets) &&
         set_options(multi->handle, max_connections);
}

void ul_multi_mark(ul_exchange *exchange) {
  if (ul_link_is_in_list(&exchange->changed)) return;
  ul_link_append(&exchange->multi->changed, &exchange->changed);
  exchange->multi->changed_count++;
}

static void unmark(ul_exchange *exchange) {
  if (!ul_link_is_in_list(&exchange->changed)) return;
  ul_link_remove(&exchange->changed);
  exchange->multi->changed_count--;
}

ul_exchange *ul_multi_take_changed(ul_multi *multi) {
  ul_exchange *first = UL_MEMBER(multi->changed.after, ul_exchange, changed);
  unmark(first);
  return first;
}

size_t ul_multi_active(const ul_multi *multi) {
  size_t count = multi->in_flight_count;
  ul_link *link = multi->changed.after;
  for (; link != &multi->changed; link = link->after)
    if (UL_MEMBER(link, ul_exchange, changed)->easy == NULL) count++;
  return count;
}

static void check_no_later(ul_multi *multi, double at_s) {
  if (at_s < multi->next_check_s) multi->next_check_s = at_s;
}

void ul_multi_enter(ul_exchange *exchange, ul_phase phase) {
  exchange->phase = phase;
  exchange->phase_began_s = ul_now_s();
  if (phase == UL_PHASE_BODY)
    ul_pace_start(&exchange->pace, exchange->phase_began_s,
                  exchange->body.wire_bytes);
  check_no_later(exchange->multi, ul_outcome_next_check_s(exchange));
}

static CURL *take_easy(ul_multi *multi) {
  if (multi->idle_count == 0) return curl_easy_init();
  return multi->idle[--multi->idle_count];
}

/* After a failure libcurl leaves some of its state behind; such a handle is
** not used again. */
static void give_back_easy(ul_multi *multi, CURL *easy, bool is_good) {
  if (!is_good || multi->idle_count == UL_MAX_IDLE_EASY) {
    curl_easy_cleanup(easy);
    return;
  }
  curl_easy_reset(easy);
  multi->idle[multi->idle_count++] = easy;
}

static void release_request(ul_exchange *exchange) {
  ul_field_free(&exchange->fields);
  ul_upload_free(&exchange->upload);
  curl_url_cleanup(exchange->url);
  exchange->url = NULL;
}

static void leave(ul_exchange *exchange, bool is_good) {
  ul_multi *multi = exchange->multi;
  CURL *easy = exchange->easy;
  exchange->easy = NULL;
  exchange->phase = UL_PHASE_ENDED;
  exchange->body.is_paused = false;
  ul_link_remove(&exchange->in_flight);
  multi->in_flight_count--;
  CURLMcode code = curl_multi_remove_handle(multi->handle, easy);
  give_back_easy(multi, easy, is_good && code == CURLM_OK);
  release_request(exchange);
}

void ul_multi_stop(ul_exchange *exchange) {
  if (exchange->easy != NULL) leave(exchange, false);
}

void ul_multi_forget(ul_exchange *exchange) {
  ul_multi_stop(exchange);
  unmark(exchange);
}

/* As many idle connections are kept as were ever used at once: libcurl
** closes what is beyond, counting those in use. */
static CURLMcode keep_connections(ul_multi *multi) {
  long wanted = 2 * (long)multi->in_flight_count;
  if (wanted <= multi->kept_connections) return CURLM_OK;
  multi->kept_connections = wanted;
  return curl_multi_setopt(multi->handle, CURLMOPT_MAXCONNECTS, wanted);
}

static bool fail_start(ul_failure *failure, bool no_memory, const char *why) {
  if (no_memory) return ul_failure_memory(failure);
  return ul_failure_note(failure, "network", "curl",
                         "libcurl took no transfer: %s", why);
}

static bool add(ul_multi *multi, ul_exchange *exchange, ul_failure *failure) {
  CURLMcode code = keep_connections(multi);
  if (code == CURLM_OK)
    code = curl_multi_add_handle(multi->handle, exchange->easy);
  return code == CURLM_OK ||
         fail_start(failure, code == CURLM_OUT_OF_MEMORY,
                    curl_multi_strerror(code));
}

bool ul_multi_start(ul_multi *multi, ul_exchange *exchange,
                    ul_failure *failure) {
  CURL *easy = take_easy(multi);
  if (easy == NULL) return ul_failure_memory(failure);
  exchange->multi = multi;
  exchange->fd = -1;
  CURLcode code = ul_easy_prepare(easy, exchange, &multi->trust);
  exchange->easy = easy;
  if (code != CURLE_OK)
    fail_start(failure, code == CURLE_OUT_OF_MEMORY, curl_easy_strerror(code));
  else if (add(multi, exchange, failure)) {
    ul_link_append(&multi->in_flight, &exchange->in_flight);
    multi->in_flight_count++;
    return true;
  }
  exchange->easy = NULL;
  curl_easy_cleanup(easy);
  return false;
}

static ul_exchange *search(ul_multi *multi, const CURL *easy) {
  ul_link *link = multi->in_flight.after;
  for (; link != &multi->in_flight; link = link->after) {
    ul_exchange *exchange = UL_MEMBER(link, ul_exchange, in_flight);
    if (exchange->easy == easy) return exchange;
  }
  return NULL;
}

/* A message comes once: whose it is must be found, whatever libcurl says. */
static ul_exchange *exchange_of(ul_multi *multi, CURL *easy) {
  char *pointer = NULL;
  if (curl_easy_getinfo(easy, CURLINFO_PRIVATE, &pointer) != CURLE_OK)
    return search(multi, easy);
  return (ul_exchange *)(void *)pointer;
}

/* The same again on a new connection: nothing had been sent. */
static CURLcode start_afresh(ul_exchange *exchange) {
  CURLM *handle = exchange->multi->handle;
  CURLcode code = curl_easy_setopt(exchange->easy, CURLOPT_FRESH_CONNECT, 1L);
  exchange->is_stale = false;
  exchange->phase = UL_PHASE_NEW;
  if (code != CURLE_OK) return code;
  if (curl_multi_remove_handle(handle, exchange->easy) != CURLM_OK ||
      curl_multi_add_handle(handle, exchange->easy) != CURLM_OK)
    return CURLE_FAILED_INIT;
  return CURLE_OK;
}

static void finish(ul_exchange *exchange, CURLcode code) {
  if (exchange->is_stale) {
    code = start_afresh(exchange);
    if (code == CURLE_OK) return;
  }
  CURLcode facts = ul_easy_read_facts(exchange->easy, &exchange->facts);
  ul_outcome_judge(exchange, exchange->easy, code != CURLE_OK ? code : facts);
  ul_multi_mark(exchange);
  leave(exchange, !ul_has_failed(&exchange->failure));
}

void ul_multi_resume(ul_exchange *exchange) {
  if (exchange->easy == NULL || !ul_body_wants_more(&exchange->body)) return;
  exchange->body.is_paused = false;
  ul_multi_enter(exchange, UL_PHASE_BODY);
  CURLcode code = curl_easy_pause(exchange->easy, CURLPAUSE_CONT);
  if (code != CURLE_OK) finish(exchange, code);
}

static void read_finished(ul_multi *multi) {
  int left;
  CURLMsg *message;
  while ((message = curl_multi_info_read(multi->handle, &left)) != NULL) {
    CURLcode result = message->data.result;  /* gone once it is removed */
    ul_exchange *exchange = exchange_of(multi, message->easy_handle);
    if (message->msg == CURLMSG_DONE && exchange != NULL)
      finish(exchange, result);
  }
}

static double min(double a, double b) {
  return a < b ? a : b;
}

/* Looks at every exchange, but only when the earliest limit is due. */
static void check_limits(ul_multi *multi, double now_s) {
  if (now_s < multi->next_check_s) return;
  double next_s = (double)INFINITY;
  ul_link *link = multi->in_flight.after;
  while (link != &multi->in_flight) {
    ul_exchange *exchange = UL_MEMBER(link, ul_exchange, in_flight);
    link = link->after;
    if (ul_outcome_is_late(exchange, now_s))
      finish(exchange, CURLE_OPERATION_TIMEDOUT);
    else
      next_s = min(next_s, ul_outcome_next_check_s(exchange));
  }
  multi->next_check_s = next_s;
}

static CURLMcode perform(ul_multi *multi) {
  int running;
  CURLMcode code = curl_multi_perform(multi->handle, &running);
  if (code != CURLM_OK) return code;
  read_finished(multi);
  check_limits(multi, ul_now_s());
  return CURLM_OK;
}

static bool is_watched_readable(const ul_multi *multi) {
  struct pollfd fds[UL_MAX_WATCHED];
  for (unsigned i = 0; i < multi->watched_count; i++)
    fds[i] = (struct pollfd){.fd = multi->watched[i].fd, .events = POLLIN};
  return multi->watched_count > 0 && poll(fds, multi->watched_count, 0) > 0;
}

/* Rounded up, so that a wait is not over before its time. */
static int to_ms(double seconds) {
  if (seconds <= 0) return 0;
  return seconds * 1000 < MAX_POLL_MS ? (int)ceil(seconds * 1000) : MAX_POLL_MS;
}

static CURLMcode wait(ul_multi *multi, double until_s) {
  int ready;
  double seconds = min(until_s, multi->next_check_s) - ul_now_s();
  return curl_multi_poll(multi->handle, multi->watched, multi->watched_count,
                         to_ms(seconds), &ready);
}

static bool is_due(ul_multi *multi, double until_s, bool *interrupted) {
  *interrupted = is_watched_readable(multi);
  return *interrupted || multi->is_woken || multi->changed_count > 0 ||
         ul_now_s() >= until_s;
}

CURLMcode ul_multi_step(ul_multi *multi, double wait_s, bool *interrupted) {
  double until_s = ul_now_s() + wait_s;
  *interrupted = false;
  CURLMcode code = perform(multi);
  while (code == CURLM_OK && !is_due(multi, until_s, interrupted)) {
    code = wait(multi, until_s);
    if (code == CURLM_OK) code = perform(multi);
  }
  multi->is_woken = false;
  return code;
}

static void cancel(ul_exchange *exchange) {
  ul_failure_note(&exchange->failure, "cancelled", "closed",
                  "the engine was closed while %s was asked", exchange->host);
  ul_multi_stop(exchange);
}

void ul_multi_close(ul_multi *multi) {
  if (multi->handle == NULL) return;
  while (!ul_link_is_empty(&multi->in_flight))
    cancel(UL_MEMBER(multi->in_flight.after, ul_exchange, in_flight));
  while (!ul_link_is_empty(&multi->changed))
    unmark(UL_MEMBER(multi->changed.after, ul_exchange, changed));
  while (multi->idle_count > 0)
    curl_easy_cleanup(multi->idle[--multi->idle_count]);
  CURLM *handle = multi->handle;
  multi->handle = NULL;
  (void)curl_multi_cleanup(handle);  /* empty; nothing is left to fail */
  ul_sockets_close(&multi->sockets);
  ul_trust_free(&multi->trust);
}
