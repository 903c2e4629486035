#include "percent.h"

#include <stdbool.h>
#include <string.h>

static bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || (c != '\0' && strchr("-._~", c) != NULL);
}

size_t ul_percent_length(const char *bytes, size_t length) {
  size_t count = 0;
  for (size_t i = 0; i < length; i++) count += is_unreserved(bytes[i]) ? 1 : 3;
  return count;
}

char *ul_percent_encode(char *out, const char *bytes, size_t length) {
  static const char digits[] = "0123456789ABCDEF";
  for (size_t i = 0; i < length; i++) {
    unsigned char byte = (unsigned char)bytes[i];
    if (is_unreserved(bytes[i])) {
      *out++ = bytes[i];
    } else {
      *out++ = '%';
      *out++ = digits[byte >> 4];
      *out++ = digits[byte & 15];
    }
  }
  return out;
}
