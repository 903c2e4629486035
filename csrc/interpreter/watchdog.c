#define _GNU_SOURCE /* pipe2 */
#include "watchdog.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "leftover.h"
#include "rescue.h"

#define TICK_MS 50
#define STOOD_STILL_MS 1000
#define STATUS_FAILED 1
#define SECONDS_MAX 1e9

/* The one mutable global: a signal handler has no other way to its data. */
static struct {
  int pipe[2];
  atomic_int untaken;           /* the first signal, until it is taken */
  atomic_int number;            /* the first signal */
  atomic_int signals;           /* how many came */
  _Atomic int64_t signal_ms;    /* when the first came; 0: none */
  _Atomic int64_t limit_ms;     /* when the run must have ended; 0: never */
  _Atomic int64_t longest_ms;   /* when it ends even with beats */
  _Atomic int64_t beat_ms;      /* until when the script is known to be fine */
  atomic_bool is_rescuing;      /* the process ends when that is done */
} watchdog = {.pipe = {-1, -1}};

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void say(const char *text) {
  size_t length = strlen(text);
  while (length > 0) {
    ssize_t written = write(STDERR_FILENO, text, length);
    if (written < 0 && errno != EINTR) return;
    if (written > 0) {
      text += written;
      length -= (size_t)written;
    }
  }
}

/* Async-signal-safe. */
static void end(const char *why, int status) {
  ul_leftover_remove();
  say(why);
  _exit(status);
}

/* Async-signal-safe. */
static void on_signal(int number) {
  int saved = errno;
  if (atomic_fetch_add(&watchdog.signals, 1) > 0)
    end("usagelua: ended at once by a second signal; nothing was cleaned up\n",
        128 + number);
  char byte = (char)number;
  ssize_t ignored = write(watchdog.pipe[1], &byte, 1);
  (void)ignored; /* a full pipe is readable already */
  atomic_store(&watchdog.number, number);
  atomic_store(&watchdog.untaken, number);
  atomic_store(&watchdog.signal_ms, now_ms());
  errno = saved;
}

static bool is_stuck(int64_t since, int64_t now) {
  int64_t beat = atomic_load(&watchdog.beat_ms);
  return now - (beat > since ? beat : since) > UL_GRACE_S * INT64_C(1000);
}

/* The script is beyond saving; what it created at vendors is not. */
static void end_stuck(const char *why, int status) {
  atomic_store(&watchdog.is_rescuing, true);
  ul_rescue_run(UL_RESCUE_S * 1000);
  end(why, status);
}

static void check_signal(int64_t now) {
  int64_t since = atomic_load(&watchdog.signal_ms);
  if (since == 0) return;
  int status = 128 + atomic_load(&watchdog.number);
  if (is_stuck(since, now))
    end_stuck("usagelua: ended: the script did not come back within 2 s after "
              "the signal\n", status);
  if (now - since > UL_SIGNAL_LIMIT_S * INT64_C(1000))
    end("usagelua: ended: cleaning up took longer than 5 s after the signal\n",
        status);
}

static void check_limit(int64_t now) {
  int64_t since = atomic_load(&watchdog.limit_ms);
  if (since == 0 || now < since) return;
  if (is_stuck(since, now))
    end_stuck("usagelua: ended: the script did not come back within 2 s after "
              "the deadline; look for a loop without an end, or raise "
              "--deadline\n", STATUS_FAILED);
  if (now > atomic_load(&watchdog.longest_ms))
    end("usagelua: ended: the run went on for too long after the deadline; "
        "raise --deadline, or ask for less\n", STATUS_FAILED);
}

/* A process that was stopped, or whose machine was, had no time to come back
** in: its seconds begin anew. A beat that comes meanwhile counts instead. */
static void forgive(int64_t now) {
  int64_t beat = atomic_load(&watchdog.beat_ms);
  if (beat < now) atomic_compare_exchange_strong(&watchdog.beat_ms, &beat, now);
}

static void *watch(void *unused) {
  (void)unused;
  const struct timespec tick = {.tv_nsec = TICK_MS * 1000000L};
  for (int64_t before = now_ms();;) {
    nanosleep(&tick, NULL);
    int64_t now = now_ms();
    if (now - before > STOOD_STILL_MS) forgive(now);
    before = now;
    check_signal(now);
    check_limit(now);
  }
  return NULL;
}

static bool start_thread(void) {
  sigset_t all, before;
  sigfillset(&all);
  if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0) return false;
  pthread_t thread;
  bool started = pthread_create(&thread, NULL, watch, NULL) == 0;
  if (started) pthread_detach(thread);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return started;
}

static bool handle(int number) {
  struct sigaction action = {.sa_handler = on_signal};
  sigemptyset(&action.sa_mask);
  return sigaction(number, &action, NULL) == 0;
}

/* What nohup wants to be ignored stays so. */
static bool handle_hangup(void) {
  struct sigaction before;
  if (sigaction(SIGHUP, NULL, &before) != 0) return false;
  return before.sa_handler == SIG_IGN || handle(SIGHUP);
}

/* Writing to a closed pipe is an error, not an end. */
static bool ignore_closed_pipes(void) {
  struct sigaction ignore = {.sa_handler = SIG_IGN};
  return sigaction(SIGPIPE, &ignore, NULL) == 0;
}

bool ul_watchdog_start(void) {
  if (pipe2(watchdog.pipe, O_CLOEXEC | O_NONBLOCK) != 0) return false;
  return handle(SIGINT) && handle(SIGTERM) && handle_hangup() &&
         ignore_closed_pipes() && start_thread();
}

int ul_watchdog_fd(void) { return watchdog.pipe[0]; }

int ul_watchdog_take(void) {
  int number = atomic_exchange(&watchdog.untaken, 0);
  char bytes[16];
  while (number != 0 && read(watchdog.pipe[0], bytes, sizeof bytes) > 0) {}
  return number;
}

int ul_watchdog_signal(void) { return atomic_load(&watchdog.number); }

void ul_watchdog_beat(double quiet_s) {
  atomic_store(&watchdog.beat_ms, now_ms() + (int64_t)(quiet_s * 1000));
}

void ul_watchdog_limit(double seconds, double longest_s) {
  if (seconds > SECONDS_MAX) seconds = SECONDS_MAX;
  int64_t limit = seconds > 0 ? now_ms() + (int64_t)(seconds * 1000) : 0;
  atomic_store(&watchdog.limit_ms, 0);
  atomic_store(&watchdog.longest_ms, limit + (int64_t)(longest_s * 1000));
  atomic_store(&watchdog.limit_ms, limit);
}

void ul_watchdog_leave(void) {
  while (atomic_load(&watchdog.is_rescuing)) pause();
}
