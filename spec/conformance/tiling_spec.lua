local tiling = require "usagelua.conformance.tiling"
local windows = require "usagelua.flow.windows"

describe("tiling.check", function()
  for name, rules in pairs {
    ["days in UTC"] = { max_days = 31, ends = "inclusive", whole = "day", format = "%Y-%m-%d" },
    ["a wall clock with its offset"] = { max_days = 90, ends = "inclusive", zone = "offset",
      format = "%Y-%m-%d %H:%M:%S" },
    ["no limit"] = { format = "epoch" },
    ["a month by its parts"] = { max_months = 1, whole = "month", parts = { "year", "month" } },
    ["months by their names"] = { max_months = 3, ends = "inclusive", format = "%Y-%m", zone = "report" },
    ["weeks"] = { max_days = 14, format = "%G-W%V" },
    ["hours by their parts"] = { max_hours = 1, whole = "hour", parts = { "year", "month", "day", "hour" } },
    ["the vendor's buckets"] = { max_buckets = 31, grain_by = "vendor", grains = { "total", "day", "month" } },
    ["hours"] = { max_hours = 30, format = "rfc3339ms", grains = { "total", "hour" } },
  } do
    it("passes for " .. name, function()
      local done, problem = tiling.check(rules)
      assert.is_nil(problem)
      assert.truthy(done:find("random periods: 200", 1, true))
    end)
  end

  it("finds gaps, overlaps, ends that are missing and windows that are sent alike", function()
    local cut, edges = windows.cut, windows.edges
    local function problem_of(change, sent)
      windows.cut = function(...)
        local list = cut(...)
        change(list)
        return list
      end
      windows.edges = sent or edges
      local _, problem = tiling.check { max_days = 31, zone = "offset" }
      windows.cut, windows.edges = cut, edges
      return problem
    end
    assert.truthy(problem_of(function(list)
      if list[2] then list[2].from = list[2].from + 1 end
    end):find("a window begins at", 1, true))
    assert.truthy(problem_of(function(list) list[#list].to = list[#list].to - 1 end)
      :find("ends too early", 1, true))
    assert.truthy(problem_of(function() end, function() return { from = "x" } end)
      :find("both sent as x", 1, true))
    local _, problem = tiling.check({ max_days = 31, parts = { "year" } }, { year = true })
    assert.truthy(problem:find("both sent as 20", 1, true), problem)
    assert.is_nil(select(2, tiling.check({ max_days = 31, parts = { "year" } }, { year = true, from = true })))
  end)
end)
