/*
** One request and its answer. The userdata usagelua.exchange (exchange.c) has
** it as long as it is open; request.c fills it, easy.c hangs it on a libcurl
** handle, multi.c drives it and uses it again, outcome.c says how it ended,
** delivery.c hands out its body, slots.c may keep it. A new one is zeroed, so that closing is right
** at every moment.
*/
#ifndef UL_EXCHANGE_H
#define UL_EXCHANGE_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "answer.h"
#include "body.h"
#include "failure.h"
#include "link.h"
#include "origin.h"
#include "pace.h"
#include "reach.h"
#include "upload.h"

struct ul_exchange;
struct ul_multi;
struct ul_slots;

#define UL_TRIED_SOCKETS 4

typedef enum ul_phase {
  UL_PHASE_NEW,         /* not given to libcurl, or waiting in its queue */
  UL_PHASE_CONNECTING,  /* name, TCP, TLS */
  UL_PHASE_SENT,        /* the request goes out; no complete headers yet */
  UL_PHASE_BODY,
  UL_PHASE_ENDED
} ul_phase;

typedef struct ul_limits {  /* seconds */
  double connect_s;         /* until a connection stands */
  double first_byte_s;      /* from the request sent to the final headers */
} ul_limits;

typedef struct ul_facts {
  const char *http;    /* "1.1", "2"; static */
  double connect_s, first_byte_s, total_s;
  bool is_reused;      /* the connection stood already */
} ul_facts;

/* What a handle was last prepared for, as far as options depend on it. */
typedef struct ul_shape {
  bool is_known;      /* no option was set beyond these since */
  char scheme[6];
  bool is_loopback;
  ul_reach reach;
  long http_version;
  long read_bytes;
  long connect_ms;
} ul_shape;

/* Who has exchanges of its own in flight, and hears of them instead of the
** next step's caller. It may let go of one at any time (`keeper` is NULL from
** then on), and that caller hears of it as of any other. */
typedef struct ul_keeper {
  /* Headers or bytes came. Inside of libcurl: nothing is started or ended. */
  void (*came)(struct ul_exchange *exchange);
  /* It has ended. True: its handle was ended too, or has another request. */
  bool (*ended)(struct ul_exchange *exchange);
} ul_keeper;

typedef struct ul_exchange {
  ul_link in_flight, changed;  /* the multi handle's lists */
  const ul_keeper *keeper;     /* static, or NULL */
  struct ul_slots *slots;      /* of the keeper */
  ul_link of_slots;
  size_t place;                /* in the slots' list */
  struct ul_multi *multi;      /* NULL: closed */
  CURL *easy;                  /* NULL: not in flight */
  ul_shape shape;              /* of the handle */
  CURLU *url;
  struct curl_slist *fields;   /* its own, and behind them the usual ones */
  const struct curl_slist *usual;
  char method[32];
  long http_version;           /* CURL_HTTP_VERSION_... */
  ul_upload upload;
  ul_origin origin;
  char host[UL_ORIGIN_TEXT];   /* the origin, for messages */
  ul_reach reach;
  ul_limits limits;
  ul_pace pace;
  ul_phase phase;
  double phase_began_s;
  bool was_sent;       /* the request went out, wholly or in part */
  bool was_longer;     /* more bytes came than Content-Length says */
  bool has_key_in_url; /* the URL holds a credential */
  bool is_lending;     /* a sink is reading from the body */
  bool is_url_new;     /* the handle does not have it yet */
  uint64_t raw_bytes;  /* of the body, as libcurl read them */
  long read_bytes;     /* libcurl's buffer for a small answer, or 0 */
  int connect_errno;   /* why no socket could be made, or 0 */
  int tried[UL_TRIED_SOCKETS];  /* sockets made for it, the last ones */
  unsigned tried_count;
  int fd;              /* the one it speaks on, or -1; libcurl's own */
  int local_port;
  bool is_stale;       /* the kept connection was no good; nothing was sent */
  ul_answer answer;
  ul_body body;
  ul_facts facts;
  ul_failure failure;
  char error_text[CURL_ERROR_SIZE];
} ul_exchange;

#endif
