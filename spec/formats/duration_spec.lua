local duration = require "usagelua.formats.duration"
local number = require "usagelua.report.number"

local function result(values, unit)
  local rows = {}
  for place, value in ipairs(values) do rows[place] = { duration_s = value or nil } end
  return { rows = rows, columns = { { name = "duration_s", type = "number", unit = unit or "s",
    measure = true } } }
end

local function texts(values, marks)
  local made, list = result(values), {}
  made.marks = marks
  local column = duration.columns(made)[1]
  for place = 1, #values do list[place] = duration.at(made, place, column) end
  return list, duration.heading(column)
end

describe("duration.text", function()
  it("is hours, minutes and seconds, exact where a number would be", function()
    local cases = {
      { 0, "0:00:00" }, { 59, "0:00:59" }, { 60, "0:01:00" }, { 10920, "3:02:00" },
      { 312.54, "0:05:12.54" }, { 312.5, "0:05:12.5" }, { 59.999, "0:01:00" }, { 3599.996, "1:00:00" },
      { 4334712, "1,204:05:12" }, { -90, "-0:01:30" }, { -90.25, "-0:01:30.25" },
      { 2 ^ 50, "1,125,899,906,842,624 s" },
    }
    for _, case in ipairs(cases) do assert.are.equal(case[2], duration.text(case[1])) end
  end)

  it("adds up as it is seen", function()
    for hundredths = 0, 40000, 37 do
      local shown = duration.text(hundredths / 100)
      local hours, minutes, seconds = shown:match "^(%d+):(%d%d):(%d%d%.?%d*)$"
      assert.are.equal(hundredths, math.floor((hours * 3600 + minutes * 60 + seconds) * 100 + 0.5))
    end
  end)
end)

describe("a figure", function()
  it("is rounded as in the formats that keep seconds", function()
    for _, seconds in ipairs { 85580.965, 106700.175, 60.125, 60.375, 312.005, 59.995 } do
      local hours, minutes, rest = duration.text(seconds):match "^(%d+):(%d%d):([%d.]+)$"
      local shown = tonumber((number.grouped(seconds):gsub(",", "")))
      assert.are.equal(("%.2f"):format(shown), ("%.2f"):format(hours * 3600 + minutes * 60 + rest))
    end
  end)
end)

describe("a column of seconds", function()
  it("is read so as soon as one figure reaches a minute", function()
    assert.are.same({ { "0:00:12", "0:01:00" }, "duration (h:min:s)" }, { texts { 12, 60 } })
    assert.are.same({ { "12", "59.5" }, "duration (s)" }, { texts { 12, 59.5 } })
  end)

  it("keeps its marks, and what is absent", function()
    local marks = { { duration_s = { state = "at_least", reason = "cut" } },
      { duration_s = { state = "unknown", reason = "cut" } } }
    assert.are.same({ "≥ 1:00:00", "?", "–" }, (texts({ 3600, 7200, false }, marks)))
  end)

  it("has its unit before what tells it from another one", function()
    local made = result { 60 }
    local column = { name = "duration_s_previous", type = "number", unit = "s", measure = true,
      of = made.columns[1], qualifier = "previous" }
    local turned = { name = "x", type = "number", unit = "s", measure = true, of = column,
      qualifier = "2026-06" }
    made.columns = { column, turned }
    made.rows[1] = { duration_s_previous = 3600, x = 5 }
    local columns = duration.columns(made)
    assert.are.equal("duration (h:min:s), previous", duration.heading(columns[1]))
    assert.are.equal("duration (s), previous, 2026-06", duration.heading(columns[2]))
    made.rows[1].x = 60
    assert.are.equal("duration (h:min:s), previous, 2026-06", duration.heading(duration.columns(made)[2]))
  end)

  it("of another unit is a number", function()
    local made = result({ 90 }, "h")
    assert.are.equal("90", duration.at(made, 1, duration.columns(made)[1]))
  end)
end)
