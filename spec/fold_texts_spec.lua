-- The texts of a column take no memory of their own where nobody remembers them: the fold forgets
-- those that a function reads, or that a condition is about, and keeps those that rows are grouped by.
local core = require "usagelua.core"

local IS_MEASURED <const> = not os.getenv "ASAN_OPTIONS" -- sanitizers hold freed memory back
local ITEMS <const>, BATCH <const>, TEXT_BYTES <const> = 200000, 1000, 200
local GROWTH_KB <const> = 16 * 1024

local COLUMNS <const> = { { kind = "text", source = { "user" } }, { kind = "number", source = { "n" } } }
local SUM <const> = { { adding = "sum", source = 2, of = {} } }
local FILLER <const> = ("x"):rep(TEXT_BYTES)

local function fold_of(rule, judge)
  local reader = core.json.reader { rows = "[]", fields = { "user", "n" } }
  return core.fold({ each = {}, columns = COLUMNS, rules = { rule } }, judge or error, reader), reader
end

-- One in two passes.
local function with_condition()
  return fold_of({ group_by = {}, slots = SUM, conditions = { { column = 1, lists = false } } },
    function(_, _, text) return text ~= nil and text:sub(-1) == "1" end)
end

local function with_function()
  local fold, reader = fold_of({ group_by = {}, conditions = {}, slots = SUM, filter = true })
  local row = fold:row({ user = 1, n = 2 }, error, { __name = "row" })
  fold:functions { { row = row, where = function(r) return r.user:sub(-1) == "1" end, groups = {} } }
  return fold, reader
end

local function batch(from)
  local items = {}
  for i = from, from + BATCH - 1 do
    items[#items + 1] = ('{"n":1,"user":"%d%s%d"}'):format(i, FILLER, i % 2)
  end
  return table.concat(items, ",")
end

local function resident_kb()
  collectgarbage()
  local file <close> = assert(io.open "/proc/self/status")
  return tonumber(file:read("a"):match "VmRSS:%s*(%d+)")
end

-- Each item has another user. How much memory all but the first tenth took.
local function growth_kb(fold, reader)
  local before
  assert(reader:feed "[")
  for from = 1, ITEMS, BATCH do
    assert(reader:feed((from > 1 and "," or "") .. batch(from)))
    assert.is_true(fold:take())
    if from == ITEMS // 10 + 1 then before = resident_kb() end
  end
  assert(reader:feed "]" and reader:finish())
  return resident_kb() - before
end

local function assert_small(grown)
  if IS_MEASURED then assert.is_true(grown < GROWTH_KB, grown .. " KB") end
end

local function assert_adds_up(expected, fold)
  local _, _, sum = fold:figure(1, 1, 1)
  assert.are.equal(expected, sum)
end

describe("texts of a column", function()
  it("are forgotten with their batch where a function reads them", function()
    local fold, reader = with_function()
    assert_small(growth_kb(fold, reader))
    assert_adds_up(ITEMS // 2, fold)
  end)

  it("are forgotten now and then where a condition is about them", function()
    local fold, reader = with_condition()
    assert_small(growth_kb(fold, reader))
    assert_adds_up(ITEMS // 2, fold)
  end)

  it("are all there where rows are grouped by them", function()
    local fold, reader = fold_of { group_by = { 1 }, conditions = {}, slots = SUM }
    assert(reader:feed("[" .. batch(1) .. "]") and reader:finish())
    assert.is_true(fold:take())
    assert.are.equal(BATCH, (fold:counts(1)))
    assert.are.same({ "1" .. FILLER .. "1" }, fold:key(1, 1, {}))
  end)
end)
