-- Where queries stand, from events to words.
local standing = require "usagelua.cli.standing"
local text = require "usagelua.cli.standing_text"

local PERIOD <const> = { label = "2026-06" }

-- A query as the forecast and the words read it.
local function query(name, parts, more)
  local dataset = { params = {}, fields = {}, request = { method = "GET", path = "/", query = {} } }
  for key, value in pairs(more or {}) do dataset[key] = value end
  local made = { name = name, period = PERIOD, windows = {}, parts = {}, params = {}, notes = {},
    lane = name, dataset = dataset, vendor = { name = "v", rate = { in_flight = 4 } } }
  for place = 1, parts do
    made.parts[place] = { window = { label = "w" .. place }, values = {} }
  end
  return made
end

local lane, time, where

before_each(function()
  time, lane = 100, { least_s = function(_, count) return count * 2.0 end }
  where = standing.new { monotonic = function() return time end }
end)

local function begin(...)
  local list = {}
  for place, planned in ipairs { ... } do
    list[place] = { query = planned, parts = planned.parts, lane = lane }
  end
  where:hear { event = "queries", list = list }
  return list
end

local function hear(part, event, fields)
  local told = { event = event, part = part, call = part }
  for key, value in pairs(fields or {}) do told[key] = value end
  where:hear(told)
end

local function line(place)
  return text.of_query(where, where.queries[place or 1])
end

describe("a query", function()
  it("says what it is at, and how much has come", function()
    local one = query("v.one", 1)
    begin(one)
    local part = one.parts[1]
    local cases = {
      { "part", { state = "begun" }, "waiting for its turn" },
      { "wait", { reason = "rate", seconds = 2.5 }, "waiting 3 s for the rate" },
      { "wait", { reason = "queue" }, "waiting for its turn" },
      { "wait", { reason = "in_flight" }, "waiting for a call to end" },
      { "attempt", { attempt = 1 }, "asking" },
      { "page", { number = 1 }, "page 1" },
      { "page", { number = 7, of = 12 }, "page 7 of 12" },
      { "batch", { number = 2, of = 5 }, "batch 2 of 5" },
      { "answer", { response = { rows = 61000, body_bytes = function() return 48100000 end } },
        "batch 2 of 5, 48 MB, 61,000 rows" },
      { "retry", { reason = "backoff", seconds = 65, err = "answered 503" },
        "batch 2 of 5, waiting 1 min 05 s before it is asked again: answered 503" },
      { "done", { rows = 1, facts = { body_bytes = 1500000000 } }, "1.5 GB, 1 row" },
      { "part", { state = "ended" }, "done, 1.5 GB, 1 row" },
    }
    for _, case in ipairs(cases) do
      hear(part, case[1], case[2])
      assert.are.equal(case[3], line())
    end
  end)

  it("counts its polls", function()
    local one = query("v.one", 1)
    begin(one)
    for number, expected in pairs { [1] = "1st", [2] = "2nd", [3] = "3rd", [4] = "4th", [11] = "11th",
      [12] = "12th", [21] = "21st", [111] = "111th", [113] = "113th", [122] = "122nd" } do
      hear(one.parts[1], "job", { step = "poll", number = number, seconds = 8 })
      assert.are.equal(("polling, %s time, again in 8 s"):format(expected), line())
    end
  end)

  it("says the steps of a job", function()
    local one = query("v.one", 1)
    begin(one)
    for step, expected in pairs { place = "waiting for one of its other jobs to end",
      create = "creating the job", result = "fetching the result", delete = "deleting the job" } do
      hear(one.parts[1], "job", { step = step })
      assert.are.equal(expected, line())
    end
  end)

  it("shows the one of its parts that is farthest", function()
    local one = query("v.one", 3)
    begin(one)
    hear(one.parts[1], "attempt", { attempt = 1 })
    hear(one.parts[2], "wait", { reason = "rate", seconds = 9 })
    hear(one.parts[3], "wait", { reason = "queue" })
    time = time + 5
    assert.are.equal("0 of 3 parts, no answer for 5 s", line())
    hear(one.parts[1], "part", { state = "ended", failed = true })
    hear(one.parts[1], "failed")
    assert.are.equal("1 of 3 parts, waiting 4 s for the rate", line())
  end)

  it("says how many of its parts failed", function()
    local one = query("v.one", 2)
    begin(one)
    hear(one.parts[1], "part", { state = "ended", failed = true })
    hear(one.parts[2], "part", { state = "ended" })
    assert.are.equal("1 of 2 failed", line())
  end)

  it("has its name in one safe line, whatever the account is called", function()
    local one = query("v.one", 1)
    one.account = "a\27[2Jb\n::c"
    begin(one)
    assert.are.equal("v.one 2026-06 a [2Jb ::c", text.lines(where, 9)[1][1])
  end)
end)

describe("the time left", function()
  it("is at least what the rate takes for the calls that are left", function()
    begin(query("v.one", 4))
    assert.are.equal("0 of 4 parts, 0 calls, 0 s; at least 8 s left", text.total(where))
  end)

  it("is the pace so far where all calls are known", function()
    local one = query("v.one", 10)
    begin(one)
    for place = 1, 4 do
      time = time + 30
      hear(one.parts[place], "done", { facts = {} })
      hear(one.parts[place], "part", { state = "ended" })
    end
    assert.are.equal("4 of 10 parts, 4 calls, 2 min 00 s; about 3 min 00 s left", text.total(where))
  end)

  it("counts pages once their number is known, and is not told before", function()
    lane.least_s = function() return 0 end
    local one = query("v.one", 1, { pages = { kind = "page" } })
    begin(one)
    hear(one.parts[1], "part", { state = "begun" })
    for _ = 1, 3 do
      time = time + 10
      hear(one.parts[1], "done", { facts = {} })
    end
    assert.are.equal("0 of 1 part, 3 calls, 30 s", text.total(where))
    hear(one.parts[1], "page", { number = 4, of = 9 })
    assert.are.equal("0 of 1 part, 3 calls, 30 s; about 1 min 00 s left", text.total(where))
  end)
end)

describe("all of them", function()
  it("are a line each and one together, unfinished ones first where not all fit", function()
    local one, two, three = query("v.one", 1), query("v.two", 1), query("v.three", 1)
    begin(one, two, three)
    hear(one.parts[1], "part", { state = "ended" })
    assert.are.equal(4, #text.lines(where, 4))
    local lines = text.lines(where, 3)
    assert.are.equal("v.two 2026-06", lines[1][1])
    assert.are.equal("… and 2 more", lines[2][2])
    assert.are.equal("1 of 3 parts, 0 calls, 0 s; at least 4 s left", lines[3][2])
    assert.are.equal(1, #text.lines(where, 1) - 1)
  end)

  it("are named in one line for a log, three at most", function()
    local list = {}
    for place = 1, 6 do list[place] = query("v.q" .. place, 1) end
    begin(table.unpack(list))
    hear(list[2].parts[1], "part", { state = "ended" })
    assert.are.equal("1 of 6 parts, 0 calls, 0 s; at least 10 s left; v.q1 2026-06: waiting for its turn; "
      .. "v.q3 2026-06: waiting for its turn; v.q4 2026-06: waiting for its turn; and 2 more",
      text.line(where))
  end)

  it("are over when each asking is, and events of others are none of theirs", function()
    local one, two = query("v.one", 1), query("v.two", 1)
    local first, second = begin(one), begin(two)
    where:hear { event = "over", list = first }
    assert.is_false(where:is_idle())
    where:hear { event = "over", list = second }
    assert.is_true(where:is_idle())
    hear(one.parts[1], "attempt", { attempt = 1 })
    hear({}, "wait", { reason = "rate" })
    where:hear { event = "wait", reason = "rate" }
    begin(one)
    assert.are.equal(1, #where.queries)
  end)
end)
