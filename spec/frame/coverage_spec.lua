local coverage = require "usagelua.frame.coverage"

local function query_of(c, fields)
  fields = fields or {}
  fields.dataset = fields.dataset or "testmu.summary"
  return c:query(fields)
end

local ENDINGS <const> = {
  a = function(c, q) c:answered(q) end,
  p = function(c, q) c:partial(q, "half") end,
  f = function(c, q) c:failed(q, "refused") end,
  ["-"] = function() end,
}

local function after(endings)
  local c = coverage.new()
  local q = query_of(c)
  for ending in endings:gmatch "." do
    c:asked(q)
    ENDINGS[ending](c, q)
  end
  return c
end

describe("coverage", function()
  for endings, status in pairs {
    [""] = "whole", a = "whole", aaa = "whole", ap = "partial", af = "partial", p = "partial",
      pf = "partial",
    f = "nothing", ff = "nothing", ["a-"] = "partial", ["-"] = "nothing", fp = "partial",
  } do
    it(("is %s after '%s'"):format(status, endings), function()
      assert.equal(status, after(endings):status())
    end)
  end

  it("lists each query with its windows, reasons and notes", function()
    local c = coverage.new()
    local q = query_of(c, { account = "emea", period_start = "2026-06-01T00:00:00Z",
      period_end = "2026-07-01T00:00:00Z" })
    for _, ending in ipairs { "a", "p", "f", "f" } do
      c:asked(q)
      ENDINGS[ending](c, q)
    end
    c:period(q, "echoed")
    for _, note in ipairs { "no row for b", "archived ones left out", "no row for b" } do
      c:note(q, note)
    end
    assert.same({ {
      dataset = "testmu.summary", account = "emea", period_start = "2026-06-01T00:00:00Z",
      period_end = "2026-07-01T00:00:00Z", period = "echoed", asked = 4, answered = 1, partial = 1,
        failed = 2,
      reasons = { "half", "refused" }, notes = { "archived ones left out", "no row for b" },
    } }, c:list())
  end)

  it("counts a window that never ended as failed", function()
    local entry = after("a-"):list()[1]
    assert.same({ 2, 1, 1, { "not finished" } }, { entry.asked, entry.answered, entry.failed,
      entry.reasons })
  end)

  it("says nothing of the period of a query that nobody answered", function()
    for _, endings in ipairs { "", "f", "ff", "-" } do assert.is_nil(after(endings):list()[1].period) end
  end)

  it("tells the weakest word about a query's periods", function()
    local c = coverage.new()
    local q = query_of(c)
    c:period(q, "echoed")
    assert.equal("echoed", c:list()[1].period)
    c:period(q, "assumed")
    c:period(q, "echoed")
    assert.equal("assumed", c:list()[1].period)
    assert.has_error(function() c:period(q, "guessed") end)
  end)

  it("is sorted, and does not show the order of answers", function()
    local c = coverage.new()
    query_of(c, { dataset = "testmu.users" })
    query_of(c, { account = "b" })
    query_of(c, { account = "a", period_start = "2026-07-01T00:00:00Z" })
    query_of(c, { account = "a", period_start = "2026-06-01T00:00:00Z" })
    local seen = {}
    for i, entry in ipairs(c:list()) do
      seen[i] = ("%s %s %s"):format(entry.dataset, entry.account or "-", (entry.period_start
        or "-"):sub(1, 7))
    end
    assert.same({ "testmu.summary a 2026-06", "testmu.summary a 2026-07", "testmu.summary b -",
      "testmu.users - -" }, seen)
  end)

  it("takes the account once, from the first answer that tells it", function()
    local c = coverage.new()
    local q = query_of(c)
    c:account(q, "Acme")
    c:account(q, "Other")
    assert.equal("Acme", c:list()[1].account)
  end)

  it("gives copies", function()
    local c = after "a"
    c:list()[1].asked = 99
    assert.equal(1, c:list()[1].asked)
  end)

  it("merges", function()
    local c = after "a"
    c:merge(after "f")
    assert.equal(2, #c:list())
    assert.equal("partial", c:status())
  end)

  it("tells what else is to be known beside the reasons, and stays whole", function()
    local c = coverage.new()
    local q = query_of(c)
    c:note(q, "a note")
    c:asked(q)
    c:answered(q)
    assert.are.same({ "a note" }, c:list()[1].notes)
    assert.are.equal("whole", c:status())
    c:asked(q)
    c:failed(q, "refused")
    assert.are.same({ "refused" }, c:list()[1].reasons)
    assert.are.same({ "a note" }, c:list()[1].notes)
  end)
end)
