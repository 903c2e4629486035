-- Flow functions over the simulator: what they ask, what they emit, how they fail.
local acme = require "support.acme"
local collect = require "usagelua.collect"
local json = require "usagelua.json"
local kit = require "usagelua.vendor.kit"
local simulated_run = require "support.simulated_run"
local url = require "usagelua.client.url"

local FIELDS = { user_id = { "email", lower = true }, team = "team.name", tests = "n",
  duration_s = { "minutes", unit = "min", fraction = true } }

local function row(email, n, minutes)
  return { email = email, n = n, minutes = minutes, team = { name = "qa" } }
end

-- A run over a vendor whose dataset is asked by the function. `answer` gets path, parameters and
-- the request, and gives a value, or an answer of the simulator where it has a status.
local function world(flow, answer, changes, options)
  local described = { window = { max_days = 31, format = "%Y-%m-%d", ends = "inclusive" },
    fields = FIELDS, flow = flow }
  for key, value in pairs(changes or {}) do described[key] = value end
  local asked = {}
  local settings = { loader = acme.loader(acme.vendor(described)), answer = function(request)
    local path = url.split(request.url).path
    asked[#asked + 1] = { path = path, args = acme.arguments(request.url), request = request }
    local given = answer(path:gsub("^/v1", ""), asked[#asked].args, request, #asked)
    return given.status and given or acme.answer(given)
  end }
  for key, value in pairs(options or {}) do settings[key] = value end
  return simulated_run.new(settings), asked
end

local function records(run, spec)
  local one = { "acme.usage", period = run:read_period(spec and spec.period or "2026-06") }
  for key, value in pairs(spec or {}) do
    if key ~= "period" then one[key] = value end
  end
  return collect.new(run, { one })
end

local function rows_of(frame)
  local list = {}
  for one in frame:rows() do list[#list + 1] = one end
  return list
end

local function reason_of(frame)
  local entry = frame:coverage()[1]
  assert.are.equal(1, entry.failed)
  return entry.reasons[1]
end

describe("a flow function", function()
  it("emits what it asked for, mapped by the dataset's fields", function()
    local run, asked = world(function(ask, query, emit)
      for window in query:windows() do
        local page = ask:get("/users", { query = { from = window.from, to = window.to } })
        for _, user in ipairs(page.data) do emit(user) end
      end
    end, function() return { data = { row("Ann@Acme.Test", 5, 1.5), row("bo@acme.test", 7, 60) } } end)
    local frame = records(run)
    local list = rows_of(frame)
    assert.are.same({ "ann@acme.test", 5, 90, "qa", "2026-06" },
      { list[1].user_id, list[1].tests, list[1].duration_s, list[1].team, list[1].period })
    assert.are.equal(12, (frame:value "tests"))
    assert.are.same({ from = "2026-06-01", to = "2026-06-30" }, asked[1].args)
    assert.are.same({ 1, 1, 0, "assumed" }, { frame:coverage()[1].asked, frame:coverage()[1].answered,
      frame:coverage()[1].failed, frame:coverage()[1].period })
  end)
end)
