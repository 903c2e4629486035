/* Paths, see json_path.h. */
#include "json_path.h"

#include <string.h>

#include "json_escape.h"
#include "json_number.h"

/* ---- reading ---- */

ul_path ul_path_of(const char *text, size_t length) {
  return (ul_path){.text = text, .at = text, .end = text + length};
}

static bool stands_at(const ul_path *path, const char *text) {
  size_t length = strlen(text);
  return (size_t)(path->end - path->at) >= length &&
         memcmp(path->at, text, length) == 0;
}

static bool is_special(char c) {
  return c != '\0' && strchr(".[]{}\"", c) != NULL;
}

static ul_step plain_name(ul_path *path, ul_buffer *name) {
  const char *start = path->at;
  while (path->at != path->end && !is_special(*path->at)) path->at++;
  if (path->at == start) return UL_STEP_WRONG;
  ul_buffer_clear(name);
  size_t length = (size_t)(path->at - start);
  return ul_buffer_append(name, start, length) ? UL_STEP_NAME
                                               : UL_STEP_MEMORY;
}

/* Behind `["`. */
static ul_step quoted_name(ul_path *path, ul_buffer *name) {
  ul_buffer_clear(name);
  while (path->at != path->end && *path->at != '"') {
    char out[4] = {*path->at};
    size_t size = 1;
    int taken = 1;
    if (*path->at == '\\')
      taken = ul_unescape(path->at, path->end, out, &size);
    if (taken <= 0) return UL_STEP_WRONG;
    if (!ul_buffer_append(name, out, size)) return UL_STEP_MEMORY;
    path->at += taken;
  }
  if (!stands_at(path, "\"]")) return UL_STEP_WRONG;
  path->at += 2;
  return UL_STEP_NAME;
}

static ul_step bracket(ul_path *path, ul_buffer *name) {
  bool quoted = stands_at(path, "[\"");
  ul_step step = stands_at(path, "[]")   ? UL_STEP_ITEMS
                 : stands_at(path, "{}") ? UL_STEP_MEMBERS
                                         : UL_STEP_WRONG;
  if (!quoted && step == UL_STEP_WRONG) return step;
  path->at += 2;
  return quoted ? quoted_name(path, name) : step;
}

ul_step ul_path_next(ul_path *path, ul_buffer *name) {
  if (path->end - path->text == 1 && *path->text == '.') return UL_STEP_END;
  bool first = path->at == path->text;
  if (path->at == path->end)
    return first ? UL_STEP_WRONG : UL_STEP_END;
  if (*path->at == '[' || *path->at == '{') return bracket(path, name);
  if (first) return plain_name(path, name);
  if (*path->at != '.') return UL_STEP_WRONG;
  path->at++;
  return plain_name(path, name);
}

/* ---- printing ---- */

enum { NAME_SHOWN_BYTES = 64 };

/* All of it or nothing; a path that is cut short is still of use. */
static void print(ul_buffer *out, const char *text, size_t length) {
  (void)ul_buffer_append(out, text, length);
}

static bool needs_quotes(const char *name, size_t length) {
  for (size_t i = 0; i < length; i++)
    if (is_special(name[i]) || (unsigned char)name[i] <= 0x20 ||
        name[i] == '\\')
      return true;
  return length == 0;
}

static void print_escaped(ul_buffer *out, const char *name, size_t length) {
  for (size_t i = 0; i < length; i++) {
    char escape[UL_ESCAPED_BYTES];
    unsigned char c = (unsigned char)name[i];
    bool plain = c >= 0x20 && c != '"' && c != '\\';
    size_t size = plain ? 1 : ul_escape(name[i], escape);
    print(out, plain ? name + i : escape, size);
  }
}

/* What can be shown of a long name: not half a UTF-8 sequence. */
static size_t shown_length(const char *name, size_t length) {
  if (length <= NAME_SHOWN_BYTES) return length;
  length = NAME_SHOWN_BYTES;
  while (length > 0 && ((unsigned char)name[length] & 0xc0) == 0x80) length--;
  return length;
}

void ul_path_print_name(ul_buffer *out, const char *name, size_t length) {
  size_t shown = shown_length(name, length);
  if (needs_quotes(name, shown)) {
    print(out, "[\"", 2);
    print_escaped(out, name, shown);
    print(out, "\"]", 2);
  } else {
    if (out->length > 0) print(out, ".", 1);
    print(out, name, shown);
  }
  if (shown < length) print(out, "...", 3);
}

void ul_path_print_index(ul_buffer *out, uint64_t index) {
  char text[UL_NUMBER_TEXT_BYTES];
  print(out, "[", 1);
  print(out, text, ul_number_print_integer(text, (int64_t)index));
  print(out, "]", 1);
}
