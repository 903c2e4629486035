-- usage.csv: a table of the user's own (people, cost centres, prices), read
-- strictly. Cells are text; what is wrong is named by file, line and column.

local core = require "usagelua.core"
local errors = require "usagelua.errors"
local order = require "usagelua.order"

local csv = {}

local WHAT <const> = "usage.csv"
local OPTIONS <const> = { "separator", "columns" }
local UNASSIGNED <const> = "(unassigned)"

---@class usagelua.csv_table
---@field path string
---@field columns string[] as the header has them
---@field rows table<string, string>[] an empty cell is nil
---@field lines integer[] where each row begins
local methods = {}
local metatable = { __name = "usagelua.csv_table", __index = methods }

-- Reading ------------------------------------------------------------------

local function fail(path, line, format, ...)
  errors.raise_usage("%s, line %d: " .. format, path, line, ...)
end

-- The place stands in front already.
local function reason_of(err)
  return (err.message:gsub(" at line %d+,.*$", ""):gsub("^the answer", "the file"))
end

-- The byte of the line that is wrong, where one is.
local PLACE = {
  utf8 = function(_, _, text) return select(2, utf8.len(text)) end,
  syntax = function(err, line_offset) return err.offset - line_offset + 1 end,
}

local function cells_of(row)
  local cells = {}
  for name, value in pairs(row) do
    if type(value) == "string" and value ~= "" then cells[name] = value end
  end
  return cells
end

-- Takes the rows that a line completed. A row is told by the line it begins on.
local function take(self, reader, start)
  local row = reader:next()
  local any = row ~= nil
  while row do
    self.rows[#self.rows + 1], self.lines[#self.lines + 1] = cells_of(row), start
    row = reader:next()
  end
  return any
end

local function check_fed(self, ok, err, line_offset, text)
  if ok then return end
  local place = text and PLACE[err.code] and PLACE[err.code](err, line_offset, text)
  if not place then fail(self.path, err.line, "%s", reason_of(err)) end
  errors.raise_usage("%s, line %d, byte %d: %s", self.path, err.line, place, reason_of(err))
end

local function read_rows(self, reader, file)
  local start, line, offset, has_header = nil, 0, 0, false
  for text in file:lines "L" do
    line = line + 1
    local is_blank = text:find "^\r?\n?$" ~= nil
    if not (is_blank and not start) then start = start or line end
    local ok, err = reader:feed(text)
    check_fed(self, ok, err, offset, text)
    offset = offset + #text
    local completed = take(self, reader, start) or not has_header and reader:columns() ~= nil
    has_header = reader:columns() ~= nil
    if completed then start = nil end
  end
  local ok, err = reader:finish()
  check_fed(self, ok, err, offset)
  take(self, reader, start or line)
end

local OTHER_SEPARATORS <const> = { { ";", ";" }, { "\t", "\\t" }, { ",", "," } }

local function check_header(self, separator)
  if #self.columns == 0 then fail(self.path, 1, "there is no header") end
  for position, name in ipairs(self.columns) do
    if name:find "^%s*$" then fail(self.path, 1, "column %d has no name", position) end
  end
  if #self.columns > 1 then return end
  for _, other in ipairs(OTHER_SEPARATORS) do
    if other[1] ~= separator and self.columns[1]:find(other[1], 1, true) then
      fail(self.path, 1, "the header is one column, '%s'; write separator = \"%s\"",
        self.columns[1], other[2])
    end
  end
end

local function check_options(options)
  for _, key in ipairs(order.keys(options)) do
    if key ~= "separator" and key ~= "columns" then
      errors.raise_usage("%s: %s", WHAT, errors.unknown("option", key, OPTIONS))
    end
  end
  local separator = options.separator or ","
  if type(separator) ~= "string" or not separator:find '^[^%w%s"\r\n\0\x80-\xFF]$'
    and separator ~= "\t" then
    errors.raise_usage("%s: separator is one character such as \",\", \";\" or \"\\t\", not '%s'",
      WHAT, tostring(separator))
  end
  return separator
end

local function need_columns(self, wanted)
  for _, name in ipairs(wanted or {}) do self:need(name) end
end

local function open(path)
  local found = core.file.stat(path)
  if found and found.kind == "folder" then
    errors.raise_usage("cannot read %s: it is a folder", path)
  end
  local file, problem = io.open(path, "rb")
  return file or errors.raise_usage("cannot read %s", problem)
end

---Reads a file. Bytes that are no CSV, a row of another length than the header, a
---column that stands there twice raise kind usage, and name file and line.
---
---    local people = usage.csv "people.csv"
---    local team_of = people:lookup("email", "team")
---
---@param path string
---@param options { separator: string?, columns: string[]? }? columns: those that have to be there
---@return usagelua.csv_table
function csv.read(path, options)
  if type(path) ~= "string" then
    errors.raise_usage("%s takes the name of a file, not a %s", WHAT, type(path))
  end
  local separator = check_options(options or {})
  local file <close> = open(path)
  local reader <close> = core.csv.reader { delimiter = separator }
  local self = setmetatable({ path = path, rows = {}, lines = {} }, metatable)
  read_rows(self, reader, file)
  self.columns = reader:columns() or {}
  check_header(self, separator)
  need_columns(self, options and options.columns)
  return self
end

-- Using --------------------------------------------------------------------

function metatable:__len()
  return #self.rows
end

---A column that has to be there, or a usage error with the nearest name.
---@param name string
function methods:need(name)
  for _, known in ipairs(self.columns) do
    if known == name then return end
  end
  errors.raise_usage("%s: %s", self.path, errors.unknown("column", name, self.columns))
end

---Refuses what stands in a cell.
---@param index integer row number
---@param column string
---@param format string
function methods:refuse(index, column, format, ...)
  fail(self.path, self.lines[index], "column '%s': " .. format, column, ...)
end

---Iterates the rows, each a table of its own.
---@return fun(): table<string, string>?
function methods:each()
  local index = 0
  return function()
    index = index + 1
    local row = self.rows[index]
    if not row then return nil end
    local copy = {}
    for name, value in pairs(row) do copy[name] = value end
    return copy
  end
end

local function folded(text, is_exact)
  return is_exact and text or (text:gsub("%u", string.lower))
end

local function add_entry(self, entries, index, key, column, is_exact)
  local row = self.rows[index]
  if not row[key] then return end
  local found = folded(row[key], is_exact)
  local known = entries[found]
  if known and known.value ~= row[column] then
    self:refuse(index, key, "'%s' has another %s than on line %d", row[key], column,
      self.lines[known.index])
  end
  entries[found] = known or { value = row[column], index = index }
end

---A function from a value of one column to that of another. What matches nothing,
---an absent value too, is "(unassigned)". Capital and small letters of ASCII are the
---same, for addresses are; `exact = true` tells them apart.
---
---    group_by = { { "team", function(row) return team_of(row.user_id) end } }
---
---@param key string column
---@param column string
---@param options { exact: boolean?, otherwise: string? }?
---@return fun(value: any): string
---Raises kind usage where one key has two values.
function methods:lookup(key, column, options)
  options = options or {}
  self:need(key)
  self:need(column)
  local entries, otherwise = {}, options.otherwise or UNASSIGNED
  for index = 1, #self.rows do add_entry(self, entries, index, key, column, options.exact) end
  return function(value)
    local entry = value ~= nil and entries[folded(tostring(value), options.exact)]
    return entry and entry.value or otherwise
  end
end

-- As records ---------------------------------------------------------------

local function number_of(self, index, name)
  local text = self.rows[index][name]
  if text == nil then return nil end
  local value = text:find "^%-?%d+%.?%d*$" and (math.tointeger(text) or tonumber(text))
  if not value then self:refuse(index, name, "'%s' is not a number", text) end
  return value
end

local function record_of(self, index, measures)
  local row = {}
  for name, text in pairs(self.rows[index]) do
    if not measures[name] then row[name] = text end
  end
  for name in pairs(measures) do row[name] = number_of(self, index, name) end
  return row
end

local function measure_of(declared)
  if type(declared) ~= "table" then
    errors.raise_usage("measures of %s maps columns to { kind = \"sum\", unit = \"1\" }", WHAT)
  end
  return { kind = declared.kind or "sum", unit = declared.unit or "1", negative = true }
end

local function schema_of(self, measures)
  local columns, list = {}, {}
  for _, name in ipairs(self.columns) do
    if not measures[name] then columns[#columns + 1] = { name = name, type = "text" } end
  end
  for name, declared in pairs(measures) do
    self:need(name)
    list[name] = measure_of(declared)
  end
  return { datasets = { { name = self.path, columns = columns, measures = list, closed = true } } }
end

---The rows as a frame, to be grouped and joined with usage.
---
---    local heads = people:records():aggregate { group_by = "team",
---      measures = { { kind = "count", as = "heads" } } }
---
---@param options { measures: table<string, table>? }? columns that hold numbers
---@return usagelua.frame
---Raises kind usage where a cell of such a column holds no number.
function methods:records(options)
  local measures = options and options.measures or {}
  local schema, rows = schema_of(self, measures), {}
  for index = 1, #self.rows do rows[index] = record_of(self, index, measures) end
  return require("usagelua.frame").new {
    schema = schema,
    ask = function(asked)
      asked:begin():add { rows = rows }
      asked:finish(require("usagelua.frame.coverage").new())
    end,
  }
end

return csv
