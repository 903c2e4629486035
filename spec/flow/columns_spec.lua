-- Which datasets take the way past Lua: the built-in ones do, and all kinds of
-- answers that have rows worth it, so that a fall-back to rows, which costs much
-- and shows nowhere, is noticed here.
local columns = require "usagelua.flow.columns"
local description = require "usagelua.vendor.description"
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

describe("the built-in datasets", function()
  for _, vendor in ipairs { "testmu", "browserstack", "workato" } do
    local datasets = loader.new({ kit = kit }):load(vendor).datasets
    for name, dataset in pairs(datasets) do
      local full = vendor .. "." .. name
      it(full .. " is added up in C", function()
        local one = fitted(dataset)
        local plan, why = columns.plan(one, all_fields(one))
        assert.is_nil(why)
        assert.truthy(plan)
      end)
    end
  end
end)

-- A user's dataset with these keys beside the plainest ones.
local function described(keys)
  local usage = { request = { path = "/u" }, rows = "data[]", fields = { user_id = "email", tests = "n" } }
  for key, value in pairs(keys) do usage[key] = value or nil end
  return description.check({ name = "acme", version = 1, base_url = "https://acme.test",
    auth = { kind = "bearer", token_env = "ACME_TOKEN" }, datasets = { usage = usage } },
    "acme.lua").datasets.usage
end

-- What a description may say, and why its rows become tables; false where they do not.
local KINDS <const> = {
  { "a list of objects", {}, false },
  { "objects by their keys", { rows = "data{}" }, false },
  { "members of objects", { each = "usage{}", fields = { product = "@key", tests = "usage.{key}.n" } }, false },
  { "items of a list", { each = "uses[]", fields = { user_id = "^.email", tests = "n" } }, false },
  { "items of a list, or the item without any", { each = "uses[]", each_optional = true,
    fields = { user_id = "^.email", tests = "n" } }, false },
  { "numbered pages", { pages = { kind = "page" } }, false },
  { "pages with keys", { pages = { kind = "page", unique = "email" } }, false },
  { "pages with a cursor", { pages = { kind = "cursor", next = "next", send = "after" } }, false },
  { "rows that are arrays", { columns = "meta.columns[]" }, false },
  { "rows that are arrays, under described columns", { columns = "columns[].name" }, false },
  { "rows that are arrays, in numbered pages", { columns = "columns[].name", pages = { kind = "page" } }, false },
  { "lines", { rows = false, format = "lines" }, false },
  { "lines in numbered pages", { rows = false, format = "lines", pages = { kind = "offset" } }, false },
  { "CSV", { rows = false, format = "csv" }, false },
  { "CSV without a header", { rows = false, format = "csv", columns = { "email", "n" } }, false },
  { "CSV in numbered pages", { rows = false, format = "csv", pages = { kind = "page" } }, false },
  { "CSV in numbered pages with keys",
    { rows = false, format = "csv", pages = { kind = "page", unique = "email" } }, false },
  { "a function of each record", { record = function() end }, "the dataset says record" },
  { "an end mark", { rows = false, format = "lines", ends = { mark = { last = true } } }, false },
  { "an end mark that lies in a field", { rows = false, format = "lines", ends = { mark = { ["n.last"] = true } } },
    "a field lies inside another" },
}

describe("rows of a user's vendor", function()
  for _, kind in ipairs(KINDS) do
    it(("are %s up in C: %s"):format(kind[3] and "not added" or "added", kind[1]), function()
      local one = fitted(described(kind[2]))
      local plan, why = columns.plan(one, all_fields(one))
      assert.equal(kind[3] or nil, why)
      assert.equal(not kind[3], plan ~= nil)
    end)
  end
end)
