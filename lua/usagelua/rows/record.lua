-- A view on one row of a batch at a time: its own values and the batch's constant
-- ones, figures in the measure's own unit. Functions of scripts get it as a table
-- that notices when a figure is read that is not known.

local errors = require "usagelua.errors"
local timestamp = require "usagelua.time.timestamp"
local marks = require "usagelua.marks"
local units = require "usagelua.units"

local record = {}

---@class usagelua.batch
---@field rows table[] absent values are nil
---@field marks table<integer, table<string, usagelua.mark>>? by row number, then by measure
---@field const table? columns that all rows share; `dataset` among them
---@field doubts table<integer, string>? rows that may not be there at all, and why
---@field folded usagelua.folded? further rows, added up already
---@field about table[]? what those are about that the dataset has expectations of
---@field warnings string[]? what its `check` said of them
---@field kept usagelua.column_rows? further rows, as columns
---@field units table<string, string>? unit of the raw numbers, where it is not the measure's own

---@class usagelua.record_view
---@field row table
---@field const table
---@field noticed usagelua.mark? the marks that a function has read
---@field missed table<string, boolean>? names that functions read: true where no row had such a
---column so far, and none is known
local methods = {}
local metatable = { __name = "usagelua.record", __index = methods }

local NOTHING <const> = {}

---@param index usagelua.schema_index
---@param fields table<string, true>? the columns that were read from the answers; nil: all
---@return usagelua.record_view
function record.view(index, fields)
  return setmetatable({ index = index, fields = fields, row = NOTHING, const = NOTHING }, metatable)
end

---@param batch usagelua.batch
function methods:open(batch)
  self.rows, self.const = batch.rows, batch.const or NOTHING
  self.marks, self.units = batch.marks or NOTHING, batch.units or NOTHING
  self.instants = {}
end

---@param i integer
function methods:at(i)
  self.row, self.row_marks = self.rows[i], self.marks[i]
end

---The value as the batch has it, and its mark.
---@param name string
---@return any value nil where it is absent or unknown
---@return usagelua.mark?
function methods:raw(name)
  local mark = self.row_marks and self.row_marks[name]
  if mark and mark.state ~= "at_least" then return nil, mark end
  local value = self.row[name]
  if value == nil then value = self.const[name] end
  return value, mark
end

---The unit of a measure's raw numbers in this batch.
---@param name string
---@return string
function methods:unit(name)
  return self.units[name] or self.index:unit(self.const.dataset, name) or "1"
end

---The value in the measure's own unit, and its mark.
---@param name string
---@return any value
---@return usagelua.mark?
function methods:get(name)
  local value, mark = self:raw(name)
  local measure = type(value) == "number" and self.index.measures[name]
  if measure then
    value = units.convert(value, self:unit(name), measure.unit)
    local reason = units.beyond(value, measure.unit)
    if reason then error(errors.new { kind = "limit", message = ("%s: %s"):format(name, reason) }, 0) end
  end
  return value, mark
end

---The instant in a column of date-times; equal texts are read once a batch.
---@param name string
---@return number? epoch seconds
function methods:instant(name)
  local text = self:raw(name)
  if text == nil then return nil end
  local epoch = self.instants[text]
  if epoch == nil then
    epoch = timestamp.instant(text) or false
    self.instants[text] = epoch
  end
  return epoch or nil
end

-- All columns of the row and of the batch, each once.
function methods:each()
  local in_row, name = true, nil
  return function()
    if in_row then
      name = next(self.row, name)
      if name ~= nil then return name, self.row[name] end
      in_row = false
    end
    repeat name = next(self.const, name) until name == nil or self.row[name] == nil
    return name, self.const[name]
  end
end

---Raises the usage error for a row that a function has kept.
function record.raise_over()
  errors.raise_usage "a row is there only while the function runs that got it: copy what is to be kept"
end

-- A misspelt name is nil in every row. Of a rule's result all columns are known;
-- an answer may bring some that nobody has named.
local function note_name(self, name, is_there)
  local is_known = is_there or type(name) ~= "string" or self.index:column(name) ~= nil
  if not is_known and #self.index.datasets == 0 then self.index:need(name) end
  self.missed[name] = not is_known
end

---The value as a function reads it: of the columns that its rule names, and its
---mark is noticed.
---@param name any
---@return any
function methods:read(name)
  if self.fields and not self.fields[name] then
    errors.raise_usage("the rule's fields do not name '%s', which its function reads",
      tostring(name))
  end
  local value, mark = self:get(name)
  if mark then self.noticed = marks.worse(self.noticed, mark) end
  if self.missed and self.missed[name] ~= false then note_name(self, name, value ~= nil or mark) end
  return value
end

local function proxy_of(self)
  return setmetatable({}, {
    __name = "usagelua.row",
    __index = function(_, name)
      if not self.is_asked then record.raise_over() end
      return self:read(name)
    end,
    __newindex = function(_, name)
      errors.raise_usage("rows are read only: '%s' is not set", tostring(name))
    end,
    __pairs = function(proxy)
      local each = self:each()
      return function()
        local name = each()
        while name ~= nil and proxy[name] == nil do name = each() end
        return name, name and proxy[name]
      end
    end,
  })
end

---The row for functions: always the same table, that shows the present row.
---@return table
function methods:proxy()
  self.shown = self.shown or proxy_of(self)
  return self.shown
end

-- While the function runs that gets the row.
local function ask(self, fn)
  self.is_asked = true
  local answer = fn(self:proxy())
  self.is_asked = false
  return answer
end

---What a script's function makes of the row. Where it has read a figure that is
---not known, its answer is not known either, nor an error that came of it.
---@param fn fun(row: table): any
---@return any answer
---@return usagelua.mark? mark of what it has read; the answer is then void
function methods:call(fn)
  self.noticed = nil
  if not self.row_marks then return ask(self, fn) end
  local ok, answer = errors.try(ask, self, fn)
  self.is_asked = false
  if self.noticed then return nil, self.noticed end
  if not ok then error(answer, 0) end
  return answer
end

---A condition that is a function: true, false, or nil and the reason.
---@param fn fun(row: table): any
---@return boolean? verdict
---@return string? reason
function methods:ask(fn)
  local answer, mark = self:call(fn)
  if mark then return nil, mark.reason end
  return not not answer
end

return record
