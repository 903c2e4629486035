-- Counts jobs as the vendor does: each once in a query, in the bucket of the moment it is
-- allocated to.
local calendar = require "vendors.calendar"
local ledger = require "vendors.workato.ledger"
local zones = require "vendors.zones"

local usage = {}

local MONTHS = 12

local function buckets(zone, interval, from, to)
  if interval == "none" then return { { from = from, to = to } } end
  local list, at = {}, from
  while at < to do
    local next_at = math.min(zones.next(zone, interval, math.floor(at / 1000)) * 1000, to)
    list[#list + 1] = { from = at, to = next_at }
    at = next_at
  end
  return list
end

-- The number of the bucket that holds the moment.
local function bucket_of(list, moment)
  local low, high = 1, #list
  while low < high do
    local middle = math.floor((low + high) / 2)
    if moment < list[middle].to then high = middle else low = middle + 1 end
  end
  return low
end

local function is_held(context, moment)
  return moment ~= nil and moment >= context.asked.from and moment < context.until_ms
end

-- The moment at which a query counts a job, or nil: it began in the range; or, allocated by
-- retry, its latest run in the range.
local function moment_of(context, at, retried)
  if context.allocation == "retry" and is_held(context, retried) then return retried end
  return is_held(context, at) and at or nil
end

local function matches(asked, recipe)
  if recipe.is_deleted and not asked.deleted then return false end
  return (not asked.recipe_ids or asked.recipe_ids[recipe.id] ~= nil)
    and (not asked.folder_ids or asked.folder_ids[recipe.folder_id] ~= nil)
    and (not asked.recipe_name or recipe.name:find(asked.recipe_name, 1, true) ~= nil)
    and (not asked.folder_name or recipe.folder_name:find(asked.folder_name, 1, true) ~= nil)
end

local function new_row(bucket)
  return { from = bucket.from, to = bucket.to, tasks = 0, succeeded = 0, failed = 0, recipes = 0 }
end

local function count(row, tasks, is_failed)
  row.tasks = row.tasks + tasks
  row.succeeded = row.succeeded + (is_failed and 0 or 1)
  row.failed = row.failed + (is_failed and 1 or 0)
end

-- Adds one recipe's jobs to its rows by bucket number.
local function add_recipe(context, n, r, rows)
  local asked, is_counted = context.asked, {}
  local first = asked.from - ledger.MAX_RETRY_MS
  ledger.each_job(context.ledger, n, r, first, asked.to, function(at, retried, tasks, is_failed)
    local moment = moment_of(context, at, retried)
    if not moment then return end
    local i = bucket_of(context.buckets, moment)
    rows[i] = rows[i] or new_row(context.buckets[i])
    if not is_counted[i] then
      is_counted[i], rows[i].recipes = true, rows[i].recipes + 1
    end
    count(rows[i], tasks, is_failed)
  end)
end

local function append(context, list, rows, workspace, recipe)
  for i, bucket in ipairs(context.buckets) do
    local row = rows[i] or context.empty_rows and new_row(bucket)
    if row then
      row.workspace, row.recipe = workspace, recipe
      list[#list + 1] = row
    end
  end
end

local function add_workspace(context, list, n)
  local workspace, shared = ledger.workspace(n), {}
  for r = 1, context.ledger.recipes do
    local recipe = ledger.recipe(context.ledger, n, r)
    local rows = context.asked.by_recipe and {} or shared
    if matches(context.asked, recipe) then
      add_recipe(context, n, r, rows)
      if context.asked.by_recipe then append(context, list, rows, workspace, recipe) end
    end
  end
  if not context.asked.by_recipe then append(context, list, shared, workspace) end
end

--- The rows of a query: { workspace, recipe (or nil), from, to (ms, excluded), tasks, succeeded,
--- failed, recipes }, by workspace, then recipe, then bucket.
---@param kept table the settings
---@param self table the ledger
---@param asked table of parameters.check
function usage.rows(kept, self, asked)
  local context = { asked = asked, ledger = self, allocation = kept.allocation,
    empty_rows = kept.empty_rows, until_ms = math.min(asked.to, kept.now * 1000),
    buckets = buckets(kept.zone, asked.interval, asked.from, asked.to) }
  local list = {}
  for _, n in ipairs(asked.workspaces) do add_workspace(context, list, n) end
  return list
end

-- The first instant of the month that lies `back` months before the one of now.
local function month_start(kept, back)
  local date = os.date("!*t", kept.now + zones.offset(kept.zone, kept.now))
  local months = date.year * 12 + date.month - 1 - back
  return zones.instant(kept.zone, calendar.epoch(math.floor(months / 12), months % 12 + 1, 1, 0, 0,
    0))
end

--- The question that the older, parameterless endpoint answers: all workspaces, the last twelve
--- calendar months with the present one.
function usage.monthly_question(kept, self)
  local all = {}
  for n = 1, self.workspaces do all[n] = n end
  return { from = month_start(kept, MONTHS - 1) * 1000, to = month_start(kept, -1) * 1000,
    workspaces = all, interval = "month", deleted = true }
end

--- Its rows: every month of every workspace, jobs where they began.
function usage.monthly(kept, self)
  local plain = setmetatable({ allocation = "start", empty_rows = true }, { __index = kept })
  return usage.rows(plain, self, usage.monthly_question(kept, self))
end

return usage
