local asked = require "support.asked"
local csv = require "usagelua.csv"
local hostile = require "support.hostile"
local order = require "usagelua.order"
local tmp = require "support.tmp"

local FAILED <const> = "HTTP 503"

local function by_team(...)
  return asked.records(...):aggregate { group_by = "team", measures = "tests" }
end

local function teams()
  return by_team { dataset = "testmu.summary", rows = {
    { team = "qa", tests = 40 }, { team = "web", tests = 30 }, { tests = 5 } } }
end

local function people(text)
  local folder = tmp.folder()
  return csv.read(folder:write("people.csv", text)):records()
end

local function heads(text)
  return people(text or "email,team\na,qa\nb,qa\nc,ops\n"):aggregate {
    group_by = "team", measures = { { kind = "count", as = "heads" } } }
end

local function per_head(row) return row.tests / row.heads end

local function joined(left, right, more)
  local options = { on = { "team" }, derive = { per_head = per_head } }
  for key, value in pairs(more or {}) do options[key] = value end
  return left:join(right, options)
end

local function refused(left, right, options)
  return asked.refusal(left.join, left, right, options)
end

describe("frame:join", function()
  it("puts usage and heads side by side, and makes figures of both", function()
    local frame = joined(teams(), heads())
    assert.same({
      { tests = 5 }, { team = "qa", tests = 40, heads = 2, per_head = 20 }, { team = "web", tests = 30 },
    }, frame:result().rows)
    assert.same({}, frame:result().marks)
    local names = {}
    for i, column in ipairs(frame:columns()) do names[i] = column.name end
    assert.same({ "team", "tests", "heads", "per_head" }, names)
  end)

  it("says of a team without people that it has none known, not that it has 0", function()
    local row = joined(teams(), heads()):result().rows[3]
    assert.is_nil(row.heads)
    assert.is_nil(row.per_head)
  end)

  it("keeps rows without a partner on the other side where it is told to", function()
    local rows = joined(teams(), heads(), { rows = "all" }):result().rows
    assert.same({ team = "ops", heads = 1 }, rows[4])
    assert.equal(3, #joined(teams(), heads(), { rows = "left" }))
  end)

  it("keeps marks, and derives nothing known of what is not", function()
    local left = by_team { dataset = "testmu.summary",
      rows = { { team = "qa", tests = 40 }, { team = "web" } }, marks = {
        [1] = { tests = { state = "at_least", reason = FAILED } },
        [2] = { tests = { state = "unknown", reason = FAILED } } } }
    local result = joined(left, heads "email,team\na,qa\nb,web\n"):result()
    assert.same({ team = "qa", tests = 40, heads = 1 }, result.rows[1])
    assert.same({ "at_least", "unknown" }, { result.marks[1].tests.state, result.marks[1].per_head.state })
    assert.same({ team = "web", heads = 1 }, result.rows[2])
    assert.same({ "unknown", "unknown" }, { result.marks[2].tests.state, result.marks[2].per_head.state })
  end)

  it("is unknown where the partner's source failed", function()
    local right = asked.records({ dataset = "browserstack.users", rows = { { team = "qa", duration_s = 5 } } },
      { dataset = "browserstack.users", month = "2026-07", failed = FAILED })
      :aggregate { group_by = "team", measures = { { "duration_s", as = "seconds" } } }
    local result = teams():join(right, { on = "team" }):result()
    assert.equal("at_least", result.marks[2].seconds.state)
    assert.same({ "unknown", "unknown" }, { result.marks[1].seconds.state, result.marks[3].seconds.state })
    assert.truthy(result.marks[3].seconds.reason:find(FAILED, 1, true))
    assert.is_false(result.complete)
  end)

  it("is not doubted where what failed lies elsewhere", function()
    local left = asked.records({ dataset = "testmu.summary", rows = { { tests = 1 } } },
      { dataset = "testmu.summary", month = "2026-07", rows = { { tests = 2 } } })
      :aggregate { group_by = "period", measures = "tests" }
    local right = asked.records({ dataset = "browserstack.users", rows = {} },
      { dataset = "browserstack.users", month = "2026-07", failed = FAILED })
      :aggregate { group_by = "period", measures = "duration_s" }
    local result = left:join(right, { on = "period" }):result()
    assert.same({ { period = "2026-06", tests = 1 }, { period = "2026-07", tests = 2 } }, result.rows)
    assert.is_nil(result.marks[1])
    assert.equal("unknown", result.marks[2].duration_s.state)
  end)

  it("is unknown in the left figures of rows that only the right has, where the left failed", function()
    local left = by_team({ dataset = "testmu.summary", rows = { { team = "qa", tests = 1 } } },
      { dataset = "browserstack.users", failed = FAILED })
    local result = joined(left, heads(), { rows = "all" }):result()
    local ops = result.rows[#result.rows]
    assert.equal("ops", ops.team)
    assert.equal("unknown", result.marks[#result.rows].tests.state)
  end)

  it("asks both frames, and tells the coverage of both once", function()
    local left = asked.records { dataset = "testmu.summary", rows = { { team = "qa", tests = 4 } } }
    local right = asked.records { dataset = "browserstack.users", rows = { { team = "qa", duration_s = 4 } } }
    local frame = left:aggregate { group_by = "team", measures = "tests" }
      :join(right:aggregate { group_by = "team", measures = "duration_s" }, { on = "team" })
    assert.equal(2, #frame:coverage())
    assert.is_true(left:is_asked() and right:is_asked() and frame:is_asked())
    local again = left:aggregate { group_by = "team", measures = { { "tests", as = "again" } } }
    local same = left:aggregate { group_by = "team", measures = "tests" }:join(again, { on = "team" })
    assert.equal(1, #same:coverage())
  end)

  it("may be ruled over: sums stay sums", function()
    local all = joined(teams(), heads(), { rows = "all" })
    assert.equal(3, all:value "heads")
    assert.equal(75, all:value "tests")
    local total = all:aggregate { measures = { "tests", "heads" }, where = { team = { "qa", "web" } } }
    assert.same({ { tests = 70, heads = 2 } }, total:result().rows)
  end)

  it("takes conditions on the figures of both frames", function()
    local frame = joined(teams(), heads(), { rows = "all" })
    assert.equal(40, (frame:value("tests", { heads = { min = 2 } })))
    assert.equal(1, (frame:value("heads", { tests = { absent = true } })))
    local small = frame:aggregate { group_by = "team", measures = { "tests", "heads" }, where = { heads = { max = 2 } } }
    assert.equal(40, (small:value("tests", { heads = { min = 2 } })))
  end)

  it("forgets no failure for a condition on the other frame's figure", function()
    local left = by_team({ dataset = "testmu.summary", rows = { { team = "qa", tests = 4 } } },
      { dataset = "testmu.summary", month = "2026-07", failed = FAILED })
    local frame = joined(left, heads "email,team\na,qa\nb,new\n", { rows = "all" })
    local result = frame:aggregate { group_by = "team", measures = "tests", where = { heads = { min = 1 } } }:result()
    assert.same({ "unknown", "at_least" }, { result.marks[1].tests.state, result.marks[2].tests.state })
    assert.is_false(result.complete)
    assert.equal("at_least", select(3, frame:value("tests", { heads = { min = 1 } })))
  end)

  it("does not add up figures that several rows repeat", function()
    local left = asked.records { dataset = "testmu.summary", rows = {
      { team = "qa", product = "a", tests = 4 }, { team = "qa", product = "b", tests = 6 } } }
      :aggregate { group_by = { "team", "product" }, measures = "tests" }
    local frame = left:join(heads(), { on = "team" })
    assert.equal(2, frame:result().rows[2].heads)
    assert.equal("unknown", select(3, frame:value "heads"))
    local message = asked.refusal(frame.aggregate, frame, { group_by = "team", measures = "heads" })
    assert.truthy(message:find("nothing says how it adds up", 1, true), message)
  end)

  it("refuses two rows of the second frame for one of the first, before adding anything", function()
    local frame = teams():join(people "email,team\na,qa\nb,qa\n", { on = "team" })
    assert.equal("join: two rows of the second frame have team 'qa'; group it by team",
      asked.refusal(frame.result, frame))
  end)

  it("finds any name that an attacker may give", function()
    local rows, lines = {}, { "email,team\n" }
    for i, key in ipairs(order.keys(hostile)) do
      rows[i] = { team = hostile[key], tests = i }
      if utf8.len(hostile[key]) then lines[#lines + 1] = ('x,"%s"\n'):format(hostile[key]:gsub('"', '""')) end
    end
    local frame = joined(by_team { dataset = "testmu.summary", rows = rows }, heads(table.concat(lines)))
    assert.equal(#lines - 1, (frame:value "heads"))
    assert.equal(#rows, #frame)
  end)

  it("says in words what is wrong with it", function()
    local left, right = teams(), heads()
    for _, case in ipairs { { "join needs the columns on which rows meet", {} },
      { "unknown column 'taem'; did you mean 'team'?", { on = "taem" } },
      { "join on 'tests': it is a measure", { on = "tests" } },
      { "unknown key 'using'", { using = "team" } },
      { "unknown rows 'right'", { on = "team", rows = "right" } },
      { "derive maps names to functions", { on = "team", derive = { x = 5 } } } } do
      local message = refused(left, right, case[2])
      assert.truthy(message:find(case[1], 1, true), message)
    end
    assert.truthy(refused(left, teams(), { on = "team" }):find("both frames have a column 'tests'", 1, true))
    assert.truthy(refused(left, {}, { on = "team" }):find("takes a frame first", 1, true))
  end)
end)
