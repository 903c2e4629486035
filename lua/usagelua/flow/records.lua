-- Turns the items of an answer into records: fields by their paths, one
-- record per member where the dataset says `each`, numbers that no field
-- names kept under their own name.

local appearance = require "usagelua.flow.appearance"
local errors = require "usagelua.errors"
local fields = require "usagelua.flow.fields"
local measures = require "usagelua.measures"
local members = require "usagelua.flow.members"
local once = require "usagelua.once"
local order = require "usagelua.order"
local pages = require "usagelua.flow.pages"
local path = require "usagelua.flow.path"
local selection = require "usagelua.flow.selection"
local values = require "usagelua.flow.values"

local records = {}

-- Unnamed numbers ----------------------------------------------------------

-- Names that a field or an `each` reads: those directly below the item, and
-- those below the members of a container.
local function named_in(dataset)
  local named = {}
  local function add(text)
    if not text then return end
    named[path.head(text) or text] = true
    named[text] = true
  end
  for _, field in pairs(dataset.fields) do
    add(field[1])
    add(field.else_path)
  end
  return named
end

named_in = once.of(named_in)

-- Columns that every record has beside its own.
local OURS <const> = { complete = true, marks = true }

-- The column of a number that no field names.
local function own_name(dataset, key)
  local taken = dataset.fields[key] or OURS[key] or measures.is_known(key)
    or measures.is_column(key)
  return taken and "raw_" .. key or key
end

-- A number that the vendor sends and no field names is data, not noise.
local function keep_unnamed(row, object, mapper, prefix)
  if type(object) ~= "table" then return end
  for key, value in pairs(object) do
    if type(value) == "number" and type(key) == "string" and not mapper.named[prefix .. key] then
      row[own_name(mapper.dataset, key)] = value
    end
  end
end

-- Of a member; what the item around it holds is not the member's, and would
-- be counted once for each.
local function keep_unnamed_parts(row, member, mapper)
  for _, container in ipairs(order.keys(member.parts)) do
    local prefix = member.place.key and container .. ".{key}." or ""
    keep_unnamed(row, member.parts[container], mapper, prefix)
  end
end

-- One item -----------------------------------------------------------------

-- "data.products{}" and "automation" → "data.products.automation"
local function place_name(dataset, key)
  if type(key) ~= "string" then return dataset.rows or "" end
  return (dataset.rows:gsub("%.?{}$", "") .. "." .. key):gsub("^%.", "")
end

local function read_item(mapper, item, key, side)
  local prefix = place_name(mapper.dataset, key)
  local place = { item = item, key = key, side = side }
  if mapper.appearance then mapper.appearance:item(place) end
  local row, err, row_marks = fields.read(mapper.fields, place, prefix)
  if not row then return nil, err end
  mapper.marks[row] = row_marks
  keep_unnamed(row, item, mapper, "")
  return { row }
end

local function read_member(mapper, member, item, side, prefix)
  local place = member.place
  place.side, place.outer = side, item
  local row, err, row_marks = fields.read(mapper.fields, place, prefix)
  if not row then return nil, err end
  mapper.marks[row] = row_marks
  keep_unnamed_parts(row, member, mapper)
  return row
end

local function read_members(mapper, item, key, side)
  local prefix, rows = place_name(mapper.dataset, key), {}
  local list, err = members.of(item, mapper.each, prefix)
  if not list then return nil, err end
  if #list == 0 and mapper.dataset.each_optional then
    list = { { place = { item = item }, parts = {} } }
  end
  for index, member in ipairs(list) do
    rows[index], err = read_member(mapper, member, item, side, prefix)
    if err then return nil, err end
  end
  return rows
end

-- Figures that are none in their measure's own unit, of 64 bits.
local function check_size(mapper, rows, prefix)
  for name, most in pairs(fields.most(mapper.units)) do
    for _, row in ipairs(rows) do
      local value = row[name]
      if math.type(value) == "integer" and (value > most or value < -most) then
        return values.mismatch(prefix == "" and name or prefix .. ": " .. name,
          ("at most %d %s (more do not fit into 64 bits in the measure's own unit)"):format(most,
            mapper.units[name]), value)
      end
    end
  end
  return rows
end

-- Rows whose period was asked for, named as ours.
local function dated(mapper, rows)
  local kept = {}
  for _, row in ipairs(rows) do
    local counts, err = mapper.date(row)
    if counts == nil then return nil, err end
    if counts then kept[#kept + 1] = row end
  end
  return kept
end

-- What the description's own function makes of the records. It may refuse
-- what the vendor sent; its own mistakes go on as such.
local function bent(mapper, rows, item)
  local bend, kept = mapper.dataset.record, {}
  if not bend then return rows end
  for _, row in ipairs(rows) do
    local ok, verdict = pcall(bend, row, item, mapper.sent)
    if not ok and errors.is(verdict) and verdict.kind == "shape" then return nil, verdict end
    if not ok then error(verdict, 0) end
    if verdict ~= false then kept[#kept + 1] = row end
  end
  return kept
end

---@class usagelua.record_mapper
---@field marks table<table, table<string, usagelua.mark>> by row
---@field units table<string, string> measure → unit of the raw numbers
local methods = {}
local metatable = { __name = "usagelua.record_mapper", __index = methods }

---The records of one item.
---@param item any
---@param key string? under which it stood in its object
---@param side table<string, any> values from the document's root
---@return table[]? rows
---@return usagelua.error? err of kind "shape"
function methods:map(item, key, side)
  if type(item) ~= "table" and not self.takes_values then
    return values.mismatch(place_name(self.dataset, key), "an object", item)
  end
  local read = self.each and read_members or read_item
  local rows, err = read(self, item, key, side)
  if rows and self.date then rows, err = dated(self, rows) end
  if rows then rows, err = bent(self, rows, item) end
  if not rows then return nil, err end
  return check_size(self, rows, place_name(self.dataset, key))
end

---Whether an item is still awaited that has a field which the dataset awaits.
---@return boolean
function methods:is_waiting()
  return self.appearance ~= nil and self.appearance:is_waiting()
end

---Whether the items that came had every field that the dataset awaits.
---@return boolean? ok
---@return usagelua.error? err of kind "shape"
function methods:judge()
  if not self.appearance then return true end
  return self.appearance:judge()
end

---The marks of these rows as a batch has them.
---@param rows table[]
---@return table<integer, table<string, usagelua.mark>>? marks nil where there are none
function methods:marks_of(rows)
  if not next(self.marks) then return nil end
  local list = {}
  for index, row in ipairs(rows) do list[index] = self.marks[row] end
  return list
end

local function has_figure(row, described)
  for name in pairs(row) do
    if described[name] and fields.is_measure(name, described[name]) then return true end
  end
  return false
end

---The further records that a whole answer gives, those without a figure left
---out.
---@param side table<string, any>
---@return table[]? rows
---@return usagelua.error? err of kind "shape"
function methods:also(side)
  local rows = {}
  for _, also in ipairs(self.further) do
    local row, err = fields.read(also.fields, { side = side }, "")
    if not row then return nil, err end
    if has_figure(row, also.described) then rows[#rows + 1] = row end
  end
  return rows
end

---The account that an answer names, also where it holds no rows.
---@param side table<string, any>
---@return string?
function methods:account(side)
  for _, compiled in ipairs(self.fields) do
    if compiled.name == "account" then
      local row = fields.read({ compiled }, { side = side }, "")
      return row and row.account
    end
  end
end

local function takes_values(described)
  for _, field in pairs(described) do
    if field[1] == "." then return true end
  end
  return false
end

takes_values = once.of(takes_values)

local compiled_each = once.of(members.compile)

local NONE <const> = {}

local function dates(described, sent)
  return described and require("usagelua.flow.row_period").applied(described, sent)
end

---A mapper for one request of a dataset.
---@param dataset table
---@param sent table<string, any> what templates and `param` fields see
---@return usagelua.record_mapper
function records.mapper(dataset, sent)
  local further = NONE
  for index, also in ipairs(dataset.also or NONE) do
    if index == 1 then further = {} end
    further[index] = { described = also.fields, fields = fields.compile(also.fields, sent) }
  end
  local compiled = fields.compile(dataset.fields, sent)
  return setmetatable({
    dataset = dataset, sent = sent, further = further, named = named_in(dataset),
    fields = compiled, units = fields.units(dataset.fields, sent),
    appearance = appearance.of(dataset, compiled), date = dates(dataset.row_period, sent),
    each = dataset.each and compiled_each(dataset.each),
    takes_values = takes_values(dataset.fields), marks = {},
  }, metatable)
end

-- A dataset's records as a whole -------------------------------------------

local function each_field(dataset, fn)
  for name, field in pairs(dataset.fields) do fn(name, field) end
  for part, also in ipairs(dataset.also or {}) do
    for name, field in pairs(also.fields) do fn(name, field, part) end
  end
end

---The side values (name = path) that a dataset's fields read.
---@param dataset table
---@return table<string, string>
records.side_paths = once.of(function(dataset)
  local paths = {}
  each_field(dataset, function(_, field)
    for _, text in ipairs { field[1] or "", field.else_path } do
      local root = path.from_root(text)
      if root then paths[root] = root end
    end
  end)
  return paths
end)

local schema_of = once.of(function(dataset)
  local columns, declared, seen = {}, {}, {}
  each_field(dataset, function(name, field, part)
    if fields.is_measure(name, field) then
      local is_beside = dataset.fields[name] == nil
      declared[name] = fields.measure(name, field)
      declared[name].of = declared[name].of or dataset.of
      declared[name].part = is_beside and part or nil
    elseif not seen[name] then
      seen[name] = true
      columns[#columns + 1] = name
    end
  end)
  table.sort(columns)
  return { columns = columns, measures = declared }
end)

---Columns and measures that a dataset's records can have, for its schema.
---@param dataset table
---@return string[] columns sorted
---@return table<string, usagelua.measure> measures
function records.schema(dataset)
  local made = schema_of(dataset)
  return made.columns, made.measures
end

---What is read of an item for these columns: an answer holds more than a rule
---names.
---@param dataset table
---@param columns table<string, true>? nil: all
---@return usagelua.selection? selection nil: the whole item
function records.selected(dataset, columns)
  if not columns or dataset.record or takes_values(dataset.fields) then return nil end
  local selected = selection.of(dataset, columns)
  return #selected.paths > 0 and selected or nil
end

---Whether items that become rows are read whole, though columns are named.
---@param dataset table
---@return boolean
function records.needs_items(dataset)
  return appearance.is_asked(dataset) or dataset.expect ~= nil or dataset.row_period ~= nil
    or pages.needs_rows(dataset.pages)
end

---The paths that the reader has to build of an item that becomes rows.
---@param dataset table
---@param columns table<string, true>? nil: all
---@return string[]? paths nil: the whole item
function records.selection(dataset, columns)
  if records.needs_items(dataset) then return nil end
  local selected = records.selected(dataset, columns)
  return selected and selected.paths
end

return records
