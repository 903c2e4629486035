#include "inflate.h"

#include <limits.h>

#define GZIP_ONLY (MAX_WBITS + 16)
#define FIRST_MAGIC_BYTE 0x1f

static size_t at_most_uint(size_t size) {
  return size < UINT_MAX ? size : UINT_MAX;
}

static ul_inflate_result broken(ul_inflate *gzip, const char *problem) {
  gzip->problem = problem != NULL ? problem : "damaged";
  return UL_INFLATE_BROKEN;
}

static ul_inflate_result open_member(ul_inflate *gzip) {
  int code = gzip->is_open ? inflateReset(&gzip->stream)
                              : inflateInit2(&gzip->stream, GZIP_ONLY);
  if (code == Z_MEM_ERROR) return UL_INFLATE_NO_MEMORY;
  if (code != Z_OK) return broken(gzip, gzip->stream.msg);
  gzip->is_open = gzip->is_in_member = true;
  return UL_INFLATE_OK;
}

static ul_inflate_result begin_member(ul_inflate *gzip) {
  if (gzip->members > 0 && *gzip->stream.next_in != FIRST_MAGIC_BYTE)
    return broken(gzip, "bytes after its end");
  return open_member(gzip);
}

static ul_inflate_result judge(ul_inflate *gzip, int code) {
  switch (code) {
    case Z_OK: case Z_BUF_ERROR:
      return UL_INFLATE_OK;
    case Z_STREAM_END:
      gzip->is_in_member = false;
      gzip->members++;
      return UL_INFLATE_OK;
    case Z_MEM_ERROR:
      return UL_INFLATE_NO_MEMORY;
    default:
      return broken(gzip, gzip->stream.msg);
  }
}

/* Members until input or output is used up; each turn ends one, or the run. */
static ul_inflate_result run_members(ul_inflate *gzip) {
  for (;;) {
    if (!gzip->is_in_member) {
      if (gzip->stream.avail_in == 0) return UL_INFLATE_OK;
      ul_inflate_result result = begin_member(gzip);
      if (result != UL_INFLATE_OK) return result;
    }
    int code = inflate(&gzip->stream, Z_NO_FLUSH);
    ul_inflate_result result = judge(gzip, code);
    if (result != UL_INFLATE_OK || code != Z_STREAM_END) return result;
  }
}

ul_inflate_result ul_inflate_run(ul_inflate *gzip, const char *in,
                                 size_t length, size_t *used, char *out,
                                 size_t room, size_t *made) {
  z_stream *stream = &gzip->stream;
  size_t in_length = at_most_uint(length), out_length = at_most_uint(room);
  stream->next_in = (z_const Bytef *)in;
  stream->avail_in = (uInt)in_length;
  stream->next_out = (Bytef *)out;
  stream->avail_out = (uInt)out_length;
  ul_inflate_result result = run_members(gzip);
  *used = in_length - stream->avail_in;
  *made = out_length - stream->avail_out;
  gzip->is_full = stream->avail_out == 0;
  gzip->bytes_in += *used;
  gzip->bytes_out += *made;
  return result;
}

bool ul_inflate_is_whole(const ul_inflate *gzip) {
  return !gzip->is_in_member && gzip->members > 0;
}

bool ul_inflate_exceeds(const ul_inflate *gzip, uint64_t ratio) {
  return gzip->bytes_out / ratio > gzip->bytes_in;
}

void ul_inflate_close(ul_inflate *gzip) {
  if (gzip->is_open) inflateEnd(&gzip->stream);
  gzip->is_open = false;
}
