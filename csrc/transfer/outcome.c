#include "outcome.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "reach.h"

#define CA_HINT "USAGELUA_CA_FILE names a file with one authority more"

static const char *detail(const ul_exchange *exchange, CURLcode code) {
  return exchange->error_text[0] != '\0' ? exchange->error_text
                                         : curl_easy_strerror(code);
}

/* --- silent successes: libcurl says ok, the bytes say otherwise --- */

static bool check_headers(ul_exchange *exchange) {
  return exchange->answer.is_complete ||
         ul_failure_note(&exchange->failure, "cut", "headers",
                         "the answer from %s is cut: the connection closed "
                         "inside the headers",
                         exchange->host);
}

static bool check_not_longer(ul_exchange *exchange) {
  return !exchange->was_longer ||
         ul_failure_note(&exchange->failure, "cut", "length",
                         "the answer from %s is longer than the %" PRIu64
                         " bytes that its Content-Length says",
                         exchange->host, exchange->answer.content_length);
}

static bool fail_short(ul_exchange *exchange) {
  return ul_failure_note(&exchange->failure, "cut", "length",
                         "the answer from %s is cut: %" PRIu64 " of %" PRIu64
                         " bytes came",
                         exchange->host, exchange->body.wire_bytes,
                         exchange->answer.content_length);
}

static bool check_not_shorter(ul_exchange *exchange) {
  bool is_whole = !exchange->answer.has_length ||
                  exchange->body.wire_bytes == exchange->answer.content_length;
  return is_whole || fail_short(exchange);
}

/* --- failures as libcurl tells them --- */

/* Who was not reached: where a proxy is asked, it is the one to look at. */
static const char *way(const ul_exchange *exchange) {
  return ul_reach_is_proxied(&exchange->origin) ? "the proxy on the way to "
                                                : "";
}

static void fail_connect(ul_exchange *exchange, CURL *easy, CURLcode code) {
  long os_errno = 0;
  if (curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &os_errno) != CURLE_OK)
    os_errno = 0;
  if (exchange->connect_errno != 0) os_errno = exchange->connect_errno;
  if (os_errno == ECONNREFUSED)
    ul_failure_note(&exchange->failure, "network", "refused",
                    "%s%s refused the connection", way(exchange),
                    exchange->host);
  else
    ul_failure_note(&exchange->failure, "network", "connect",
                    "no connection to %s%s: %s", way(exchange), exchange->host,
                    os_errno != 0 ? strerror((int)os_errno)
                                  : detail(exchange, code));
}

static void fail_resolve(ul_exchange *exchange, CURL *easy, CURLcode code) {
  (void)easy;
  ul_failure_note(&exchange->failure, "network", "dns",
                  "the name of %s was not found: %s", exchange->host,
                  detail(exchange, code));
}

static void fail_resolve_proxy(ul_exchange *exchange, CURL *easy,
                               CURLcode code) {
  (void)easy;
  ul_failure_note(&exchange->failure, "network", "dns",
                  "the name of the proxy on the way to %s was not found: %s",
                  exchange->host, detail(exchange, code));
}

static void fail_verification(ul_exchange *exchange, CURL *easy,
                              CURLcode code) {
  (void)easy;
  exchange->failure.hint = CA_HINT;
  ul_failure_note(&exchange->failure, "refused", "tls_verification",
                  "the certificate of %s was not accepted: %s", exchange->host,
                  detail(exchange, code));
}

static void fail_handshake(ul_exchange *exchange, CURL *easy, CURLcode code) {
  (void)easy;
  ul_failure_note(&exchange->failure, "network", "tls",
                  "the TLS handshake with %s failed: %s", exchange->host,
                  detail(exchange, code));
}

static void fail_connect_limit(ul_exchange *exchange) {
  ul_failure_note(&exchange->failure, "timeout", "connect",
                  "no connection to %s%s within %g s (connect_s)",
                  way(exchange), exchange->host, exchange->limits.connect_s);
}

static void fail_timeout(ul_exchange *exchange, CURL *easy, CURLcode code) {
  (void)easy;
  if (!exchange->was_sent) fail_connect_limit(exchange);
  ul_failure_note(&exchange->failure, "timeout", "transfer",
                  "%s took too long: %s", exchange->host,
                  detail(exchange, code));
}

/* The connection ended well, the answer not. */
static void fail_partial(ul_exchange *exchange, CURL *easy, CURLcode code) {
  (void)easy;
  bool is_http2 = exchange->answer.framing == UL_FRAMING_HTTP2;
  if (exchange->answer.has_length) fail_short(exchange);
  ul_failure_note(&exchange->failure, "cut", is_http2 ? "http2" : "chunked",
                  "the answer from %s is cut after %" PRIu64 " bytes: %s",
                  exchange->host, exchange->body.wire_bytes,
                  detail(exchange, code));
}

static bool is_reset(CURL *easy) {
  long os_errno = 0;
  return curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &os_errno) == CURLE_OK &&
         (os_errno == ECONNRESET || os_errno == EPIPE);
}

static const char *place(const ul_exchange *exchange) {
  switch (exchange->phase) {
    case UL_PHASE_BODY: return "inside the body";
    case UL_PHASE_SENT:
      return exchange->answer.header_bytes > 0 ? "inside the headers"
                                               : "before an answer";
    default: return "before the request was sent";
  }
}

static void fail_broken(ul_exchange *exchange, CURL *easy, CURLcode code) {
  if (is_reset(easy))
    ul_failure_note(&exchange->failure, "network", "reset",
                    "%s reset the connection %s", exchange->host,
                    place(exchange));
  else
    ul_failure_note(&exchange->failure, "network", "broken",
                    "the connection to %s broke %s: %s", exchange->host,
                    place(exchange), detail(exchange, code));
}

static void fail_empty(ul_exchange *exchange, CURL *easy, CURLcode code) {
  (void)easy;
  (void)code;
  ul_failure_note(&exchange->failure, "network", "lost",
                  "%s closed the connection without an answer", exchange->host);
}

static void fail_protocol(ul_exchange *exchange, CURL *easy, CURLcode code) {
  (void)easy;
  ul_failure_note(&exchange->failure, "network", "protocol",
                  "%s did not answer in HTTP as it should: %s", exchange->host,
                  detail(exchange, code));
}

static void fail_http2(ul_exchange *exchange, CURL *easy, CURLcode code) {
  (void)easy;
  bool has_begun = exchange->phase == UL_PHASE_BODY;
  ul_failure_note(&exchange->failure, has_begun ? "cut" : "network", "http2",
                  "the HTTP/2 answer from %s broke %s: %s", exchange->host,
                  place(exchange), detail(exchange, code));
}

/* libcurl also says so of one header line beyond 100 KB. */
static void fail_memory(ul_exchange *exchange, CURL *easy, CURLcode code) {
  (void)easy;
  (void)code;
  if (exchange->phase == UL_PHASE_SENT && exchange->answer.header_bytes > 0)
    ul_failure_note(&exchange->failure, "limit", "header_bytes",
                    "a header line from %s is larger than libcurl takes, or "
                    "memory ran out",
                    exchange->host);
  ul_failure_memory(&exchange->failure);
}

static void fail_otherwise(ul_exchange *exchange, CURL *easy, CURLcode code) {
  (void)easy;
  ul_failure_note(&exchange->failure, "network", "curl",
                  "the transfer from %s failed %s: %s", exchange->host,
                  place(exchange), detail(exchange, code));
}

static const struct meaning {
  CURLcode code;
  void (*fail)(ul_exchange *exchange, CURL *easy, CURLcode code);
} meanings[] = {
  {CURLE_COULDNT_RESOLVE_HOST, fail_resolve},
  {CURLE_COULDNT_RESOLVE_PROXY, fail_resolve_proxy},
  {CURLE_COULDNT_CONNECT, fail_connect},
  {CURLE_OPERATION_TIMEDOUT, fail_timeout},
  {CURLE_PEER_FAILED_VERIFICATION, fail_verification},
  {CURLE_SSL_CACERT_BADFILE, fail_verification},
  {CURLE_SSL_ISSUER_ERROR, fail_verification},
  {CURLE_SSL_CONNECT_ERROR, fail_handshake},
  {CURLE_PARTIAL_FILE, fail_partial},
  {CURLE_RECV_ERROR, fail_broken},
  {CURLE_SEND_ERROR, fail_broken},
  {CURLE_SEND_FAIL_REWIND, fail_empty},
  {CURLE_GOT_NOTHING, fail_empty},
  {CURLE_UNSUPPORTED_PROTOCOL, fail_protocol},
  {CURLE_WEIRD_SERVER_REPLY, fail_protocol},
  {CURLE_HTTP2, fail_http2},
  {CURLE_HTTP2_STREAM, fail_http2},
  {CURLE_OUT_OF_MEMORY, fail_memory},
};

static void fail_by_code(ul_exchange *exchange, CURL *easy, CURLcode code) {
  for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++) {
    if (meanings[i].code == code) {
      meanings[i].fail(exchange, easy, code);
      return;
    }
  }
  fail_otherwise(exchange, easy, code);
}

void ul_outcome_judge(ul_exchange *exchange, CURL *easy, CURLcode code) {
  if (ul_has_failed(&exchange->failure) || !check_not_longer(exchange)) return;
  if (code != CURLE_OK)
    fail_by_code(exchange, easy, code);
  else if (check_headers(exchange))
    check_not_shorter(exchange);
}

/* --- limits of time --- */

static bool is_paced(ul_exchange *exchange, double now_s) {
  if (exchange->body.is_paused) return true;
  if (ul_pace_check(&exchange->pace, now_s, exchange->body.wire_bytes))
    return true;
  return ul_failure_note(&exchange->failure, "timeout", "stall",
                         "%s sent under %" PRIu64 " bytes in %g s (stall_bytes,"
                         " stall_s), after %" PRIu64 " bytes",
                         exchange->host, exchange->pace.min_bytes,
                         exchange->pace.window_s, exchange->body.wire_bytes);
}

static bool fail_first_byte(ul_exchange *exchange) {
  return ul_failure_note(&exchange->failure, "timeout", "first_byte",
                         "no answer from %s within %g s of the request "
                         "(first_byte_s)",
                         exchange->host, exchange->limits.first_byte_s);
}

bool ul_outcome_is_late(ul_exchange *exchange, double now_s) {
  double spent_s = now_s - exchange->phase_began_s;
  switch (exchange->phase) {
    case UL_PHASE_CONNECTING:
      if (spent_s < exchange->limits.connect_s) return false;
      fail_connect_limit(exchange);
      return true;
    case UL_PHASE_SENT:
      if (spent_s < exchange->limits.first_byte_s) return false;
      return !fail_first_byte(exchange);
    case UL_PHASE_BODY:
      return !is_paced(exchange, now_s);
    default:
      return false;
  }
}

double ul_outcome_next_check_s(const ul_exchange *exchange) {
  switch (exchange->phase) {
    case UL_PHASE_CONNECTING:
      return exchange->phase_began_s + exchange->limits.connect_s;
    case UL_PHASE_SENT:
      return exchange->phase_began_s + exchange->limits.first_byte_s;
    case UL_PHASE_BODY:
      return exchange->body.is_paused ? (double)INFINITY
                                      : exchange->pace.next_s;
    default:
      return (double)INFINITY;
  }
}
