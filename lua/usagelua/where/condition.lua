-- One condition on one column, in every form that a rule may write it. A test
-- answers true, false, or nil with the reason why that cannot be said.

local errors = require "usagelua.errors"
local instant = require "usagelua.instant"

local condition = {}

---@class usagelua.condition
---@field column string
---@field test fun(value: any, mark: usagelua.mark?): boolean?, string?
---@field wanted any[]? the values that it names
---@field which fun(value: any): integer? which of them a value is
---@field lists boolean are the column's values worth listing?

local NUMBERS <const> = { number = true, integer = true }
local KEYS <const> = { "min", "max", "before", "after", "absent", "or_absent", "match" }
local OPERATORS <const> = { "^%s*[<>]=?%s*[%d.+-]", "^%s*[<>]=?%s", "^%s*[=~!]=", "^%s*=%s", "^%s*<>" }

local function fail(column, format, ...)
  errors.raise_usage("where %s: " .. format, column.name, ...)
end

local function check_no_operator(column, text)
  for _, pattern in ipairs(OPERATORS) do
    if text:find(pattern) then
      fail(column, "'%s' is a text and no comparison; write { min = }, { max = }, { before = } or { after = }",
        text)
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
  boolean = "true or false", number = "a number", integer = "a number", text = "a text", any = "a value",
}

local function check_value(column, value)
  if not ACCEPTED[column.type][type(value)] then
    fail(column, "the column holds %s, not the %s '%s'", TYPE_WORDS[column.type], type(value),
      tostring(value))
  end
  if value ~= value then fail(column, "the value is not a number") end
  if type(value) == "string" then check_no_operator(column, value) end
end

-- A vendor's id is text in one answer and a number in another; both are meant.
local function spellings(value)
  local number = math.tointeger(tonumber(value) or 0.5)
  if type(value) == "number" then return { value, number and tostring(number) } end
  if type(value) == "string" and number and tostring(number) == value then return { value, number } end
  return { value }
end

-- An at-least figure cannot be a value below what is known of it.
local function may_reach(values, floor)
  for _, value in ipairs(values) do
    if type(value) == "number" and value >= floor then return nil end
  end
  return false
end

local function one_of(column, values)
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
    fail(column, "%s compares numbers, and the column holds %s; instants take before and after", key,
      TYPE_WORDS[column.type])
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
  local epoch = type(limit) == "number" and limit == limit and limit or instant.parse(limit)
  if epoch then return epoch end
  fail(column, "%s takes an instant such as a period's from or '2026-06-01T00:00:00Z', not '%s'", key,
    tostring(limit))
end

local function on_instants(name, compare)
  return function(value)
    local epoch = instant.parse(value)
    if epoch then return compare(epoch) end
    return nil, ("%s '%s' is no RFC 3339 date-time"):format(name, tostring(value))
  end
end

local function is_text_matching(column, pattern)
  if type(pattern) ~= "string" then fail(column, "match takes a Lua pattern, not a %s", type(pattern)) end
  local function find(text)
    local ok, found = pcall(string.find, text, pattern)
    if not ok then fail(column, "'%s' is no Lua pattern: %s", pattern, tostring(found)) end
    return found ~= nil
  end
  find ""
  return function(value) return type(value) == "string" and find(value) end
end

-- Each makes a check from what stands behind the key. `at_least` says what a
-- lower bound alone decides; without it, nothing.
local CHECKS <const> = {
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

local function check_keys(column, want)
  for key in pairs(want) do
    if math.type(key) ~= "integer" then
      local known = false
      for _, name in ipairs(KEYS) do known = known or name == key end
      if not known then fail(column, "%s", errors.unknown("condition", key, KEYS)) end
    end
  end
  for _, key in ipairs { "absent", "or_absent" } do
    if want[key] ~= nil and type(want[key]) ~= "boolean" then fail(column, "%s is true or false", key) end
  end
end

local function checks_of(column, want)
  local checks = {}
  if #want > 0 then checks[1] = one_of(column, want) end
  for _, key in ipairs(KEYS) do
    if CHECKS[key] and want[key] ~= nil then checks[#checks + 1] = CHECKS[key](column, want[key]) end
  end
  return checks
end

local function check_sense(column, want, checks)
  if want.absent and (#checks > 0 or want.or_absent) then
    fail(column, "absent = true goes with no other condition; or_absent = true lets absent values pass too")
  end
  if #checks == 0 and want.absent == nil and not want.or_absent then
    fail(column, "an empty table of conditions; name a value or one of %s", table.concat(KEYS, ", "))
  end
end

-- False wins over what cannot be said, that over true.
local function all_of(checks, which, value)
  local verdict, reason = true, nil
  for _, check in ipairs(checks) do
    local answer, why
    if check[which] then answer, why = check[which](value) end
    if answer == false then return false end
    if answer == nil then verdict, reason = nil, reason or why end
  end
  return verdict, reason
end

local function of_marked(checks, absent, value, mark)
  if mark.state ~= "at_least" or value == nil then return nil, mark.reason end
  if absent then return false end
  local verdict, why = all_of(checks, "at_least", value)
  return verdict, verdict == nil and (why or mark.reason) or nil
end

local function tester(checks, want)
  local absent, passes_absent = want.absent == true, want.absent == true or want.or_absent == true
  return function(value, mark)
    if mark then return of_marked(checks, absent, value, mark) end
    if value == nil then return passes_absent end
    if absent then return false end
    return all_of(checks, "test", value)
  end
end

local function as_table(column, want)
  if type(want) == "table" then return want end
  if type(want) == "function" then
    fail(column, "a function stands for the whole of where, not for one column")
  end
  return { want }
end

---@param column usagelua.schema_column
---@param want any a value, a list of values, or a table of min, max, before, after, absent, …
---@return usagelua.condition
---Raises a usage error that names the column, the value and the form to write.
function condition.compile(column, want)
  want = as_table(column, want)
  check_keys(column, want)
  local checks = checks_of(column, want)
  check_sense(column, want, checks)
  return {
    column = column.name,
    test = tester(checks, want),
    wanted = #want > 0 and table.move(want, 1, #want, 1, {}) or nil,
    which = #want > 0 and checks[1].which or nil,
    lists = not NUMBERS[column.type],
  }
end

local TEXT_FORMS <const> = {
  boolean = function(text)
    if text == "true" then return true end
    if text == "false" then return false end
    return text
  end,
  number = function(text) return tonumber(text) or text end,
}
TEXT_FORMS.integer = TEXT_FORMS.number

---A condition as a command line gives it: one value, or several with commas.
---@param column usagelua.schema_column
---@param text string
---@return any want what `compile` takes
function condition.from_text(column, text)
  local form, values = TEXT_FORMS[column.type], {}
  for part in (text .. ","):gmatch "([^,]*)," do
    values[#values + 1] = form and form(part) or part
  end
  return #values == 1 and values[1] or values
end

return condition
