-- Seeded JSON documents: right ones of every form, and ones with a byte or a
-- token changed, most of which are wrong.

local documents = {}

local SPACES <const> = { "", "", "", " ", "\t", "\r\n", "  " }
local NUMBERS <const> = { "0", "-0", "1", "-1", "42", "1.5", "-0.0", "1e2", "1E+2", "2.5e-3", "0.1",
  "9223372036854775807", "-9223372036854775808", "9223372036854775808", "1e308", "1e400", "1e-400",
  "123456789012345678", "0.30000000000000004", "5e-324", "1.7976931348623157e308" }
local PIECES <const> = { "a", "b", "key", "é", "€", "😀", "\u{7f}", "\u{2028}", "\\\"", "\\\\", "\\/",
  "\\b", "\\f", "\\n", "\\r", "\\t", "\\u0000", "\\u0041", "\\u00e9", "\\u20AC", "\\ud83d\\ude00",
  "\\uFFFF", "\u{ffff}", "" }
local NAMES <const> = { '"a"', '"b"', '"c"', '"\\u0061"', '""', '"a\\u0000"', '"é"', '"users"' }
-- What is put into a document to break it.
local BREAKS <const> = { ",", ":", "[", "]", "{", "}", '"', "\\", "0", "-", "+", ".", "e", "NaN",
  "Infinity", "nul", "/", "//", "'", "\0", "\1", "\127", "\xff", "\xc0\xaf", "\xed\xa0\x80", "\\ud800",
  "\\udc00", "\\x", "\u{feff}", "\u{a0}", "\f", " ", "1", "true", "null", "01", ".5", "1." }

local MOST_LEVELS <const> = 6

local value

local function text(draw)
  local parts = {}
  for i = 1, draw:integer(0, 4) do parts[i] = draw:item(PIECES) end
  return '"' .. table.concat(parts) .. '"'
end

local function number(draw)
  if draw:integer(1, 3) == 1 then return draw:item(NUMBERS) end
  local whole = ("%d"):format(draw:integer(-100000, 100000))
  if draw:integer(1, 2) == 1 then return whole end
  local exponent = draw:integer(1, 2) == 1 and "e" .. draw:integer(-320, 310) or ""
  return whole .. "." .. draw:integer(0, 999999) .. exponent
end

local function members(draw, levels, member)
  local parts = {}
  for i = 1, draw:integer(0, 4) do
    parts[i] = draw:item(SPACES) .. member(draw, levels) .. draw:item(SPACES)
  end
  return table.concat(parts, ",")
end

local function pair(draw, levels)
  local name = draw:integer(1, 3) == 1 and draw:item(NAMES) or '"' .. draw:integer(1, 99999) .. '"'
  return name .. draw:item(SPACES) .. ":" .. draw:item(SPACES) .. value(draw, levels)
end

local FORMS <const> = {
  function(draw, levels) return "[" .. members(draw, levels - 1, value) .. "]" end,
  function(draw, levels) return "{" .. members(draw, levels - 1, pair) .. "}" end,
  text, number,
  function(draw) return draw:item { "true", "false", "null" } end,
}

function value(draw, levels)
  return FORMS[draw:integer(levels > 0 and 1 or 3, #FORMS)](draw, levels)
end

local CHANGES <const> = {
  function(bytes, at) return bytes:sub(1, at - 1) .. bytes:sub(at + 1) end,
  function(bytes, at, draw) return bytes:sub(1, at - 1) .. draw:item(BREAKS) .. bytes:sub(at) end,
  function(bytes, at, draw) return bytes:sub(1, at - 1) .. draw:item(BREAKS) .. bytes:sub(at + 1) end,
  function(bytes, at) return bytes:sub(1, at - 1) end,
  function(bytes, at, draw)
    return bytes:sub(1, at - 1) .. string.char(draw:integer(0, 255)) .. bytes:sub(at + 1)
  end,
}

---A value that nests so deep at most.
documents.value = value

---The same bytes, but for a change in one place.
---@param bytes string
---@param draw table of spec/support/random.lua
---@return string
function documents.changed(bytes, draw)
  return draw:item(CHANGES)(bytes, draw:integer(1, math.max(1, #bytes)), draw)
end

---The next document; every other one is changed in a place.
---@param draw table of spec/support/random.lua
---@return string
function documents.next(draw)
  local bytes = draw:item(SPACES) .. value(draw, draw:integer(0, MOST_LEVELS)) .. draw:item(SPACES)
  if draw:integer(1, 2) == 1 then return bytes end
  return documents.changed(bytes, draw)
end

return documents
