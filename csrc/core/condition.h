/*
** One condition of a rule on one column of a batch, and what it met. Of texts
** and booleans somebody else says once for each code whether it passes; of
** numbers it says so itself. What is told of conditions that no row met
** (usagelua.where.matches) is noted here as rows come. It owns its memory.
*/
#ifndef UL_CONDITION_H
#define UL_CONDITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "column.h"
#include "least.h"

/* What is known of a code. */
enum {
  UL_VERDICT_PASSES = 1,
  UL_VERDICT_DOUBT = 2, /* it cannot be said whether it passes */
  UL_VERDICT_NOTED = 4,
  UL_VERDICT_NOTED_BESIDE = 8,
  UL_VERDICT_WHICH_SHIFT = 4 /* above: the wanted value that it is, from 1 */
};

/* A number that a condition names. */
typedef struct ul_limit {
  uint32_t code; /* UL_CODE_INTEGER, UL_CODE_REAL; 0: none */
  ul_figure figure;
} ul_limit;

typedef struct ul_condition {
  uint32_t column;
  bool lists;          /* are the column's values worth listing? */
  bool passes_absent;  /* numbers: so does absence */
  bool is_absence;     /* numbers: nothing else does */
  ul_limit min, max;
  ul_limit before, after; /* of texts: instants, and nothing else is asked */
  ul_buffer values;    /* numbers: of ul_limit, one of which it has to be */
  ul_buffer verdicts;  /* of uint32_t by code, 0 too */
  uint64_t met;
  ul_buffer hits;      /* of bool by wanted value */
  ul_least all, beside;
} ul_condition;

/* `wanted` values may be hit; false without memory. */
bool ul_condition_init(ul_condition *condition, uint32_t wanted);
void ul_condition_free(ul_condition *condition);

static inline uint32_t *ul_condition_verdicts(const ul_condition *condition) {
  return (uint32_t *)(void *)condition->verdicts.bytes;
}

/* How many codes are judged. */
static inline size_t ul_condition_judged(const ul_condition *condition) {
  return condition->verdicts.length / sizeof(uint32_t);
}

/* Whether a number passes; `*which` is the wanted value that it is, from 1. */
bool ul_condition_takes(const ul_condition *condition, uint32_t code,
                        ul_figure figure, uint32_t *which);

/* Whether a text passes that is an instant as most are; false in `*is_told`
** where it is another text, or more is asked. */
bool ul_condition_takes_text(const ul_condition *condition, const char *text,
                             size_t length, bool *is_told);

/* Notes a row: whether its value passed and, then, was which wanted value,
** and whether the other conditions held. False without memory. */
bool ul_condition_note(ul_condition *condition, const ul_column *column,
                       uint32_t code, bool passed, uint32_t which,
                       bool others_hold);

#endif
