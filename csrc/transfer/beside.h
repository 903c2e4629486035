/*
** One function at a time in a thread of its own, while the thread that asks
** does something else. The two meet in give and wait alone: between them the
** function has its context and its bytes for itself, and outside of them
** nothing runs.
*/
#ifndef UL_BESIDE_H
#define UL_BESIDE_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

typedef bool ul_beside_work(void *context, const char *bytes, size_t length);

typedef struct ul_beside {
  ul_beside_work *work;  /* NULL: the thread ends */
  void *context;
  const char *bytes;
  size_t length;
  bool is_given;         /* and not waited for */
  bool is_good;          /* what work returned */
  atomic_bool is_done;   /* work has returned */
  sem_t given, done;
  pthread_t thread;
} ul_beside;

/* Whether a second thread would have a processor to run on. */
bool ul_beside_is_worth(void);

/* False where no thread is to be had. */
bool ul_beside_open(ul_beside *beside, ul_beside_work *work, void *context);

/* Lets it work on the bytes, which stay as they are until it is waited for. */
void ul_beside_give(ul_beside *beside, const char *bytes, size_t length);

/* Whether a wait would return at once. */
bool ul_beside_is_done(const ul_beside *beside);

/* What work returned for the bytes that were given; true where none were. */
bool ul_beside_wait(ul_beside *beside);

/* Ends the thread, once it is done. */
void ul_beside_close(ul_beside *beside);

#endif
