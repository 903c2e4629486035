#include "multi.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "easy.h"
#include "field.h"
#include "now.h"
#include "outcome.h"

#define MIN_KEPT_CONNECTIONS 64L
#define FIRST_WITH_WRITERS 0x080000u  /* 8.0.0 */
#define MAX_SPARE_BYTES ((size_t)16 << 10)

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

void ul_multi_mark(ul_exchange *exchange) {
  if (exchange->keeper != NULL) exchange->keeper->came(exchange);
  if (exchange->keeper != NULL) return;
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

void ul_multi_tell(ul_multi *multi, ul_link *keeper) {
  if (!ul_link_is_in_list(keeper)) ul_link_append(&multi->news, keeper);
}

void ul_multi_untell(ul_link *keeper) {
  ul_link_remove(keeper);
}

ul_link *ul_multi_take_news(ul_multi *multi) {
  if (ul_link_is_empty(&multi->news)) return NULL;
  ul_link *first = multi->news.after;
  ul_link_remove(first);
  return first;
}

size_t ul_multi_news_count(const ul_multi *multi) {
  size_t count = 0;
  const ul_link *link = multi->news.after;
  for (; link != &multi->news; link = link->after) count++;
  return count;
}

size_t ul_multi_active(const ul_multi *multi) {
  size_t count = multi->in_flight_count;
  ul_link *link = multi->changed.after;
  for (; link != &multi->changed; link = link->after)
    if (UL_MEMBER(link, ul_exchange, changed)->easy == NULL) count++;
  return count + ul_multi_news_count(multi);
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

static CURL *take_easy(ul_multi *multi, ul_shape *shape) {
  *shape = (ul_shape){0};
  if (multi->idle_count == 0) return curl_easy_init();
  struct ul_idle_easy *idle = &multi->idle[--multi->idle_count];
  *shape = idle->shape;
  return idle->easy;
}

/* What a handle points to goes; one whose shape is known keeps its options. */
static CURLcode clear_easy(CURL *easy, const ul_shape *shape) {
  CURLcode code = CURLE_OK;
  if (!shape->is_known)
    curl_easy_reset(easy);
  else
    code = ul_easy_clear(easy);
  return code;
}

/* After a failure libcurl leaves some of its state behind, and of a URL its
** parts, which may hold a key; such a handle is not used again. */
static void give_back_easy(ul_multi *multi, CURL *easy, const ul_shape *shape,
                           bool is_good) {
  if (!is_good || multi->idle_count == UL_MAX_IDLE_EASY ||
      clear_easy(easy, shape) != CURLE_OK) {
    curl_easy_cleanup(easy);
    return;
  }
  multi->idle[multi->idle_count++] =
    (struct ul_idle_easy){.easy = easy, .shape = *shape};
}

static void release_request(ul_exchange *exchange) {
  ul_field_free(&exchange->fields, exchange->usual);
  ul_upload_free(&exchange->upload);
  curl_url_cleanup(exchange->url);
  exchange->url = NULL;
}

ul_exchange *ul_multi_new_exchange(ul_multi *multi) {
  if (multi->spare_count > 0) return multi->spare[--multi->spare_count];
  return calloc(1, sizeof(ul_exchange));
}

static void delete_exchange(ul_exchange *exchange) {
  ul_answer_free(&exchange->answer);
  ul_body_free(&exchange->body);
  free(exchange);
}

/* As new, but for buffers of a usual size. */
static void renew(ul_exchange *exchange) {
  ul_buffer fields = exchange->answer.fields;
  ul_buffer incoming = exchange->body.incoming;
  ul_buffer outgoing = exchange->body.outgoing;
  memset(exchange, 0, sizeof *exchange);
  exchange->answer.fields = fields;
  exchange->body.incoming = incoming;
  exchange->body.outgoing = outgoing;
}

static bool is_usual(const ul_exchange *exchange) {
  return exchange->answer.fields.capacity <= MAX_SPARE_BYTES &&
         exchange->body.incoming.capacity <= MAX_SPARE_BYTES &&
         exchange->body.outgoing.capacity <= MAX_SPARE_BYTES &&
         !exchange->body.is_gzip;
}

void ul_multi_free_exchange(ul_multi *multi, ul_exchange *exchange) {
  release_request(exchange);
  if (multi->handle == NULL || multi->spare_count == UL_MAX_SPARE ||
      !is_usual(exchange)) {
    delete_exchange(exchange);
    return;
  }
  renew(exchange);
  multi->spare[multi->spare_count++] = exchange;
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
  give_back_easy(multi, easy, &exchange->shape,
                 is_good && code == CURLM_OK && !exchange->has_key_in_url);
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

/* Where libcurl finds no memory to note who waits for a socket, it leaves what
** it had noted without its table, and divides by the size of that once a socket
** has the same number again (Curl_multi_pollset_ev in lib/multi.c, singlesocket
** before 8.10). So nothing goes on that is in flight then, and what follows has
** a new handle. */
static bool replace_worn(ul_multi *multi) {
  CURLM *worn = multi->handle, *handle = curl_multi_init();
  if (handle == NULL) return false;
  if (!set_options(handle, multi->max_connections) ||
      !ul_loop_follow(&multi->loop, handle)) {
    (void)curl_multi_cleanup(handle);
    return false;
  }
  multi->handle = handle;
  multi->kept_connections = MIN_KEPT_CONNECTIONS;
  multi->is_worn = false;
  (void)curl_multi_cleanup(worn);  /* empty; nothing is left to fail */
  return true;
}

static bool add(ul_multi *multi, ul_exchange *exchange, ul_failure *failure) {
  if (multi->is_worn && !replace_worn(multi)) return ul_failure_memory(failure);
  CURLMcode code = keep_connections(multi);
  if (code == CURLM_OK)
    code = curl_multi_add_handle(multi->handle, exchange->easy);
  return code == CURLM_OK ||
         fail_start(failure, code == CURLM_OUT_OF_MEMORY,
                    curl_multi_strerror(code));
}

bool ul_multi_start(ul_multi *multi, ul_exchange *exchange,
                    ul_failure *failure) {
  CURL *easy = take_easy(multi, &exchange->shape);
  if (easy == NULL) return ul_failure_memory(failure);
  exchange->multi = multi;
  exchange->fd = -1;
  CURLcode code = ul_easy_prepare(easy, exchange, &multi->trust,
                                  &exchange->shape);
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

void ul_multi_end(ul_exchange *exchange) {
  if (exchange->easy != NULL) leave(exchange, true);
}

/* Its handle goes, whatever state libcurl has left it in. */
static bool fail_again(ul_exchange *exchange, ul_failure *failure,
                       bool no_memory, const char *why) {
  leave(exchange, false);
  return fail_start(failure, no_memory, why);
}

bool ul_multi_again(ul_exchange *exchange, ul_failure *failure) {
  ul_multi *multi = exchange->multi;
  CURL *easy = exchange->easy;
  exchange->fd = -1;
  CURLMcode gone = curl_multi_remove_handle(multi->handle, easy);
  CURLcode code = ul_easy_prepare_next(easy, exchange, &multi->trust,
                                       &exchange->shape);
  if (code != CURLE_OK)
    return fail_again(exchange, failure, code == CURLE_OUT_OF_MEMORY,
                      curl_easy_strerror(code));
  if (gone == CURLM_OK) gone = curl_multi_add_handle(multi->handle, easy);
  return gone == CURLM_OK ||
         fail_again(exchange, failure, gone == CURLM_OUT_OF_MEMORY,
                    curl_multi_strerror(gone));
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
  exchange->shape.is_known = false;
  exchange->is_stale = false;
  exchange->phase = UL_PHASE_NEW;
  if (code != CURLE_OK) return code;
  if (curl_multi_remove_handle(handle, exchange->easy) != CURLM_OK ||
      curl_multi_add_handle(handle, exchange->easy) != CURLM_OK)
    return CURLE_FAILED_INIT;
  return CURLE_OK;
}

/* What is well and kept needs no facts. */
static bool is_kept(ul_exchange *exchange, CURLcode code) {
  if (exchange->keeper == NULL || code != CURLE_OK) return false;
  ul_outcome_judge(exchange, exchange->easy, code);
  return exchange->keeper->ended(exchange);
}

static void finish(ul_exchange *exchange, CURLcode code) {
  if (exchange->is_stale) {
    code = start_afresh(exchange);
    if (code == CURLE_OK) return;
  }
  if (is_kept(exchange, code)) return;
  CURLcode facts = ul_easy_read_facts(exchange->easy, &exchange->facts);
  ul_outcome_judge(exchange, exchange->easy, code != CURLE_OK ? code : facts);
  if (exchange->keeper != NULL) (void)exchange->keeper->ended(exchange);
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

/* Whether there was any. */
static bool read_finished(ul_multi *multi) {
  int left;
  bool has_any = false;
  CURLMsg *message;
  while ((message = curl_multi_info_read(multi->handle, &left)) != NULL) {
    CURLcode result = message->data.result;  /* gone once it is removed */
    ul_exchange *exchange = exchange_of(multi, message->easy_handle);
    if (message->msg == CURLMSG_DONE && exchange != NULL)
      finish(exchange, result);
    has_any = true;
  }
  return has_any;
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

/* What ended, by itself or by our limits. */
static void gather(ul_multi *multi) {
  (void)read_finished(multi);
  check_limits(multi, ul_now_s());
}

/* What has ended is followed by the next at once, while what it needs is at
** hand, and the server is not kept waiting until the rest is worked on. */
static CURLMcode on_worked(void *user) {
  ul_multi *multi = user;
  return read_finished(multi) ? ul_loop_run_due(&multi->loop) : CURLM_OK;
}

static bool has_news(const ul_multi *multi) {
  return multi->is_woken || multi->changed_count > 0 ||
         !ul_link_is_empty(&multi->news);
}

/* Waits only where there are no news yet. */
static CURLMcode turn(ul_multi *multi, double until_s, bool *interrupted) {
  double wait_until_s = has_news(multi) ? 0 : min(until_s, multi->next_check_s);
  CURLMcode code = ul_loop_turn(&multi->loop, wait_until_s, interrupted);
  if (code == CURLM_OK) code = ul_loop_run_timers(&multi->loop, ul_now_s());
  gather(multi);
  return code;
}

/* See replace_worn. */
static CURLMcode wear(ul_multi *multi, CURLMcode code) {
  if (code != CURLM_OUT_OF_MEMORY) return code;
  multi->is_worn = true;
  while (!ul_link_is_empty(&multi->in_flight)) {
    ul_exchange *exchange =
      UL_MEMBER(multi->in_flight.after, ul_exchange, in_flight);
    exchange->is_stale = false;
    finish(exchange, CURLE_OUT_OF_MEMORY);
  }
  return code;
}

CURLMcode ul_multi_begin(ul_multi *multi) {
  return wear(multi, ul_loop_run_due(&multi->loop));
}

CURLMcode ul_multi_step(ul_multi *multi, double wait_s, bool *interrupted) {
  double until_s = ul_now_s() + wait_s;
  *interrupted = false;
  CURLMcode code = ul_loop_run_timers(&multi->loop, ul_now_s());
  gather(multi);
  do {
    if (code == CURLM_OK) code = turn(multi, until_s, interrupted);
  } while (code == CURLM_OK && !*interrupted && !has_news(multi) &&
           ul_now_s() < until_s);
  multi->is_woken = false;
  return wear(multi, code);
}

/* Whether nothing is new but what is of this exchange. */
static bool has_no_other_news(const ul_multi *multi,
                              const ul_exchange *exchange) {
  size_t own = ul_link_is_in_list(&exchange->changed) ? 1 : 0;
  return !multi->is_woken && multi->changed_count == own &&
         ul_link_is_empty(&multi->news);
}

CURLMcode ul_multi_go_on(ul_exchange *exchange, bool *has_come) {
  ul_multi *multi = exchange->multi;
  *has_come = false;
  if (exchange->easy == NULL || !has_no_other_news(multi, exchange))
    return CURLM_OK;
  unmark(exchange);
  bool interrupted;
  CURLMcode code = ul_multi_step(multi, 0, &interrupted);
  *has_come = code == CURLM_OK && !interrupted &&
              ul_link_is_in_list(&exchange->changed) &&
              has_no_other_news(multi, exchange);
  return code;
}

static bool tells_excess_first(void) {
  return curl_version_info(CURLVERSION_NOW)->version_num < FIRST_WITH_WRITERS;
}

bool ul_multi_open(ul_multi *multi, long max_connections) {
  ul_link_init(&multi->in_flight);
  ul_link_init(&multi->changed);
  ul_link_init(&multi->news);
  multi->next_check_s = (double)INFINITY;
  multi->max_connections = max_connections;
  multi->kept_connections = MIN_KEPT_CONNECTIONS;
  multi->tells_excess_first = tells_excess_first();
  multi->handle = curl_multi_init();
  return multi->handle != NULL && ul_sockets_open(&multi->sockets) &&
         ul_loop_open(&multi->loop, multi->handle, on_worked, multi) &&
         set_options(multi->handle, max_connections);
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
  while (ul_multi_take_news(multi) != NULL) continue;
  while (multi->spare_count > 0)
    delete_exchange(multi->spare[--multi->spare_count]);
  while (multi->idle_count > 0)
    curl_easy_cleanup(multi->idle[--multi->idle_count].easy);
  CURLM *handle = multi->handle;
  multi->handle = NULL;
  (void)curl_multi_cleanup(handle);  /* empty; nothing is left to fail */
  ul_loop_close(&multi->loop);
  ul_sockets_close(&multi->sockets);
  ul_usual_free(&multi->usual);
  ul_trust_free(&multi->trust);
}
