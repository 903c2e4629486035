#include "slots.h"

#include <stdlib.h>
#include <string.h>

#include "inflate.h"
#include "url.h"

#define FIRST_ANSWERS ((size_t)64)
#define MAX_KEPT_ANSWERS ((size_t)4096)
#define MAX_SPARE_BYTES ((size_t)8 << 10)
#define SMALL_ANSWER_BYTES ((uint64_t)4 << 10)
#define READ_STEP_BYTES ((uint64_t)1 << 10)
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

/* --- buffers of answers --- */

static void keep_spare(ul_slots *slots, ul_buffer *buffer) {
  bool is_kept = buffer->capacity <= MAX_SPARE_BYTES &&
                 slots->spare_count < UL_SLOTS_SPARE;
  if (is_kept)
    slots->spare[slots->spare_count++] = *buffer;
  else
    ul_buffer_free(buffer);
}

static ul_buffer take_spare(ul_slots *slots) {
  ul_buffer buffer = {0};
  if (slots->spare_count > 0) buffer = slots->spare[--slots->spare_count];
  ul_buffer_reuse(&buffer, SIZE_MAX / 4);
  return buffer;
}

/* --- collecting an answer --- */

static bool reserve(ul_slots *slots) {
  if (slots->answer_count < slots->answer_capacity) return true;
  size_t capacity = slots->answer_capacity * 2;
  if (capacity < FIRST_ANSWERS) capacity = FIRST_ANSWERS;
  ul_slots_answer *answers =
    realloc(slots->answers, capacity * sizeof *answers);
  if (answers == NULL) return false;
  slots->answers = answers;
  slots->answer_capacity = capacity;
  return true;
}

static bool append(ul_exchange *exchange, ul_buffer *bytes, const void *from,
                   size_t length) {
  return ul_buffer_append(bytes, from, length) ||
         ul_failure_memory(&exchange->failure);
}

static bool append_inflated(ul_exchange *exchange, ul_buffer *bytes) {
  char scratch[INFLATED_BYTES];
  ul_piece piece;
  do {
    if (!ul_body_next(&exchange->body, scratch, sizeof scratch, &piece,
                      &exchange->failure) ||
        !append(exchange, bytes, piece.bytes, piece.length))
      return false;
  } while (piece.length > 0);
  return ul_body_check_end(&exchange->body,
                           exchange->answer.framing != UL_FRAMING_CLOSE,
                           &exchange->failure);
}

static bool append_fields(ul_exchange *exchange, ul_buffer *bytes) {
  const ul_buffer *fields = &exchange->answer.fields;
  return append(exchange, bytes, fields->bytes, fields->length);
}

/* The buffer with the body goes on as it is: nothing is copied but what is
** coded. */
static bool collect_bytes(ul_exchange *exchange, ul_slots_answer *answer) {
  ul_buffer *incoming = &exchange->body.incoming;
  ul_buffer bytes = *incoming;
  if (exchange->body.is_gzip) {
    bytes = take_spare(exchange->slots);
    if (!append_inflated(exchange, &bytes)) {
      keep_spare(exchange->slots, &bytes);
      return false;
    }
  } else {
    ul_buffer_init(incoming, incoming->limit);
  }
  answer->body_length = bytes.length;
  bool is_whole = append_fields(exchange, &bytes);
  answer->bytes = bytes;
  if (!is_whole) keep_spare(exchange->slots, &answer->bytes);
  return is_whole;
}

/* All of the answer, or nothing. */
static bool collect(ul_exchange *exchange) {
  ul_slots *slots = exchange->slots;
  if (!reserve(slots)) return ul_failure_memory(&exchange->failure);
  ul_slots_answer *answer = &slots->answers[slots->answer_count];
  *answer = (ul_slots_answer){.place = exchange->place,
                              .status = exchange->answer.status,
                              .fields_length = exchange->answer.fields.length};
  if (!collect_bytes(exchange, answer)) return false;
  slots->answer_count++;
  return true;
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

/* The next answer is taken to be like the last, and a little larger. */
static long next_read_bytes(const ul_exchange *exchange) {
  uint64_t bytes = exchange->answer.header_bytes + exchange->body.wire_bytes;
  bytes += bytes / 8;
  if (bytes > SMALL_ANSWER_BYTES) return 0;
  return (long)((bytes / READ_STEP_BYTES + 1) * READ_STEP_BYTES);
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
  exchange->read_bytes = next_read_bytes(exchange);
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

/* Headers or bytes came, inside of libcurl: nothing may be opened here. Only
** now a buffer is wanted. */
static void came(ul_exchange *exchange) {
  ul_buffer *incoming = &exchange->body.incoming;
  if (incoming->block == NULL) *incoming = take_spare(exchange->slots);
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

/* Those that were taken; the last one's bytes stood until now. */
static void drop_taken(ul_slots *slots) {
  if (slots->has_lent)
    keep_spare(slots, &slots->answers[slots->answers_taken++].bytes);
  slots->has_lent = false;
}

static void free_answers(ul_slots *slots) {
  free(slots->answers);
  slots->answers = NULL;
  slots->answer_capacity = 0;
}

static bool has_answers(const ul_slots *slots) {
  return slots->answers_taken + slots->has_lent < slots->answer_count;
}

const ul_slots_answer *ul_slots_next(ul_slots *slots) {
  drop_taken(slots);
  slots->has_lent = has_answers(slots);
  if (slots->has_lent) return &slots->answers[slots->answers_taken];
  slots->answer_count = slots->answers_taken = 0;
  if (slots->answer_capacity > MAX_KEPT_ANSWERS) free_answers(slots);
  return NULL;
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
         !has_answers(slots) && ul_link_is_empty(&slots->busy) &&
         ul_link_is_empty(&slots->aside);
}

/* --- opening and closing all --- */

void ul_slots_open(ul_slots *slots, ul_multi *multi, ul_text *urls,
                   size_t count, size_t in_flight) {
  *slots = (ul_slots){.multi = multi, .urls = urls, .count = count,
                      .free = in_flight, .unopened = count, .is_held = true};
  ul_link_init(&slots->busy);
  ul_link_init(&slots->aside);
}

static void drop_all(ul_slots *slots, ul_link *list) {
  while (!ul_link_is_empty(list)) {
    ul_exchange *exchange = UL_MEMBER(list->after, ul_exchange, of_slots);
    ul_link_remove(&exchange->of_slots);
    ul_multi_forget(exchange);
    ul_multi_free_exchange(slots->multi, exchange);
  }
}

static void drop_answers(ul_slots *slots) {
  for (size_t i = slots->answers_taken; i < slots->answer_count; i++)
    ul_buffer_free(&slots->answers[i].bytes);
  slots->answers_taken = slots->answer_count = 0;
  slots->has_lent = false;
  free_answers(slots);
  while (slots->spare_count > 0)
    ul_buffer_free(&slots->spare[--slots->spare_count]);
}

void ul_slots_close(ul_slots *slots) {
  if (slots->multi == NULL) return;
  drop_all(slots, &slots->busy);
  drop_all(slots, &slots->aside);
  ul_multi_untell(&slots->news);
  if (slots->model != NULL)
    ul_multi_free_exchange(slots->multi, slots->model);
  drop_answers(slots);
  free(slots->urls);
  slots->urls = NULL;
  slots->model = NULL;
  slots->multi = NULL;
}
