-- The jobs of the Workato test vendor: workspaces with recipes, some of them deleted since, in
-- folders. Every day of every recipe has the same few jobs however it is asked; many at the
-- first and last millisecond of an hour; some were retried hours or days later.
local ledger = {}

local DEFAULTS = { seed = 1, workspaces = 12, recipes = 5, jobs_a_day = 3 }
local DAY_MS, HOUR_MS = 86400000, 3600000
local FIRST_ID, MAX_RETRY_HOURS = 1000, 60

ledger.MAX_RETRY_MS = MAX_RETRY_HOURS * HOUR_MS

local RECIPE_NAMES = { "[TEST] Recipe DeVelopment %d", "MedveDeV sync %d", "Invoice * export %d",
  "Täglicher Bericht %d", "Old import %d" }
local FOLDER_NAMES = { "[PROD] Folder", "[TEST] Folder", "Home" }

local function step(state)
  return state * 48271 % 2147483647
end

--- A ledger of the settings seed, workspaces, recipes (of each), jobs_a_day (at most, of each
--- recipe).
function ledger.build(given)
  local self = {}
  for name, default in pairs(DEFAULTS) do self[name] = given[name] or default end
  return self
end

--- Workspace number n (1 and up): id, name, external_id (nil for every fourth).
function ledger.workspace(n)
  return { id = FIRST_ID + n, name = ("Workspace %d"):format(n),
    external_id = n % 4 ~= 0 and ("customer-%d"):format(n) or nil }
end

--- The number of the workspace with this id or external id (texts), or nil.
function ledger.find(self, kind, text)
  local n
  if kind == "external_ids" then
    n = tonumber(text:match "^customer%-(%d+)$")
    if n and n % 4 == 0 then return nil end
  else
    n = tonumber(text) - FIRST_ID
  end
  return n and n >= 1 and n <= self.workspaces and n or nil
end

--- Recipe number r of workspace n: id, name, folder_id, folder_name, is_deleted.
function ledger.recipe(self, n, r)
  local folder = r % #FOLDER_NAMES + 1
  return { id = (FIRST_ID + n) * 100 + r,
    name = RECIPE_NAMES[(r - 1) % #RECIPE_NAMES + 1]:format(r),
    folder_id = (FIRST_ID + n) * 10 + folder, folder_name = FOLDER_NAMES[folder],
    is_deleted = r == self.recipes or n % 3 == 0 and r == 2 }
end

-- Every seventh workspace has never run anything.
local function is_quiet(n)
  return n % 7 == 0
end

local function time_of_day(state)
  local hour = math.floor(state / 4) % 24
  local way = state % 4
  if way == 0 then return hour * HOUR_MS end
  if way == 1 then return (hour + 1) * HOUR_MS - 1 end
  return state % DAY_MS
end

local function retry_of(state, at)
  if state % 8 ~= 0 then return nil end
  return at + (1 + math.floor(state / 8) % MAX_RETRY_HOURS) * HOUR_MS
end

local function each_of_day(self, n, r, day, visit)
  local state = (self.seed * 1000003 + n * 8191 + r * 131 + day * 17) % 2147483646 + 1
  state = step(step(state))
  for _ = 1, state % (self.jobs_a_day + 1) do
    state = step(state)
    local at = day * DAY_MS + time_of_day(state)
    state = step(state)
    local tasks, is_failed = 1 + state % 20, math.floor(state / 32) % 10 == 0
    state = step(state)
    visit(at, retry_of(state, at), tasks, is_failed)
  end
end

--- Calls visit(at_ms, retried_at_ms or nil, tasks, is_failed) for the jobs of one recipe that
--- began on the days that hold from_ms to to_ms.
function ledger.each_job(self, n, r, from_ms, to_ms, visit)
  if is_quiet(n) then return end
  for day = math.floor(from_ms / DAY_MS), math.floor(to_ms / DAY_MS) do
    each_of_day(self, n, r, day, visit)
  end
end

return ledger
