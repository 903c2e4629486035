-- The kinds of auth that a description may name, one row each: which keys a
-- kind has, and which of them name variables. Signed requests would be rows
-- with the keys that their signatures need.

local errors = require "usagelua.errors"
local order = require "usagelua.order"

local auth = {}

-- Ways to write a kind: keys that it needs, and those behind "?" that it may
-- have. The first way is the one that messages ask for.
local OAUTH <const> = { "token_url", "client_id_env", "client_secret_env" }
local OAUTH_MORE <const> = { "client_in", "scope", "form" }

local KINDS <const> = {
  { "basic", { needs = { "username_env", "password_env" } } },
  { "bearer", { needs = { "token_env" } } },
  { "header", { needs = { "header", "value_env" }, may = { "prefix" } }, { needs = { "headers" } } },
  { "query", { needs = { "parameter", "value_env" } }, { needs = { "parameters" } } },
  { "client_credentials", { needs = OAUTH, may = OAUTH_MORE } },
  { "refresh", { needs = { "refresh_token_env", table.unpack(OAUTH) }, may = OAUTH_MORE } },
}

-- Keys that name a variable, in the order in which they are asked for; what
-- the secret is in the auth of requests; whether it is a name and no key.
auth.VARIABLES = {
  { "username_env", "username", is_name = true },
  { "password_env", "password" },
  { "token_env", "token" },
  { "value_env", "value" },
  { "client_id_env", "client_id", is_name = true },
  { "client_secret_env", "client_secret" },
  { "refresh_token_env", "refresh_token" },
}

-- Keys whose tables name variables: header field or parameter = variable.
auth.MAPS = { "headers", "parameters" }

---The names of the kinds.
---@return string[]
function auth.names()
  local names = {}
  for index, row in ipairs(KINDS) do names[index] = row[1] end
  return names
end

-- The kinds --------------------------------------------------------------

local function ways_of(kind)
  for _, row in ipairs(KINDS) do
    if row[1] == kind then return { table.unpack(row, 2) } end
  end
end

local function append(list, more)
  return table.move(more or {}, 1, #(more or {}), #list + 1, list)
end

local function has(list, name)
  for _, each in ipairs(list) do
    if each == name then return true end
  end
  return false
end

local function keys_of(way)
  return append(append({}, way.needs), way.may)
end

-- The way that the description means: the first of which it has a needed key
-- that no other way needs.
local function meant(described, ways)
  for index = #ways, 2, -1 do
    if described[ways[index].needs[1]] ~= nil then return ways[index] end
  end
  return ways[1]
end

local function check_known(described, ways, place)
  local known = {}
  for _, way in ipairs(ways) do append(known, keys_of(way)) end
  for _, key in ipairs(order.keys(described)) do
    if key ~= "kind" and not has(known, key) then
      errors.raise_usage("%s: kind '%s' has no key '%s'; known: %s", place, described.kind, key,
        table.concat(known, ", "))
    end
  end
end

local function check_way(described, way, place)
  for _, key in ipairs(way.needs) do
    if described[key] == nil then
      errors.raise_usage("%s: kind '%s' needs the key '%s'", place, described.kind, key)
    end
  end
  local keys = keys_of(way)
  for _, key in ipairs(order.keys(described)) do
    if key ~= "kind" and not has(keys, key) then
      errors.raise_usage("%s: the keys '%s' and '%s' exclude one another", place, way.needs[1], key)
    end
  end
end

---Raises a usage error where a kind lacks a key or has one too many.
---@param described table one auth of a description
---@param place string
function auth.check(described, place)
  local ways = ways_of(described.kind)
  check_known(described, ways, place)
  check_way(described, meant(described, ways), place)
end

-- Variables ----------------------------------------------------------------

---@class usagelua.auth_variable
---@field variable string
---@field key string of the auth of requests
---@field member string? of the table under that key
---@field is_name boolean it is no secret

---The variables that one auth names, in a fixed order.
---@param described table
---@return usagelua.auth_variable[]
function auth.variables(described)
  local list = {}
  for _, row in ipairs(auth.VARIABLES) do
    local variable = described[row[1]]
    if variable then
      list[#list + 1] = { variable = variable, key = row[2], is_name = row.is_name or false }
    end
  end
  for _, key in ipairs(auth.MAPS) do
    for _, member in ipairs(order.keys(described[key] or {})) do
      list[#list + 1] = { variable = described[key][member], key = key, member = member,
        is_name = false }
    end
  end
  return list
end

---The variables of all kinds that a vendor names.
---@param list table[] its auth
---@return string[]
function auth.all_variables(list)
  local names = {}
  for _, described in ipairs(list) do
    for _, slot in ipairs(auth.variables(described)) do names[#names + 1] = slot.variable end
  end
  return names
end

return auth
