-- What a run says on stderr while it goes: messages, and with -v every
-- attempt, wait and retry with its reason; with --trace every request as a
-- copyable curl line, credentials masked.

local core = require "usagelua.core"
local curl_line = require("usagelua.client.trace").curl
local output = require "usagelua.output"

local progress = {}

-- event → its line with -v
local VERBOSE <const> = {}

function VERBOSE.attempt(event)
  return ("attempt %d: %s %s"):format(event.attempt, event.method, event.url)
end

function VERBOSE.wait(event)
  return ("waiting %.1f s for the %s"):format(event.seconds or 0, event.reason)
end

function VERBOSE.retry(event)
  return ("again in %.1f s (%s): %s"):format(event.seconds, event.reason, tostring(event.err))
end

function VERBOSE.lost(event)
  return "the answer was lost; the outcome is unknown: " .. tostring(event.err)
end

function VERBOSE.done(event)
  local facts = event.facts
  return ("status %d in %.3f s (first byte %.3f s), %d bytes"):format(event.status,
    facts.total_s or 0, facts.first_byte_s or 0, facts.body_bytes or 0)
end

function VERBOSE.failed(event)
  return "given up: " .. tostring(event.err)
end

local function line_writer(sink)
  return function(text)
    sink:write(text .. "\n")
    if sink.flush then sink:flush() end
  end
end

---@param values table the options
---@return table log callable with an event of the client; message, own_vendor, finish
function progress.new(values)
  local say = line_writer(output.stderr())
  local trace = values.trace and assert(output.file(values.trace, "0600"))
  local log = {}

  function log.message(text)
    if not values.quiet then say("usagelua: " .. text) end
  end

  function log.own_vendor(vendor)
    log.message(("vendor %s is your own script %s (sha256 %s)%s"):format(vendor.name, vendor.path,
      vendor.sha256:sub(1, 16), vendor.replaces and ", in place of the built-in one" or ""))
  end

  function log.finish()
    if trace then assert(trace:commit()) end
  end

  return setmetatable(log, { __call = function(_, event)
    if trace and event.event == "attempt" then
      trace:write(curl_line(event.request, core.mask.text) .. "\n")
    end
    local shown = values.verbose and VERBOSE[event.event]
    if shown then say(("  %s: %s"):format(event.what, shown(event))) end
  end })
end

return progress
