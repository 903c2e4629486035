-- Some vendors answer otherwise when a parameter is sent, though its value be
-- the default: where the description says so, it is left out then.

local parameters = require "usagelua.flow.parameters"

local defaults = {}

local function is_same(value, default)
  if type(value) ~= "table" or type(default) ~= "table" then
    return value ~= nil and tostring(value) == tostring(default)
  end
  if #value ~= #default then return false end
  local has = {}
  for _, item in ipairs(default) do has[tostring(item)] = true end
  for _, item in ipairs(value) do
    if not has[tostring(item)] then return false end
  end
  return true
end

local omitted = parameters.having "omit_default"

---What the templates of a request see of the values at hand.
---@param planned usagelua.query
---@param values table<string, any>
---@return table<string, any>
function defaults.left_out(planned, values)
  local params, left_out = planned.dataset.params, {}
  for _, name in ipairs(omitted(params)) do
    if is_same(values[name], params[name].default) then left_out[name] = true end
  end
  if next(left_out) == nil then return values end
  return setmetatable({}, { __index = function(_, name)
    if not left_out[name] then return values[name] end
  end })
end

return defaults
