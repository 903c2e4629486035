-- Asks for what stands behind the frames of a run.

local errors = require "usagelua.errors"

local asking = {}

-- All that is missing is named at once, before anything is sent.
local function resolve_credentials(run, queries)
  local credentials = require "usagelua.vendor.credentials"
  if not run:needs_credentials() then
    for _, planned in ipairs(queries) do
      planned.auth = planned.auth or credentials.replayed(planned.vendor)
    end
    return
  end
  local unresolved = {}
  for _, planned in ipairs(queries) do
    if not planned.auth then unresolved[#unresolved + 1] = planned end
  end
  credentials.resolve_all(unresolved)
end

-- Report jobs are created only where the ledger can be written.
local function check_ledger(run, queries)
  for _, planned in ipairs(queries) do
    if planned.dataset.job then
      local _ = run.ledger -- raises
    end
  end
end

-- Before anything is sent.
local function prepare(run, queries)
  resolve_credentials(run, queries)
  check_ledger(run, queries)
end

-- Parts of the run that only report jobs need, made when one does.
local LATER <const> = { ledger = "ledger", left = "leftovers" }

local function with_later(run, tools)
  return setmetatable(tools, { __index = function(_, name)
    return LATER[name] and run[LATER[name]]
  end })
end

-- Who wants to hear how far the queries are.
local function listener(run)
  return type(run.log) == "table" and run.log.follow or nil
end

---Asks for a frame's queries, all at the same time. Where the deadline ends
---them, what is missing is marked and the run goes on to its report.
---@param run usagelua.run
---@param asked usagelua.frame
---@param queries usagelua.query[]
function asking.ask(run, asked, queries)
  prepare(run, queries)
  local coverage = require("usagelua.frame.coverage").new()
  require("usagelua.flow.execute").run(queries, asked:begin(), with_later(run, {
    client = run.client, scheduler = run.scheduler, loader = run.loader, coverage = coverage,
    columns = asked:fields(), folding = asked:folding(),
    wants = function(const) return asked:wants(const) end,
    warn = function(planned, text) run:note(planned.name .. ": " .. text) end,
    note = function(_, text) run:warn(text) end,
    without_credentials = not run:needs_credentials(), tell = listener(run),
  }))
  asked:finish(coverage)
end

-- What stands behind these frames and is still to be asked for, each once:
-- its queries, and a frame that asks for it.
local function to_be_asked(run, frames)
  local list = {}
  for _, described in ipairs(run.described) do
    for _, frame in ipairs(frames) do
      if frame:comes_from(described.frame) and not frame:is_asked() then
        list[#list + 1] = { frame = frame, queries = described.queries }
        break
      end
    end
  end
  return list
end

local function queries_of(list)
  local queries = {}
  for _, one in ipairs(list) do
    table.move(one.queries, 1, #one.queries, #queries + 1, queries)
  end
  return queries
end

-- Frames made of others are asked for by those.
local function all_asking(frames)
  local list = {}
  for _, frame in ipairs(frames) do
    local beneath = frame:asking()
    table.move(beneath, 1, #beneath, #list + 1, list)
  end
  return list
end

---Asks for several frames at the same time, each of their queries once. In
---mode "report" nothing else is going to be read.
---@param run usagelua.run
---@param frames usagelua.frame[]
---@param mode "report"|"script"
function asking.ask_together(run, frames, mode)
  frames = all_asking(frames)
  for _, frame in ipairs(mode == "report" and frames or {}) do frame:need() end
  local list = to_be_asked(run, frames)
  if #list == 0 then return end
  prepare(run, queries_of(list))
  local ok, err = pcall(require("usagelua.client.fanout").each, run.scheduler, list, #list,
    function(one) one.frame:ask(mode) end)
  -- Frames that the deadline kept from beginning are asked by who reads them,
  -- in vain, and say so.
  if not ok and errors.from(err).kind ~= "deadline" then error(err, 0) end
end

return asking
