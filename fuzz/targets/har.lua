-- Cassettes: a text is refused with an error, or gives entries of the stated
-- shape, which a replay answers and quotes without failing.

local clock = require "usagelua.time.clock"
local errors = require "usagelua.errors"
local har = require "usagelua.cassette.har"
local replay = require "usagelua.cassette.replay"
local timestamp = require "usagelua.time.timestamp"

local function assert_type(value, expected, what)
  if type(value) ~= expected then error(("%s is a %s"):format(what, type(value)), 2) end
end

local function check_entry(entry)
  for _, name in ipairs { "method", "url", "request_body", "body" } do
    assert_type(entry[name], "string", name)
  end
  assert(math.type(entry.status) == "integer" and entry.status >= 0, "status")
  assert(math.type(entry.size) == "integer" and entry.size >= 0, "size")
  for name, value in pairs(entry.headers) do
    assert_type(name, "string", "the name of a header")
    assert_type(value, "string", "a header")
  end
  assert(entry.err == nil or errors.is(entry.err), "an error that is none")
  assert(entry.err == nil or tostring(entry.err), "an error that cannot be shown")
end

local function check_head(log)
  if log.now then timestamp.format_rfc3339(math.floor(log.now)) end
  if log.zone ~= nil then assert_type(log.zone, "string", "zone") end
  if log.version ~= nil then assert_type(log.version, "string", "version") end
end

local function check_replay(log)
  local tape = replay.new(log.entries, { clock = clock.virtual(0), name = "tape",
    mask = function(text) return text end })
  for _, entry in ipairs(log.entries) do
    assert(tape:holds { method = entry.method, url = entry.url, body = entry.request_body })
    assert(tape:open { method = entry.method, url = entry.url, body = entry.request_body })
  end
  tape:step(0)
  local _, err = tape:open { method = "GET", url = "https://api.acme.test/?a=1" }
  assert(err == nil or errors.is(err), "an absence without an error")
end

return function(bytes)
  local log, err = har.read(bytes)
  if not log then
    assert(errors.is(err) and err.kind == "io", "refused without an error")
    return
  end
  check_head(log)
  for _, entry in ipairs(log.entries) do check_entry(entry) end
  check_replay(log)
end, true
