-- Random periods in eight zones, and days on which the clocks are changed, asked over real HTTP: each
-- total is the vendor's own, to the second.
local asking = require "support.asking"
local cjson = require "cjson"
local period = require "usagelua.time.period"
local random = require "support.random"
local tmp = require "support.tmp"
local zone = require "usagelua.time.zone"

local ZONES <const> = { "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe",
  "America/Sao_Paulo", "Pacific/Apia", "UTC", "+05:30" }
local EACH <const> = 8

-- Forward and back, and the weeks around.
local CHANGES <const> = {
  { "2026-03-29", "Europe/Berlin" }, { "2025-10-26", "Europe/Berlin" },
  { "2026-03-08", "America/New_York" }, { "2025-11-02", "America/New_York" },
  { "2025-10-05", "Australia/Lord_Howe" }, { "2026-04-05", "Australia/Lord_Howe" },
  { "2026-03-25..2026-04-02", "Europe/Berlin" }, { "2025-10-20..2025-11-05", "America/New_York" },
  { "2026-03-29T01:59:58..2026-03-29T03:00:02", "Europe/Berlin" },
  { "2025-10-26T00:30:00..2025-10-26T04:00:00", "Europe/Berlin" },
}

local REPORT <const> = [[
local usage = require "usagelua"
local sections = {}
for line in io.lines "ranges" do
  local text, zone = line:match "^(%S+) (%S+)$"
  local records = usage.collect { period = usage.period(text, zone),
    { "testmu.summary", type = "account-user" } }
  sections[#sections + 1] = usage.table { records:aggregate { measures = "tests" },
    name = "range-" .. #sections + 1 }
end
return usage.report { title = "T", table.unpack(sections) }
]]

describe("totals of periods", function()
  local world, folder

  setup(function() world, folder = asking.start "testmu", tmp.folder() end)
  teardown(function()
    world:stop()
    folder:remove()
  end)


  -- From two seconds (the vendor refuses one whose ends are the same) to a year; a time that the
  -- clocks pass twice, or never, is drawn again.
  local function random_range(draw, name)
    local place = zone.parse(name)
    while true do
      local from = draw:integer(1672531200, 1767225600)
      local length = 2 + math.floor(math.exp(draw:fraction() * math.log(365 * 86400)))
      local text = os.date("!%Y-%m-%dT%H:%M:%S", from) .. ".." .. os.date("!%Y-%m-%dT%H:%M:%S", from + length)
      if pcall(period.parse, text, place, from) then return { text, name } end
    end
  end

  local function assert_exact(ranges)
    local lines = {}
    for place, range in ipairs(ranges) do lines[place] = table.concat(range, " ") end
    folder:write("ranges", table.concat(lines, "\n") .. "\n")
    folder:write("report.lua", REPORT)
    local result = world:run({ "report.lua", "-f", "json" }, { cwd = folder.path })
    assert.are.equal(0, result.status, result.stderr)
    local sections, compared = cjson.decode(result.stdout).sections, 0
    for place, range in ipairs(ranges) do
      local asked = period.parse(range[1], zone.parse(range[2]), os.time())
      local right = world.server:control(("/testmu/total?type=account-user&from_epoch=%d&to_epoch=%d"):format(
        asked.from, asked.to)).tests
      assert.are.equal(right, sections[place].rows[1].tests, lines[place])
      compared = compared + right
    end
    assert.is_true(compared > 0)
  end

  it("are exact in every zone", function()
    local draw, ranges = random.new(2026), {}
    for _, name in ipairs(ZONES) do
      for _ = 1, EACH do ranges[#ranges + 1] = random_range(draw, name) end
    end
    assert_exact(ranges)
  end)

  it("are exact where the clocks are changed, forward and back", function()
    assert_exact(CHANGES)
  end)
end)
