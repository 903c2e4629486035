-- What a run says on stderr while it goes: messages; where the queries stand, in
-- place on a terminal, else in a line every ten seconds; with -v every attempt,
-- wait and retry with its reason; with --trace every request as a copyable curl
-- line, credentials masked. With -q nothing, and nothing is kept for it.

local core = require "usagelua.core"
local output = require "usagelua.output"
local safe = require "usagelua.formats.safe"

local progress = {}

local IN_PLACE_S <const> = 0.2
local IN_LINES_S <const> = 10

-- With -v ------------------------------------------------------------------

-- Timings and the vendor's name of an answer that was none.
local function came_text(came)
  if not came then return "" end
  local facts = came.facts
  return (" [status %d in %.3f s, first byte %.3f s%s]"):format(came.status, facts.total_s or 0,
    facts.first_byte_s or 0, came.request_id and ", " .. came.request_id or "")
end

-- event → its line with -v
local VERBOSE <const> = {}

function VERBOSE.attempt(event)
  return ("attempt %d: %s %s"):format(event.attempt, event.method, event.url)
end

function VERBOSE.wait(event)
  if not event.is_new then return nil end
  return ("waiting %.1f s for the %s"):format(event.seconds or 0, event.reason)
end

-- The line begins with what was asked; so does the error.
local function reason_of(event)
  local text, lead = tostring(event.err), ("%s: "):format(event.what)
  return text:sub(1, #lead) == lead and text:sub(#lead + 1) or text
end

function VERBOSE.retry(event)
  return ("again in %.1f s (%s): %s%s"):format(event.seconds, event.reason, reason_of(event),
    came_text(event.came))
end

function VERBOSE.lost(event)
  return "the answer was lost; the outcome is unknown: " .. reason_of(event)
end

function VERBOSE.done(event)
  local facts = event.facts
  return ("status %d in %.3f s (connect %.3f s, first byte %.3f s), %d bytes%s"):format(event.status,
    facts.total_s or 0, facts.connect_s or 0, facts.first_byte_s or 0, facts.body_bytes or 0,
    event.request_id and ", " .. event.request_id or "")
end

function VERBOSE.failed(event)
  return "given up: " .. reason_of(event) .. came_text(event.came)
end

-- In place, or in lines ----------------------------------------------------

-- A terminal of a person's that can go back to a line above.
local function is_in_place()
  local term = os.getenv "TERM"
  return core.terminal.isatty(2) and not os.getenv "CI" and term ~= nil and term ~= "" and term ~= "dumb"
end

local function line_writer(sink)
  local function say(_, text)
    sink:write(text .. "\n")
    sink:flush()
  end
  return { say = say, clear = function() end }
end

-- Shows where the queries stand whenever it is time; both ways do the same.
local function show_in_place(screen, where)
  screen:draw(require("usagelua.cli.standing_text").lines(where, screen.room()))
end

local function show_in_lines(screen, where)
  screen:say("usagelua: " .. require("usagelua.cli.standing_text").line(where))
end

local function follower(screen, in_place)
  local monotonic = core.clock.monotonic
  local where, next_at
  local every_s, show = in_place and IN_PLACE_S or IN_LINES_S, in_place and show_in_place or show_in_lines
  local own = {}

  function own.hear(event)
    if not where then
      if event.event ~= "queries" then return end
      where = require("usagelua.cli.standing").new(core.clock)
    end
    if where:is_idle() then next_at = monotonic() + every_s end
    where:hear(event)
    if where:is_idle() then screen:clear() end
  end

  function own.look()
    if not where or where:is_idle() then return nil end
    local now = monotonic()
    if now >= next_at then
      show(screen, where)
      next_at = now + every_s
    end
    return next_at - now
  end

  return own
end

-- The log ------------------------------------------------------------------

local function new_follower(values, screen, in_place)
  if values.quiet or values.replay then return nil end -- a replay waits for nobody
  return follower(screen, in_place)
end

---@class usagelua.log callable with an event of the client
---@field message fun(text: string)
---@field own_vendor fun(vendor: table)
---@field follow fun(event: usagelua.told)? hears how far queries are
---@field look (fun(): number?)? shows it when it is time; seconds until the next time
---@field hears_parts_only boolean it has no use for calls that belong to no query
---@field clear fun() before somebody else writes to the terminal
---@field finish fun()

---@param values table the options
---@return usagelua.log
function progress.new(values)
  local in_place = not values.quiet and is_in_place()
  local sink = output.stderr()
  local screen = in_place and require("usagelua.cli.screen").new(sink) or line_writer(sink)
  local trace = values.trace and assert(output.file(values.trace, "0600"))
  local following = new_follower(values, screen, in_place)
  local function say(text)
    screen:say(safe.text(core.mask.text(text)))
  end
  local log = { follow = following and following.hear, look = following and following.look,
    hears_parts_only = not (trace or values.verbose) }

  function log.message(text)
    if not values.quiet then say("usagelua: " .. text) end
  end

  function log.own_vendor(vendor)
    log.message(("vendor %s is your own script %s (sha256 %s)%s"):format(vendor.name, vendor.path,
      vendor.sha256:sub(1, 16), vendor.replaces and ", in place of the built-in one" or ""))
  end

  function log.clear()
    screen:clear()
  end

  function log.finish()
    screen:clear()
    if trace then assert(trace:commit()) end
  end

  return setmetatable(log, { __call = function(_, event)
    if trace and event.event == "attempt" then
      local curl_line = require("usagelua.client.trace").curl
      trace:write(curl_line(event.request, core.mask.text) .. "\n")
    end
    if following then following.hear(event) end
    local shown = values.verbose and VERBOSE[event.event]
    local line = shown and shown(event)
    if line then say(("  %s: %s"):format(event.what, line)) end
  end })
end

return progress
