-- The parameters of "Get usage (v2)", checked as its page says. What is amiss goes into the
-- record of refusals: the vendor's own answer is a bare "Bad request".
local account = require "vendors.account"
local calendar = require "vendors.calendar"
local ledger = require "vendors.workato.ledger"
local zones = require "vendors.zones"

local cjson = require "cjson.safe"

local parameters = {}

local INTERVALS = { none = true, year = true, month = true, week = true, day = true, hour = true }
local GROUPS = { recipe = true, workspace = true }
local LISTS = { workspace_ids = true, external_ids = true, recipe_ids = true, folder_ids = true }
local KNOWN = { from = true, to = true, interval = true, group_by = true,
  recipe_name_pattern = true, folder_name_pattern = true }

-- With any other field, deleted recipes are not counted.
local KEEPS_DELETED = { from = true, to = true, interval = true, workspace_ids = true,
  external_ids = true }

local PATTERN_CHARACTERS = 3

-- Lists may be named with brackets, as the page does in one place.
local function plain_name(name)
  local list = tostring(name):match "^(.*)%[%]$"
  return list and LISTS[list] and list or name
end

local function add(args, name, value, is_array)
  local plain = plain_name(name)
  if not (KNOWN[plain] or LISTS[plain]) then return "unexpected parameter: " .. tostring(name) end
  if args[plain] == nil then
    args[plain] = is_array and { value } or value
    return nil
  end
  if not is_array then return "repeated parameter: " .. name end
  table.insert(args[plain], value)
end

local function read_query()
  local args = {}
  for _, pair in ipairs(account.arguments(ngx.var.args)) do
    local problem = add(args, pair[1], pair[2], plain_name(pair[1]) ~= pair[1])
    if problem then return nil, problem end
  end
  return args
end

local function read_body()
  ngx.req.read_body()
  if ngx.var.args then return nil, "no query is expected" end
  if not (ngx.var.http_content_type or ""):find "^application/json" then
    return nil, "the body is not sent as application/json"
  end
  local given, args = cjson.decode(ngx.req.get_body_data() or ""), {}
  if type(given) ~= "table" then return nil, "the body is no JSON object" end
  for name, value in pairs(given) do
    local problem = add(args, name, value, false)
    if problem then return nil, problem end
  end
  return args
end

-- Milliseconds since the epoch of "YYYY-MM-DDTHH:mm:ss.SSS" and Z or an offset.
local function instant(kept, args, name)
  local text = type(args[name]) == "string" and args[name] or ""
  local wall, ms, zone = text:match "^(%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d)%.(%d%d%d)(.*)$"
  local epoch = wall and calendar.parse_rfc3339(wall .. zone)
  if not epoch then return nil, ("%s is not ISO 8601 with ms: %s"):format(name, text) end
  if kept.offset == "ignored" then
    epoch = zones.instant(kept.zone, calendar.parse_rfc3339(wall .. "Z"))
  end
  return epoch * 1000 + tonumber(ms)
end

local function range(kept, args)
  local from, to, problem
  from, problem = instant(kept, args, "from")
  if not from then return nil, nil, problem end
  to, problem = instant(kept, args, "to")
  if not to then return nil, nil, problem end
  if kept["end"] == "inclusive" then to = to + 1 end
  if to <= from then return nil, nil, "to is not after from" end
  return from, to
end

local function texts(value)
  local list = {}
  if type(value) == "table" then
    for i, item in ipairs(value) do list[i] = tostring(item) end
  else
    for item in tostring(value):gmatch "[^,]+" do list[#list + 1] = item end
  end
  return list
end

local function ids(kept, args, name)
  local value = args[name]
  if value == nil then return {} end
  local is_array = type(value) == "table"
  if kept.ids_as ~= "either" and is_array ~= (kept.ids_as == "array") then
    return nil, name .. " is not sent as " .. kept.ids_as
  end
  local list = texts(value)
  if #list == 0 then return nil, name .. " is empty" end
  for _, text in ipairs(list) do
    if name ~= "external_ids" and not text:find "^%d+$" then
      return nil, ("%s holds what is no id: %s"):format(name, text)
    end
  end
  return list
end

local function add_workspaces(self, chosen, kind, list)
  for _, text in ipairs(list) do
    local n = ledger.find(self, kind, text)
    if n and not chosen.seen[n] then
      chosen.seen[n] = true
      chosen[#chosen + 1] = n
    end
  end
  chosen.count = chosen.count + #list
end

-- The numbers of the workspaces asked for, in order, and how many ids were sent.
local function workspaces(kept, self, args)
  if args.workspace_ids == nil and args.external_ids == nil then
    return nil, "workspace_ids or external_ids is needed"
  end
  if args.workspace_ids ~= nil and args.external_ids ~= nil and kept.both_ids == "refused" then
    return nil, "workspace_ids and external_ids together"
  end
  local chosen = { seen = {}, count = 0 }
  for _, kind in ipairs { "workspace_ids", "external_ids" } do
    local list, problem = ids(kept, args, kind)
    if not list then return nil, problem end
    add_workspaces(self, chosen, kind, list)
  end
  table.sort(chosen)
  return chosen
end

local function characters(text)
  local _, count = text:gsub("[^\128-\191]", "")
  return count
end

local function check_pattern(args, pattern, list)
  local text = args[pattern]
  if text == nil then return nil end
  if type(text) ~= "string" or characters(text) < PATTERN_CHARACTERS then
    return pattern .. " has fewer than three characters"
  end
  if args[list] ~= nil then return ("%s and %s together"):format(pattern, list) end
end

local function check_words(args)
  if args.interval ~= nil and not INTERVALS[args.interval] then
    return "interval is unknown: " .. tostring(args.interval)
  end
  if args.group_by ~= nil and not GROUPS[args.group_by] then
    return "group_by is unknown: " .. tostring(args.group_by)
  end
  return check_pattern(args, "recipe_name_pattern", "recipe_ids")
    or check_pattern(args, "folder_name_pattern", "folder_ids")
end

local function set_of(kept, args, name)
  if args[name] == nil then return nil end
  local list, problem = ids(kept, args, name)
  if not list then return nil, problem end
  local set = {}
  for _, text in ipairs(list) do set[tonumber(text)] = true end
  return set
end

local function with_deleted(args)
  for name in pairs(args) do
    if not KEEPS_DELETED[name] then return false end
  end
  return true
end

local function filters(kept, args)
  local recipe_ids, folder_ids, problem
  recipe_ids, problem = set_of(kept, args, "recipe_ids")
  if problem then return nil, problem end
  folder_ids, problem = set_of(kept, args, "folder_ids")
  if problem then return nil, problem end
  return { recipe_ids = recipe_ids, folder_ids = folder_ids,
    recipe_name = args.recipe_name_pattern, folder_name = args.folder_name_pattern,
    deleted = with_deleted(args) }
end

--- What a query with these fields asks: { from, to (ms, excluded), workspaces (numbers; count:
--- ids sent), interval, by_recipe, recipe_ids, folder_ids, recipe_name, folder_name, deleted },
--- or nil and what is wrong.
function parameters.check(kept, self, args)
  local from, to, problem = range(kept, args)
  problem = problem or check_words(args)
  if problem then return nil, problem end
  local chosen, asked
  chosen, problem = workspaces(kept, self, args)
  if not chosen then return nil, problem end
  asked, problem = filters(kept, args)
  if not asked then return nil, problem end
  asked.from, asked.to, asked.workspaces = from, to, chosen
  asked.interval, asked.by_recipe = args.interval or "none", args.group_by == "recipe"
  return asked
end

--- The fields of the request at hand, or nil and what is wrong.
function parameters.read(kept)
  if kept.params_in == "query" then return read_query() end
  return read_body()
end

return parameters
