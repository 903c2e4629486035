/*
** The hot loops of JSON: over the plain bytes of a string, over white space,
** and the check of UTF-8. They look at 16 bytes at a time where SSE2 is
** there; the scalar twin (UL_SCALAR chooses it) gives the same answers. They
** read nothing at or behind `end` and know no grammar.
*/
#ifndef UL_JSON_SCAN_H
#define UL_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__SSE2__) && !defined(UL_SCALAR)
#define UL_JSON_SSE2 1
#include <emmintrin.h>
#else
#define UL_JSON_SSE2 0
#endif

enum { UL_UTF8_WRONG = -1, UL_UTF8_CUT = 0 };

/* Plain is what a string may hold as it stands: ASCII from the space on,
** but no quote and no backslash. As signed numbers, control bytes and the
** bytes of longer UTF-8 sequences are all below the space. */
static inline bool ul_json_isplain(char c) {
  return (signed char)c >= 0x20 && c != '"' && c != '\\';
}

/* What is in the text of a string ahead: a bit for each of 32 bytes. */
typedef struct ul_json_text {
  uint32_t stops; /* quotes, backslashes and control bytes */
  uint32_t longs; /* bytes of longer UTF-8 sequences */
} ul_json_text;

enum { UL_JSON_AHEAD = 32 };

#if UL_JSON_SSE2
static inline ul_json_text ul_json_look_at_half(const char *p) {
  /* With this bit the other way round, quotes and control bytes are those up
  ** to the space: 0x22 becomes 0x20, which becomes 0x22. */
  const __m128i bit = _mm_set1_epi8('"' ^ ' ');
  const __m128i space = _mm_set1_epi8(' ');
  const __m128i backslash = _mm_set1_epi8('\\');
  __m128i text = _mm_loadu_si128((const __m128i *)(const void *)p);
  __m128i other = _mm_xor_si128(text, bit);
  __m128i stop = _mm_or_si128(
    _mm_cmpeq_epi8(_mm_min_epu8(other, space), other),
    _mm_cmpeq_epi8(text, backslash));
  return (ul_json_text){(uint32_t)_mm_movemask_epi8(stop),
                        (uint32_t)_mm_movemask_epi8(text)};
}

static inline ul_json_text ul_json_look_ahead(const char *p) {
  ul_json_text first = ul_json_look_at_half(p);
  ul_json_text last = ul_json_look_at_half(p + 16);
  return (ul_json_text){first.stops | last.stops << 16,
                        first.longs | last.longs << 16};
}

/* Of 16 bytes a bit for each that leads a sequence of two; as signed numbers
** those that go sequences on are the lowest. */
static inline uint32_t ul_json_leads_of_two(const char *p) {
  __m128i text = _mm_loadu_si128((const __m128i *)(const void *)p);
  __m128i leads = _mm_and_si128(
    _mm_cmpgt_epi8(text, _mm_set1_epi8((char)0xc1)),
    _mm_cmplt_epi8(text, _mm_set1_epi8((char)0xe0)));
  return (uint32_t)_mm_movemask_epi8(leads);
}

static inline uint32_t ul_json_go_on(const char *p) {
  __m128i text = _mm_loadu_si128((const __m128i *)(const void *)p);
  return (uint32_t)_mm_movemask_epi8(
    _mm_cmplt_epi8(text, _mm_set1_epi8((char)0xc0)));
}

/* Whether the `longs` of what is ahead are valid sequences of two bytes; false
** where that is to be looked at one by one. */
static inline bool ul_json_are_pairs(const char *p, uint32_t longs) {
  uint32_t leads =
    (ul_json_leads_of_two(p) | ul_json_leads_of_two(p + 16) << 16) & longs;
  uint32_t others = (ul_json_go_on(p) | ul_json_go_on(p + 16) << 16) & longs;
  return (leads | others) == longs && others == leads << 1;
}

/* A bit for each of 16 bytes that is the same. */
static inline uint32_t ul_json_same_bytes(const char *a, const char *b) {
  __m128i x = _mm_loadu_si128((const __m128i *)(const void *)a);
  __m128i y = _mm_loadu_si128((const __m128i *)(const void *)b);
  return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(x, y));
}
#else
static inline bool ul_json_are_pairs(const char *p, uint32_t longs) {
  (void)p;
  return longs == 0;
}

static inline ul_json_text ul_json_look_ahead(const char *p) {
  ul_json_text text = {0, 0};
  for (unsigned i = 0; i < UL_JSON_AHEAD && text.stops == 0; i++) {
    unsigned char c = (unsigned char)p[i];
    bool is_stop = c < 0x20 || c == '"' || c == '\\';
    text.stops |= (uint32_t)is_stop << i;
    text.longs |= (uint32_t)(c >= 0x80) << i;
  }
  return text;
}
#endif

/* The first byte that is not plain, or `end`. */
static inline const char *ul_json_skip_plain(const char *p, const char *end) {
#if UL_JSON_SSE2
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i space = _mm_set1_epi8(0x20);
  for (; end - p >= 16; p += 16) {
    __m128i text = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i stop = _mm_or_si128(
      _mm_cmplt_epi8(text, space),
      _mm_or_si128(_mm_cmpeq_epi8(text, quote),
                   _mm_cmpeq_epi8(text, backslash)));
    unsigned mask = (unsigned)_mm_movemask_epi8(stop);
    if (mask != 0) return p + __builtin_ctz(mask);
  }
#endif
  while (p != end && ul_json_isplain(*p)) p++;
  return p;
}

/* The first byte that is no space, or `end`. */
static inline const char *ul_json_skip_spaces(const char *p, const char *end) {
#if UL_JSON_SSE2
  const __m128i space = _mm_set1_epi8(' ');
  for (; end - p >= 16; p += 16) {
    __m128i text = _mm_loadu_si128((const __m128i *)(const void *)p);
    unsigned mask = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(text, space));
    if (mask != 0xffffu) return p + __builtin_ctz(~mask);
  }
#endif
  while (p != end && *p == ' ') p++;
  return p;
}

/* The length of the UTF-8 sequence of two to four bytes at `p`, UL_UTF8_CUT
** where `end` comes inside a sequence that is right so far, UL_UTF8_WRONG
** else (RFC 3629: shortest form only, no surrogates, up to U+10FFFF). */
int ul_utf8_sequence(const char *p, const char *end);

/* The first byte that is neither plain nor part of a valid sequence, or
** `end`: a quote, a backslash, a control byte, a wrong or cut sequence. */
const char *ul_json_skip_text(const char *p, const char *end);

#endif
