#include "failure.h"

#include <stdarg.h>
#include <stdio.h>

static void make_printable(char *text) {
  for (; *text != '\0'; text++)
    if (*text < ' ' || *text > '~') *text = '?';
}

bool ul_failure_note(ul_failure *failure, const char *kind, const char *code,
                     const char *format, ...) {
  va_list arguments;
  if (ul_has_failed(failure)) return false;
  va_start(arguments, format);
  vsnprintf(failure->message, sizeof failure->message, format, arguments);
  va_end(arguments);
  make_printable(failure->message);
  failure->kind = kind;
  failure->code = code;
  return false;
}

bool ul_failure_memory(ul_failure *failure) {
  return ul_failure_note(failure, UL_NO_MEMORY, NULL, "not enough memory");
}
