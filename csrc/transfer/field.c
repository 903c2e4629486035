#include "field.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base64.h"

static const char *const reserved[] = {
  "Accept-Encoding", "Connection", "Content-Length", "Expect", "Host",
  "Keep-Alive", "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer",
  "Transfer-Encoding", "Upgrade",
};

static bool is_token_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c));
}

bool ul_field_is_token(ul_text name) {
  for (size_t i = 0; i < name.length; i++)
    if (!is_token_byte(name.bytes[i])) return false;
  return name.length > 0;
}

bool ul_field_is_value(ul_text value) {
  for (size_t i = 0; i < value.length; i++) {
    unsigned char byte = (unsigned char)value.bytes[i];
    if ((byte < ' ' && byte != '\t') || byte == 0x7f) return false;
  }
  return true;
}

static bool equals(ul_text text, const char *name) {
  return text.length == strlen(name) &&
         strncasecmp(text.bytes, name, text.length) == 0;
}

bool ul_field_is_reserved(ul_text name) {
  for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
    if (equals(name, reserved[i])) return true;
  return false;
}

static bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

static ul_text trim(ul_text text) {
  while (text.length > 0 && is_blank(text.bytes[0])) {
    text.bytes++;
    text.length--;
  }
  while (text.length > 0 && is_blank(text.bytes[text.length - 1]))
    text.length--;
  return text;
}

static char *put(char *end, ul_text text) {
  if (text.length > 0) memcpy(end, text.bytes, text.length);
  return end + text.length;
}

static bool append(struct curl_slist **list, const char *line) {
  struct curl_slist *longer = curl_slist_append(*list, line);
  if (longer == NULL) return false;
  *list = longer;
  return true;
}

/* Makes a line of at most `size` bytes, appends a copy, wipes it. */
static bool append_wiping(struct curl_slist **list, char *line, size_t size) {
  bool is_done = append(list, line);
  explicit_bzero(line, size);
  free(line);
  return is_done;
}

bool ul_field_add(struct curl_slist **list, ul_text name, ul_text prefix,
                  ul_text value) {
  bool is_empty = prefix.length == 0 && trim(value).length == 0;
  size_t size = name.length + 2 + prefix.length + value.length + 1;
  char *line = malloc(size);
  if (line == NULL) return false;
  char *end = put(line, name);
  /* libcurl's way to say "send it though it is empty" is a semicolon */
  end = put(end, is_empty ? (ul_text){";", 1} : (ul_text){": ", 2});
  if (!is_empty) end = put(put(end, prefix), trim(value));
  *end = '\0';
  return append_wiping(list, line, size);
}

bool ul_field_add_basic(struct curl_slist **list, ul_text user,
                        ul_text password) {
  static const char start[] = "Authorization: Basic ";
  size_t pair_size = user.length + 1 + password.length;
  size_t size = sizeof start + ul_base64_length(pair_size);
  char *pair = malloc(pair_size), *line = malloc(size);
  bool is_done = pair != NULL && line != NULL;
  if (is_done) {
    put(put(put(pair, user), (ul_text){":", 1}), password);
    memcpy(line, start, sizeof start - 1);
    char *end = ul_base64_encode(line + sizeof start - 1, pair, pair_size);
    *end = '\0';
    is_done = append(list, line);
    explicit_bzero(pair, pair_size);
    explicit_bzero(line, size);
  }
  free(pair);
  free(line);
  return is_done;
}

bool ul_field_suppress(struct curl_slist **list, const char *name) {
  char line[64];
  int length = snprintf(line, sizeof line, "%s:", name);
  return length > 0 && (size_t)length < sizeof line && append(list, line);
}

static bool is_field(const char *line, const char *name) {
  size_t length = strlen(name);
  if (strncasecmp(line, name, length) != 0) return false;
  return line[length] == ':' || line[length] == ';';
}

bool ul_field_is_in(const struct curl_slist *list, const char *name) {
  for (; list != NULL; list = list->next)
    if (is_field(list->data, name)) return true;
  return false;
}

void ul_field_join(struct curl_slist **list, struct curl_slist *tail) {
  while (*list != NULL) list = &(*list)->next;
  *list = tail;
}

void ul_field_free(struct curl_slist **list, const struct curl_slist *tail) {
  struct curl_slist **end = list;
  for (; *end != NULL && *end != tail; end = &(*end)->next)
    explicit_bzero((*end)->data, strlen((*end)->data));
  *end = NULL;
  curl_slist_free_all(*list);
  *list = NULL;
}
