-- Parameters of a query that need or exclude one another.

local errors = require "usagelua.errors"
local order = require "usagelua.order"

local together = {}

local function check_excluded(params, described, place)
  for _, name in ipairs(order.keys(described)) do
    for _, other in ipairs(params[name] ~= nil and described[name].without or {}) do
      if params[other] ~= nil then
        errors.raise_usage("%s: parameters '%s' and '%s' exclude one another; leave one out", place,
          name, other)
      end
    end
  end
end

local function check_needed(params, names, place)
  for _, name in ipairs(names) do
    if params[name] ~= nil then return end
  end
  errors.raise_usage("%s: one of these parameters is needed: %s", place, table.concat(names, ", "))
end

---Raises usage errors.
---@param params table<string, any> each checked by itself
---@param dataset table
---@param place string for messages
function together.check(params, dataset, place)
  check_excluded(params, dataset.params, place)
  if dataset.needs_one_of then check_needed(params, dataset.needs_one_of, place) end
end

return together
