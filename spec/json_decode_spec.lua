-- Decoding a whole text at one go: it means what the reader makes of the same text in pieces, the
-- shapes that objects have had make no difference, and Lua's collector goes on as it should.
local core = require "usagelua.core".json
local json = require "usagelua.json"
local same = dofile "fuzz/same.lua"
local shell = require "support.shell"

local function in_pieces(text, size)
  local reader <close> = core.reader { rows = "." }
  for from = 1, #text, size do
    if not reader:feed(text:sub(from, from + size - 1)) then break end
  end
  local ok, err = reader:finish()
  if ok then return (reader:next()) end
  return nil, err
end

local function assert_agreed(text, size)
  local value, err = core.decode(text)
  local expected, refused = in_pieces(text, size)
  same.assert("the error", refused, err)
  same.assert("the value", expected, value)
  return err == nil
end

local TEXTS <const> = {
  '{"data":{"users":[{"name":"L\\u00e9a","email":"a@b.c","access":{"live":true,"app":false},"last":null},'
    .. '{"name":"Björn","email":"b@b.c","access":{"live":false,"app":true},"last":"2026"}]},"count":2}',
  ' [ 1 , -20 , 3.25 , 1e3, 123456789012345678 ,-9223372036854775808, 0 , -0 , "" , [ ] , { } ]\n',
  '[{"a":1,"b":2},{"a":1},{"b":2,"a":1},{"a":1,"b":{"a":2,"c":[{"a":1,"b":2}]}},{"a":3,"b":4,"c":5}]',
  '{"abcdefg":1,"abcdefgh":2,"abcdefghi":3,"abc":4,"abcd":5,"ab\\tc":6,"":7,"' .. ("k"):rep(40) .. '":8,"'
    .. ("k"):rep(41) .. '":9}',
}

local BYTES <const> = { '"', "\\", ",", ":", "[", "]", "{", "}", "0", "1", ".", "e", "-", " ", "\n", "a", "\\u0061",
  "\0", "\x1f", "\x7f", "\xc3", "\u{fc}", "\xed\xa0\x80", "null", "true", '"a":1', '"abc":' }

local function change(text)
  local at, length = math.random(#text + 1), math.random(0, 2)
  local before, after = text:sub(1, at - 1), text:sub(at + length)
  local way = math.random(3)
  if way == 1 then return before .. after end
  if way == 2 then return before .. BYTES[math.random(#BYTES)] .. after end
  local from = math.random(#text)
  return before .. text:sub(from, from + math.random(0, 12)) .. after
end

-- In a process of its own, which has decoded nothing yet.
local function run(script, mode, text)
  local paths = ('package.path, package.cpath = "lua/?.lua;lua/?/init.lua", %q\n'):format(
    os.getenv "USAGELUA_CPATH" or "build/lib/?.so")
  local result = shell.run({ shell.lua(), "-e", ("%slocal mode = %q\n%s"):format(paths, mode, script) },
    { stdin = text, timeout_s = 120 })
  assert.equal(0, result.status, result.stderr)
  return result.stdout
end

describe("a text decoded at one go", function()
  it("means what it means in pieces, right or wrong", function()
    math.randomseed(5)
    local accepted, tried = 0, 0
    for _ = 1, 3000 do
      for _, text in ipairs(TEXTS) do
        local changed = change(text)
        if math.random(3) == 1 then changed = change(changed) end
        if assert_agreed(changed, math.random(40)) then accepted = accepted + 1 end
        tried = tried + 1
      end
    end
    assert.is_true(accepted > tried // 10 and accepted < tried // 2, accepted)
  end)

  it("ends where it ends, wherever it is cut", function()
    for _, text in ipairs(TEXTS) do
      for length = 0, #text do assert_agreed(text:sub(1, length), 7) end
    end
  end)
end)

describe("objects of many shapes", function()
  local function object(names)
    local members = {}
    for i, name in ipairs(names) do members[i] = ('"%s":%d'):format(name, i) end
    return "{" .. table.concat(members, ",") .. "}"
  end

  local function assert_members(names)
    local value = assert(json.decode(object(names)))
    for i, name in ipairs(names) do assert.equal(i, value[name]) end
    local count = 0
    for _ in pairs(value) do count = count + 1 end
    assert.equal(#names, count)
  end

  local function list(count, name)
    local names = {}
    for i = 1, count do names[i] = name:format(i) end
    return names
  end

  local function assert_duplicate(names)
    for at = 1, #names do
      local more = table.move(names, 1, #names, 1, {})
      more[#more + 1] = names[at]
      local value, err = json.decode(object(more))
      assert.is_nil(value)
      assert.equal("duplicate", err.code)
    end
    assert_members(names)
  end

  it("have each name once, be they of a shape, of too many names, or of long ones", function()
    for _ = 1, 2 do
      assert_duplicate { "a", "b", "c" }
      assert_duplicate(list(64, "n%d"))
      assert_duplicate(list(66, "n%d"))
      assert_duplicate { "a", ("x"):rep(40), ("x"):rep(41), "b", ("y"):rep(300) }
    end
  end)

  it("have each name once, however it is written", function()
    for _, text in ipairs { '{"a":1,"\\u0061":2}', '{"\\u0061":1,"a":2}', '[{"a":1,"b":1},{"a":1,"b":1,"a":1}]',
      '{"a":{"a":1},"a":1}', '{"x":1,"a":{"x":1,"a":{"x":1,"x":2}}}' } do
      local value, err = json.decode(text)
      assert.is_nil(value)
      assert.equal("duplicate", err.code, text)
    end
    assert.same({ ["é"] = { ["é"] = 1 } }, json.decode '{"\\u00e9":{"é":1}}')
  end)

  it("are told apart where one name begins like another", function()
    for _ = 1, 2 do
      for length = 1, 41 do
        local name = ("n"):rep(length)
        assert_members { name, name .. "n" }
        assert_members { name, "m" .. name:sub(2) .. "n" }
        assert_members { name:sub(2) .. "o", name }
      end
    end
  end)

  local ROUNDS <const> = [[
    local json = require "usagelua.json"
    for round = 1, 3 do
      local all = {}
      for i = 1, 1200 do
        all[i] = ('{"id%d":1,"n%d":2,"m%d":3,"o%d":4}'):format(round, i // 100, i // 10, i)
      end
      for i, value in ipairs(assert(json.decode("[" .. table.concat(all, ",") .. "]"))) do
        assert(value["id" .. round] == 1 and value["n" .. i // 100] == 2)
        assert(value["m" .. i // 10] == 3 and value["o" .. i] == 4)
      end
    end
    print "good"]]

  it("are read when there are more than are kept", function()
    for round = 1, 3 do
      for i = 1, 1200 do assert_members(list(1 + i % 5, ("r%dn%dm%%d"):format(round % 2, i))) end
      assert_members { "a", "b", "c" }
    end
    assert.equal("good\n", run(ROUNDS))
  end)
end)

-- What is decoded is much beside all else: each time there is a whole collection, between the
-- reading and the building.
describe("Lua's collector", function()
  local function rows(count)
    local parts = {}
    for i = 1, count do parts[i] = ('{"id":%d,"name":"user number %d"}'):format(i, i) end
    return "[" .. table.concat(parts, ",") .. "]"
  end

  local FINALIZERS <const> = [[
    local json = require "usagelua.json"
    local text, calls, inside = io.read "a", 0, false
    local function arm()
      setmetatable({}, { __gc = function()
        if inside then calls = calls + 1 end
        assert(json.decode '{"x":["some text"]}')
        assert(not json.decode '{"x":["some text"')
        if mode == "on" then arm() end
      end })
    end
    arm()
    for _ = 1, 8 do
      inside = true
      local list, none, err = json.decode(text), json.decode(text .. ",")
      inside = false
      for i, row in ipairs(list) do assert(row.id == i and row.name == "user number " .. i) end
      assert(#list == 30000 and none == nil and err.offset == #text)
    end
    mode = "off"
    print(calls)]]

  it("may call finalizers that decode while something is decoded", function()
    local calls = run(FINALIZERS, "on", rows(30000))
    assert.is_true(tonumber(calls) >= 8, calls)
  end)

  it("stays stopped where it was stopped", function()
    local text = rows(60000)
    collectgarbage()
    collectgarbage "stop"
    local seen = setmetatable({ {} }, { __mode = "v" })
    local value = json.decode(text)
    local running, kept = collectgarbage "isrunning", seen[1] ~= nil
    collectgarbage "restart"
    assert.equal(60000, #value)
    assert.is_false(running)
    assert.is_true(kept)
  end)

  local MEMORY <const> = [[
    local json = require "usagelua.json"
    local text = io.read "a"
    collectgarbage(mode)
    local most, kept = 0
    for _ = 1, 12 do
      kept = nil
      kept = json.decode(text)
      most = math.max(most, collectgarbage "count")
    end
    collectgarbage()
    assert(#kept > 0)
    print(collectgarbage "count", most)]]

  local function strings(count)
    local parts = {}
    for i = 1, count do parts[i] = ('"a text of some length that stands only once: %d"'):format(i) end
    return "[" .. table.concat(parts, ",") .. "]"
  end

  local TEXTS_OF <const> = { { "objects", rows(50000) }, { "strings", strings(60000) },
    { "lists", "[" .. ("[1.5],"):rep(60000) .. "[]]" } }

  for _, mode in ipairs { "generational", "incremental" } do
    for _, case in ipairs(TEXTS_OF) do
      it("is made to drop an old value before a large new one is made, " .. mode .. ", of " .. case[1], function()
        local figures = run(MEMORY, mode, case[2])
        local lives, most = figures:match "([%d.]+)%s+([%d.]+)"
        assert.is_true(tonumber(most) < 1.1 * tonumber(lives), figures)
      end)
    end
  end

  -- It would come by itself only once there is several times as much.
  local BESIDE <const> = [[
    local json = require "usagelua.json"
    local text, much = io.read "a", ("x"):rep(1 << 26)
    collectgarbage("incremental", 1000)
    collectgarbage()
    local seen = setmetatable({ {} }, { __mode = "v" })
    local value = json.decode(text)
    print(#value, #much, seen[1] ~= nil)]]

  it("is left alone where a value is small beside all else", function()
    assert.equal("30000\t67108864\ttrue\n", run(BESIDE, "", rows(30000)))
  end)
end)
