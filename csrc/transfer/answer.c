#include "answer.h"

#include <string.h>
#include <strings.h>

#define HTTP_SWITCHING_PROTOCOLS 101
#define HTTP_NO_CONTENT 204
#define HTTP_NOT_MODIFIED 304

static const char *const framing_names[] = {
  [UL_FRAMING_CLOSE] = "close",
  [UL_FRAMING_LENGTH] = "length",
  [UL_FRAMING_CHUNKED] = "chunked",
  [UL_FRAMING_HTTP2] = "h2",
};

const char *ul_framing_name(ul_framing framing) {
  return framing_names[framing];
}

void ul_answer_init(ul_answer *answer, const char *host, bool is_head,
                    size_t max_header_bytes) {
  *answer = (ul_answer){.host = host, .is_head = is_head,
                        .max_header_bytes = max_header_bytes,
                        .fields = answer->fields};
  /* a field takes no more room here than its line did on the wire */
  ul_buffer_reuse(&answer->fields, max_header_bytes);
}

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

static bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

/* Without a branch: which letters are capitals cannot be guessed. */
static char lower(char c) {
  unsigned is_upper = (unsigned char)(c - 'A') < 26;
  return (char)((unsigned char)c + is_upper * ('a' - 'A'));
}

static size_t without_line_end(const char *line, size_t length) {
  while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r' ||
                        is_blank(line[length - 1])))
    length--;
  return length;
}

/* "HTTP/1.1 200 OK", and "HTTP/2 200" as libcurl writes it. */
static bool take_status(ul_answer *answer, const char *line, size_t length) {
  if (length < 5 || memcmp(line, "HTTP/", 5) != 0) return false;
  const char *space = memchr(line, ' ', length);
  if (space == NULL || length - (size_t)(space - line) < 4) return false;
  if (!is_digit(space[1]) || !is_digit(space[2]) || !is_digit(space[3]))
    return false;
  answer->status = (space[1] - '0') * 100 + (space[2] - '0') * 10 +
                   (space[3] - '0');
  if (line[5] == '2') answer->framing = UL_FRAMING_HTTP2;
  ul_buffer_clear(&answer->fields);
  return true;
}

static bool put_text(ul_buffer *fields, const char *text, size_t length) {
  return ul_buffer_append(fields, text, length) &&
         ul_buffer_append(fields, "", 1);
}

/* The name in lower case, NUL, the value, NUL; all of it, or nothing. */
static bool put_field(ul_buffer *fields, const char *name, size_t name_length,
                      const char *value, size_t value_length) {
  size_t size = name_length + 1 + value_length + 1;
  if (!ul_buffer_has_room(fields, size) && !ul_buffer_reserve(fields, size))
    return false;
  char *out = fields->bytes + fields->length;
  for (size_t i = 0; i < name_length; i++) out[i] = lower(name[i]);
  out[name_length] = '\0';
  out += name_length + 1;
  memcpy(out, value, value_length);
  out[value_length] = '\0';
  fields->length += size;
  return true;
}

/* A folded line belongs to the value before it (RFC 9112 5.2). */
static bool unfold(ul_buffer *fields, const char *line, size_t length) {
  if (fields->length == 0) return true;
  fields->bytes[fields->length - 1] = ' ';
  return put_text(fields, line, length);
}

static bool take_field(ul_answer *answer, const char *line, size_t length) {
  size_t start = 0;
  while (start < length && is_blank(line[start])) start++;
  if (start > 0)
    return unfold(&answer->fields, line + start, length - start);
  const char *colon = memchr(line, ':', length);
  if (colon == NULL || memchr(line, '\0', length) != NULL) return true;
  size_t name_length = without_line_end(line, (size_t)(colon - line));
  const char *value = colon + 1, *end = line + length;
  while (value < end && is_blank(*value)) value++;
  return put_field(&answer->fields, line, name_length, value,
                   (size_t)(end - value));
}

bool ul_answer_next(const ul_answer *answer, size_t *place, const char **name,
                    const char **value) {
  if (*place >= answer->fields.length) return false;
  *name = answer->fields.bytes + *place;
  *value = *name + strlen(*name) + 1;
  *place = (size_t)(*value - answer->fields.bytes) + strlen(*value) + 1;
  return true;
}

static bool fail_length(ul_answer *answer, ul_failure *failure) {
  return ul_failure_note(failure, "network", "protocol",
                         "the answer from %s has no usable Content-Length",
                         answer->host);
}

/* One number, or the same one several times (RFC 9110 8.6). */
static bool take_length(ul_answer *answer, const char *value,
                        ul_failure *failure) {
  do {
    uint64_t length = 0;
    while (is_blank(*value)) value++;
    if (!is_digit(*value)) return fail_length(answer, failure);
    for (; is_digit(*value); value++) {
      if (length > (INT64_MAX - 9) / 10) return fail_length(answer, failure);
      length = length * 10 + (uint64_t)(*value - '0');
    }
    if (answer->has_length && answer->content_length != length)
      return fail_length(answer, failure);
    answer->has_length = true;
    answer->content_length = length;
    while (is_blank(*value)) value++;
  } while (*value++ == ',');
  return value[-1] == '\0' || fail_length(answer, failure);
}

/* Only what libcurl decodes without expanding: it would inflate, without our
** limits, a transfer coding that nobody asked for. */
static bool take_transfer_coding(ul_answer *answer, const char *value,
                                 ul_failure *failure) {
  if (strcasecmp(value, "identity") == 0) return true;
  if (strcasecmp(value, "chunked") != 0)
    return ul_failure_note(failure, "encoding", "transfer_encoding",
                           "the answer from %s has the transfer coding "
                           "'%.60s', which was not asked for",
                           answer->host, value);
  if (answer->framing == UL_FRAMING_CLOSE)
    answer->framing = UL_FRAMING_CHUNKED;
  return true;
}

static bool take_content_coding(ul_answer *answer, const char *value,
                                ul_failure *failure) {
  if (*value == '\0' || strcasecmp(value, "identity") == 0) return true;
  bool is_gzip = strcasecmp(value, "gzip") == 0 ||
                 strcasecmp(value, "x-gzip") == 0;
  if (is_gzip && !answer->is_gzip) return answer->is_gzip = true;
  return ul_failure_note(failure, "encoding", "content_encoding",
                         "the answer from %s has the content coding '%s%.60s'; "
                         "only gzip or none was asked for",
                         answer->host, answer->is_gzip ? "gzip, " : "", value);
}

static const struct meaning {
  const char *name;
  bool (*take)(ul_answer *answer, const char *value, ul_failure *failure);
} meanings[] = {
  {"content-encoding", take_content_coding},
  {"content-length", take_length},
  {"transfer-encoding", take_transfer_coding},
};

static bool take_meaning(ul_answer *answer, const char *name,
                         const char *value, ul_failure *failure) {
  for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
    if (*meanings[i].name == *name && strcmp(meanings[i].name, name) == 0)
      return meanings[i].take(answer, value, failure);
  return true;
}

static bool is_bodyless(const ul_answer *answer) {
  return answer->is_head || answer->status == HTTP_NO_CONTENT ||
         answer->status == HTTP_NOT_MODIFIED;
}

static bool is_good(const ul_answer *answer) {
  return answer->status >= 200 && answer->status < 300;
}

static void settle_framing(ul_answer *answer) {
  answer->is_bodyless = is_bodyless(answer);
  if (answer->unpacks && is_good(answer) && !answer->is_bodyless)
    answer->is_gzip = true;
  if (answer->is_bodyless) {
    answer->has_length = true;
    answer->content_length = 0;
  }
  if (answer->framing == UL_FRAMING_CHUNKED) answer->has_length = false;
  if (answer->framing == UL_FRAMING_CLOSE && answer->has_length)
    answer->framing = UL_FRAMING_LENGTH;
}

static bool end_final_block(ul_answer *answer, ul_failure *failure) {
  size_t place = 0;
  const char *name, *value;
  answer->is_complete = true;
  while (ul_answer_next(answer, &place, &name, &value))
    if (!take_meaning(answer, name, value, failure)) return false;
  settle_framing(answer);
  return true;
}

static bool end_block(ul_answer *answer, ul_failure *failure) {
  if (answer->status == HTTP_SWITCHING_PROTOCOLS)
    return ul_failure_note(failure, "network", "protocol",
                           "%s switched protocols (101), which was not asked "
                           "for",
                           answer->host);
  return answer->status < 200 || end_final_block(answer, failure);
}

bool ul_answer_take(ul_answer *answer, const char *line, size_t length,
                    ul_failure *failure) {
  answer->header_bytes += length;
  if (answer->header_bytes > answer->max_header_bytes)
    return ul_failure_note(failure, "limit", "header_bytes",
                           "the headers from %s are larger than %zu bytes "
                           "(max_header_bytes)",
                           answer->host, answer->max_header_bytes);
  if (answer->is_complete) return true;  /* a trailer */
  length = without_line_end(line, length);
  if (length == 0) return end_block(answer, failure);
  if (take_status(answer, line, length)) return true;
  return take_field(answer, line, length) || ul_failure_memory(failure);
}

void ul_answer_free(ul_answer *answer) {
  ul_buffer_free(&answer->fields);
}
