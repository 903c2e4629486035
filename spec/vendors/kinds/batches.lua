-- Items by their ids, at most so many at once:
--   /batch?ids=1,2,3 or ?ids=1&ids=2 or ?ids[]=1, or POST { ids: [ 1, 2, 3 ] }: { data }
-- Above the limit: 413 at once, or 504 after a while.
local ledger = require "vendors.kinds.ledger"
local ordered_json = require "vendors.ordered_json"
local reply = require "vendors.kinds.reply"
local store = require "vendors.store"

local batches = {}

local function texts(request)
  local list = {}
  if request.method == "POST" then
    local given = request.json()
    for i, id in ipairs(type(given) == "table" and given.ids or {}) do list[i] = tostring(id) end
    return list
  end
  for _, pair in ipairs(request.list) do
    if pair[1] == "ids" or pair[1] == "ids[]" then
      for id in pair[2]:gmatch "[^,]+" do list[#list + 1] = id end
    end
  end
  return list
end

local function too_many(kept)
  ngx.sleep(kept.batch.hang_s)
  return reply.failure(kept.batch.status, "too many ids")
end

local function items(kept, list)
  local found = {}
  for _, text in ipairs(list) do
    local id = tonumber(text)
    if id and id >= 1 and id <= kept.items then found[#found + 1] = ledger.item(id) end
  end
  return found
end

local function batch(request)
  local list = texts(request)
  local is_over = #list > request.kept.batch.limit
  store.push("kinds:batches", { ids = #list, refused = is_over })
  if #list == 0 then return reply.failure(400, "no ids") end
  if is_over then return too_many(request.kept) end
  return reply.json(200, ordered_json.object { { "data",
    reply.rows(items(request.kept, list)) } }, request.quirks)
end

batches.routes = { batch = batch }

return batches
