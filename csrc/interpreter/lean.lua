-- Compiled Lua without the names of local variables and of upvalues: every third
-- string of a compiled file, which a start would make one by one and no message
-- to a user tells. Lines and the names of files stay.
--
-- The format is Lua 5.4's own (ldump.c): what bears another mark is left as it is.

local lean = {}

local MARK <const> = "\x1bLua\x54\0\x19\x93\r\n\x1a\n"
local SIZES <const> = "\4\8\8" -- of instructions, integers and floats
local HEADER_BYTES <const> = #MARK + #SIZES + 8 + 8 + 1
local NONE <const> = "\x80" -- the count 0

-- Kinds of constants that something follows.
local INTEGER <const>, FLOAT <const> = 0x03, 0x13
local SHORT_TEXT <const>, LONG_TEXT <const> = 0x04, 0x14

---@class lean.reading
---@field code string
---@field at integer
---@field kept string[]

-- Seven bits in each byte, the highest first; the last byte bears a mark.
local function count(reading)
  local value = 0
  repeat
    local byte = reading.code:byte(reading.at)
    reading.at = reading.at + 1
    value = value << 7 | byte & 0x7f
  until byte & 0x80 ~= 0
  return value
end

local function skip(reading, bytes)
  reading.at = reading.at + bytes
end

local function byte(reading)
  skip(reading, 1)
  return reading.code:byte(reading.at - 1)
end

-- Its length is one too large, so that 0 is no text at all.
local function text(reading)
  local length = count(reading)
  if length > 0 then skip(reading, length - 1) end
end

local function each(reading, read)
  for _ = 1, count(reading) do read(reading) end
end

local AFTER <const> = {
  [INTEGER] = function(reading) skip(reading, 8) end,
  [FLOAT] = function(reading) skip(reading, 8) end,
  [SHORT_TEXT] = text,
  [LONG_TEXT] = text,
}

local function constant(reading)
  local after = AFTER[byte(reading)]
  if after then after(reading) end
end

local function upvalue(reading)
  skip(reading, 3)
end

local function place_of_line(reading)
  count(reading)
  count(reading)
end

local function variable(reading)
  text(reading)
  count(reading)
  count(reading)
end

local function keep(reading, from)
  table.insert(reading.kept, reading.code:sub(from, reading.at - 1))
end

local function head(reading)
  text(reading) -- the file
  count(reading)
  count(reading) -- its first line and its last
  skip(reading, 3) -- parameters, varargs, registers
  skip(reading, 4 * count(reading))
  each(reading, constant)
  each(reading, upvalue)
end

local function lines(reading)
  skip(reading, count(reading))
  each(reading, place_of_line)
end

local function fn(reading)
  local from = reading.at
  head(reading)
  local inner = count(reading)
  keep(reading, from)
  for _ = 1, inner do fn(reading) end
  from = reading.at
  lines(reading)
  keep(reading, from)
  each(reading, variable)
  each(reading, text) -- names of upvalues
  table.insert(reading.kept, NONE .. NONE)
end

---@param code string of string.dump
---@return string
function lean.of(code)
  if code:sub(1, #MARK + #SIZES) ~= MARK .. SIZES then return code end
  local reading = { code = code, at = HEADER_BYTES + 1, kept = { code:sub(1, HEADER_BYTES) } }
  fn(reading)
  assert(reading.at == #code + 1, "compiled Lua does not end where it should")
  return table.concat(reading.kept)
end

return lean
