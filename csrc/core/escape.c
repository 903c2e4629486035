#include "escape.h"

#include <string.h>

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

static bool is_alphanumeric(unsigned char c) {
  return is_digit((char)c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool ul_escape_leads(char c) {
  return c != '\0' && strchr("%\\&+\"'", c) != NULL;
}

static bool is_same(const ul_reading *a, const ul_reading *b) {
  return a->length == b->length && a->count == b->count &&
         memcmp(a->bytes, b->bytes, a->count) == 0;
}

static void add(ul_readings *out, ul_reading reading) {
  for (size_t i = 0; i < out->count; i++)
    if (is_same(&out->list[i], &reading)) return;
  if (out->count < UL_READINGS_MAX) out->list[out->count++] = reading;
}

static void add_byte(ul_readings *out, unsigned byte, size_t length) {
  add(out, (ul_reading){{(unsigned char)byte}, 1, length});
}

static unsigned char continuation(unsigned long code, int shift) {
  return (unsigned char)(0x80 | ((code >> shift) & 0x3f));
}

/* A code point stands for its UTF-8 bytes; below 256 some writers mean the
** single byte. */
static void add_code(ul_readings *out, unsigned long code, size_t length) {
  ul_reading r = {.length = length};
  if (code < 0x80) {
    add_byte(out, (unsigned)code, length);
  } else if (code < 0x800) {
    r.count = 2;
    r.bytes[0] = (unsigned char)(0xc0 | (code >> 6));
    r.bytes[1] = continuation(code, 0);
  } else if (code < 0x10000) {
    r.count = 3;
    r.bytes[0] = (unsigned char)(0xe0 | (code >> 12));
    r.bytes[1] = continuation(code, 6);
    r.bytes[2] = continuation(code, 0);
  } else if (code < 0x110000) {
    r.count = 4;
    r.bytes[0] = (unsigned char)(0xf0 | (code >> 18));
    r.bytes[1] = continuation(code, 12);
    r.bytes[2] = continuation(code, 6);
    r.bytes[3] = continuation(code, 0);
  }
  if (r.count > 0) add(out, r);
  if (code >= 0x80 && code < 0x100) add_byte(out, (unsigned)code, length);
}

/* The text behind a lead; `outer` collects the readings of the whole escape,
** which began `taken` bytes before `at`. */
typedef struct body {
  const char *at, *end;
  size_t taken;
  int depth;  /* how deep its own characters may be escaped */
  ul_readings *outer;
} body;

static body skip(body b, size_t count) {
  b.at += count;
  b.taken += count;
  return b;
}

/* The bytes that `expected` takes in the text here, 0 where it is not it. */
static size_t match(const body *b, unsigned char expected) {
  ul_readings inner;
  if (b->at == b->end) {
    b->outer->is_open = true;
    return 0;
  }
  ul_escape_read(b->at, b->end, b->depth, &inner);
  b->outer->is_open |= inner.is_open;
  for (size_t i = inner.count; i-- > 0;)
    if (inner.list[i].count == 1 && inner.list[i].bytes[0] == expected)
      return inner.list[i].length;
  return 0;
}

/* Exactly `count` hex digits as a number, -1 where there are none. */
static long hex(const body *b, int count) {
  long value = 0;
  for (int i = 0; i < count; i++) {
    if (b->at + i == b->end) b->outer->is_open = true;
    if (b->at + i == b->end || hex_value(b->at[i]) < 0) return -1;
    value = value * 16 + hex_value(b->at[i]);
  }
  return value;
}

static void read_percent(body b) {
  long byte = hex(&b, 2);
  if (byte >= 0) add_byte(b.outer, (unsigned)byte, b.taken + 2);
}

static bool is_surrogate(long unit, long first) {
  return unit >= first && unit < first + 0x400;
}

/* `b` stands behind the high half of a surrogate pair. */
static void read_low_surrogate(body b, long high) {
  size_t backslash = match(&b, '\\');
  if (backslash == 0) return;
  b = skip(b, backslash);
  if (b.at == b.end) b.outer->is_open = true;
  if (b.at == b.end || *b.at != 'u') return;
  b = skip(b, 1);
  long low = hex(&b, 4);
  if (low < 0 || !is_surrogate(low, 0xdc00)) return;
  unsigned long code = 0x10000UL + (unsigned long)((high - 0xd800) << 10) +
                       (unsigned long)(low - 0xdc00);
  add_code(b.outer, code, b.taken + 4);
}

static void read_unicode(body b) {
  long unit = hex(&b, 4);
  if (unit < 0) return;
  if (is_surrogate(unit, 0xd800))
    read_low_surrogate(skip(b, 4), unit);
  else
    add_code(b.outer, (unsigned long)unit, b.taken + 4);
}

/* Lua writes control characters so: up to three decimal digits. */
static void read_decimal(body b, char first) {
  unsigned byte = (unsigned)(first - '0');
  for (int i = 0; i < 2; i++) {
    if (b.at == b.end) b.outer->is_open = true;
    if (b.at == b.end || !is_digit(*b.at)) break;
    byte = byte * 10 + (unsigned)(*b.at - '0');
    b = skip(b, 1);
  }
  if (byte < 256) add_byte(b.outer, byte, b.taken);
}

/* What follows a backslash, once its own escapes are read. */
static void read_backslashed(body b, unsigned char c) {
  static const char letters[] = "bfnrt", controls[] = "\b\f\n\r\t";
  const char *letter = c != '\0' ? strchr(letters, c) : NULL;
  if (c == 'u') {
    read_unicode(b);
  } else if (c == 'x') {
    long byte = hex(&b, 2);
    if (byte >= 0) add_byte(b.outer, (unsigned)byte, b.taken + 2);
  } else if (is_digit((char)c)) {
    read_decimal(b, (char)c);
  } else if (letter != NULL) {
    add_byte(b.outer, (unsigned char)controls[letter - letters], b.taken);
  } else if (c < 0x80 && !is_alphanumeric(c)) {
    add_byte(b.outer, c, b.taken);
  }
}

static void read_backslash(body b) {
  ul_readings inner;
  if (b.at == b.end) {
    b.outer->is_open = true;
    return;
  }
  ul_escape_read(b.at, b.end, b.depth, &inner);
  b.outer->is_open |= inner.is_open;
  for (size_t i = 0; i < inner.count; i++)
    if (inner.list[i].count == 1)
      read_backslashed(skip(b, inner.list[i].length), inner.list[i].bytes[0]);
}

/* `b` stands where a semicolon should be; browsers read on without it. */
static void finish_entity(body b, unsigned long code) {
  size_t semicolon = match(&b, ';');
  add_code(b.outer, code, b.taken + semicolon);
}

static void read_number(body b, int base) {
  unsigned long code = 0;
  size_t digits = 0;
  while (b.at + digits < b.end && digits < 10) {
    int value = hex_value(b.at[digits]);
    if (value < 0 || value >= base) break;
    code = code * (unsigned)base + (unsigned)value;
    digits++;
  }
  if (b.at + digits == b.end) b.outer->is_open = true;
  if (digits > 0) finish_entity(skip(b, digits), code);
}

static void read_numbered_entity(body b) {
  bool is_hex = b.at < b.end && (*b.at == 'x' || *b.at == 'X');
  if (is_hex)
    read_number(skip(b, 1), 16);
  else
    read_number(b, 10);
}

static void read_named_entity(body b) {
  static const struct entity {
    const char *name;
    char c;
  } entities[] = {
    {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''},
  };
  size_t left = (size_t)(b.end - b.at);
  for (size_t i = 0; i < sizeof entities / sizeof *entities; i++) {
    size_t length = strlen(entities[i].name);
    size_t known = left < length ? left : length;
    if (memcmp(b.at, entities[i].name, known) != 0) continue;
    if (left < length)
      b.outer->is_open = true;
    else
      finish_entity(skip(b, length), (unsigned char)entities[i].c);
  }
}

static void read_ampersand(body b) {
  size_t number_sign = match(&b, '#');
  if (number_sign > 0)
    read_numbered_entity(skip(b, number_sign));
  else
    read_named_entity(b);
}

/* A quote is doubled in CSV, YAML and SQL. */
static void read_quote(body b, unsigned char quote) {
  size_t second = match(&b, quote);
  if (second > 0) add_byte(b.outer, quote, b.taken + second);
}

static void read_lead(body b, unsigned char lead) {
  switch (lead) {
    case '%': read_percent(b); break;
    case '\\': read_backslash(b); break;
    case '&': read_ampersand(b); break;
    case '"': case '\'': read_quote(b, lead); break;
    case '+': add_byte(b.outer, ' ', b.taken); break;
    default: break;
  }
}

void ul_escape_read(const char *at, const char *end, int depth,
                    ul_readings *out) {
  out->count = 0;
  out->is_open = false;
  add_byte(out, (unsigned char)*at, 1);
  if (!ul_escape_leads(*at)) return;
  for (int level = 1; level <= depth; level++) {
    size_t known = out->count;  /* the readings with fewer levels */
    for (size_t i = 0; i < known; i++) {
      ul_reading lead = out->list[i];
      body b = {at + lead.length, end, lead.length, level - 1, out};
      if (lead.count == 1) read_lead(b, lead.bytes[0]);
    }
  }
}
