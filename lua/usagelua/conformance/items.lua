-- Changes the items of an answer, found by the dataset's `rows`.

local json = require "usagelua.json"

local items = {}

-- "data.users[]" → { "data", "users", "[]" }; nil for what is written otherwise.
local function steps_of(rows)
  if rows == "." then return {} end
  if rows:find('["', 1, true) then return nil end
  local steps = {}
  for name, marks in rows:gmatch "([^.%[{]*)([%[%]{}]*)" do
    if name ~= "" then steps[#steps + 1] = name end
    for mark in marks:gmatch "%[%]" do steps[#steps + 1] = mark end
    for mark in marks:gmatch "{}" do steps[#steps + 1] = mark end
  end
  return steps
end

-- An answer of another dataset may have an object where this one's has a list.
local function is_spread(value, step)
  return (value[1] ~= nil) == (step == "[]")
end

local function walk(value, steps, at, visit)
  if type(value) ~= "table" then return end
  local step = steps[at]
  if not step then return visit(value) end
  if step == "[]" or step == "{}" then
    if not is_spread(value, step) then return end
    for _, item in pairs(value) do walk(item, steps, at + 1, visit) end
  else
    walk(value[step], steps, at + 1, visit)
  end
end

---The answer with each of its items shown to `visit`, which may change it.
---@param body string
---@param rows string a dataset's
---@param visit fun(item: table)
---@return string? body nil where it is no JSON, or has no item that is an object
function items.changed(body, rows, visit)
  local steps = steps_of(rows)
  local document = json.decode(body)
  if not steps or type(document) ~= "table" then return nil end
  local count = 0
  walk(document, steps, 1, function(item)
    count = count + 1
    visit(item)
  end)
  return count > 0 and json.encode(document) or nil
end

return items
