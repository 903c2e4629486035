-- What the datasets in reach have: which columns, which measures. Rules are
-- checked against it before anything is asked; it also says what a failed window
-- could have brought.

local errors = require "usagelua.errors"
local measures = require "usagelua.measures"
local once = require "usagelua.once"
local order = require "usagelua.order"

local schema = {}

---@class usagelua.dataset_schema one query's dataset
---@field name string "testmu.summary"
---@field counts string? label of the usage it counts; equal labels are never added
---@field columns (string|table)[]? text columns, or { name =, type = }; nil: not known beforehand
---@field measures table<string, usagelua.measure>
---@field periods table[]? spans asked for: from and to as epoch seconds (or [1] and [2]), label
---@field const table? constant columns of the query: vendor, dataset, account, user_type, …
---@field identity table? parameters that make its usage another one than its sister query's;
---const by default
---@field of string? the dimension that every figure of its rows belongs to one of
---@field may_contain (table<string, string>|true)? column = value of rows that may contain the
---others; true: any row may
---@field open boolean? it may bring measures that are not listed
---@field mixed boolean? its rows hold figures of other datasets too, as those of a join do
---@field closed boolean? it has the listed columns only, not even those of its origin

---@class usagelua.schema
---@field datasets usagelua.dataset_schema[]

---@class usagelua.schema_column
---@field name string
---@field type "text"|"boolean"|"number"|"integer"|"any"
---@field measure boolean
---@field unit string?
---@field kind string?

local methods = {}
local metatable = { __name = "usagelua.schema_index", __index = methods }

local function column_of(entry)
  if type(entry) == "table" then
    return entry.name, entry.type or measures.column_type(entry.name)
  end
  return entry, measures.column_type(entry)
end

local function named_columns(list)
  local columns = {}
  for _, entry in ipairs(list) do
    local name, kind = column_of(entry)
    columns[name] = kind
  end
  return columns
end

-- A thousand queries of a dataset name the same ones, in the same tables.
local columns_with = once.of_both(function(list, const)
  local columns = named_columns(list)
  for name in pairs(const) do columns[name] = columns[name] or measures.column_type(name) end
  for _, name in ipairs(measures.origin_columns) do columns[name] = "text" end
  return columns
end)

local NOTHING <const> = {}

local function columns_of(dataset)
  if dataset.closed then return named_columns(dataset.columns) end
  return columns_with(dataset.columns, dataset.const or NOTHING)
end

local function const_of(dataset)
  local given = dataset.const
  if given and (dataset.closed or given.dataset and given.vendor) then return given end
  local const = {}
  for name, value in pairs(given or {}) do const[name] = value end
  if not dataset.closed then
    const.dataset = const.dataset or dataset.name
    const.vendor = const.vendor or dataset.name:match "^[^.]*"
  end
  return const
end

local completed = once.of(function(declared)
  local list = {}
  for name, measure in pairs(declared) do list[name] = measures.complete(name, measure) end
  return list
end)

-- What comes out of a rule is what the rule made of it, and is not filled in.
local function measures_of(dataset)
  if dataset.closed then return dataset.measures end
  return completed(dataset.measures or NOTHING)
end

local function normal(dataset)
  local const = const_of(dataset)
  return {
    name = dataset.name, counts = dataset.counts, measures = measures_of(dataset),
    columns = dataset.columns and columns_of(dataset), open = dataset.open, mixed = dataset.mixed,
    of = dataset.of, may_contain = dataset.may_contain,
    periods = dataset.periods or {}, const = const, identity = dataset.identity or const,
  }
end

local function refuse_two_kinds(name, a, b)
  errors.raise_usage("measure '%s' adds up in two ways: %s in %s, %s in %s; "
    .. "name one dataset in where", name, a.kind, a.from, b.kind, b.from)
end

-- One measure over all datasets: it may be negative as soon as it may in one.
local function add_measure(index, dataset, name, measure)
  local known = index.measures[name]
  if not known then
    known = { unit = measure.unit or "1", kind = measure.kind or "unknown", from = dataset.name,
      part = measure.part }
    index.measures[name] = known
  elseif known.kind ~= (measure.kind or "unknown") then
    known.clash = known.clash or { kind = measure.kind or "unknown", from = dataset.name }
  end
  if known.part ~= measure.part then known.part = nil end
  known.of = known.of or measure.of
  known.per = known.per or measure.per
  known.shared = known.shared or measure.shared
  known.negative = known.negative or measure.negative
  known.single = known.single or measure.single
  known.counted = measure.counted and known.counted ~= false
end

local SHAPE <const> = { "name", "columns", "const", "of", "may_contain", "open", "mixed" }

local function is_alike(a, b)
  for _, key in ipairs(SHAPE) do
    if a[key] ~= b[key] then return false end
  end
  return true
end

-- Whether one with the same columns and measures is there already: for names
-- they are one.
local function is_known(shapes, dataset)
  local alike = shapes[dataset.measures] or {}
  shapes[dataset.measures] = alike
  for _, known in ipairs(alike) do
    if is_alike(known, dataset) then return true end
  end
  alike[#alike + 1] = dataset
  return false
end

local function add_dataset(index, dataset)
  index.any_column = index.any_column or not dataset.columns
  index.open = index.open or dataset.open
  index.any_of = index.any_of or dataset.of
  index.any_contains = index.any_contains or dataset.may_contain
  for name, kind in pairs(dataset.columns or {}) do index.columns[name] = kind end
  for name, measure in pairs(dataset.measures) do add_measure(index, dataset, name, measure) end
  local entries = index.by_name[dataset.name] or {}
  entries[#entries + 1] = dataset
  index.by_name[dataset.name] = entries
  index.different[#index.different + 1] = dataset
end

local function index_of(datasets)
  local index = setmetatable({
    datasets = datasets, different = {}, by_name = {}, columns = {}, measures = {},
    open = false, any_column = false,
  }, metatable)
  local shapes = {}
  for _, dataset in ipairs(datasets) do
    if not is_known(shapes, dataset) then add_dataset(index, dataset) end
  end
  return index
end

---@class usagelua.schema_index what all datasets of a schema have together
---@field datasets table[] one for each query
---@field different table[] those among them that differ in more than what they were asked for

---@param s usagelua.schema which stays as it is
---@return usagelua.schema_index
schema.index = once.of(function(s)
  local datasets = {}
  for i, dataset in ipairs(s.datasets) do datasets[i] = normal(dataset) end
  return index_of(datasets)
end)

---@class usagelua.result_column
---@field name string
---@field type "text"|"boolean"|"number"|"integer"
---@field measure boolean?
---@field unit string?
---@field kind string?
---@field heading string? for people, in place of the name
---@field qualifier string? behind the heading of the column that it is `of`
---@field of usagelua.result_column?

---An index of a result's own columns, for conditions on its rows.
---@param columns usagelua.result_column[]
---@return usagelua.schema_index
function schema.of_columns(columns)
  local index = index_of {}
  for _, column in ipairs(columns) do
    if column.measure then
      index.measures[column.name] = { unit = column.unit or "1", kind = column.kind or "unknown" }
    else
      index.columns[column.name] = column.type
    end
  end
  return index
end

---The same without the datasets that the function refuses.
---@param keep fun(dataset: table): boolean
---@return usagelua.schema_index
function methods:within(keep)
  local datasets = {}
  for _, dataset in ipairs(self.datasets) do
    if keep(dataset) then datasets[#datasets + 1] = dataset end
  end
  if #datasets == #self.datasets then return self end
  return index_of(datasets)
end

---The names that a rule may use.
---@return string[]
function methods:names()
  local names = {}
  for name in pairs(self.columns) do names[name] = true end
  for name in pairs(self.measures) do names[name] = true end
  return order.keys(names)
end

---@return string[]
function methods:measure_names()
  return order.keys(self.measures)
end

---@param name string
---@return usagelua.measure?
function methods:measure(name)
  local measure = self.measures[name]
  if measure and measure.clash then refuse_two_kinds(name, measure, measure.clash) end
  return measure
end

---@param name string
---@return usagelua.schema_column? column nil where no dataset has it
function methods:column(name)
  local measure = self.measures[name]
  if measure then
    return {
      name = name, type = "number", measure = true, unit = measure.unit, kind = measure.kind,
    }
  end
  local kind = self.columns[name] or (self.any_column and "any")
  return kind and { name = name, type = kind, measure = false } or nil
end

---The column, or a usage error with the nearest name.
---@param name any
---@param what string? what is looked for, "column" by default
---@return usagelua.schema_column
function methods:need(name, what)
  local column = type(name) == "string" and self:column(name)
  if not column then
    errors.raise_usage("%s", errors.unknown(what or "column", name, self:names()))
  end
  return column
end

local function has_name(dataset, name)
  if dataset.measures[name] or not dataset.columns then return true end
  return dataset.columns[name] ~= nil or dataset.const[name] ~= nil
end

---Is it certain that no row of the dataset has this column or measure? An unlisted
---field that bears the name of another dataset's measure is not that measure.
---@param dataset string?
---@param name string
---@return boolean
function methods:lacks(dataset, name)
  local entries = self.by_name[dataset]
  if not entries then return false end
  for _, entry in ipairs(entries) do
    if has_name(entry, name) then return false end
    if entry.open and not (self.columns[name] or self.measures[name]) then return false end
  end
  return true
end

---Do the dataset's rows hold figures of other datasets too?
---@param dataset string?
---@return boolean
function methods:mixes(dataset)
  for _, entry in ipairs(self.by_name[dataset] or {}) do
    if entry.mixed then return true end
  end
  return false
end

---The unit of a measure's numbers where a batch says nothing else.
---@param dataset string?
---@param name string
---@return string?
function methods:unit(dataset, name)
  for _, entry in ipairs(self.by_name[dataset] or {}) do
    local measure = entry.measures[name]
    if measure then return measure.unit or "1" end
  end
  local measure = self.measures[name]
  return measure and measure.unit
end

---Does a value of this measure belong to one thing each, as a team's does?
---@param dataset string?
---@param name string
---@return string? dimension
function methods:of(dataset, name)
  local own
  for _, entry in ipairs(self.by_name[dataset] or {}) do
    local measure = entry.measures[name]
    if measure then return measure.of end
    own = own or entry.of
  end
  local measure = self.measures[name]
  return measure and measure.of or own
end

---Which rows may contain the figures of the others?
---@param dataset string? nil: rows of a rule's result, which may be any dataset's
---@return table<string, string>|true|nil condition column = value; true: any row
function methods:may_contain(dataset)
  if not dataset then return self.any_contains end
  for _, entry in ipairs(self.by_name[dataset] or {}) do
    if entry.may_contain then return entry.may_contain end
  end
end

return schema
