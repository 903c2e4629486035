-- Entries of the ledger: a file is refused with an error, says nothing, or
-- gives facts of the stated shape, which can be listed and shown.

local entry = require "usagelua.ledger.entry"
local errors = require "usagelua.errors"
local timestamp = require "usagelua.time.timestamp"

local path = os.tmpname()
local owner = setmetatable({}, { __gc = function() os.remove(path) end })

local TEXTS <const> = { "vendor", "base_url", "dataset", "query", "host", "run" }
local OPTIONAL <const> = { "account", "region", "id" }

local function is_text(value) return type(value) == "string" end

local function check_facts(facts)
  for _, name in ipairs(TEXTS) do assert(is_text(facts[name]), name) end
  for _, name in ipairs(OPTIONAL) do assert(facts[name] == nil or is_text(facts[name]), name) end
  assert(facts.is_lost == nil or type(facts.is_lost) == "boolean", "is_lost")
  timestamp.format_rfc3339(facts.created)
  for _, call in ipairs(facts.delete or {}) do
    assert(is_text(call.method) and is_text(call.path), "delete")
  end
end

return function(bytes)
  assert(owner)
  local file = assert(io.open(path, "wb")) -- not our own writer, which waits for the disk
  file:write(bytes)
  file:close()
  local facts, err = entry.read(path)
  assert(err == nil or errors.is(err) and err.kind == "io", "refused without an error")
  if facts then check_facts(facts) end
end, true
