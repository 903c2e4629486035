-- gzip files made with the zlib that nginx itself is linked with.
local ffi = require "ffi"

ffi.cdef [[
typedef struct {
  const unsigned char *next_in; unsigned avail_in; unsigned long total_in;
  unsigned char *next_out; unsigned avail_out; unsigned long total_out;
  const char *msg; void *state; void *zalloc; void *zfree; void *opaque;
  int data_type; unsigned long adler; unsigned long reserved;
} gzip_stream;
const char *zlibVersion(void);
int deflateInit2_(gzip_stream *, int, int, int, int, int, const char *, int);
int deflate(gzip_stream *, int);
int deflateEnd(gzip_stream *);
unsigned long deflateBound(gzip_stream *, unsigned long);
unsigned long crc32(unsigned long, const unsigned char *, unsigned);
unsigned long crc32_combine(unsigned long, unsigned long, long);
]]

local gzip = {}

local zlib = ffi.C
local MIB = 1024 * 1024
local FULL_FLUSH, FINISH, DEFLATED, RAW, WITH_HEADER = 3, 4, 8, -15, 31
local HEADER = "\31\139\8\0\0\0\0\0\0\3"

local function deflate(text, window_bits, flush)
  local stream = ffi.new "gzip_stream"
  assert(zlib.deflateInit2_(stream, 6, DEFLATED, window_bits, 8, 0, zlib.zlibVersion(),
    ffi.sizeof(stream)) == 0)
  local room = tonumber(zlib.deflateBound(stream, #text)) + 64
  local out = ffi.new("unsigned char[?]", room)
  stream.next_in, stream.avail_in = ffi.cast("const unsigned char *", text), #text
  stream.next_out, stream.avail_out = out, room
  zlib.deflate(stream, flush)
  local packed = ffi.string(out, room - stream.avail_out)
  zlib.deflateEnd(stream)
  return packed
end

local function little_endian(number)
  local bytes = {}
  for i = 1, 4 do
    bytes[i] = string.char(number % 256)
    number = math.floor(number / 256)
  end
  return table.concat(bytes)
end

--- A whole gzip file of the text.
function gzip.compress(text)
  return deflate(text, WITH_HEADER, FINISH)
end

--- A gzip file whose first half is good and whose next block is of the type that RFC 1951
--- (3.2.3) reserves: no reader can go on.
function gzip.broken(text)
  local half = text:sub(1, math.floor(#text / 2))
  return HEADER .. deflate(half, RAW, FULL_FLUSH) .. "\7" .. ("\255"):rep(16)
end

local function sum_of(mebibyte, mib)
  local one = zlib.crc32(0, ffi.cast("const unsigned char *", mebibyte), MIB)
  local sum = one
  for _ = 2, mib do sum = zlib.crc32_combine(sum, one, MIB) end
  return tonumber(sum)
end

--- Pieces of a gzip file that holds `mib` MiB of one character, zero where none is named.
function gzip.bomb(mib, character)
  local mebibyte = (character or "\0"):rep(MIB)
  local block = deflate(mebibyte, RAW, FULL_FLUSH)
  local tail = "\3\0" .. little_endian(sum_of(mebibyte, mib)) .. little_endian(mib * MIB % 2 ^ 32)
  local sent = -1
  return function()
    sent = sent + 1
    if sent == 0 then return HEADER end
    if sent <= mib then return block end
    if sent == mib + 1 then return tail end
  end
end

return gzip
