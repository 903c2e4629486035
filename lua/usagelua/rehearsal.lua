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

local function comes_from_any(frames, records)
  for _, frame in ipairs(frames) do
    if frame:comes_from(records) then return true end
  end
  return false
end

-- What no rule of the report can use is not asked for by the run itself.
local function drop_unwanted(run, frames)
  for _, described in ipairs(run.described) do
    local is_read = comes_from_any(frames, described.frame)
    for _, planned in ipairs(described.queries) do
      local wanted = {}
      for _, part in ipairs(planned.parts) do
        if is_read and described.frame:wants(part.const) then wanted[#wanted + 1] = part end
      end
      planned.parts = wanted
    end
  end
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
  run.ask = ask
  function run.ask_together(_, frames)
    if not run.is_at_its_end then ask() end
    drop_unwanted(run, frames)
    error(STOP, 0)
  end
  if not library then return end
  print_beside()
  library.secret, library.http = secrets(run), http(run)
end

---Runs a script so far as it goes without an answer.
---@param run usagelua.run prepared
---@param chunk function
---@return any result what the script returned
---@return string? stopped_at where and why it went no further: what follows is not known
---Raises what the script raised before that.
function rehearsal.play(run, chunk)
  local ok, result = pcall(chunk, table.unpack(run.arguments or {}))
  if run.stopped_at then return nil, run.stopped_at end
  if not ok then error(result, 0) end
  return result
end

---Goes on as far as the asking for a report's figures: the queries are left with
---the parts that its rules can use.
---@param run usagelua.run prepared
---@param report usagelua.report
function rehearsal.finish(run, report)
  run.is_at_its_end = true
  local ok, err = pcall(report.evaluate, report)
  if not ok and err ~= STOP then error(err, 0) end
end

return rehearsal
