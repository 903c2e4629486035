-- The fields of a dataset: where each column and measure of a record comes
-- from, and what it is. Figures stay in the vendor's unit.

local core = require "usagelua.core"
local errors = require "usagelua.errors"
local measures = require "usagelua.measures"
local once = require "usagelua.once"
local path = require "usagelua.flow.path"
local template = require "usagelua.flow.template"
local units = require "usagelua.units"
local values = require "usagelua.flow.values"

local fields = {}

local NULL <const> = core.json.null
local BOOLEAN <const> = { has_access = true }

---@class usagelua.compiled_field
---@field name string column or measure
---@field constant any the value, where it needs no item
---@field param string? whose value it is
---@field get (fun(place: usagelua.place): any, any)?
---@field get_else (fun(place: usagelua.place): any, any)?
---@field read fun(value: any, field: table, path: string): any, usagelua.error?

---@param name string
---@param field table
---@return boolean
function fields.is_measure(name, field)
  return measures.is_known(name) or field.kind ~= nil
end

---@param name string
---@return boolean
function fields.is_boolean(name)
  return BOOLEAN[name] == true
end

---What its values are.
---@param name string
---@param field table
---@return "number"|"boolean"|"text"
function fields.type(name, field)
  if fields.is_measure(name, field) then return "number" end
  return BOOLEAN[name] and "boolean" or "text"
end

local READERS <const> = {
  number = values.measure, boolean = values.boolean, text = values.text,
}

local function compile_one(name, field)
  local compiled = { name = name, field = field, path = field[1], param = field.param }
  if field.value ~= nil then
    compiled.constant, compiled.param = field.value, nil
  elseif not field.param then
    compiled.read = READERS[fields.type(name, field)]
    compiled.get = path.compile(field[1])
    compiled.get_else = field.else_path and path.compile(field.else_path)
  end
  return compiled
end

-- Without the values of parameters; and the places of those.
local unfilled = once.of(function(described)
  local list, params = {}, {}
  for name, field in pairs(described) do list[#list + 1] = compile_one(name, field) end
  table.sort(list, function(a, b) return a.name < b.name end)
  for place, compiled in ipairs(list) do
    if compiled.param then params[#params + 1] = place end
  end
  return { list = list, params = params }
end)

local function filled(compiled, sent)
  local copy = {}
  for key, value in pairs(compiled) do copy[key] = value end
  copy.constant = template.column(sent[compiled.param])
  return copy
end

---@param described table<string, table> the description's `fields`
---@param sent table<string, any> what templates and `param` fields see
---@return usagelua.compiled_field[] sorted by name, not to be changed
function fields.compile(described, sent)
  local made = unfilled(described)
  if #made.params == 0 then return made.list end
  local list = table.move(made.list, 1, #made.list, 1, {})
  for _, place in ipairs(made.params) do list[place] = filled(list[place], sent) end
  return list
end

-- An empty text names nobody.
local function holds_nothing(value)
  return value == nil or value == NULL or value == ""
end

local function spell_place(compiled, prefix)
  if compiled.path == "." then return prefix end
  local root = path.from_root(compiled.path)
  if root or prefix == "" then return root or compiled.path end
  return ("%s.%s"):format(prefix, compiled.path)
end

-- Items of a list all stand at one place.
local function place_of(compiled, prefix)
  if compiled.prefix ~= prefix then
    compiled.prefix, compiled.place = prefix, spell_place(compiled, prefix)
  end
  return compiled.place
end

-- A figure that is no number at all may be unknown by itself, and the rest of
-- the answer as good as ever.
local function read_value(compiled, value, prefix)
  local read, err = compiled.read(value, compiled.field, place_of(compiled, prefix))
  if not err or compiled.field.other_type ~= "unknown" or type(value) == "number" then
    return read, err
  end
  return nil, nil, { state = "unknown", reason = err.message }
end

-- The value; or an error; or the mark that stands in its place.
local function value_at(compiled, place, prefix)
  if not compiled.get then return compiled.constant end
  local value, wrong = compiled.get(place)
  if compiled.get_else and holds_nothing(value) then value, wrong = compiled.get_else(place) end
  if wrong ~= nil then
    return values.mismatch(place_of(compiled, prefix), "a value inside an object", wrong)
  end
  if value == nil then return nil end
  return read_value(compiled, value, prefix)
end

---Reads all fields of one place into a record.
---@param list usagelua.compiled_field[]
---@param place usagelua.place
---@param prefix string where the item stands, for messages
---@return table? row
---@return usagelua.error? err of kind "shape"
---@return table<string, usagelua.mark>? row_marks of figures that cannot be read
function fields.read(list, place, prefix)
  local row, row_marks = {}, nil
  for _, compiled in ipairs(list) do
    local value, err, mark = value_at(compiled, place, prefix)
    if err then return nil, err end
    row[compiled.name] = value
    if mark then
      row_marks = row_marks or {}
      row_marks[compiled.name] = mark
    end
  end
  return row, nil, row_marks
end

-- The units that a parameter says, and the others.
local units_said = once.of(function(described)
  local said, plain = {}, {}
  for name, field in pairs(described) do
    if field.unit and measures.is_known(name) then
      local into = next(template.names(field.unit)) and said or plain
      into[name] = field.unit
    end
  end
  return { said = said, plain = plain }
end)

---The units of the raw numbers where they are not the measures' own.
---@param described table<string, table>
---@param sent table<string, any>
---@return table<string, string> by_name not to be changed
function fields.units(described, sent)
  local made = units_said(described)
  if not next(made.said) then return made.plain end
  local by_name = {}
  for name, unit in pairs(made.plain) do by_name[name] = unit end
  for name, unit in pairs(made.said) do by_name[name] = template.fill(unit, sent) end
  return by_name
end

---The largest integer of each that is one in the measure's own unit, too.
---@param by_name table<string, string> units of raw numbers
---@return table<string, integer> not to be changed
fields.most = once.of(function(by_name)
  local most = {}
  for name, unit in pairs(by_name) do
    local largest = units.largest(unit, measures.resolve(name).unit)
    if largest < math.maxinteger then most[name] = largest end
  end
  return most
end)

---What a measure field is for the schema. The unit of a known measure's source
---may be a template and stands in the batches.
---@param name string
---@param field table
---@return usagelua.measure
function fields.measure(name, field)
  local unit = not measures.is_known(name) and field.unit or nil
  local resolved = measures.resolve(name,
    { kind = field.kind, unit = unit, of = field.of, per = field.per,
      negative = field.negative })
  return { unit = resolved.unit, kind = resolved.kind, of = resolved.of, per = resolved.per,
    negative = resolved.negative or nil, shared = resolved.shared }
end

-- The units that a source may have: a template stands for a parameter's values.
local function units_possible(field, params)
  local name = field.unit and field.unit:match "^{([%w_]+)}$"
  if not name then return { field.unit } end
  return params[name].one_of or {}
end

---Raises a usage error for a unit, a kind or an `of` that the measure cannot
---have.
---@param name string
---@param field table
---@param params table<string, table> the dataset's
---@param place string
function fields.check_units(name, field, params, place)
  local ok, err = errors.try(function()
    local resolved = fields.measure(name, field)
    for _, unit in ipairs(units_possible(field, params)) do units.ratio(unit, resolved.unit) end
  end)
  if not ok then errors.raise_usage("%s: %s", place, errors.from(err).message) end
end

return fields
