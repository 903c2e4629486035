-- A run that sends nothing. A script describes its queries as ever; the first
-- figure that it needs, or the first request of its own, ends it there.

local rehearsal = {}

local STOP <const> = setmetatable({}, {
  __name = "usagelua.rehearsal.stop",
  __tostring = function() return "a rehearsal sends nothing" end,
})

-- "report.lua:12", the innermost line of the script that is running.
local function place_in(source, script_name)
  for level = 3, 200 do
    local info = debug.getinfo(level, "Sl")
    if not info then break end
    if info.source == source then
      return ("%s:%d"):format(script_name, info.currentline)
    end
  end
  return script_name
end

local function stop(run, what)
  run.stopped_at = run.stopped_at or ("%s %s"):format(place_in(run.source, run.script_name), what)
  error(STOP, 0)
end

-- What a script holds in place of a credential, which need not be there.
local STAND_IN <const> = {
  __name = "usagelua.secret",
  __tostring = function() return "***" end,
  __concat = function(left, right) return tostring(left) .. tostring(right) end,
  __index = {
    bind = function(value) return value end,
    hosts = function() return {} end,
    name = function() return "***" end,
    close = function() end,
  },
}

local function stand_in()
  return setmetatable({}, STAND_IN)
end

-- Notes each credential that the script asks for by its variable.
local function secrets(run)
  local has = require("usagelua.core").secret.has
  run.own_secrets = {}
  local function from_environment(_, name)
    local is_there, file = has(name)
    table.insert(run.own_secrets, { name = name, is_there = is_there, file = file })
    return stand_in()
  end
  return setmetatable({ file = stand_in, has = require("usagelua.secret").has },
    { __call = from_environment })
end

local function http(run)
  local function refuse() stop(run, "sends a request of its own") end
  return { get = refuse, request = refuse, all = refuse }
end

-- What the script prints is not what was asked for: standard output belongs to
-- the command.
local function print_beside()
  io.output(io.stderr)
  print = function(...) -- luacheck: ignore 121 (the script's own print is the point)
    local words = table.pack(...)
    for index = 1, words.n do words[index] = tostring(words[index]) end
    io.stderr:write(table.concat(words, "\t") .. "\n")
  end
end

---Keeps a run from sending anything. What its script asks of usage.secret stands
---in `run.own_secrets`.
---@param run usagelua.run
---@param library usagelua? what its script gets
function rehearsal.prepare(run, library)
  run.needs_credentials = function() return false end
  local function ask() stop(run, "reads a figure before the report is returned") end
  run.ask, run.ask_together = ask, ask
  if not library then return end
  print_beside()
  library.secret, library.http = secrets(run), http(run)
end

---Runs a script so far as it goes without an answer.
---@param run usagelua.run prepared
---@param chunk function
---@return string? stopped_at where and why it went no further: what follows is not known
---Raises what the script raised before that.
function rehearsal.play(run, chunk)
  local ok, failure = pcall(chunk, table.unpack(run.arguments or {}))
  if not ok and not run.stopped_at then error(failure, 0) end
  return run.stopped_at
end

return rehearsal
