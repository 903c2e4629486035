local asked = require "support.asked"
local coverage = require "usagelua.frame.coverage"
local frame = require "usagelua.frame"
local rules = require "usagelua.rules"

local JUNE <const> = { from = 1780272000, to = 1782864000, label = "2026-06" }

local function products()
  return asked.records({ dataset = "testmu.summary", rows = {
    { product = "web", team = "qa", tests = 10, duration_s = 5, users = 3 }, { product = "app", team = "qa", tests = 40 } } },
    { dataset = "testmu.summary", month = "2026-07", rows = { { product = "web", team = "web", tests = 7 } } })
end

-- Seats as a vendor tells them.
local function seats(rows, reason)
  local const = { vendor = "acme", dataset = "acme.users" }
  return frame.new {
    schema = { datasets = { { name = "acme.users", periods = { JUNE }, const = const, measures = {},
      columns = { "user_id", "team", "last_test", { name = "has_access", type = "boolean" } } } } },
    ask = function(one)
      local root, cover = one:begin(), coverage.new()
      local query = cover:query { dataset = "acme.users" }
      cover:asked(query)
      if reason then
        root:taint(const, reason)
        cover:failed(query, reason)
      else
        root:add { rows = rows, const = const }
        cover:answered(query)
      end
      one:finish(cover)
    end,
  }
end

local function refused(name, ...)
  return asked.refusal(rules[name], ...)
end

describe("usage.rules", function()
  it("by_product adds up all that adds up, the largest first", function()
    assert.same({ { vendor = "testmu", product = "app", tests = 40 },
      { vendor = "testmu", product = "web", tests = 17, duration_s = 5 } }, rules.by_product(products()):result().rows)
  end)

  it("by_team does so for teams", function()
    assert.same({ { vendor = "testmu", team = "qa", tests = 50 }, { vendor = "testmu", team = "web", tests = 7 } },
      rules.by_team(products(), { measures = { "tests" } }):result().rows)
  end)

  it("takes the keys of a rule in place of its own", function()
    assert.same({ { product = "web", n = 17 } }, rules.by_product(products(), { group_by = "product",
      measures = { { "tests", as = "n" } }, where = { product = "web" } }):result().rows)
  end)

  it("top_users are so many, and the others one row", function()
    local rows = {}
    for i = 1, 12 do rows[i] = { user_id = ("u%02d"):format(i), tests = i } end
    rows[13] = { tests = 1000 }
    local result = rules.top_users(asked.records { dataset = "testmu.summary", rows = rows }):result()
    assert.equal(11, #result.rows)
    assert.equal("u12", result.rows[1].user_id)
    assert.same({ user_id = "(others)", tests = 3 }, result.rows[11])
    local two = rules.top_users(asked.records { dataset = "testmu.summary", rows = rows }, { top = 2, measure = "tests" })
    assert.same({ 12, 11, 55 }, { two:result().rows[1].tests, two:result().rows[2].tests, two:result().rows[3].tests })
    assert.equal(3, #rules.top_users(asked.records { dataset = "testmu.summary", rows = rows }, { limit = 3 }))
  end)

  it("idle_seats counts those with access that no test has used since", function()
    local rows = {
      { user_id = "a", team = "qa", has_access = true, last_test = "2026-05-30T10:00:00Z" },
      { user_id = "b", team = "qa", has_access = true },
      { user_id = "b", team = "qa", has_access = true },
      { user_id = "c", team = "qa", has_access = true, last_test = "2026-06-01T00:00:00Z" },
      { user_id = "d", team = "qa", has_access = false },
      { user_id = "e", team = "web", has_access = true },
    }
    assert.same({ { vendor = "acme", team = "qa", seats = 2 }, { vendor = "acme", team = "web", seats = 1 } },
      rules.idle_seats(seats(rows), { since = JUNE }):result().rows)
    assert.equal(2, #rules.idle_seats(seats(rows), { since = "2026-06-01T00:00:00Z" }))
    assert.same({ { vendor = "acme", team = "web", seats = 1 } },
      rules.idle_seats(seats(rows), { since = JUNE, where = { team = "web" } }):result().rows)
  end)

  it("idle_seats are unknown where the vendor did not answer, not 0", function()
    local result = rules.idle_seats(seats(nil, "HTTP 503"), { since = JUNE }):result()
    assert.is_nil(result.rows[1].seats)
    assert.equal("unknown", result.marks[1].seats.state)
  end)

  it("trend follows the period", function()
    assert.same({ { period = "2026-06", tests = 50, duration_s = 5 }, { period = "2026-07", tests = 7 } },
      rules.trend(products()):result().rows)
  end)

  it("says what is missing or misspelt", function()
    assert.truthy(refused("by_product", {}):find("takes a frame first, as in usage.rules.by_product(records)", 1, true))
    assert.truthy(refused("by_product", products(), { messures = "x" }):find("did you mean 'measures'", 1, true))
    assert.truthy(refused("idle_seats", seats {}):find("needs since, a period or its start", 1, true))
    assert.truthy(refused("idle_seats", products(), { since = JUNE }):find("needs the column has_access", 1, true))
    assert.truthy(refused("trend", seats {}):find("no measure that adds up", 1, true))
    assert.truthy(asked.refusal(function() return rules.by_produkt end):find("did you mean 'by_product'", 1, true))
  end)

  it("refuses to add what counts the same usage, as any rule does", function()
    local both = asked.records({ dataset = "testmu.summary", rows = {} }, { dataset = "testmu.users", rows = {} })
    assert.truthy(refused("by_product", both):find("count the same usage", 1, true))
    assert.equal(0, #rules.by_product(both, { where = { dataset = "testmu.users" } }))
  end)
end)
