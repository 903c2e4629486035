#define _GNU_SOURCE  /* CPU_COUNT */
#include "beside.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>

bool ul_beside_is_worth(void) {
  cpu_set_t processors;
  return sched_getaffinity(0, sizeof processors, &processors) == 0 &&
         CPU_COUNT(&processors) > 1;
}

static void wait_for(sem_t *semaphore) {
  while (sem_wait(semaphore) != 0 && errno == EINTR) {
  }
}

static void *run(void *argument) {
  ul_beside *beside = argument;
  wait_for(&beside->given);
  while (beside->work != NULL) {
    beside->is_good =
      beside->work(beside->context, beside->bytes, beside->length);
    atomic_store(&beside->is_done, true);
    (void)sem_post(&beside->done);
    wait_for(&beside->given);
  }
  return NULL;
}

/* Signals are for the thread that asks. */
static bool start(ul_beside *beside) {
  sigset_t all, before;
  (void)sigfillset(&all);
  if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0) return false;
  bool is_started = pthread_create(&beside->thread, NULL, run, beside) == 0;
  (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
  return is_started;
}

static void forget(ul_beside *beside) {
  (void)sem_destroy(&beside->given);
  (void)sem_destroy(&beside->done);
}

bool ul_beside_open(ul_beside *beside, ul_beside_work *work, void *context) {
  *beside = (ul_beside){.work = work, .context = context};
  if (sem_init(&beside->given, 0, 0) != 0 ||
      sem_init(&beside->done, 0, 0) != 0)
    return false;
  if (start(beside)) return true;
  forget(beside);
  return false;
}

void ul_beside_give(ul_beside *beside, const char *bytes, size_t length) {
  beside->bytes = bytes;
  beside->length = length;
  beside->is_given = true;
  atomic_store(&beside->is_done, false);
  (void)sem_post(&beside->given);
}

bool ul_beside_is_done(const ul_beside *beside) {
  return !beside->is_given || atomic_load(&beside->is_done);
}

bool ul_beside_wait(ul_beside *beside) {
  if (!beside->is_given) return true;
  wait_for(&beside->done);
  beside->is_given = false;
  return beside->is_good;
}

void ul_beside_close(ul_beside *beside) {
  (void)ul_beside_wait(beside);
  beside->work = NULL;
  (void)sem_post(&beside->given);
  (void)pthread_join(beside->thread, NULL);
  forget(beside);
}
