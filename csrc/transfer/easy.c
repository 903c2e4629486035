#include "easy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "multi.h"
#include "url.h"

#define READ_BYTES (48L << 10)

/* --- callbacks: no Lua, nothing that can raise --- */

static void begin_connecting(ul_exchange *exchange) {
  if (exchange->phase == UL_PHASE_NEW)
    ul_multi_enter(exchange, UL_PHASE_CONNECTING);
}

/* Called before a name is looked up. */
static int on_resolve(void *resolver_state, void *reserved, void *user) {
  (void)resolver_state;
  (void)reserved;
  begin_connecting(user);
  return 0;
}

static curl_socket_t make_socket(ul_exchange *exchange,
                                 const struct curl_sockaddr *address) {
  int fd = socket(address->family, address->socktype | SOCK_CLOEXEC,
                  address->protocol);
  exchange->connect_errno = fd < 0 ? errno : 0;
  if (fd >= 0 && !ul_loop_add(&exchange->multi->loop, fd)) {
    (void)close(fd);
    ul_failure_memory(&exchange->failure);
    return CURL_SOCKET_BAD;
  }
  exchange->tried[exchange->tried_count++ % UL_TRIED_SOCKETS] = fd;
  return fd;
}

/* Called for every socket of on_socket, by whichever exchange it came. */
static int on_close(void *user, curl_socket_t fd) {
  ul_multi *multi = user;
  ul_loop_forget(&multi->loop, fd);
  ul_sockets_forget(&multi->sockets, fd);
  return close(fd);
}

/* Whatever resolved the name: a name of this machine leads to this machine,
** and a host that a vendor named to none of ours. */
static curl_socket_t on_socket(void *user, curlsocktype purpose,
                               struct curl_sockaddr *address) {
  (void)purpose;
  ul_exchange *exchange = user;
  ul_address place;
  begin_connecting(exchange);
  if (!ul_address_copy(&place, &address->addr) ||
      !ul_reach_check(exchange->reach, &place, exchange->host,
                      &exchange->failure))
    return CURL_SOCKET_BAD;
  return make_socket(exchange, address);
}

/* A kept connection may have been made for a request that reaches further. */
static bool is_within_reach(ul_exchange *exchange, const char *remote_ip) {
  ul_address place;
  if (!ul_reach_is_bounded(exchange->reach)) return true;
  return remote_ip != NULL && ul_address_parse(&place, remote_ip) &&
         ul_reach_check(exchange->reach, &place, exchange->host,
                        &exchange->failure);
}

static int find_tried(const ul_exchange *exchange, const ul_ends *ends) {
  unsigned count = exchange->tried_count;
  if (count > UL_TRIED_SOCKETS) count = UL_TRIED_SOCKETS;
  for (unsigned i = 0; i < count; i++)
    if (ul_socket_joins(exchange->tried[i], ends)) return exchange->tried[i];
  return -1;
}

/* Nothing may wait on a kept connection: it would be read as the beginning of
** the next answer. A closed one is of no use. HTTP/2 looks by itself. */
static bool is_usable(const ul_exchange *exchange) {
  const ul_sockets *sockets = &exchange->multi->sockets;
  if (ul_sockets_is_http2(sockets, exchange->local_port)) return true;
  return ul_socket_look(exchange->fd) == UL_SOCKET_QUIET &&
         !ul_socket_has_decoded(exchange->easy);
}

/* Finds the socket of a connection that stands; false: it is not to be used.
** One that cannot be found is used once and not kept. */
static bool find_socket(ul_exchange *exchange, const ul_ends *ends) {
  ul_sockets *sockets = &exchange->multi->sockets;
  exchange->local_port = ends->local_port;
  exchange->fd = find_tried(exchange, ends);
  if (exchange->fd >= 0) {
    ul_sockets_note(sockets, exchange->fd, ends);
    return true;
  }
  exchange->fd = ul_sockets_find(sockets, ends);
  if (exchange->fd >= 0) return is_usable(exchange);
  exchange->shape.is_known = false;
  return curl_easy_setopt(exchange->easy, CURLOPT_FORBID_REUSE, 1L) ==
         CURLE_OK;
}

/* Called when the connection stands, before each sending of the request.
** A second sending is libcurl's own repeat after a lost connection; whether a
** request may be repeated is not for libcurl to decide. */
static int on_ready(void *user, char *remote_ip, char *local_ip,
                    int remote_port, int local_port) {
  (void)local_ip;
  ul_exchange *exchange = user;
  ul_ends ends = {remote_ip, remote_port, local_port};
  if (exchange->was_sent) {
    ul_failure_note(&exchange->failure, "network", "lost",
                    "%s closed the connection without an answer",
                    exchange->host);
    return CURL_PREREQFUNC_ABORT;
  }
  if (!is_within_reach(exchange, remote_ip)) return CURL_PREREQFUNC_ABORT;
  exchange->is_stale = !find_socket(exchange, &ends);
  if (exchange->is_stale) return CURL_PREREQFUNC_ABORT;
  exchange->was_sent = true;
  ul_multi_enter(exchange, UL_PHASE_SENT);
  return CURL_PREREQFUNC_OK;
}

static size_t on_upload(char *buffer, size_t size, size_t count, void *user) {
  ul_exchange *exchange = user;
  ul_upload *upload = &exchange->upload;
  size_t left = upload->length - upload->sent, room = size * count;
  size_t length = left < room ? left : room;
  if (length > 0) memcpy(buffer, upload->bytes + upload->sent, length);
  upload->sent += length;
  if (exchange->phase == UL_PHASE_SENT)  /* else the answer has begun */
    ul_multi_enter(exchange, UL_PHASE_SENT);
  return length;
}

/* libcurl reads no further than Content-Length; what stands behind it shows
** in the bytes before it cuts them (on_debug), or waits in the socket. */
static bool watch_length(ul_exchange *exchange) {
  const ul_answer *answer = &exchange->answer;
  if (answer->framing != UL_FRAMING_LENGTH || answer->is_bodyless) return true;
  return curl_easy_setopt(exchange->easy, CURLOPT_VERBOSE, 1L) == CURLE_OK;
}

static bool check_announced(ul_exchange *exchange) {
  const ul_answer *answer = &exchange->answer;
  if (answer->has_length && !answer->is_gzip &&
      answer->content_length > exchange->body.max_bytes)
    return ul_failure_note(&exchange->failure, "limit", "body_bytes",
                           "the answer from %s is larger than %llu bytes "
                           "(max_body_bytes)",
                           exchange->host,
                           (unsigned long long)exchange->body.max_bytes);
  return true;
}

static void note_version(ul_exchange *exchange) {
  if (exchange->answer.framing == UL_FRAMING_HTTP2)
    ul_sockets_note_http2(&exchange->multi->sockets, exchange->local_port);
}

static bool begin_body(ul_exchange *exchange) {
  note_version(exchange);
  exchange->body.is_gzip = exchange->answer.is_gzip;
  ul_multi_enter(exchange, UL_PHASE_BODY);
  ul_multi_mark(exchange);
  return check_announced(exchange) && watch_length(exchange);
}

static size_t on_header(char *line, size_t size, size_t count, void *user) {
  ul_exchange *exchange = user;
  size_t length = size * count;
  if (!ul_answer_take(&exchange->answer, line, length, &exchange->failure))
    return 0;
  bool is_first = exchange->phase != UL_PHASE_BODY;
  if (exchange->answer.is_complete && is_first && !begin_body(exchange))
    return 0;
  return length;
}

/* Bytes behind the body, while the connection is still this exchange's own.
** Over TLS a record of the protocol itself may wait in the socket; bytes that
** are decoded already are no such record. */
static bool has_more_waiting(const ul_exchange *exchange) {
  if (strcmp(exchange->origin.scheme, "https") == 0)
    return ul_socket_has_decoded(exchange->easy);
  return exchange->fd >= 0 &&
         ul_socket_look(exchange->fd) == UL_SOCKET_READABLE;
}

static bool is_last(const ul_exchange *exchange) {
  return exchange->answer.framing == UL_FRAMING_LENGTH &&
         exchange->body.wire_bytes == exchange->answer.content_length;
}

/* All has come, and nothing behind it: what libcurl still says need not be put
** into words. */
static bool end_watch(const ul_exchange *exchange) {
  if (!exchange->multi->tells_excess_first) return true;
  return curl_easy_setopt(exchange->easy, CURLOPT_VERBOSE, 0L) == CURLE_OK;
}

/* The last bytes were taken; false stops the transfer, so that nobody meets
** what stands behind them. */
static bool end_body(ul_exchange *exchange) {
  if (!has_more_waiting(exchange)) return end_watch(exchange);
  exchange->was_longer = true;
  return false;
}

/* Bytes that are refused libcurl copies aside until they are taken. So it is
** asked to read no more as soon as all that it has read is here, and what
** another read may bring would not find room. It keeps still only where
** sending is paused too. */
static bool pause_in_time(ul_exchange *exchange) {
  ul_body *body = &exchange->body;
  if (exchange->keeper != NULL || is_last(exchange) ||
      exchange->raw_bytes != body->wire_bytes ||
      ul_body_has_room(body, READ_BYTES))
    return true;
  body->is_paused = true;
  return curl_easy_pause(exchange->easy, CURLPAUSE_ALL) == CURLE_OK;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *user) {
  ul_exchange *exchange = user;
  size_t length = size * count;
  switch (ul_body_take(&exchange->body, bytes, length, &exchange->failure)) {
    case UL_TAKEN:
      ul_multi_mark(exchange);
      if (!pause_in_time(exchange)) return 0;
      return !is_last(exchange) || end_body(exchange) ? length : 0;
    case UL_TAKEN_NOT:
      if (exchange->keeper != NULL) ul_multi_mark(exchange);
      return CURL_WRITEFUNC_PAUSE;
    default:
      return length == 0 ? 1 : 0;  /* any other number stops the transfer */
  }
}

static int on_debug(CURL *easy, curl_infotype type, char *data, size_t size,
                    void *user) {
  (void)easy;
  static const char excess[] = "Excess";
  ul_exchange *exchange = user;
  if (type == CURLINFO_DATA_IN) exchange->raw_bytes += size;
  /* a body of length 0 is not passed on as data at all */
  if (type == CURLINFO_TEXT && size >= sizeof excess &&
      memcmp(data, excess, sizeof excess - 1) == 0)
    exchange->was_longer = true;
  if (exchange->answer.framing == UL_FRAMING_LENGTH &&
      exchange->raw_bytes > exchange->answer.content_length)
    exchange->was_longer = true;
  return 0;
}

/* --- options, as rows --- */

typedef struct ul_long_option {
  CURLoption option;
  long value;
} ul_long_option;

static const ul_long_option fixed[] = {
  {CURLOPT_NOSIGNAL, 1},
  {CURLOPT_QUICK_EXIT, 1},  /* do not wait for a resolver given up on */
  {CURLOPT_FOLLOWLOCATION, 0},
  {CURLOPT_NETRC, CURL_NETRC_IGNORED},
  {CURLOPT_AUTOREFERER, 0},
  {CURLOPT_HTTP09_ALLOWED, 0},
  {CURLOPT_SUPPRESS_CONNECT_HEADERS, 1},
  {CURLOPT_HEADEROPT, CURLHEADER_SEPARATE},  /* a proxy gets no fields */
  {CURLOPT_SSL_VERIFYPEER, 1},
  {CURLOPT_SSL_VERIFYHOST, 2},
  {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
  {CURLOPT_PROXY_SSL_VERIFYPEER, 1},
  {CURLOPT_PROXY_SSL_VERIFYHOST, 2},
  {CURLOPT_PROXY_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
};

static CURLcode set_fixed(CURL *easy) {
  for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
    CURLcode code = curl_easy_setopt(easy, fixed[i].option, fixed[i].value);
    if (code != CURLE_OK) return code;
  }
  return CURLE_OK;
}

/* Each line is one option; the first that fails ends the function. */
#define SET(easy, option, value) do { \
    CURLcode set_code = curl_easy_setopt(easy, option, value); \
    if (set_code != CURLE_OK) return set_code; \
  } while (0)

static CURLcode set_reach(CURL *easy, const ul_exchange *exchange) {
  SET(easy, CURLOPT_PROTOCOLS_STR, exchange->origin.scheme);
  SET(easy, CURLOPT_REDIR_PROTOCOLS_STR, "https");
  if (ul_origin_is_loopback(&exchange->origin))
    SET(easy, CURLOPT_PROXY, "");
  if (exchange->reach == UL_REACH_PROXIED) SET(easy, CURLOPT_NOPROXY, "");
  return CURLE_OK;
}

static CURLcode set_callbacks(CURL *easy, const ul_exchange *exchange) {
  SET(easy, CURLOPT_RESOLVER_START_FUNCTION, on_resolve);
  SET(easy, CURLOPT_OPENSOCKETFUNCTION, on_socket);
  SET(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
  SET(easy, CURLOPT_CLOSESOCKETDATA, exchange->multi);
  SET(easy, CURLOPT_PREREQFUNCTION, on_ready);
  SET(easy, CURLOPT_HEADERFUNCTION, on_header);
  SET(easy, CURLOPT_WRITEFUNCTION, on_body);
  SET(easy, CURLOPT_DEBUGFUNCTION, on_debug);
  return CURLE_OK;
}

/* Whom the callbacks are about. */
static CURLcode set_exchange(CURL *easy, ul_exchange *exchange) {
  SET(easy, CURLOPT_PRIVATE, exchange);
  SET(easy, CURLOPT_ERRORBUFFER, exchange->error_text);
  SET(easy, CURLOPT_RESOLVER_START_DATA, exchange);
  SET(easy, CURLOPT_OPENSOCKETDATA, exchange);
  SET(easy, CURLOPT_PREREQDATA, exchange);
  SET(easy, CURLOPT_HEADERDATA, exchange);
  SET(easy, CURLOPT_WRITEDATA, exchange);
  SET(easy, CURLOPT_DEBUGDATA, exchange);
  return CURLE_OK;
}

static bool has_body(const ul_exchange *exchange) {
  return exchange->upload.bytes != NULL ||
         strcmp(exchange->method, "POST") == 0 ||
         strcmp(exchange->method, "PUT") == 0 ||
         strcmp(exchange->method, "PATCH") == 0;
}

static CURLcode set_upload(CURL *easy, ul_exchange *exchange) {
  curl_off_t length = (curl_off_t)exchange->upload.length;
  SET(easy, CURLOPT_POST, 1L);
  SET(easy, CURLOPT_POSTFIELDSIZE_LARGE, length);
  if (length == 0) SET(easy, CURLOPT_POSTFIELDS, "");
  SET(easy, CURLOPT_READFUNCTION, on_upload);
  SET(easy, CURLOPT_READDATA, exchange);
  return CURLE_OK;
}

static CURLcode set_method(CURL *easy, ul_exchange *exchange) {
  if (exchange->answer.is_head)
    return curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  CURLcode code = has_body(exchange)
                    ? set_upload(easy, exchange)
                    : curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
  if (code != CURLE_OK) return code;
  return curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, exchange->method);
}

/* Without memory libcurl (7.88) drops the query, and asks for something else:
** so it is told its target. */
static CURLcode set_url(CURL *easy, const ul_exchange *exchange) {
  char *target;
  SET(easy, CURLOPT_CURLU, exchange->url);
  if (ul_url_target(exchange->url, &target) != CURLUE_OK)
    return CURLE_OUT_OF_MEMORY;
  CURLcode code = curl_easy_setopt(easy, CURLOPT_REQUEST_TARGET, target);
  if (target != NULL) explicit_bzero(target, strlen(target));
  free(target);
  return code;
}

static CURLcode set_request(CURL *easy, ul_exchange *exchange) {
  CURLcode code = set_url(easy, exchange);
  if (code != CURLE_OK) return code;
  SET(easy, CURLOPT_HTTPHEADER, exchange->fields);
  SET(easy, CURLOPT_HTTP_VERSION, exchange->http_version);
  return set_method(easy, exchange);
}

/* libcurl makes its buffer for each transfer anew, and it is wiped as a whole:
** for a small answer that is the largest part of the work. */
static long read_bytes(const ul_exchange *exchange) {
  return exchange->read_bytes > 0 ? exchange->read_bytes : READ_BYTES;
}

/* libcurl gives each address of a name its share of the limit. */
static long connect_ms(const ul_exchange *exchange) {
  double limit_ms = exchange->limits.connect_s * 1000 + 1;
  return limit_ms < 1e9 ? (long)limit_ms : 1000000000L;
}

static CURLcode prepare_all(CURL *easy, ul_exchange *exchange,
                            const ul_trust *trust) {
  CURLcode code = set_fixed(easy);
  if (code == CURLE_OK) code = set_reach(easy, exchange);
  if (code == CURLE_OK) code = set_callbacks(easy, exchange);
  if (code == CURLE_OK) code = set_exchange(easy, exchange);
  if (code == CURLE_OK) code = set_request(easy, exchange);
  if (code == CURLE_OK) code = ul_trust_apply(trust, easy);
  if (code != CURLE_OK) return code;
  SET(easy, CURLOPT_BUFFERSIZE, read_bytes(exchange));
  return curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                          connect_ms(exchange));
}

/* --- handles that are used again --- */

/* Only what is asked for without a body is worth knowing again. */
static ul_shape shape_of(const ul_exchange *exchange) {
  const ul_origin *origin = &exchange->origin;
  ul_shape shape = {.is_known = strcmp(exchange->method, "GET") == 0 &&
                                exchange->upload.bytes == NULL,
                    .is_loopback = ul_origin_is_loopback(origin),
                    .reach = exchange->reach,
                    .http_version = exchange->http_version,
                    .read_bytes = exchange->read_bytes,
                    .connect_ms = connect_ms(exchange)};
  memcpy(shape.scheme, origin->scheme, sizeof shape.scheme);
  return shape;
}

static bool is_same_shape(const ul_shape *a, const ul_shape *b) {
  return a->is_known && b->is_known && strcmp(a->scheme, b->scheme) == 0 &&
         a->is_loopback == b->is_loopback && a->reach == b->reach &&
         a->http_version == b->http_version && a->read_bytes == b->read_bytes &&
         a->connect_ms == b->connect_ms;
}

/* libcurl keeps the last URL as text too, and would take it for the next. */
CURLcode ul_easy_clear(CURL *easy) {
  SET(easy, CURLOPT_ERRORBUFFER, NULL);
  SET(easy, CURLOPT_CURLU, NULL);
  SET(easy, CURLOPT_URL, NULL);
  SET(easy, CURLOPT_REQUEST_TARGET, NULL);
  SET(easy, CURLOPT_HTTPHEADER, NULL);
  return CURLE_OK;
}

/* All that differs between two of one shape. */
static CURLcode prepare_again(CURL *easy, ul_exchange *exchange) {
  CURLcode code = set_exchange(easy, exchange);
  if (code == CURLE_OK) code = set_url(easy, exchange);
  if (code != CURLE_OK) return code;
  SET(easy, CURLOPT_VERBOSE, 0L);
  SET(easy, CURLOPT_HTTPHEADER, exchange->fields);
  return CURLE_OK;
}

CURLcode ul_easy_prepare(CURL *easy, ul_exchange *exchange,
                         const ul_trust *trust, ul_shape *shape) {
  ul_shape before = *shape;
  *shape = shape_of(exchange);
  if (is_same_shape(&before, shape)) return prepare_again(easy, exchange);
  curl_easy_reset(easy);
  return prepare_all(easy, exchange, trust);
}

CURLcode ul_easy_prepare_next(CURL *easy, ul_exchange *exchange,
                              const ul_trust *trust, ul_shape *shape) {
  if (!shape->is_known) return ul_easy_prepare(easy, exchange, trust, shape);
  SET(easy, CURLOPT_VERBOSE, 0L);
  CURLcode code = exchange->is_url_new ? set_url(easy, exchange) : CURLE_OK;
  if (code != CURLE_OK) return code;
  if (exchange->read_bytes != shape->read_bytes)
    SET(easy, CURLOPT_BUFFERSIZE, read_bytes(exchange));
  shape->read_bytes = exchange->read_bytes;
  return CURLE_OK;
}

static const struct version {
  long number;
  const char *name;
} versions[] = {
  {CURL_HTTP_VERSION_1_0, "1.0"},
  {CURL_HTTP_VERSION_1_1, "1.1"},
  {CURL_HTTP_VERSION_2_0, "2"},
};

static const char *version_name(long number) {
  for (size_t i = 0; i < sizeof versions / sizeof *versions; i++)
    if (versions[i].number == number) return versions[i].name;
  return NULL;
}

static CURLcode read_seconds(CURL *easy, CURLINFO info, double *seconds) {
  curl_off_t microseconds = 0;
  CURLcode code = curl_easy_getinfo(easy, info, &microseconds);
  *seconds = (double)microseconds * 1e-6;
  return code;
}

static CURLcode read_times(CURL *easy, ul_facts *facts) {
  double tls_s = 0;
  CURLcode code = read_seconds(easy, CURLINFO_CONNECT_TIME_T,
                               &facts->connect_s);
  if (code == CURLE_OK)
    code = read_seconds(easy, CURLINFO_APPCONNECT_TIME_T, &tls_s);
  if (tls_s > facts->connect_s) facts->connect_s = tls_s;
  if (code == CURLE_OK)
    code = read_seconds(easy, CURLINFO_STARTTRANSFER_TIME_T,
                        &facts->first_byte_s);
  if (code == CURLE_OK)
    code = read_seconds(easy, CURLINFO_TOTAL_TIME_T, &facts->total_s);
  return code;
}

CURLcode ul_easy_read_facts(CURL *easy, ul_facts *facts) {
  long version = 0, connects = 0;
  CURLcode code = curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
  if (code == CURLE_OK)
    code = curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connects);
  if (code == CURLE_OK) code = read_times(easy, facts);
  facts->http = version_name(version);
  facts->is_reused = connects == 0;
  return code;
}
