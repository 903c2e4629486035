-- One condition on one column, in every form that a rule may write it. A test
-- answers true, false, or nil with the reason why that cannot be said.

local checks = require "usagelua.where.checks"
local errors = require "usagelua.errors"

local condition = {}

---@class usagelua.condition
---@field column string
---@field want table as the rule has it: values, and limits by their keys
---@field test fun(value: any, mark: usagelua.mark?): boolean?, string?
---@field wanted any[]? the values that it names
---@field which fun(value: any): integer? which of them a value is
---@field lists boolean are the column's values worth listing?

local NUMBERS <const> = { number = true, integer = true }
local fail <const> = checks.fail
local KEYS <const> = { "min", "max", "before", "after", "absent", "or_absent", "match" }

local function check_keys(column, want)
  for key in pairs(want) do
    if math.type(key) ~= "integer" then
      local known = false
      for _, name in ipairs(KEYS) do known = known or name == key end
      if not known then fail(column, "%s", errors.unknown("condition", key, KEYS)) end
    end
  end
  for _, key in ipairs { "absent", "or_absent" } do
    if want[key] ~= nil and type(want[key]) ~= "boolean" then
      fail(column, "%s is true or false", key)
    end
  end
end

local function checks_of(column, want)
  local list = {}
  if #want > 0 then list[1] = checks.one_of(column, want) end
  for _, key in ipairs(KEYS) do
    local make = checks.by_key[key]
    if make and want[key] ~= nil then list[#list + 1] = make(column, want[key]) end
  end
  return list
end

local function check_sense(column, want, list)
  if want.absent and (#list > 0 or want.or_absent) then
    fail(column, "absent = true goes with no other condition; "
      .. "or_absent = true lets absent values pass too")
  end
  if #list == 0 and want.absent == nil and not want.or_absent then
    local known = table.concat(KEYS, ", ")
    fail(column, "an empty table of conditions; name a value or one of %s", known)
  end
end

-- False wins over what cannot be said, that over true.
local function all_of(list, which, value)
  local verdict, reason = true, nil
  for _, check in ipairs(list) do
    local answer, why
    if check[which] then answer, why = check[which](value) end
    if answer == false then return false end
    if answer == nil then verdict, reason = nil, reason or why end
  end
  return verdict, reason
end

local function of_marked(list, absent, value, mark)
  if mark.state ~= "at_least" or value == nil then return nil, mark.reason end
  if absent then return false end
  local verdict, why = all_of(list, "at_least", value)
  return verdict, verdict == nil and (why or mark.reason) or nil
end

local function tester(list, want)
  local absent, passes_absent = want.absent == true, want.absent == true or want.or_absent == true
  return function(value, mark)
    if mark then return of_marked(list, absent, value, mark) end
    if value == nil then return passes_absent end
    if absent then return false end
    return all_of(list, "test", value)
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
  local list = checks_of(column, want)
  check_sense(column, want, list)
  return {
    column = column.name,
    want = want,
    test = tester(list, want),
    wanted = #want > 0 and table.move(want, 1, #want, 1, {}) or nil,
    which = #want > 0 and list[1].which or nil,
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
  if #values == 1 then return values[1] end
  return values
end

return condition
