-- The quick look at thousands of queries says what looking at each pair says.
local random = require "support.random"
local same_usage = require "usagelua.rule.same_usage"

local RUNS <const> = 400
local MEASURES <const> = { { tests = {} }, { tests = { counted = true } }, { users = {} } }
local GROUPS <const> = { {}, { { name = "dataset" } }, { { name = "period" } } }

local function draw_periods(draw)
  local periods = {}
  if draw:integer(1, 8) == 1 then return { { label = "vendor" } } end
  for i = 1, draw:integer(0, 2) do
    local from = draw:integer(0, 6) * 10
    periods[i] = { from = from, to = from + draw:integer(1, 2) * 10, label = ("p%d"):format(from) }
  end
  return periods
end

local function draw_dataset(draw)
  local identity = { vendor = "acme", dataset = "x" .. draw:integer(1, 9) }
  if draw:integer(1, 3) > 1 then identity.account = draw:item { "a", "b", "c" } end
  if draw:integer(1, 2) == 1 then identity.part = draw:item { 1, 1.0, 2, "1" } end
  return { name = draw:item { "acme.a", "acme.b" }, counts = draw:item { "tests", false } or nil,
    identity = identity, measures = draw:item(MEASURES), periods = draw_periods(draw) }
end

local function verdict(slots, group_by, datasets)
  local ok, err = pcall(same_usage.check, slots, group_by, datasets)
  return ok and "fine" or err.message
end

-- The first pair that is refused, in the order of the list.
local function verdict_of_pairs(slots, group_by, datasets)
  for i, a in ipairs(datasets) do
    for j = i + 1, #datasets do
      local of_pair = verdict(slots, group_by, { a, datasets[j] })
      if of_pair ~= "fine" then return of_pair end
    end
  end
  return "fine"
end

describe("same_usage.check", function()
  it("says of many datasets what it says of each pair", function()
    local seen = {}
    for seed = 1, RUNS do
      local draw, datasets = random.new(seed), {}
      for i = 1, draw:integer(0, 6) do datasets[i] = draw_dataset(draw) end
      local slots = { { name = "tests", source = "tests", kind = draw:item { "sum", "sum", "count" } } }
      local group_by = draw:item(GROUPS)
      local expected = verdict_of_pairs(slots, group_by, datasets)
      assert.are.equal(expected, verdict(slots, group_by, datasets), "seed " .. seed)
      seen[expected:match "^%w+ of %S+ is" or expected == "fine" and "fine" or "and"] = true
    end
    assert.is_true(seen.fine and seen["and"] and next(seen, next(seen, next(seen))) ~= nil)
  end)

  it("looks at ten thousand that are told apart without looking at each pair", function()
    local looked, datasets = 0, {}
    for i = 1, 10000 do
      local identity = setmetatable({}, { __index = function(_, name)
        looked = looked + 1
        return name == "part" and i or nil
      end, __pairs = function() return next, { part = i } end })
      datasets[i] = { name = "acme.a", identity = identity, measures = MEASURES[1],
        periods = { { from = 0, to = 1 } } }
    end
    same_usage.check({ { name = "tests", source = "tests", kind = "sum" } }, {}, datasets)
    assert.is_true(looked < 100000, tostring(looked))
  end)
end)
