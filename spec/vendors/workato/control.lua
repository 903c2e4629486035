-- /_control/workato/…: settings, what was asked, the rate, and the right answers for the specs.
local ledger = require "vendors.workato.ledger"
local settings = require "vendors.workato.settings"
local store = require "vendors.store"
local usage = require "vendors.workato.usage"

local cjson = require "cjson.safe"

local control = {}

local function list(values)
  return setmetatable(values, cjson.array_mt)
end

local function forget()
  for _, name in ipairs { "requests", "refusals", "timeouts", "calls:", "limited:", "rate:" } do
    store.forget("workato:" .. name)
  end
end

--- POST: replaces the settings, forgets counts and what was asked. GET: the settings.
function control.settings(given)
  local problem = given and settings.write(given)
  if problem then return nil, problem end
  if given then forget() end
  return settings.read()
end

--- GET: the queries that made sense, oldest first: { fields (as sent), ids (how many) }.
function control.requests()
  return list(store.list "workato:requests")
end

--- GET: why the others were refused, oldest first.
function control.refusals()
  return list(store.list "workato:refusals")
end

--- GET: calls and limited (those refused by the rate) of all groups; timeouts: queries with too
--- many ids. POST: the buckets are full again, the counts zero.
function control.rate(given)
  if given then forget() end
  local answer, seen = { calls = 0, limited = 0, timeouts = store.number "workato:timeouts" }, {}
  for _, credential in ipairs(settings.read().credentials) do
    local group = credential.group
    if not seen[group] then
      seen[group] = true
      answer.calls = answer.calls + store.number("workato:calls:" .. group)
      answer.limited = answer.limited + store.number("workato:limited:" .. group)
    end
  end
  return answer
end

local function numbers(self, text)
  local chosen = {}
  for id in (text or ""):gmatch "[^,]+" do
    chosen[#chosen + 1] = ledger.find(self, "workspace_ids", id)
  end
  for n = 1, text and 0 or self.workspaces do chosen[n] = n end
  return chosen
end

local function question(args)
  local kept = settings.read()
  local self = settings.ledger(kept, settings.credential(kept, args.group))
  local from, to = tonumber(args.from_epoch), tonumber(args.to_epoch)
  if not from or not to then return nil, "from_epoch and to_epoch are needed" end
  return { kept = kept, ledger = self, asked = { from = from * 1000, to = to * 1000,
    workspaces = numbers(self, args.workspace_ids), interval = args.interval or "none",
    by_recipe = args.group_by == "recipe", deleted = args.deleted ~= "false",
    recipe_name = args.recipe_name_pattern, folder_name = args.folder_name_pattern } }
end

local function shown(row)
  return { workspace_id = row.workspace.id, recipe_id = row.recipe and row.recipe.id,
    from_epoch = row.from / 1000, to_epoch = row.to / 1000, tasks = row.tasks,
    succeeded = row.succeeded, failed = row.failed,
    recipes = not row.recipe and row.recipes or nil }
end

local function summed(rows)
  local answer = { tasks = 0, succeeded = 0, failed = 0, rows = list {} }
  for i, row in ipairs(rows) do
    answer.rows[i] = shown(row)
    for _, name in ipairs { "tasks", "succeeded", "failed" } do
      answer[name] = answer[name] + row[name]
    end
  end
  return answer
end

--- GET ?from_epoch&to_epoch (excluded)[&workspace_ids=1001,1002 (default all)&interval&
--- group_by=recipe&deleted=false&recipe_name_pattern&folder_name_pattern&group]: { tasks,
--- succeeded, failed, rows = { { workspace_id, recipe_id, from_epoch, to_epoch, tasks,
--- succeeded, failed, recipes }, ... } }, counted as one query of this range and interval.
function control.total(_, args)
  local asked, problem = question(args)
  if not asked then return nil, problem end
  return summed(usage.rows(asked.kept, asked.ledger, asked.asked))
end

--- GET [?group]: the same for the endpoint of twelve months.
function control.monthly(_, args)
  local kept = settings.read()
  return summed(usage.monthly(kept, settings.ledger(kept, settings.credential(kept, args.group))))
end

local function add_jobs(asked, all, n, r)
  local self, range = asked.ledger, asked.asked
  local recipe, id = ledger.recipe(self, n, r), ledger.workspace(n).id
  ledger.each_job(self, n, r, range.from, range.to, function(at, retried, tasks, is_failed)
    all[#all + 1] = { workspace_id = id, recipe_id = recipe.id, deleted = recipe.is_deleted,
      at_ms = at, retried_ms = retried, tasks = tasks, failed = is_failed }
  end)
end

--- GET, same parameters: the jobs that began on the UTC days touched by the range, for counting
--- in another way: { { workspace_id, recipe_id, deleted, at_ms, retried_ms, tasks, failed } }.
function control.jobs(_, args)
  local asked, problem = question(args)
  if not asked then return nil, problem end
  local all = {}
  for _, n in ipairs(asked.asked.workspaces) do
    for r = 1, asked.ledger.recipes do add_jobs(asked, all, n, r) end
  end
  return list(all)
end

--- GET [?group]: every workspace: { id, name, external_id, recipes = { { id, name, folder_id,
--- folder_name, is_deleted }, ... } }.
function control.workspaces(_, args)
  local kept = settings.read()
  local self, all = settings.ledger(kept, settings.credential(kept, args.group)), {}
  for n = 1, self.workspaces do
    all[n] = ledger.workspace(n)
    all[n].recipes = {}
    for r = 1, self.recipes do all[n].recipes[r] = ledger.recipe(self, n, r) end
  end
  return list(all)
end

return control
