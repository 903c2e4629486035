#include "slots.h"

#include <stdlib.h>
#include <string.h>

#include "inflate.h"
#include "url.h"

#define MAX_KEPT_BYTES ((size_t)1 << 20)
#define INFLATED_BYTES ((size_t)32 << 10)

/* --- what stands aside --- */

static void tell(ul_slots *slots) {
  ul_multi_tell(slots->multi, &slots->news);
}

/* From now on the exchange is like any other. */
static void set_aside(ul_exchange *exchange) {
  ul_slots *slots = exchange->slots;
  exchange->keeper = NULL;
  exchange->slots = NULL;
  ul_link_remove(&exchange->of_slots);
  ul_link_append(&slots->aside, &exchange->of_slots);
  slots->is_held = true;
  tell(slots);
}

static void fail_open(ul_slots *slots, size_t place, const ul_failure *why) {
  if (*why->kind == *UL_NO_MEMORY) slots->has_no_memory = true;
  slots->unopened = place;
  slots->is_held = true;
  tell(slots);
}

/* --- collecting an answer --- */

static bool append(ul_exchange *exchange, const void *bytes, size_t length) {
  return ul_buffer_append(&exchange->slots->answers, bytes, length) ||
         ul_failure_memory(&exchange->failure);
}

static bool append_inflated(ul_exchange *exchange, size_t *length) {
  char scratch[INFLATED_BYTES];
  ul_piece piece;
  *length = 0;
  do {
    if (!ul_body_next(&exchange->body, scratch, sizeof scratch, &piece,
                      &exchange->failure) ||
        !append(exchange, piece.bytes, piece.length))
      return false;
    *length += piece.length;
  } while (piece.length > 0);
  return ul_body_check_end(&exchange->body,
                           exchange->answer.framing != UL_FRAMING_CLOSE,
                           &exchange->failure);
}

static bool append_body(ul_exchange *exchange, size_t *length) {
  if (exchange->body.is_gzip) return append_inflated(exchange, length);
  *length = exchange->body.incoming.length;
  return append(exchange, exchange->body.incoming.bytes, *length);
}

/* The head is written last: only then is the length of the body known. */
static bool append_answer(ul_exchange *exchange) {
  const ul_answer *answer = &exchange->answer;
  ul_slots_answer head = {.place = exchange->place, .status = answer->status,
                          .fields_length = answer->fields.length};
  size_t start = exchange->slots->answers.length;
  if (!append(exchange, &head, sizeof head) ||
      !append(exchange, answer->fields.bytes, answer->fields.length) ||
      !append_body(exchange, &head.body_length))
    return false;
  memcpy(exchange->slots->answers.bytes + start, &head, sizeof head);
  return true;
}

/* All of the answer, or nothing. */
static bool collect(ul_exchange *exchange) {
  ul_buffer *answers = &exchange->slots->answers;
  size_t before = answers->length;
  if (append_answer(exchange)) return true;
  answers->length = before;
  return false;
}

/* --- opening --- */

static bool may_open(const ul_slots *slots) {
  return !slots->is_held && slots->next < slots->count;
}

static bool is_same(ul_text a, ul_text b) {
  return a.length == b.length &&
         (a.bytes == b.bytes || memcmp(a.bytes, b.bytes, a.length) == 0);
}

/* Reads the URL of a place into an exchange whose last one was `before`, or
** was none (`count`). The origin is the model's, or it is refused. */
static bool set_url(ul_slots *slots, ul_exchange *exchange, size_t before,
                    ul_failure *failure) {
  ul_text url = slots->urls[exchange->place];
  if (before < slots->count && is_same(url, slots->urls[before])) return true;
  ul_site *site = &slots->multi->site;
  CURLU *opened = NULL;
  if (!ul_url_open(url.bytes, url.length, &opened, site, failure)) {
    curl_url_cleanup(opened);
    return false;
  }
  curl_url_cleanup(exchange->url);
  exchange->url = opened;
  exchange->is_url_new = true;
  return ul_origin_equal(&site->origin, &slots->model->origin) ||
         ul_failure_note(failure, "refused", "url",
                         "the requests of a series go to one host");
}

static void set_request(ul_exchange *exchange, const ul_exchange *model) {
  memcpy(exchange->method, model->method, sizeof exchange->method);
  memcpy(exchange->host, model->host, sizeof exchange->host);
  exchange->http_version = model->http_version;
  exchange->origin = model->origin;
  exchange->reach = model->reach;
  exchange->limits = model->limits;
  exchange->fields = model->fields;
  exchange->usual = model->usual;
}

/* The next answer is taken to be like the last. */
static bool was_small(const ul_exchange *exchange) {
  return exchange->answer.header_bytes + exchange->body.wire_bytes <=
         UL_SMALL_ANSWER_BYTES;
}

/* What one answer leaves behind; the request stays, and the buffers do. */
static void renew(ul_exchange *exchange, const ul_exchange *model) {
  exchange->phase = UL_PHASE_NEW;
  exchange->was_sent = exchange->was_longer = exchange->is_stale = false;
  exchange->raw_bytes = 0;
  exchange->connect_errno = 0;
  exchange->tried_count = 0;
  exchange->local_port = 0;
  exchange->is_url_new = false;
  exchange->error_text[0] = '\0';
  exchange->is_small = was_small(exchange);
  exchange->pace = model->pace;
  ul_inflate_close(&exchange->body.inflate);
  ul_answer_init(&exchange->answer, exchange->host, model->answer.is_head,
                 model->answer.max_header_bytes);
  ul_body_init(&exchange->body, exchange->host, model->body.held_bytes,
               model->body.max_bytes);
}

static void came(ul_exchange *exchange);
static bool ended(ul_exchange *exchange);

static const ul_keeper keeper = {.came = came, .ended = ended};

static void start(ul_slots *slots, ul_exchange *exchange) {
  ul_failure failure = {0};
  set_request(exchange, slots->model);
  renew(exchange, slots->model);
  exchange->slots = slots;
  exchange->keeper = &keeper;
  exchange->place = slots->next++;
  slots->free--;
  if (set_url(slots, exchange, slots->count, &failure) &&
      ul_multi_start(slots->multi, exchange, &failure)) {
    ul_link_append(&slots->busy, &exchange->of_slots);
    return;
  }
  fail_open(slots, exchange->place, &failure);
  ul_multi_free_exchange(slots->multi, exchange);
}

/* The slot is in use no more. */
static void end(ul_exchange *exchange) {
  ul_slots *slots = exchange->slots;
  ul_link_remove(&exchange->of_slots);
  ul_multi_end(exchange);
  ul_multi_free_exchange(slots->multi, exchange);
  slots->free++;
}

/* The next of the list in the same slot. */
static void open_next(ul_exchange *exchange) {
  ul_slots *slots = exchange->slots;
  ul_failure failure = {0};
  size_t before = exchange->place;
  renew(exchange, slots->model);
  exchange->place = slots->next++;
  if (set_url(slots, exchange, before, &failure) &&
      ul_multi_again(exchange, &failure))
    return;
  fail_open(slots, exchange->place, &failure);
  end(exchange);
  slots->free--;
}

void ul_slots_go_on(ul_slots *slots) {
  slots->is_held = false;
  while (slots->free > 0 && may_open(slots)) {
    ul_exchange *exchange = ul_multi_new_exchange(slots->multi);
    if (exchange == NULL) {
      slots->has_no_memory = true;
      return;
    }
    start(slots, exchange);
  }
}

void ul_slots_hold(ul_slots *slots) {
  slots->is_held = true;
}

size_t ul_slots_give_up(ul_slots *slots) {
  size_t first = slots->next;
  slots->next = slots->count;
  return first;
}

/* --- hearing of an exchange --- */

static bool is_good(const ul_answer *answer) {
  return answer->status >= 200 && answer->status < 300;
}

/* Headers or bytes came, inside of libcurl: nothing may be opened here. */
static void came(ul_exchange *exchange) {
  if (is_good(&exchange->answer) &&
      exchange->body.wire_bytes <= UL_SLOTS_BODY_BYTES &&
      !exchange->body.is_paused)
    return;
  set_aside(exchange);
}

/* It ended by itself. False: it is left to whoever takes it. */
static bool ended(ul_exchange *exchange) {
  ul_slots *slots = exchange->slots;
  if (ul_has_failed(&exchange->failure) || !collect(exchange)) {
    set_aside(exchange);
    return false;
  }
  tell(slots);
  if (may_open(slots))
    open_next(exchange);
  else
    end(exchange);
  return true;
}

/* --- taking --- */

bool ul_slots_next(ul_slots *slots, ul_slots_answer *answer,
                   const char **bytes) {
  ul_buffer *answers = &slots->answers;
  if (answers->length == 0) {
    if (answers->capacity > MAX_KEPT_BYTES) ul_buffer_free(answers);
    return false;
  }
  memcpy(answer, answers->bytes, sizeof *answer);
  *bytes = answers->bytes + sizeof *answer;
  ul_buffer_consume(answers, sizeof *answer + answer->fields_length +
                               answer->body_length);
  return true;
}

ul_exchange *ul_slots_aside(const ul_slots *slots) {
  if (ul_link_is_empty(&slots->aside)) return NULL;
  return UL_MEMBER(slots->aside.after, ul_exchange, of_slots);
}

void ul_slots_take(ul_exchange *exchange) {
  ul_link_remove(&exchange->of_slots);
}

void ul_slots_give_back(ul_slots *slots) {
  slots->free++;
}

bool ul_slots_take_unopened(ul_slots *slots, size_t *place) {
  if (slots->unopened == slots->count) return false;
  *place = slots->unopened;
  slots->unopened = slots->count;
  return true;
}

bool ul_slots_are_done(const ul_slots *slots) {
  return slots->next == slots->count && slots->unopened == slots->count &&
         slots->answers.length == 0 && ul_link_is_empty(&slots->busy) &&
         ul_link_is_empty(&slots->aside);
}

/* --- opening and closing all --- */

void ul_slots_open(ul_slots *slots, ul_multi *multi, ul_text *urls,
                   size_t count, size_t in_flight) {
  *slots = (ul_slots){.multi = multi, .urls = urls, .count = count,
                      .free = in_flight, .unopened = count, .is_held = true};
  ul_link_init(&slots->busy);
  ul_link_init(&slots->aside);
  ul_buffer_init(&slots->answers, SIZE_MAX / 4);
}

static void drop_all(ul_slots *slots, ul_link *list) {
  while (!ul_link_is_empty(list)) {
    ul_exchange *exchange = UL_MEMBER(list->after, ul_exchange, of_slots);
    ul_link_remove(&exchange->of_slots);
    ul_multi_forget(exchange);
    ul_multi_free_exchange(slots->multi, exchange);
  }
}

void ul_slots_close(ul_slots *slots) {
  if (slots->multi == NULL) return;
  drop_all(slots, &slots->busy);
  drop_all(slots, &slots->aside);
  ul_multi_untell(&slots->news);
  if (slots->model != NULL)
    ul_multi_free_exchange(slots->multi, slots->model);
  ul_buffer_free(&slots->answers);
  free(slots->urls);
  slots->urls = NULL;
  slots->model = NULL;
  slots->multi = NULL;
}
