-- What a condition may ask of a value: one of some values, limits of numbers and
-- instants, a pattern. Each form is checked for sense when it is made.

local errors = require "usagelua.errors"
local timestamp = require "usagelua.time.timestamp"

local checks = {}

---@class usagelua.check
---@field test fun(value: any): boolean?, string? nil with the reason why it cannot be said
---@field at_least (fun(floor: number): boolean?)? what a lower bound alone decides
---@field which (fun(value: any): integer?)?

---Raises a usage error about the condition on a column.
---@param column usagelua.schema_column
function checks.fail(column, format, ...)
  errors.raise_usage("where %s: " .. format, column.name, ...)
end

local fail <const> = checks.fail

local OPERATORS <const> = {
  "^%s*[<>]=?%s*[%d.+-]", "^%s*[<>]=?%s", "^%s*[=~!]=", "^%s*=%s", "^%s*<>",
}

local function check_no_operator(column, text)
  for _, pattern in ipairs(OPERATORS) do
    if text:find(pattern) then
      fail(column, "'%s' is a text and no comparison; "
        .. "write { min = }, { max = }, { before = } or { after = }", text)
    end
  end
end

local ACCEPTED <const> = {
  boolean = { boolean = true },
  number = { number = true }, integer = { number = true },
  text = { string = true, number = true },
  any = { string = true, number = true, boolean = true },
}

local TYPE_WORDS <const> = {
  boolean = "true or false", number = "a number", integer = "a number",
  text = "a text", any = "a value",
}

local function check_value(column, value)
  if type(value) == "string" then check_no_operator(column, value) end
  if not ACCEPTED[column.type][type(value)] then
    fail(column, "the column holds %s, not the %s '%s'", TYPE_WORDS[column.type], type(value),
      tostring(value))
  end
  if value ~= value then fail(column, "the value is not a number") end
end

-- A vendor's id is text in one answer and a number in another; both are meant.
local function spellings(value)
  local number = math.tointeger(tonumber(value) or 0.5)
  if type(value) == "number" then return { value, number and tostring(number) } end
  if type(value) == "string" and number and tostring(number) == value then
    return { value, number }
  end
  return { value }
end

-- An at-least figure cannot be a value below what is known of it.
local function may_reach(values, floor)
  for _, value in ipairs(values) do
    if type(value) == "number" and value >= floor then return nil end
  end
  return false
end

---The check for one of several values.
---@param column usagelua.schema_column
---@param values any[]
---@return usagelua.check check with `which`
function checks.one_of(column, values)
  local index_of = {}
  for i, value in ipairs(values) do
    check_value(column, value)
    for _, spelling in ipairs(spellings(value)) do index_of[spelling] = i end
  end
  return {
    test = function(value) return index_of[value] ~= nil end,
    at_least = function(floor) return may_reach(values, floor) end,
    which = function(value) return index_of[value] end,
  }
end

local function number_limit(column, key, limit)
  if column.type == "text" or column.type == "boolean" then
    fail(column, "%s compares numbers, and the column holds %s; instants take before and after",
      key, TYPE_WORDS[column.type])
  end
  if type(limit) ~= "number" or limit ~= limit then
    fail(column, "%s takes a number, not '%s'", key, tostring(limit))
  end
  return limit
end

local function on_numbers(compare)
  return function(value)
    if type(value) ~= "number" then return false end
    return compare(value)
  end
end

local function instant_limit(column, key, limit)
  if column.measure or column.type == "boolean" then
    fail(column, "%s compares instants; a number takes min and max", key)
  end
  local epoch = type(limit) == "number" and limit == limit and limit or timestamp.instant(limit)
  if epoch then return epoch end
  fail(column, "%s takes an instant such as a period's from or '2026-06-01T00:00:00Z', not '%s'",
    key, tostring(limit))
end

local function on_instants(name, compare)
  return function(value)
    local epoch = timestamp.instant(value)
    if epoch then return compare(epoch) end
    return nil, ("%s '%s' is no RFC 3339 date-time"):format(name, tostring(value))
  end
end

local function is_text_matching(column, pattern)
  if type(pattern) ~= "string" then
    fail(column, "match takes a Lua pattern, not a %s", type(pattern))
  end
  local function find(text)
    local ok, found = errors.try(string.find, text, pattern)
    if not ok then fail(column, "'%s' is no Lua pattern: %s", pattern, tostring(found)) end
    return found ~= nil
  end
  find ""
  return function(value) return type(value) == "string" and find(value) end
end

---The checks by their keys; each is made from what stands behind the key.
---@type table<string, fun(column: usagelua.schema_column, limit: any): usagelua.check>
checks.by_key = {
  min = function(column, limit)
    limit = number_limit(column, "min", limit)
    return {
      test = on_numbers(function(value) return value >= limit end),
      at_least = function(floor) return floor >= limit or nil end,
    }
  end,
  max = function(column, limit)
    limit = number_limit(column, "max", limit)
    return {
      test = on_numbers(function(value) return value <= limit end),
      at_least = function(floor) if floor > limit then return false end end,
    }
  end,
  before = function(column, limit)
    limit = instant_limit(column, "before", limit)
    return { test = on_instants(column.name, function(epoch) return epoch < limit end) }
  end,
  after = function(column, limit)
    limit = instant_limit(column, "after", limit)
    return { test = on_instants(column.name, function(epoch) return epoch >= limit end) }
  end,
  match = function(column, pattern)
    return { test = is_text_matching(column, pattern) }
  end,
}

return checks
