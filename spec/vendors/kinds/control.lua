-- /_control/kinds/…: settings, what was asked, and the right answers for the specs.
local exports = require "vendors.kinds.exports"
local ledger = require "vendors.kinds.ledger"
local settings = require "vendors.kinds.settings"
local store = require "vendors.store"

local cjson = require "cjson.safe"

local control = {}

local KEPT = { "batches", "created", "files", "graphql", "job:", "jobs", "moved", "oauth:",
  "refresh:", "token:" }

local function list(values)
  return setmetatable(values, cjson.array_mt)
end

--- POST: replaces the settings, forgets jobs, tokens and what was asked. GET: the settings.
function control.settings(given)
  local problem = given and settings.write(given)
  if problem then return nil, problem end
  for _, name in ipairs(given and KEPT or {}) do store.forget("kinds:" .. name) end
  return settings.read()
end

--- POST: changes some settings; what is kept stays.
function control.change(given)
  local problem = settings.change(given or {})
  if problem then return nil, problem end
  return settings.read()
end

local function chosen(kept, args)
  local from, to = tonumber(args.from_epoch), tonumber(args.to_epoch)
  if from and to then return ledger.between(kept, from, to) end
  if not args.ids then return ledger.items(kept, 1, kept.items) end
  local items = {}
  for id in args.ids:gmatch "[^,]+" do items[#items + 1] = ledger.item(tonumber(id)) end
  return items
end

--- GET [?from_epoch&to_epoch (excluded) or ?ids=1,2]: { items, tests, minutes, products =
--- { NAME = { items, tests, minutes } } }, of all items where nothing is said.
function control.total(_, args)
  return ledger.total(chosen(settings.read(), args))
end

--- GET, same parameters: the items themselves.
function control.items(_, args)
  return list(chosen(settings.read(), args))
end

--- GET: the export jobs, oldest first: { id, alive, deleted, polls, created_at }.
function control.jobs()
  local all = exports.list()
  for i, job in ipairs(all) do
    all[i] = { id = job.id, alive = not job.deleted_at, deleted = job.deleted_at ~= nil,
      polls = job.polls, created_at = job.created_at }
  end
  return list(all)
end

--- GET: the requests for files: { path, port, authorization, cookie, keys (whether they came) }.
function control.files()
  return list(store.list "kinds:files")
end

--- GET: the requests for ids: { ids (how many), refused }.
function control.batches()
  return list(store.list "kinds:batches")
end

--- GET: token requests: asked, refreshed, refused (also calls with a token that is over).
--- POST: every token given so far is over.
function control.tokens(given)
  if given then store.forget "kinds:token:" end
  local answer = {}
  for _, name in ipairs { "asked", "refreshed", "refused" } do
    answer[name] = store.number("kinds:oauth:" .. name)
  end
  return answer
end

return control
