-- Five million items in one array and a million keys in one object take time, and memory, in
-- proportion: ten times as many take about ten times as long, where a square would take a hundred
-- times. What outgrows the processor's caches takes longer again, and most where others use them,
-- too: 44 times were seen. A square would outgrow them as well, and is never below its hundred.
local core = require "usagelua.core".json
local json = require "usagelua.json"

local TIMES <const>, MOST <const>, TRIES <const> = 10, 80, 5

-- Sanitizers are slow, and what is not linear shows with a tenth of it, too.
local PART <const> = os.getenv "ASAN_OPTIONS" and 10 or 1
local ITEMS <const>, KEYS <const> = 5000000 // PART, 1000000 // PART

local PIECE_ITEMS <const> = 1000

-- Pieces of an array of so many equal items, a multiple of TIMES * PIECE_ITEMS.
local function array_pieces(item, count)
  local piece, left = (item .. ","):rep(PIECE_ITEMS), count // PIECE_ITEMS
  local last = piece:sub(1, -2) .. "]"
  local is_open = false
  return function()
    if not is_open then
      is_open = true
      return "["
    end
    left = left - 1
    if left >= 0 then return left == 0 and last or piece end
  end
end

local function array(item, count)
  local parts = {}
  for piece in array_pieces(item, count) do parts[#parts + 1] = piece end
  return table.concat(parts)
end

-- An object with as many keys, and what else stands in it.
local function object(key, count, more)
  local parts = {}
  for number = 1, count do parts[number] = key:format(number) .. ":1" end
  parts[count + 1] = more
  return "{" .. table.concat(parts, ",") .. "}"
end

-- CPU seconds of what the function that `prepare` gives does.
local function seconds(prepare, count)
  local run = prepare(count)
  collectgarbage()
  local from = os.clock()
  run()
  return os.clock() - from
end

local function assert_linear(prepare, count)
  local ratio = math.huge
  for _ = 1, TRIES do
    ratio = math.min(ratio, seconds(prepare, count) / seconds(prepare, count // TIMES))
    if ratio < MOST then return end
  end
  error(("%d times the work took %.1f times as long"):format(TIMES, ratio), 2)
end

describe("five million items in one array", function()
  it("are iterated over in linear time, and in the same memory", function()
    local grown
    assert_linear(function(count)
      return function()
        collectgarbage()
        local before, sum = collectgarbage "count", 0
        for item in json.items(array_pieces("7", count), "[]") do sum = sum + item end
        assert.are.equal(7 * count, sum)
        collectgarbage()
        grown = collectgarbage "count" - before
      end
    end, ITEMS)
    assert.is_true(grown < 1024, ("%.0f KB"):format(grown))
  end)

  it("are read by field in linear time", function()
    assert_linear(function(count)
      return function()
        local reader <close>, sum = core.reader { rows = "[]", fields = { "id" } }, 0
        for piece in array_pieces('{"id":7,"n":[1]}', count) do
          assert(reader:feed(piece))
          for item in function() return (reader:next()) end do sum = sum + item.id end
        end
        assert(reader:finish())
        assert.are.equal(7 * count, sum)
      end
    end, ITEMS)
  end)

  it("are decoded into one table in linear time", function()
    assert_linear(function(count)
      local text = array("7", count)
      return function()
        local list = assert(json.decode(text))
        assert.are.equal(count, #list)
        assert.are.equal(7, list[count])
      end
    end, ITEMS)
  end)
end)

describe("a million keys in one object", function()
  local KEY <const> = '"key number %d"'

  it("are iterated over in linear time", function()
    assert_linear(function(count)
      local text = object(KEY, count)
      return function()
        local found = 0
        for value in json.items(text, "{}") do found = found + value end
        assert.are.equal(count, found)
      end
    end, KEYS)
  end)

  it("are decoded into one table in linear time", function()
    assert_linear(function(count)
      local text = object(KEY, count)
      return function()
        local map = assert(json.decode(text))
        assert.are.equal(1, map["key number 1"])
        assert.are.equal(1, map["key number " .. count])
      end
    end, KEYS)
  end)

  it("are searched for one that stands twice in linear time", function()
    assert_linear(function(count)
      local text = object(KEY, count, '"key number 7":2')
      return function()
        local found, err = json.decode(text)
        assert.is_nil(found)
        assert.truthy(tostring(err):find("key number 7", 1, true), tostring(err))
      end
    end, KEYS)
  end)

  it("are no slower for being alike", function()
    local ratio = math.huge
    for _ = 1, TRIES do
      local alike = seconds(function(count)
        local text = object('"' .. ("x"):rep(190) .. '%08d"', count)
        return function() assert(json.decode(text)) end
      end, KEYS // TIMES)
      local unlike = seconds(function(count)
        local text = object('"%d' .. ("x"):rep(190) .. '"', count)
        return function() assert(json.decode(text)) end
      end, KEYS // TIMES)
      ratio = math.min(ratio, alike / unlike)
      if ratio < 5 then return end
    end
    error(("%.1f times as long"):format(ratio))
  end)
end)
