-- Run by spec/json_memory_spec.lua: what the JSON core does where memory is short.
local scarcity = require "spec.support.scarcity"
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

scarcity.play(jobs)
