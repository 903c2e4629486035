-- Rows that C keeps as typed columns, and what only Lua knows of them: the names
-- of the columns, their units, the dataset. They become Lua tables where somebody
-- needs those.

local core = require "usagelua.core"
local order = require "usagelua.order"
local row_list = require "usagelua.rows.list"
local units = require "usagelua.units"

local column_rows = {}

-- Rows that become tables at once.
local SLICE_ROWS <const> = 1000

---@class usagelua.column_rows
---@field rows usagelua.core.rows
---@field names string[]
---@field kinds string[] "text", "boolean" or "number"
---@field index table<string, integer> column by name
---@field units table<string, string> unit of the raw numbers, where it is not the measure's own
---@field const { vendor: string?, dataset: string? }
---@field chosen usagelua.core.rows.view? on them: which there are
---@field id string tells rows of another dataset, or in other units, from these
local methods = {}
local metatable = { __name = "usagelua.column_rows", __index = methods }

local function units_text(by_name)
  local parts = {}
  for i, name in ipairs(order.keys(by_name)) do parts[i] = name .. "=" .. by_name[name] end
  return table.concat(parts, ",")
end

local function id_of(made)
  return table.concat({ tostring(made.const.vendor), tostring(made.const.dataset),
    units_text(made.units) }, "\0")
end

---@param rows usagelua.core.rows
---@param names string[] of the columns
---@param kinds string[]
---@param raw_units table<string, string>?
---@param const table<string, any>?
---@return usagelua.column_rows
function column_rows.new(rows, names, kinds, raw_units, const)
  local made = { rows = rows, names = names, kinds = kinds, index = {}, units = raw_units or {},
    const = { vendor = const and const.vendor, dataset = const and const.dataset } }
  for i, name in ipairs(names) do made.index[name] = i end
  made.id = id_of(made)
  return setmetatable(made, metatable)
end

---The rows of a result, where they stand in columns and none has a mark.
---@param result usagelua.result
---@return usagelua.column_rows?
function column_rows.of_result(result)
  local view, names, beneath = row_list.view(result.rows)
  if not beneath or next(result.marks) or next(result.doubts) then return nil end
  local made = column_rows.new(beneath, names, beneath:kinds())
  made.chosen = view
  return made
end

---The rows of a batch, but for what is added up there already.
---@param batch usagelua.batch without marks and doubts
---@return usagelua.column_rows? made nil where a value is of no column's kind
function column_rows.of(batch)
  local rows, names, kinds = core.rows.of(batch.rows, batch.const or {})
  return rows and column_rows.new(rows, names, kinds, batch.units, batch.const)
end

---@return integer
function metatable:__len()
  return #self.rows
end

-- Which column here each of the others is; nil where two of one name are of
-- different kinds.
local function places_of_others(self, other)
  local places, count = {}, #self.names
  for i, name in ipairs(other.names) do
    local own = self.index[name]
    if own and self.kinds[own] ~= other.kinds[i] then return nil end
    if not own then count = count + 1 end
    places[i] = own or count
  end
  return places
end

---Takes over rows of the same id, which are gone there.
---@param other usagelua.column_rows
---@return boolean done not where a column of theirs is another kind of one here
function methods:append(other)
  local places = places_of_others(self, other)
  if not places then return false end
  self.rows:append(other.rows, places)
  for i, place in ipairs(places) do
    self.names[place], self.kinds[place] = other.names[i], other.kinds[i]
    self.index[other.names[i]] = place
  end
  return true
end

---Rows of their own, figures in their measures' units; and those are nobody's in
---particular.
---@param index usagelua.schema_index
---@return usagelua.column_rows
function methods:converted(index)
  local names = table.move(self.names, 1, #self.names, 1, {})
  local view <close> = self:view(names, index)
  return column_rows.new(view:copy(), names, table.move(self.kinds, 1, #self.kinds, 1, {}))
end

---Gives their memory back.
function methods:close()
  self.rows:close()
end

---Fills a table with one row.
---@param i integer
---@param into table empty, or with a row of these before
---@return table into
function methods:row(i, into)
  return self.rows:row(i, self.names, into)
end

---The rows of these numbers as a batch of Lua tables.
---@param numbers integer[]
---@return usagelua.batch
function methods:batch(numbers)
  local list = {}
  for i, number in ipairs(numbers) do list[i] = self:row(number, {}) end
  return { rows = list, const = self.const, units = self.units }
end

---The rows as batches of Lua tables, one after another.
---@return fun(): usagelua.batch?
function methods:batches()
  local first, chosen = 1, self.chosen
  local count = #(chosen or self.rows)
  return function()
    if first > count then return nil end
    local numbers = {}
    for i = first, math.min(first + SLICE_ROWS - 1, count) do
      numbers[#numbers + 1] = chosen and chosen:number(i) or i
    end
    first = first + SLICE_ROWS
    return self:batch(numbers)
  end
end

-- As they are read ---------------------------------------------------------

-- How figures of a column are given in their measure's own unit; nothing where
-- they are no measure's.
local function scale_of(self, index, name)
  local measure = index.measures[name]
  if self.kinds[self.index[name]] ~= "number" or not measure then return {} end
  local unit = self.units[name] or index:unit(self.const.dataset, name) or "1"
  local numerator, denominator = units.ratio(unit, measure.unit)
  return { numerator = numerator, denominator = denominator }
end

---The rows as they stand.
---@param names string[] of the columns that are shown
---@param index usagelua.schema_index? in whose units figures are given; nil: as they are
---@return usagelua.core.rows.view
function methods:view(names, index)
  local columns = {}
  for i, name in ipairs(names) do
    columns[i] = index and scale_of(self, index, name) or {}
    columns[i].column = self.index[name]
  end
  return core.rows.view(self.rows, columns)
end

-- The names that any row has.
local function present_names(self)
  local names, view <close> = {}, self:view(self.names)
  for i, kind in ipairs(view:types()) do
    if kind then names[#names + 1] = self.names[i] end
  end
  return names
end

---The columns of which any row has a value: by name, what their values are together.
---@param index usagelua.schema_index? in whose units figures are given; nil: as they are
---@return table<string, "text"|"boolean"|"integer"|"number">
function methods:types(index)
  local names, types = present_names(self), {}
  local view <close> = self:view(names, index)
  for i, kind in ipairs(view:types()) do types[names[i]] = kind end
  return types
end

return column_rows
