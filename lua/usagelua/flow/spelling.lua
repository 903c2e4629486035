-- A parameter's values in the vendor's own words: what is sent, and what an
-- answer repeats of it. Everywhere else the values are ours.

local parameters = require "usagelua.flow.parameters"

local spelling = {}

local SENT <const> = "usagelua.sent_values"

local function of_value(value, known)
  if type(value) ~= "table" then return known[value] or value end
  local list = {}
  for index, item in ipairs(value) do list[index] = known[item] or item end
  return list
end

local function is_sent(values)
  local metatable = getmetatable(values)
  return metatable ~= nil and metatable.__name == SENT
end

-- The parameters of which some values have other words.
local worded = parameters.having "words"

---The values as they are sent; those that are already stay so.
---@param params table<string, table> the dataset's
---@param values table<string, any>
---@return table<string, any>
function spelling.sent(params, values)
  local names = worded(params)
  if #names == 0 or is_sent(values) then return values end
  local sent = setmetatable({}, { __name = SENT, __index = values })
  for _, name in ipairs(names) do
    if values[name] ~= nil then sent[name] = of_value(values[name], params[name].words) end
  end
  return sent
end

return spelling
