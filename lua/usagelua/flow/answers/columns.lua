-- JSON whose rows are arrays, and whose columns are named apart from them, in
-- front of the rows or behind. Rows that come first wait for the names.

local core = require "usagelua.core"
local errors = require "usagelua.errors"
local path = require "usagelua.flow.path"
local values = require "usagelua.flow.values"

local columns = {
  accept = "application/json",
  help = "rows at the path `rows` are arrays, `columns` is the path of their names: "
    .. "`meta.columns[]`, or `meta.columns[].name` where objects describe them; a row of another "
    .. "length is an error",
  has_side = true, has_path = true,
}

-- Rows that wait for their names, at most.
local WAITING <const> = 200000

-- "meta.columns[].name" → "meta.columns", "name"
local function split(text)
  return text:match "^(.-)%[%]%.?(.*)$"
end

-- Names --------------------------------------------------------------------

local function name_at(described, get, place)
  local name = described
  if get then name = type(described) == "table" and get { item = described } or nil end
  if type(name) ~= "string" then return values.mismatch(place, "the name of a column", name) end
  return name
end

-- The names in their order, each once.
local function read_names(list, get, text)
  if type(list) ~= "table" or #list == 0 then return values.mismatch(text, "a list of columns", list) end
  local names, seen = {}, {}
  for index, described in ipairs(list) do
    local name, err = name_at(described, get, text)
    if not name then return nil, err end
    if seen[name] then
      return nil, errors.new { kind = "shape", code = "duplicate",
        message = ("%s: two columns are named %s"):format(text, values.shown(name)) }
    end
    names[index], seen[name] = name, true
  end
  return names, seen
end

-- The reader ---------------------------------------------------------------

local methods = {}
local metatable = { __name = "usagelua.columns_reader", __index = methods }

local function fail(self, err)
  self.problem = err
  self:discard()
  return nil
end

-- A field that names no column would never have a value.
local function check_named(self, seen)
  for _, name in ipairs(self.wanted) do
    if not seen[name] then
      return nil, errors.new { kind = "shape", code = "columns",
        message = ("%s: no column is named %s; there are %s"):format(self.dataset.columns,
          values.shown(name), values.shown(table.concat(self.names, ", "))) }
    end
  end
  return true
end

-- The names, once they have come.
local function take_names(self)
  if self.names or self.problem then return self.names end
  local list = self.sink:side()[self.container]
  if list == nil or list == core.json.null then return nil end
  local names, seen = read_names(list, self.get_name, self.dataset.columns)
  if not names then return fail(self, seen) end
  self.names = names
  local ok, err = check_named(self, seen)
  if not ok then return fail(self, err) end
  return names
end

local function late(self)
  return fail(self, errors.new { kind = "limit",
    message = ("%s stands behind more than %d rows"):format(self.dataset.columns, WAITING) })
end

local function wait(self, row, ...)
  if row == nil then return nil end
  self.waiting[#self.waiting + 1] = table.pack(row, ...)
  if #self.waiting <= WAITING then return wait(self, self.sink:next()) end
  return late(self)
end

-- An array as the object that it stands for.
local function as_object(self, row, ...)
  if row == nil then return nil end
  local names, place = self.names, self.dataset.rows
  if type(row) ~= "table" or #row == 0 and next(row) ~= nil then
    return fail(self, select(2, values.mismatch(place, "a list", row)))
  elseif #row ~= #names then
    return fail(self, errors.new { kind = "shape", code = "length",
      message = ("%s: a row of %d values, %d columns are named"):format(place, #row, #names) })
  end
  local object, given = {}, self.given
  for index, name in ipairs(names) do
    if not given or given[name] then object[name] = row[index] end
  end
  return object, ...
end

---Whether the names have come that rows have to have first.
---@return usagelua.error? problem
---@return boolean waits they have not
function methods:begun()
  if not take_names(self) and not self.problem and self.sink:count() > WAITING then late(self) end
  return self.problem, not self.names
end

---A row that was kept as it came, as the object that it stands for.
methods.as_item = as_object

function methods:next()
  if self.problem then return nil end
  if not take_names(self) then
    if not self.problem then wait(self, self.sink:next()) end
    return nil
  end
  local waiting = self.waiting[self.first]
  if not waiting then return as_object(self, self.sink:next()) end
  self.waiting[self.first], self.first = nil, self.first + 1
  return as_object(self, table.unpack(waiting, 1, waiting.n))
end

function methods:discard()
  if self.problem then
    self.waiting, self.first = {}, 1
    return self.sink:discard()
  end
  while self:next() ~= nil do end
end

function methods:finish()
  local ok, err = self.sink:finish()
  if not ok then return nil, err end
  if not take_names(self) and not self.problem and self.sink:count() > 0 then
    fail(self, errors.new { kind = "shape",
      message = ("no %s in the answer"):format(self.dataset.columns) })
  end
  if self.problem then return nil, self.problem end
  return true
end

function methods:count() return self.sink:count() end

function methods:found() return self.sink:found() end

function methods:side() return self.sink:side() end

function methods:close() self.sink:close() end

metatable.__close = methods.close

-- The kind -----------------------------------------------------------------

-- The columns that fields cannot do without.
local function wanted(dataset)
  local list = {}
  for _, field in pairs(dataset.fields) do
    local name = field[1] and not field.else_path and not field.null and path.head(field[1])
    if name then list[#list + 1] = name end
  end
  table.sort(list)
  return list
end

columns.wanted = wanted

-- The columns of a row that are read; nil: all.
local function given(selected)
  if not selected then return nil end
  local names = {}
  for _, one in ipairs(selected) do names[path.first(one)] = true end
  return names
end

function columns.open(dataset, side, selected, is_whole)
  local container, name = split(dataset.columns)
  local sides = { [container] = container }
  for key, text in pairs(side) do sides[key] = text end
  return setmetatable({
    dataset = dataset, container = container, get_name = name ~= "" and path.compile(name) or nil,
    sink = core.json.reader { rows = dataset.rows, side = sides, fields = selected,
      arrays = { at = container, name = name } }, wanted = wanted(dataset),
    given = given(not is_whole and selected or nil), waiting = {}, first = 1,
  }, metatable)
end

function columns.check(dataset, place)
  if type(dataset.columns) ~= "string" or not split(dataset.columns) then
    errors.raise_usage("%s.columns: where rows are arrays of JSON it is a path with []: "
      .. "'meta.columns[]', 'columns[].name'", place)
  end
  local container, name = split(dataset.columns)
  path.check(container, place .. ".columns")
  if name ~= "" then path.check(name, place .. ".columns") end
  if not dataset.rows:find "%[%]$" then
    errors.raise_usage("%s.rows: rows under columns are items of a list, 'rows[]'", place)
  end
end

return columns
