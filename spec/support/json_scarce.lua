-- Run by spec/json_memory_spec.lua under support/scarce.c: each job once with
-- the n-th allocation failing, for every n. It must end well or raise lack of
-- memory, and the next run of it must be as if nothing had been.
local scarce = require "scarce"
local json = require "usagelua.core".json

local text = ('{"a":"%s\\n%s","%s":[1.5,{"k1":1,"k2":2,"k3":3,"k4":4,"k5":5,"k6":6,"k7":7,"k8":8,"k9":9}]}')
  :format(("a"):rep(600), ("b"):rep(600), ("c"):rep(300))

local document = ('{"meta":{"y":{"q":[1,2]}},"data":{"k":{"u":['
  .. '{"a":"%s\\u00e9","b":{"m":{"c":1}},"z":[1]},7]}}}'):format(("q"):rep(300))

local jobs = {}

function jobs.decode() return assert(json.decode(text)).a end

function jobs.decode_deep()
  return #assert(json.decode(("["):rep(200) .. ("]"):rep(200), { max_depth = 200 }))
end

function jobs.decode_wrong()
  local _, err = json.decode(text .. "x")
  return err.message
end

function jobs.encode()
  local value = { a = { { c = json.array { 1, 2.5 } } }, s = ("x"):rep(500) }
  return json.encode(value, { indent = 2, key_order = { "s" } })
end

function jobs.encode_wrong()
  local _, message = pcall(json.encode, { a = { b = { print } } })
  return message
end

function jobs.object() return json.encode(json.object { { "b", 1 }, { "a", json.array() } }) end

function jobs.read()
  local reader <close> = json.reader {
    rows = "data{}.u[]", fields = { "a", "b{}.c" }, side = { x = "meta.y", z = "meta" },
  }
  for i = 1, #document, 7 do assert(reader:feed(document:sub(i, i + 6))) end
  assert(reader:finish())
  local item, key = reader:next()
  return json.encode { item, key, reader:next(), reader:side() }
end

local function run_short_of(n, mode, job)
  collectgarbage()
  scarce(n, mode)
  local ok, result = pcall(job)
  return scarce() == 0, ok, result
end

local function all_positions(mode, job, expected)
  local n, raised = 0, 0
  repeat
    n = n + 1
    local done, ok, result = run_short_of(n, mode, job)
    local short = tostring(result):find "not enough memory"
    assert(short or ok and result == expected, tostring(result))
    if not ok then raised = raised + 1 end
    assert(job() == expected)
  until done
  return n, raised
end

for name, job in pairs(jobs) do
  local expected = job()
  for _, mode in ipairs { "once", "on" } do
    print(name, mode, all_positions(mode, job, expected))
  end
end
