-- What ended a run: the error, where in the script it was raised, and the
-- traceback for -v. Also how a script ends on purpose, with a text or a status.

local errors = require "usagelua.errors"

local failure = {}

local SIGNAL_BASE <const> = 128
local FAILED <const> = 1
-- kind → exit status; all others 1
local STATUS <const> = { usage = 2, credential = 2 }
-- What Lua's own messages do not tell: what to do. By their ends.
local HINTS <const> = {
  ["not enough memory$"] = "the script holds too much at once; give it more with --max-memory",
  ["%(global 'usage'%)$"] = 'write local usage = require "usagelua" at the top',
}

---@class usagelua.failure
---@field err usagelua.error
---@field place string? "report.lua:12: "
---@field traceback string?
local metatable = { __name = "usagelua.run_failure" }

---@class usagelua.stop ends the run without an error
---@field text string for stdout
local stop_metatable = { __name = "usagelua.stop" }

---The value that is raised to end a script early with a text and status 0.
---@param text string
---@return usagelua.stop
function failure.stop(text)
  return setmetatable({ text = text }, stop_metatable)
end

---@return boolean
function failure.is_stop(value)
  return getmetatable(value) == stop_metatable
end

-- The line of the user's chunk that led to the error; the chunk alone where no
-- line of it was running (`return usage.report { … }` leaves its line).
local function place_of(source, level)
  local info = debug.getinfo(level, "Sl")
  while info do
    if info.source == source and info.currentline > 0 then
      return ("%s:%d: "):format(info.short_src, info.currentline)
    end
    level = level + 1
    info = debug.getinfo(level, "Sl")
  end
  return source:match "^@(.*)" and source:sub(2) .. ": " or nil
end

-- Any value can be raised; a table tells what it can.
local function message_of(value)
  if type(value) == "string" then return value end
  local metatable_of = getmetatable(value)
  if type(metatable_of) == "table" and metatable_of.__tostring then return tostring(value) end
  local message = type(value) == "table" and rawget(value, "message")
  if type(message) == "string" then return message end
  return ("the error value is a %s, not a text"):format(type(value))
end

local function hint_for(message)
  for pattern, hint in pairs(HINTS) do
    if message:find(pattern) then return hint end
  end
end

-- The plain form in which C raises an error.
local C_ERROR <const> = "usagelua.failure"

local function is_of_c(value)
  local metatable_of = type(value) == "table" and getmetatable(value)
  return type(metatable_of) == "table" and metatable_of.__name == C_ERROR
end

local function as_error(value)
  if errors.is(value) then return value end
  if is_of_c(value) then return errors.from(value) end
  local text = message_of(value)
  return errors.new { kind = "script", message = text, cause = value, hint = hint_for(text) }
end

---A message handler for xpcall.
---@param source string? the chunk name of the user's script
---@return fun(value: any): usagelua.failure|usagelua.stop
function failure.handler(source)
  return function(value)
    if failure.is_stop(value) or getmetatable(value) == metatable then return value end
    local err = as_error(value)
    return setmetatable({ err = err, place = source and place_of(source, 3),
      traceback = err.traceback or debug.traceback("", 2):gsub("^\n", "") }, metatable)
  end
end

---What xpcall returned: Lua gives the bare message where memory ran out or the
---handler itself failed.
---@return usagelua.failure|usagelua.stop
function failure.of(caught)
  if failure.is_stop(caught) or getmetatable(caught) == metatable then return caught end
  return setmetatable({ err = as_error(caught) }, metatable)
end

local POSITION <const> = "^[^\n:]+:%d+: "
-- What is the script's own doing; the world's failures need no line of it.
local OF_SCRIPT <const> = { usage = true, script = true }

---One line for people: where, what, what to do.
---@param self usagelua.failure
---@return string
function failure.text(self)
  local text = tostring(self.err)
  if not self.place or text:find(POSITION) then return text end
  if not OF_SCRIPT[self.err.kind] and not self.place:find ":%d+: $" then return text end
  return self.place .. text
end

---The exit status that says what ended the run.
---@param self usagelua.failure
---@return integer
function failure.status(self)
  if self.err.signal then return SIGNAL_BASE + self.err.signal end
  return STATUS[self.err.kind] or FAILED
end

return failure
