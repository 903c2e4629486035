-- A part that is asked by its dataset's own function (`flow`): straight-line Lua
-- in the part's coroutine. Its rows join the query's together, when it returns;
-- an error drops them all, and the part is marked.

local ask = require "usagelua.flow.ask"
local emit = require "usagelua.flow.emit"
local errors = require "usagelua.errors"
local query_view = require "usagelua.flow.query_view"
local script_place = require "usagelua.flow.script_place"

local script = {}

-- What the script itself did, not the world.
local OWN <const> = { script = true, usage = true }

-- `emit` as the script has it.
local function callable(emitter)
  local function check_open()
    if emitter.ended then errors.raise_usage("emit: the function has ended, its rows are counted") end
  end
  local own = {}
  function own.partial(reason)
    check_open()
    if type(reason) ~= "string" or reason == "" then
      errors.raise_usage("emit.partial: say which rows are missing, as a text")
    end
    emitter:partial(reason)
  end
  return setmetatable(own, { __metatable = false, __call = function(_, item, key, root)
    check_open()
    local ok, err = emitter:item(item, key, root)
    if not ok then error(err, 0) end
  end })
end

local function try_text(asker)
  if asker.calls == 0 then return "before its first call" end
  return ("behind its call %d, %s, attempt %d"):format(asker.calls, asker.last, asker.attempt)
end

local function hint_for(planned)
  local path = planned.vendor.path
  return ("look at the vendor script%s: --trace FILE shows what it asked"):format(
    path and ", usagelua test " .. path .. " tries it" or "")
end

-- With file and line, and for the script's own mistakes what it did last.
local function failure(err, planned, asker)
  local failed = errors.new(errors.from(err))
  local words = {}
  if failed.place and failed.place ~= "" then words[1] = failed.place end
  if OWN[failed.kind] then
    words[#words + 1] = try_text(asker)
    failed.hint = failed.hint or hint_for(planned)
  end
  if #words > 0 then failed.message = ("%s (%s)"):format(failed.message, table.concat(words, ", ")) end
  failed.code = nil -- what it read again it has read again itself
  return failed
end

-- What stops the task is no failure of the part.
local function raise_stop(tools, err)
  tools.scheduler:check()
  errors.pass_memory(err)
end

local function chunk_of(fn)
  return debug.getinfo(fn, "S").source
end

---Runs the function for one part.
---@param tools usagelua.tools
---@param planned usagelua.query
---@param one usagelua.query_part
---@param stage usagelua.stage the part's own
---@param ask_page function of flow/part.lua: one answer, asked again where it is partial
---@return usagelua.part_said? said
---@return usagelua.error? err
function script.read(tools, planned, one, stage, ask_page)
  local fn = planned.dataset.flow
  local emitter = emit.new(tools, planned, one, stage)
  local handler = script_place.handler(chunk_of(fn))
  local asker <close> = ask.new { tools = tools, planned = planned, one = one, emitter = emitter,
    ask_page = ask_page, handler = handler }
  local ok, err = xpcall(fn, handler, asker.object, query_view.of(planned, one), callable(emitter))
  emitter.ended = true
  asker:close()
  raise_stop(tools, not ok and err)
  if ok then ok, err = emitter.mapper:judge() end
  if not ok then return nil, failure(err, planned, asker) end
  emitter:flush()
  return emitter.said
end

return script
