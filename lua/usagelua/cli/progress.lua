-- What a run says on stderr while it goes: messages, and with -v every
-- attempt, wait and retry with its reason; with --trace every request as a
-- copyable curl line, credentials masked.

local output = require "usagelua.output"

local progress = {}

local VERBOSE = {}

function VERBOSE.attempt(event)
  return ("%s: attempt %d, %s %s"):format(event.what or "request", event.attempt or 1, event.method,
    event.url)
end

function VERBOSE.wait(event)
  return ("%s: waiting %.1f s: %s"):format(event.what or "request", event.seconds, event.reason)
end

function VERBOSE.retry(event)
  return ("%s: again in %.1f s: %s"):format(event.what or "request", event.seconds, event.reason)
end

function VERBOSE.done(event)
  return ("%s: %s in %.3f s, %d bytes"):format(event.what or "request", event.status or "no answer",
    event.seconds or 0, event.bytes or 0)
end

local function line_writer(sink)
  return function(text)
    sink:write(text .. "\n")
    if sink.flush then sink:flush() end
  end
end

---@param values table the options
---@return table log callable with an event of the client; message, traceback, finish
function progress.new(values)
  local say = line_writer(output.stderr())
  local trace = values.trace and assert(output.file(values.trace, "0600"))
  local log = {}

  function log.message(text)
    if not values.quiet then say("usagelua: " .. text) end
  end

  function log.traceback(text)
    if values.verbose then say(text) end
  end

  function log.finish()
    if trace then assert(trace:commit()) end
  end

  return setmetatable(log, { __call = function(_, event)
    if trace and event.curl then trace:write(event.curl .. "\n") end
    local shown = values.verbose and VERBOSE[event.kind]
    if shown then say("  " .. shown(event)) end
  end })
end

return progress
