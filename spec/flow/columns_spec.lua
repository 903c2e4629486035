-- Which datasets take the way past Lua: the built-in ones do, so that a fall-back
-- to rows, which costs much and shows nowhere, is noticed here.
local columns = require "usagelua.flow.columns"
local kit = require "usagelua.vendor.kit"
local loader = require "usagelua.vendor.loader"
local tailor = require "usagelua.flow.tailor"

local function fitted(dataset)
  local params = tailor.defaults(dataset.params)
  return tailor.fit(dataset, params, {}, dataset.name or "dataset")
end

local function all_fields(dataset)
  local names = {}
  for name in pairs(dataset.fields) do names[name] = true end
  return names
end

-- Those that do not, and why.
local BY_ROWS <const> = {
  ["testmu.concurrency"] = "the dataset says record",
}

describe("the built-in datasets", function()
  for _, vendor in ipairs { "testmu", "browserstack", "workato" } do
    local datasets = loader.new({ kit = kit }):load(vendor).datasets
    for name, dataset in pairs(datasets) do
      local full = vendor .. "." .. name
      it(full .. " is added up in C", function()
        local one = fitted(dataset)
        local plan, why = columns.plan(one, all_fields(one))
        assert.equal(BY_ROWS[full], why)
        assert.equal(BY_ROWS[full] == nil, plan ~= nil)
      end)
    end
  end
end)
