/* One condition, see condition.h. */
#include "condition.h"

#include <string.h>

#include "figure.h"
#include "instant.h"

#define LIMIT_BYTES ((size_t)1 << 36)

bool ul_condition_init(ul_condition *c, uint32_t wanted) {
  *c = (ul_condition){.column = 0};
  ul_buffer_init(&c->values, LIMIT_BYTES);
  ul_buffer_init(&c->verdicts, LIMIT_BYTES);
  ul_buffer_init(&c->hits, LIMIT_BYTES);
  ul_least_init(&c->all);
  ul_least_init(&c->beside);
  if (!ul_buffer_reserve(&c->hits, wanted + 1)) return false;
  memset(c->hits.bytes, 0, wanted + 1);
  c->hits.length = wanted + 1;
  return true;
}

void ul_condition_free(ul_condition *c) {
  ul_buffer_free(&c->values);
  ul_buffer_free(&c->verdicts);
  ul_buffer_free(&c->hits);
  ul_least_free(&c->all);
  ul_least_free(&c->beside);
}

/* ---- numbers ---- */

static int compare(uint32_t code, ul_figure figure, const ul_limit *limit) {
  return ul_figure_compare(code, figure, limit->code, limit->figure);
}

/* Of equal wanted values the last one is meant. */
static uint32_t find_value(const ul_condition *c, uint32_t code,
                           ul_figure figure) {
  const ul_limit *values = (const ul_limit *)(const void *)c->values.bytes;
  size_t i = c->values.length / sizeof *values;
  while (i > 0 && compare(code, figure, &values[i - 1]) != 0) i--;
  return (uint32_t)i;
}

bool ul_condition_takes(const ul_condition *c, uint32_t code,
                        ul_figure figure, uint32_t *which) {
  *which = 0;
  if (code == 0) return c->passes_absent;
  if (c->is_absence) return false;
  *which = find_value(c, code, figure);
  if (c->values.length > 0 && *which == 0) return false;
  if (c->min.code != 0 && compare(code, figure, &c->min) < 0) return false;
  return c->max.code == 0 || compare(code, figure, &c->max) <= 0;
}

/* ---- instants ---- */

bool ul_condition_takes_text(const ul_condition *c, const char *text,
                             size_t length, bool *is_told) {
  ul_figure instant;
  *is_told = (c->before.code | c->after.code) != 0 &&
             ul_instant_read(text, length, &instant.integer);
  if (!*is_told) return false;
  if (c->before.code != 0 &&
      compare(UL_CODE_INTEGER, instant, &c->before) >= 0)
    return false;
  return c->after.code == 0 ||
         compare(UL_CODE_INTEGER, instant, &c->after) >= 0;
}

/* ---- noting ---- */

static const char *text_of(const ul_column *column, uint32_t code,
                           size_t *length) {
  if (column->kind == UL_COLUMN_TEXT)
    return ul_dictionary_text(&column->dictionary, code, length);
  const char *word = code == UL_CODE_TRUE ? "true" : "false";
  *length = strlen(word);
  return word;
}

static bool note_value(ul_condition *c, ul_least *least,
                       const ul_column *column, uint32_t code, uint32_t bit) {
  uint32_t *verdict = &ul_condition_verdicts(c)[code];
  if ((*verdict & bit) != 0) return true;
  size_t length;
  const char *text = text_of(column, code, &length);
  if (!ul_least_note(least, text, length)) return false;
  *verdict |= bit;
  return true;
}

bool ul_condition_note(ul_condition *c, const ul_column *column,
                       uint32_t code, bool passed, uint32_t which,
                       bool others_hold) {
  c->met += passed;
  if (passed) c->hits.bytes[which] = true;
  if (!c->lists || code == 0) return true;
  return note_value(c, &c->all, column, code, UL_VERDICT_NOTED) &&
         (!others_hold || note_value(c, &c->beside, column, code,
                                     UL_VERDICT_NOTED_BESIDE));
}
