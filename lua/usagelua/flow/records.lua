-- Turns the items of an answer into records: fields by their paths, one
-- record per key where the dataset says `each`, numbers that no field names
-- kept under their own name. Figures stay in the vendor's unit; the batch
-- says which (`units`).

local core = require "usagelua.core"
local errors = require "usagelua.errors"
local measures = require "usagelua.measures"
local path = require "usagelua.flow.path"
local template = require "usagelua.flow.template"
local values = require "usagelua.flow.values"

local records = {}

local NULL = core.json.null
local BOOLEAN = { has_access = true }

local function reader_of(name, field)
  if measures.is_known(name) or field.kind then return values.measure end
  if BOOLEAN[name] then return values.boolean end
  return values.text
end

local function compile_field(name, field, query_values)
  local compiled = { name = name, field = field, read = reader_of(name, field) }
  compiled.is_measure = compiled.read == values.measure
  if field.value ~= nil then
    compiled.constant = field.value
  elseif field.param then
    compiled.constant = query_values[field.param]
  else
    compiled.path = field[1]
    compiled.get = path.compile(field[1])
    compiled.get_else = field.else_path and path.compile(field.else_path)
  end
  return compiled
end

local function compile_fields(fields, query_values)
  local list = {}
  for name, field in pairs(fields) do list[#list + 1] = compile_field(name, field, query_values) end
  table.sort(list, function(a, b) return a.name < b.name end)
  return list
end

local function units_of(fields, query_values)
  local units = {}
  for name, field in pairs(fields) do
    if field.unit and measures.is_known(name) then
      units[name] = template.fill(field.unit, query_values)
    end
  end
  return units
end

local function named_fields(fields)
  local named = {}
  for _, field in pairs(fields) do
    for _, text in ipairs { field[1] or "", field.else_path } do
      named[path.head(text) or ""] = true
    end
  end
  return named
end

local function fill(row, fields, place, prefix)
  for _, compiled in ipairs(fields) do
    local value = compiled.constant
    if value == nil then
      local raw = compiled.get(place)
      if (raw == nil or raw == NULL) and compiled.get_else then raw = compiled.get_else(place) end
      local err
      value, err = compiled.read(raw, compiled.field, prefix .. "." .. compiled.path)
      if err then return nil, err end
    end
    row[compiled.name] = value
  end
  return row
end

-- A number that the vendor sends and no field names is data, not noise.
local function keep_unnamed(row, item, named)
  if type(item) ~= "table" then return end
  for key, value in pairs(item) do
    if type(value) == "number" and type(key) == "string" and not named[key] then
      local ours = measures.is_known(key) or measures.is_column(key)
      row[ours and "raw_" .. key or key] = value
    end
  end
end

local function keys_of_each(item, each)
  local keys, seen = {}, {}
  for _, text in ipairs(each) do
    local object = path.compile(text:gsub("{}$", ""))({ item = item })
    for key in pairs(type(object) == "table" and object or {}) do
      if not seen[key] then seen[key] = true; keys[#keys + 1] = key end
    end
  end
  table.sort(keys)
  return keys
end

---@class usagelua.record_mapper
---@field units table<string, string> measure → unit of the raw numbers
---@field map fun(item: any, key: any, side: table): table[]?, usagelua.error?
---@field also fun(side: table): table[]?, usagelua.error?

local function place_name(dataset, key)
  local rows = dataset.rows
  if type(key) == "string" then return (rows:gsub("{}$", "." .. key)) end
  return rows
end

local function make_map(dataset, fields, named, finish)
  local each = dataset.each
  return function(item, key, side)
    local place = { item = item, key = key, side = side }
    local prefix = place_name(dataset, key)
    if not each then
      local row, err = fill({}, fields, place, prefix)
      if not row then return nil, err end
      keep_unnamed(row, item, named)
      return finish({ row }, item)
    end
    local rows, keys = {}, keys_of_each(item, each)
    if #keys == 0 and dataset.each_optional then keys = { false } end
    for _, each_key in ipairs(keys) do
      place.key = each_key or nil
      local row, err = fill({}, fields, place, prefix)
      if not row then return nil, err end
      rows[#rows + 1] = row
    end
    return finish(rows, item)
  end
end

local function make_finish(dataset, window)
  if not dataset.record then return function(rows) return rows end end
  return function(rows, item)
    local kept = {}
    for _, row in ipairs(rows) do
      if dataset.record(row, item, window) ~= false then kept[#kept + 1] = row end
    end
    return kept
  end
end

local function make_also(dataset, query_values)
  local all = {}
  for index, also in ipairs(dataset.also or {}) do
    all[index] = compile_fields(also.fields, query_values)
  end
  return function(side)
    local rows = {}
    for index, fields in ipairs(all) do
      local row, err = fill({}, fields, { item = {}, side = side }, "")
      if not row then
        err.message = err.message:gsub("^%.%$%.", "")
        return nil, err
      end
      rows[index] = row
    end
    return rows
  end
end

---A mapper for one request of a dataset.
---@param dataset table
---@param query_values table<string, any> what templates and `param` fields see
---@return usagelua.record_mapper
function records.mapper(dataset, query_values)
  local fields = compile_fields(dataset.fields, query_values)
  return {
    units = units_of(dataset.fields, query_values),
    map = make_map(dataset, fields, named_fields(dataset.fields),
      make_finish(dataset, query_values)),
    also = make_also(dataset, query_values),
  }
end

local function add_root(paths, text)
  local root = text and path.from_root(text)
  if root then paths[root] = root end
end

---The side values (name = path) that a dataset's descriptions ask for.
---@param dataset table
---@return table<string, string>
function records.side_paths(dataset)
  local paths = {}
  local function add_fields(fields)
    for _, field in pairs(fields) do
      add_root(paths, field[1])
      add_root(paths, field.else_path)
    end
  end
  add_fields(dataset.fields)
  for _, also in ipairs(dataset.also or {}) do add_fields(also.fields) end
  return paths
end

---Columns and measures that a dataset's records can have, for its schema.
---@param dataset table
---@return string[] columns, table<string, table> declared measures
function records.schema(dataset)
  local columns, declared, seen = {}, {}, {}
  local function add(fields)
    for name, field in pairs(fields) do
      if measures.is_known(name) or field.kind then
        declared[name] = measures.resolve(name, field.kind and field or nil)
      elseif not seen[name] then
        seen[name] = true
        columns[#columns + 1] = name
      end
    end
  end
  add(dataset.fields)
  for _, also in ipairs(dataset.also or {}) do add(also.fields) end
  table.sort(columns)
  return columns, declared
end

---Raises where a path is none; called when a vendor is loaded.
function records.check(dataset)
  for name, field in pairs(dataset.fields) do
    if field[1] then path.check(field[1], dataset.name .. ".fields." .. name) end
    if field.param and not dataset.params[field.param] then
      errors.raise_usage("%s.fields.%s: %s", dataset.name, name,
        errors.unknown("parameter", field.param, {}))
    end
  end
end

return records
