-- The CSV reader: rows in pieces cut anywhere are what they are whole, and
-- columns that are selected are what they are among all.
--
-- The first byte says how the text is cut, the second the delimiter.

local core = require "usagelua.core".csv
local same = dofile "fuzz/same.lua"

local host = ...
local DELIMITERS <const> = { ",", ";", "\t", "|" }

local function feed(reader, text, length)
  for from = 1, #text, length do
    if not host.feed(reader, text:sub(from, from + length - 1)) then break end
  end
  return reader:finish()
end

local function read(text, options, length)
  local reader <close> = core.reader(options)
  local ok, err = feed(reader, text, length)
  local rows = {}
  for row in function() return reader:next() end do rows[#rows + 1] = row end
  return { rows = rows, err = not ok and err or nil, columns = reader:columns(),
    is_open = ok and reader:open_row() or nil, count = reader:count() }
end

local function check_selected(whole, text, delimiter, length)
  local name = whole.columns[#whole.columns]
  local chosen = read(text, { delimiter = delimiter, fields = { name } }, length)
  same.assert("the error of a selection", whole.err, chosen.err)
  same.assert("the number of rows", #whole.rows, #chosen.rows)
  for i, row in ipairs(whole.rows) do
    same.assert("a column", row[name], chosen.rows[i][name])
    assert(next(chosen.rows[i], next(chosen.rows[i])) == nil, "a column that was not selected")
  end
end

return function(bytes)
  if #bytes < 2 then return end
  local cut, kind = bytes:byte(1, 2)
  local text, delimiter = bytes:sub(3), DELIMITERS[1 + kind % #DELIMITERS]
  local whole = read(text, { delimiter = delimiter }, #text + 1)
  same.assert("what comes in pieces", whole, read(text, { delimiter = delimiter }, 1 + cut % 32))
  same.assert("the count", #whole.rows, whole.count)
  if whole.columns and #whole.columns > 0 then check_selected(whole, text, delimiter, 1 + cut % 32) end
end
