/* UTF-8 and text, see json_scan.h. */
#include "json_scan.h"

static bool between(char c, unsigned low, unsigned high) {
  unsigned byte = (unsigned char)c;
  return byte >= low && byte <= high;
}

static int length_of_lead(char lead) {
  if (between(lead, 0xc2, 0xdf)) return 2;
  if (between(lead, 0xe0, 0xef)) return 3;
  if (between(lead, 0xf0, 0xf4)) return 4;
  return UL_UTF8_WRONG;
}

/* Some leads narrow their second byte: no overlong forms, no surrogates,
** nothing above U+10FFFF (RFC 3629, section 4). */
static bool fits_lead(char lead, char second) {
  switch ((unsigned char)lead) {
    case 0xe0: return between(second, 0xa0, 0xbf);
    case 0xed: return between(second, 0x80, 0x9f);
    case 0xf0: return between(second, 0x90, 0xbf);
    case 0xf4: return between(second, 0x80, 0x8f);
    default: return between(second, 0x80, 0xbf);
  }
}

int ul_utf8_sequence(const char *p, const char *end) {
  int length = length_of_lead(*p);
  if (length == UL_UTF8_WRONG) return UL_UTF8_WRONG;
  if (end - p < 2) return UL_UTF8_CUT;
  if (!fits_lead(p[0], p[1])) return UL_UTF8_WRONG;
  for (int i = 2; i < length; i++) {
    if (p + i == end) return UL_UTF8_CUT;
    if (!between(p[i], 0x80, 0xbf)) return UL_UTF8_WRONG;
  }
  return length;
}

const char *ul_json_skip_text(const char *p, const char *end) {
  for (;;) {
    p = ul_json_skip_plain(p, end);
    if (p == end || (unsigned char)*p < 0x80) return p;
    do {
      int length = ul_utf8_sequence(p, end);
      if (length <= 0) return p;
      p += length;
    } while (p != end && (unsigned char)*p >= 0x80);
  }
}
