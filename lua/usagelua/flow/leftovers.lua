-- Report jobs that earlier runs left. Of those that a query of this run asks
-- for just the same, one is kept to be taken up; the others are deleted at
-- their vendors, with credentials that this run has anyway.

local calls = require "usagelua.flow.job_calls"
local credentials = require "usagelua.vendor.credentials"
local deletion = require "usagelua.flow.deletion"
local errors = require "usagelua.errors"
local query = require "usagelua.flow.query"

local leftovers = {}

local HOW <const> = "`usagelua ledger --delete` deletes it once its credential is set"

---@class usagelua.leftovers
---@field kept table<string, usagelua.ledger.entry> to be taken up, by what they answer
---@field others usagelua.ledger.entry[] to be deleted
---@field unheard usagelua.ledger.entry[] of which nobody knows whether they became jobs
local methods = {}
local metatable = { __name = "usagelua.leftovers", __index = methods }

local function name_of(facts)
  return ("%s%s"):format(facts.dataset, facts.account and " (account " .. facts.account .. ")" or "")
end

-- Nobody knows whether it was created, and so nobody can delete it.
local function name_unheard(entry, tools)
  tools.note(nil, ("%s: an earlier run did not hear the answer when it created a report job: perhaps "
    .. "one job more at the vendor, with an id that nobody knows"):format(name_of(entry.facts)))
  if not entry.facts.id then entry:forget() end
end

local function add_wanted(keys, planned)
  for _, part in ipairs(planned.parts) do
    if not part.window.vendor then
      keys[calls.identity { described = planned.dataset.job, values = part.values,
        context = { planned = planned } }] = true
    end
  end
end

-- The questions of this run, as the ledger knows them. What a vendor chooses
-- the period of is another question each time.
local function wanted(queries)
  local keys = {}
  for _, planned in ipairs(queries) do
    if planned.dataset.job then add_wanted(keys, planned) end
  end
  return keys
end

local function sort_out(self, entry, keys, ledger)
  local facts = entry.facts
  if not facts.id or facts.is_lost then self.unheard[#self.unheard + 1] = entry end
  if not facts.id then return end
  if keys[facts.query] and not self.kept[facts.query] and ledger:is_fresh(facts) then
    self.kept[facts.query] = entry
  else
    self.others[#self.others + 1] = entry
  end
end

---Looks for what earlier runs left, once a run.
---@param run usagelua.run with a ledger
---@return usagelua.leftovers
function leftovers.find(run)
  local self = setmetatable({ kept = {}, others = {}, unheard = {}, loader = run.loader,
    without_credentials = not run:needs_credentials() }, metatable)
  local keys = wanted(run.queries)
  local found, problems = run.ledger:orphans()
  for _, entry in ipairs(found) do sort_out(self, entry, keys, run.ledger) end
  for _, problem in ipairs(problems) do
    run:warn(("the ledger of report jobs: %s: jobs that an earlier run left may still be there")
      :format(problem.message))
  end
  return self
end

-- Each entry comes once.
local function take_others(self, tools)
  for _, entry in ipairs(self.unheard) do name_unheard(entry, tools) end
  local others = self.others
  self.unheard, self.others = {}, {}
  return others
end

---What is to be cleared beside queries of which some are asked as report jobs.
---@param tools usagelua.tools
---@return usagelua.ledger.entry[]
function leftovers.to_clear(tools)
  local self = tools.left
  return self and take_others(self, tools) or {}
end

---Clears what is not to be taken up, where nobody has done so beside the
---queries' parts: a flow function creates jobs that no description tells of.
---@param context usagelua.job_context
function methods:settle(context)
  local tools = { client = context.client, loader = self.loader,
    without_credentials = self.without_credentials,
    note = function(_, text) context.note(text) end }
  for _, entry in ipairs(take_others(self, tools)) do leftovers.clear(entry, tools) end
end

---The job that answers this question, if one was left; it is the caller's now.
---@param identity string
---@return usagelua.ledger.entry?
function methods:take(identity)
  local entry = self.kept[identity]
  self.kept[identity] = nil
  return entry
end

---The vendor of an entry as this run knows it, with its credential.
---@param facts usagelua.ledger.facts
---@param tools { loader: table, without_credentials: boolean? }
---@return usagelua.target? target
---@return usagelua.error? err kind "credential" naming what is missing, or "usage"
function leftovers.target(facts, tools)
  local ok, target = errors.try(function()
    local vendor = tools.loader:load(facts.vendor)
    local dataset = vendor.datasets[facts.dataset:match "[^.]*$"]
    local made = query.target(vendor, { account = facts.account, region = facts.region },
      facts.dataset, dataset and dataset.base_url)
    deletion.check(facts, made)
    return made
  end)
  if not ok then return nil, errors.from(target) end
  if target.base_url ~= facts.base_url then
    return nil, errors.new { kind = "usage",
      message = ("it was created at %s, and the vendor is asked at %s now"):format(facts.base_url,
        target.base_url) }
  end
  if tools.without_credentials then return target end
  local problems
  target.auth, problems = credentials.resolve(target)
  if target.auth then return target end
  return nil, errors.new { kind = "credential", message = table.concat(problems, ", ") }
end

---Deletes what one entry names, and the entry with it. What cannot be deleted
---stays in the ledger.
---@param entry usagelua.ledger.entry with an id
---@param tools { client: usagelua.client, loader: table, urgent: boolean? }
---@return boolean? ok
---@return usagelua.error? err why it was not deleted; beside `ok`, what was odd about it
function leftovers.delete(entry, tools)
  local target, err = leftovers.target(entry.facts, tools)
  local ok
  if target then ok, err = deletion.send(entry.facts, target, tools) end
  if not ok and not deletion.is_gone(err) then return nil, err end
  entry:remove()
  return true, err
end

---The same, told beside the figures.
---@param entry usagelua.ledger.entry
---@param tools usagelua.tools
function leftovers.clear(entry, tools)
  local facts = entry.facts
  local what = ("%s: the report job %s, which an earlier run had left,"):format(name_of(facts),
    facts.id)
  local ok, err = leftovers.delete(entry, tools)
  entry:leave()
  if ok then
    tools.note(nil, ("%s was deleted%s"):format(what, err and " (" .. err.message .. ")" or ""))
  else
    tools.note(nil, ("%s is still there: %s; %s"):format(what, err.message, HOW))
  end
end

return leftovers
