-- The header fields of answers that a description reads by their name: a
-- recording keeps them, whatever they are called.

local once = require "usagelua.once"

---@param dataset table
---@param vendor table
---@return string[]
return once.of_both(function(dataset, vendor)
  local list = {}
  local function add(name) list[#list + 1] = name end
  local pages = dataset.pages or {}
  add(pages.next_header)
  add(pages.total_header)
  add(dataset.ends and dataset.ends.total)
  add(dataset.job and dataset.job.id_header)
  for _, rule in ipairs(vendor.errors or {}) do
    for name in pairs(rule.header or {}) do add(name) end
  end
  return list
end)
