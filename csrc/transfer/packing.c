/*
** transfer.pack, transfer.unpack: bytes that are a gzip file (RFC 1952) as the
** text in it, and back, for who has to look into a whole one. Answers that
** come packed are undone on their way (body.c), not here.
*/
#include "packing.h"

#include <lauxlib.h>
#include <lua.h>

#include "binding.h"
#include "inflate.h"  /* zlib, too */

#define PIECE_BYTES (64u << 10)
#define MOST_BYTES (1u << 30)   /* of a text that is packed at one go */
#define GZIP_ONLY (MAX_WBITS + 16)
#define GZIP_FRAME 32           /* bytes around it, more than zlib's own */

static int close_inflate(lua_State *L) {
  ul_inflate_close(lua_touserdata(L, 1));
  return 0;
}

/* One that the collector closes, whatever raises. */
static ul_inflate *push_inflate(lua_State *L) {
  ul_inflate *gzip = lua_newuserdatauv(L, sizeof *gzip, 0);
  *gzip = (ul_inflate){0};
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, close_inflate);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  return gzip;
}

typedef struct packed {
  const char *bytes;
  size_t length;
  size_t most;  /* bytes of the text in it */
} packed;

/* Why it ends before its end; NULL where all of it stands in `out`. */
static const char *unpack_into(lua_State *L, ul_inflate *gzip, packed in,
                               luaL_Buffer *out) {
  do {
    size_t used, made;
    char *room = luaL_prepbuffsize(out, PIECE_BYTES);
    ul_inflate_result result =
      ul_inflate_run(gzip, in.bytes, in.length, &used, room, PIECE_BYTES,
                     &made);
    if (result == UL_INFLATE_NO_MEMORY) ul_raise_memory(L);
    if (result == UL_INFLATE_BROKEN) return gzip->problem;
    if (gzip->bytes_out > in.most) return "too large";
    luaL_addsize(out, made);
    in.bytes += used;
    in.length -= used;
  } while (in.length > 0 || gzip->is_full);
  return ul_inflate_is_whole(gzip) ? NULL : "cut";
}

int ul_packing_unpack(lua_State *L) {
  packed in;
  in.bytes = luaL_checklstring(L, 1, &in.length);
  lua_Integer most = luaL_checkinteger(L, 2);
  luaL_argcheck(L, most >= 0, 2, "a number of bytes");
  in.most = (size_t)most;
  ul_inflate *gzip = push_inflate(L);
  luaL_Buffer out;
  luaL_buffinit(L, &out);
  const char *problem = unpack_into(L, gzip, in, &out);
  if (problem == NULL) {
    luaL_pushresult(&out);
  } else {
    lua_pushnil(L);
    lua_pushstring(L, problem);
  }
  ul_inflate_close(gzip);
  return problem == NULL ? 1 : 2;
}

/* At one go: the room takes whatever comes of it. */
static size_t deflate_all(z_stream *stream) {
  if (deflateInit2(stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_ONLY, 8,
                   Z_DEFAULT_STRATEGY) != Z_OK)
    return 0;
  int code = deflate(stream, Z_FINISH);
  size_t length = stream->total_out;
  deflateEnd(stream);
  return code == Z_STREAM_END ? length : 0;
}

int ul_packing_pack(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  luaL_argcheck(L, length <= MOST_BYTES, 1, "too large to be packed");
  size_t room = compressBound((uLong)length) + GZIP_FRAME;
  luaL_Buffer out;
  z_stream stream = {0};
  stream.next_out = (Bytef *)luaL_buffinitsize(L, &out, room);
  stream.avail_out = (uInt)room;
  stream.next_in = (z_const Bytef *)text;
  stream.avail_in = (uInt)length;
  size_t packed_length = deflate_all(&stream);
  if (packed_length == 0) return ul_raise_memory(L);
  luaL_pushresultsize(&out, packed_length);
  return 1;
}
