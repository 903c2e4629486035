-- What about a dataset is not confirmed: sentences for plans, lists and reports.

local order = require "usagelua.order"

local doubts = {}

local SURE <const> = { documented = true, observed = true }

local function of_source(source)
  return ("%s: read %s, %s"):format(source.page, source.read or "?",
    source.status)
end

---@param dataset table checked
---@return string[] sentences empty where all is documented or observed
function doubts.of(dataset)
  local list = {}
  if not SURE[dataset.status] then
    list[1] = ("%s is %s: compare its figures with the vendor's own pages"):format(dataset.name,
      dataset.status)
  end
  for _, source in ipairs(dataset.sources or {}) do
    if source.status and not SURE[source.status] then list[#list + 1] = of_source(source) end
  end
  table.move(dataset.unverified or {}, 1, #(dataset.unverified or {}), #list + 1, list)
  local dates = dataset.window and dataset.window.unverified
  if dates then list[#list + 1] = "dates: " .. dates end
  for _, name in ipairs(order.keys(dataset.params)) do
    local help = dataset.params[name].help or ""
    if help:find("unverified", 1, true) then
      list[#list + 1] = ("parameter %s: %s"):format(name, help)
    end
  end
  return list
end

return doubts
