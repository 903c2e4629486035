-- A value as a cell of a CSV file (RFC 4180), with formulas made harmless.

local number = require "usagelua.report.number"
local safe = require "usagelua.formats.safe"

local csv_cell = {}

-- Source: OWASP, CSV injection. The full-width forms count in East Asian Excel.
local FORMULA_STARTS <const> = {
  ["="] = true, ["+"] = true, ["-"] = true, ["@"] = true,
  ["\t"] = true, ["\r"] = true, ["\n"] = true,
  ["\u{FF1D}"] = true, ["\u{FF0B}"] = true, ["\u{FF0D}"] = true, ["\u{FF20}"] = true,
}

-- A cell may hold line breaks; no line of it becomes a command of a CI log.
local function without_commands(text)
  if not (text:find("::", 1, true) or text:find("##", 1, true)) then return text end
  return (text:gsub("[^\r\n]+", safe.line))
end

local function shown_but_breaks(text)
  if not text:find "[^\x20-\x7E]" then return text end
  return (text:gsub("[^\t\r\n]+", safe.shown))
end

local function harmless(text)
  text = without_commands(shown_but_breaks(text))
  local first = text:match(utf8.charpattern)
  return FORMULA_STARTS[first] and "'" .. text or text
end

local function quoted(text, separator)
  if not (text:find '[",\r\n]' or separator and text:find(separator, 1, true)) then return text end
  return '"' .. text:gsub('"', '""') .. '"'
end

local WRITE = {
  number = number.exact,
  boolean = tostring,
  ["nil"] = function() return "" end,
}

---@param value any nil is an empty cell
---@param neutralise boolean whether a text that a spreadsheet would run gets an apostrophe
---@param separator string? where it is no comma
---@return string
function csv_cell.text(value, neutralise, separator)
  local write = WRITE[type(value)]
  if write then return write(value) end
  local text = tostring(value)
  return quoted(neutralise and harmless(text) or text, separator)
end

---@param cells string[]
---@param separator string? where it is no comma
---@return string with the line's end
function csv_cell.line(cells, separator)
  return table.concat(cells, separator or ",") .. "\r\n"
end

return csv_cell
