/* JSON text, see json_write.h. */
#include "json_write.h"

#include <string.h>

#include "json_escape.h"
#include "json_number.h"
#include "json_scan.h"

/* The byte at `p` ends plain text: it is escaped, or no UTF-8. */
static ul_written write_special(ul_buffer *out, char c) {
  if ((unsigned char)c >= 0x80) return UL_WRITTEN_NOT_UTF8;
  char escape[UL_ESCAPED_BYTES];
  size_t size = ul_escape(c, escape);
  return ul_buffer_append(out, escape, size) ? UL_WRITTEN
                                             : UL_WRITTEN_NO_ROOM;
}

static ul_written write_text(ul_buffer *out, const char *p,
                             const char *end) {
  for (;;) {
    const char *stop = ul_json_skip_text(p, end);
    if (!ul_buffer_append(out, p, (size_t)(stop - p)))
      return UL_WRITTEN_NO_ROOM;
    if (stop == end) return UL_WRITTEN;
    ul_written result = write_special(out, *stop);
    if (result != UL_WRITTEN) return result;
    p = stop + 1;
  }
}

ul_written ul_json_write_string(ul_buffer *out, const char *bytes,
                                size_t length) {
  size_t before = out->length;
  if (!ul_buffer_append(out, "\"", 1)) return UL_WRITTEN_NO_ROOM;
  ul_written result = write_text(out, bytes, bytes + length);
  if (result == UL_WRITTEN && !ul_buffer_append(out, "\"", 1))
    result = UL_WRITTEN_NO_ROOM;
  if (result != UL_WRITTEN) out->length = before;
  return result;
}

bool ul_json_write_integer(ul_buffer *out, int64_t value) {
  char text[UL_NUMBER_TEXT_BYTES];
  return ul_buffer_append(out, text, ul_number_print_integer(text, value));
}

bool ul_json_write_real(ul_buffer *out, double value) {
  char text[UL_NUMBER_TEXT_BYTES];
  return ul_buffer_append(out, text, ul_number_print_real(text, value));
}

bool ul_json_write_newline(ul_buffer *out, size_t spaces) {
  if (!ul_buffer_reserve(out, spaces + 1)) return false;
  out->bytes[out->length] = '\n';
  memset(out->bytes + out->length + 1, ' ', spaces);
  out->length += spaces + 1;
  return true;
}
