-- One part of a query, read whole or not at all: every page is a transaction
-- of its own, and all of them join the query's rows together.

local answer = require "usagelua.flow.answer"
local batches = require "usagelua.flow.batches"
local expected = require "usagelua.flow.expected"
local pages = require "usagelua.flow.pages"
local request = require "usagelua.flow.request"
local telling = require "usagelua.flow.telling"
local warnings = require "usagelua.flow.warnings"

local part = {}

-- A partial answer is asked for so often before it is taken as it is.
local PARTIAL_TRIES <const> = 3
local PARTIAL_WAIT_S <const> = 0.5
-- Rows that moved between pages are read again from the first page once.
local READINGS <const> = 2

local PARTIAL <const> = ("the vendor marked its answer as partial, in %d tries"):format(
  PARTIAL_TRIES)

---@class usagelua.tools what a query needs of its run
---@field client usagelua.client
---@field scheduler usagelua.scheduler
---@field coverage usagelua.coverage
---@field warn fun(planned: usagelua.query, text: string)
---@field note fun(planned: usagelua.query, text: string) beside the figures and in the coverage
---@field ledger usagelua.ledger|false|nil of report jobs
---@field columns table<string, true>? that somebody reads; nil: all
---@field folding usagelua.folding? the rules that read them, where nobody reads rows
---@field wants (fun(const: table): boolean)? whether anybody reads such rows
---@field tell fun(event: usagelua.told)? hears how far it is

---What the answers of a part said about it.
---@class usagelua.part_said
---@field is_partial boolean
---@field doubt string? why rows may be missing of which it said nothing
---@field echoed boolean
---@field account string?
---@field found usagelua.named_values see flow/expected.lua
---@field partial_reason string? in the words of who noticed it

local function ask_once(tools, planned, one, extra, label)
  local built = request.build(planned, one.values, extra)
  built.what = label and one.label .. ", " .. label or one.label
  built.part = telling.whole(one)
  for key, value in pairs(one.request or {}) do built[key] = value end
  return tools.client:call(built, function(response)
    return answer.read(response, planned, one.values, tools.columns, tools.folding, one.const)
  end)
end

-- Asks a partial answer for again; one that stays partial is better than none.
local function ask_page(tools, ...)
  local read, err = ask_once(tools, ...)
  for try = 2, PARTIAL_TRIES do
    if not read or not read.is_partial then break end
    tools.scheduler:sleep(PARTIAL_WAIT_S * 2 ^ (try - 2))
    local again = ask_once(tools, ...)
    if not again then break end
    read = again
  end
  return read, err
end

local function add_page(stage, one, read)
  if read.rows_missing then stage:taint(one.const, PARTIAL) end
  if read.doubt then stage:taint(one.const, read.doubt) end
  read.batch.const = one.const
  stage:add(read.batch)
end

local function note_page(said, read)
  said.is_partial = said.is_partial or read.is_partial
  said.doubt = said.doubt or read.doubt
  said.echoed = said.echoed and read.echoed
  said.account = said.account or read.account
end

local function each_page(tools, planned, one, take)
  local described = planned.dataset.pages
  return pages.each(described, function(extra, label, reading)
    telling.page(tools, one, described, reading)
    local read, err = ask_page(tools, planned, one, extra, label)
    if not read then return nil, err end
    take(read)
    return read
  end)
end

local function read_answers(tools, planned, one, stage)
  local said = { is_partial = false, echoed = true, found = {} }
  local each = planned.dataset.job and require("usagelua.flow.job_part").each or each_page
  local ok, err = each(tools, planned, one, function(read)
    warnings.of(tools, planned, read.batch)
    expected.find(said.found, planned.dataset.expect, read.batch.rows, read.batch.about)
    add_page(stage, one, read)
    note_page(said, read)
  end)
  if not ok then return nil, err end
  return said
end

-- By the description's table, or by its own function.
local function read_once(tools, planned, one, stage)
  if not planned.dataset.flow then return read_answers(tools, planned, one, stage) end
  return require("usagelua.flow.script").read(tools, planned, one, stage, ask_page)
end

local function read_whole(tools, planned, one, stage)
  local said, err
  for _ = 1, READINGS do
    local own <close> = stage:stage()
    said, err = read_once(tools, planned, one, own)
    if said then
      own:commit()
      return said
    end
    if err.code ~= pages.MOVED then break end
  end
  return nil, err
end

local function said_by_all(list)
  local said = { is_partial = false, echoed = true, found = {} }
  for _, one in ipairs(list) do
    note_page(said, one)
    expected.join(said.found, one.found)
  end
  return said
end

-- All batches join one stage, so that a part is whole or not there.
local function read_batches(tools, planned, one, stage)
  local own <close> = stage:stage()
  local list, err = batches.each(tools, planned, one, function(narrowed)
    return read_whole(tools, planned, narrowed, own)
  end)
  if not list then return nil, err end
  own:commit()
  return said_by_all(list)
end

---Reads a part into the stage: all of it, or nothing.
---@param tools usagelua.tools
---@param planned usagelua.query
---@param one usagelua.query_part
---@param stage usagelua.stage
---@return usagelua.part_said? said
---@return usagelua.error? err
function part.read(tools, planned, one, stage)
  if batches.are_needed(planned) then return read_batches(tools, planned, one, stage) end
  return read_whole(tools, planned, one, stage)
end

part.PARTIAL = PARTIAL

return part
