-- Where the secrets of an auth stand in a request: the list of places that C
-- fills. Of the kinds that have to ask for a token first, grant.lua gets one.

local errors = require "usagelua.errors"
local order = require "usagelua.order"

local placing = {}

local function is_secret(value)
  local metatable = type(value) == "userdata" and debug.getmetatable(value)
  return metatable and metatable.__name == "usagelua.secret" or false
end

-- The places of a kind that may have several, in the order of their names.
local function places(kind, members)
  local list = {}
  for _, name in ipairs(order.keys(members)) do
    list[#list + 1] = { kind = kind, name = name, value = members[name] }
  end
  return list
end

---The auth of a request, one entry for each place.
---@param auth table one, or a list of several
---@return table[]
function placing.list(auth)
  local list = {}
  for _, each in ipairs(auth.kind and { auth } or auth) do
    local members = each.headers or each.parameters
    local own = members and places(each.kind, members) or { each }
    table.move(own, 1, #own, #list + 1, list)
  end
  return list
end

---Whether an auth can be taken as it is: there is none, or it is one place.
---@param auth table?
---@return boolean
function placing.is_placed(auth)
  if not auth then return true end
  return auth.kind ~= nil and not (placing.GRANTED[auth.kind] or auth.headers or auth.parameters)
end

-- What scripts say ---------------------------------------------------------

-- By kind: fields that hold a secret, texts that are needed, and what else there
-- may be.
local OAUTH <const> = { secrets = { "client_secret" },
  texts = { "token_url" }, more = { "client_id", "client_in", "scope", "form", "hosts" } }
local FIELDS <const> = {
  basic = { secrets = { "password" }, more = { "username" } },
  bearer = { secrets = { "token" } },
  header = { secrets = { "value" }, texts = { "name" }, more = { "prefix" }, map = "headers" },
  query = { secrets = { "value" }, texts = { "name" }, map = "parameters" },
  client_credentials = OAUTH,
  refresh = { secrets = { "client_secret", "refresh_token" }, texts = OAUTH.texts,
    more = OAUTH.more },
}
local KINDS <const> = { "basic", "bearer", "header", "query", "client_credentials", "refresh" }

---The kinds whose token has to be asked for.
placing.GRANTED = { client_credentials = true, refresh = true }

local function check_secret(value, name)
  if not is_secret(value) then
    errors.raise_usage("http: the %s of auth is a secret, write %s = usage.secret \"NAME\"", name, name)
  end
end

local function known_fields(fields)
  local known = { "kind", fields.map }
  for _, list in ipairs { fields.secrets, fields.texts or {}, fields.more or {} } do
    table.move(list, 1, #list, #known + 1, known)
  end
  return known
end

local function check_known(auth, fields)
  local known, is_known = known_fields(fields), {}
  for _, name in ipairs(known) do is_known[name] = true end
  for _, name in ipairs(order.keys(auth)) do
    if not is_known[name] then
      errors.raise_usage("http: %s", errors.unknown("field of auth", name, known))
    end
  end
end

local function check_members(members, name)
  if type(members) ~= "table" or next(members) == nil then
    errors.raise_usage("http: the %s of auth are a table: name = usage.secret \"NAME\"", name)
  end
  for member, value in pairs(members) do check_secret(value, tostring(member)) end
end

local function check_fields(auth, fields)
  for _, name in ipairs(fields.secrets) do check_secret(auth[name], name) end
  for _, name in ipairs(fields.texts or {}) do
    if type(auth[name]) ~= "string" then
      errors.raise_usage("http: the %s of auth is a string, not a %s", name, type(auth[name]))
    end
  end
end

-- Where a token that is asked for may go is said by who asks for it.
local function check_hosts(auth)
  if type(auth.hosts) ~= "table" or #auth.hosts == 0 then
    errors.raise_usage("http: auth of kind '%s' needs hosts, where its token may go: "
      .. "hosts = { \"api.acme.test\" }", auth.kind)
  end
end

---Raises a usage error for what is no auth of a script's request.
---@param auth table
function placing.check(auth)
  local fields = FIELDS[auth.kind]
  if not fields then
    errors.raise_usage("http: %s", errors.unknown("kind of auth", auth.kind, KINDS))
  end
  check_known(auth, fields)
  local members = fields.map and auth[fields.map]
  if members ~= nil then check_members(members, fields.map) else check_fields(auth, fields) end
  if placing.GRANTED[auth.kind] then check_hosts(auth) end
end

return placing
