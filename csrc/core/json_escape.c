/* Escapes, see json_escape.h. */
#include "json_escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Each short escape: the letter, and what it stands for. */
static const char letters[] = "\"\\/bfnrt";
static const char meanings[] = "\"\\/\b\f\n\r\t";

static int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/* The four digits of a \u; as much as there is of them is looked at, so that
** a wrong digit is wrong however the bytes were cut. */
static int hex4(const char *p, const char *end, uint32_t *code) {
  *code = 0;
  for (int i = 0; i < 4; i++) {
    if (p + i == end) return UL_ESCAPE_CUT;
    int digit = hex_value(p[i]);
    if (digit < 0) return UL_ESCAPE_WRONG;
    *code = *code << 4 | (uint32_t)digit;
  }
  return 4;
}

static size_t put_utf8(char *out, uint32_t code) {
  if (code < 0x80) {
    out[0] = (char)code;
    return 1;
  }
  size_t size = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  static const uint32_t lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
  for (size_t i = size - 1; i > 0; i--, code >>= 6)
    out[i] = (char)(0x80 | (code & 0x3f));
  out[0] = (char)(lead[size] | code);
  return size;
}

static bool is_high_half(uint32_t code) { return code >> 10 == 0xd800 >> 10; }
static bool is_low_half(uint32_t code) { return code >> 10 == 0xdc00 >> 10; }

/* `p` is where the second half has to stand. */
static int low_half(const char *p, const char *end, uint32_t *code) {
  if (p == end) return UL_ESCAPE_CUT;
  if (p[0] != '\\') return UL_ESCAPE_SURROGATE;
  if (p + 1 == end) return UL_ESCAPE_CUT;
  if (p[1] != 'u') return UL_ESCAPE_SURROGATE;
  int taken = hex4(p + 2, end, code);
  if (taken <= 0) return taken;
  return is_low_half(*code) ? 6 : UL_ESCAPE_SURROGATE;
}

static int unescape_u(const char *p, const char *end, char *out,
                      size_t *size) {
  uint32_t code, low;
  int taken = hex4(p + 2, end, &code);
  if (taken <= 0) return taken;
  if (is_low_half(code)) return UL_ESCAPE_SURROGATE;
  if (!is_high_half(code)) {
    *size = put_utf8(out, code);
    return 6;
  }
  taken = low_half(p + 6, end, &low);
  if (taken <= 0) return taken;
  *size = put_utf8(out, 0x10000 + ((code & 0x3ff) << 10 | (low & 0x3ff)));
  return 12;
}

int ul_unescape(const char *p, const char *end, char *out, size_t *size) {
  if (p + 1 == end) return UL_ESCAPE_CUT;
  if (p[1] == 'u') return unescape_u(p, end, out, size);
  const char *letter = p[1] != '\0' ? strchr(letters, p[1]) : NULL;
  if (letter == NULL) return UL_ESCAPE_WRONG;
  out[0] = meanings[letter - letters];
  *size = 1;
  return 2;
}

size_t ul_escape(char c, char *out) {
  static const char hex[] = "0123456789abcdef";
  const char *meaning = c != '\0' ? strchr(meanings, c) : NULL;
  if (meaning != NULL) {
    out[0] = '\\';
    out[1] = letters[meaning - meanings];
    return 2;
  }
  const char text[] = {'\\', 'u', '0', '0', hex[(unsigned char)c >> 4],
                       hex[c & 15]};
  memcpy(out, text, sizeof text);
  return sizeof text;
}
