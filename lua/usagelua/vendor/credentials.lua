-- Which variables a vendor's auth names for an account, and the opaque values
-- behind them. Of several kinds the credentials that are there decide. Binding
-- to hosts is C's: the built-in names come bound, a user's are bound to the host
-- of the vendor's base URL, or of its token endpoint where they go there.

local auth_kinds = require "usagelua.vendor.auth"
local base_url = require "usagelua.flow.base_url"
local core = require "usagelua.core"
local errors = require "usagelua.errors"
local placing = require "usagelua.client.placing"

local credentials = {}

---"LT_ACCESS_KEY" for the account "emea" → "LT_ACCESS_KEY__EMEA"
---@param variable string
---@param account string?
---@return string
function credentials.variable(variable, account)
  if not account then return variable end
  return variable .. "__" .. account:upper():gsub("-", "_")
end

-- The variables of one kind, for an account.
local function names_of(described, account)
  local names = {}
  for index, slot in ipairs(auth_kinds.variables(described)) do
    names[index] = credentials.variable(slot.variable, account)
  end
  return names
end

-- Which kind ---------------------------------------------------------------

local function is_complete(described, account)
  for _, name in ipairs(names_of(described, account)) do
    if not core.secret.has(name) then return false end
  end
  return true
end

---The kind of auth that the user's credentials allow: the first of which every
---variable is there; nil where a vendor has several and none is complete.
---@param vendor table
---@param account string?
---@return table?
function credentials.chosen(vendor, account)
  if #vendor.auth == 1 then return vendor.auth[1] end
  for _, described in ipairs(vendor.auth) do
    if is_complete(described, account) then return described end
  end
end

---The variables that a query needs, in order; of all kinds, each once, where
---none is complete.
---@param vendor table
---@param account string?
---@return string[]
function credentials.variables(vendor, account)
  local chosen = credentials.chosen(vendor, account)
  local list, seen = {}, {}
  for _, described in ipairs(chosen and { chosen } or vendor.auth) do
    for _, name in ipairs(names_of(described, account)) do
      if not seen[name] then list[#list + 1] = name end
      seen[name] = true
    end
  end
  return list
end

local function alternative(described, account)
  return ("%s (%s)"):format(table.concat(names_of(described, account), " and "), described.kind)
end

-- One sentence for all ways there are.
local function missing_all(planned)
  local texts, there = {}, {}
  for index, described in ipairs(planned.vendor.auth) do
    texts[index] = alternative(described, planned.account)
  end
  for _, name in ipairs(credentials.variables(planned.vendor, planned.account)) do
    if core.secret.has(name) then there[#there + 1] = name end
  end
  return ("no credential of %s is complete; set %s%s"):format(planned.vendor.name,
    table.concat(texts, ", or "),
    #there > 0 and ("; there is only " .. table.concat(there, ", ")) or "")
end

-- The values ---------------------------------------------------------------

local function host_of(url)
  local origin, err = core.origin.parse(url)
  if not origin then return nil, err end
  return ("%s://%s:%d"):format(origin.scheme, origin.host, origin.port)
end

-- A user's vendor has its credential bound to the one host that it goes to, also
-- one that it was granted; the built-in names come bound.
local function bound(value, planned, address)
  if planned.vendor.origin ~= "user" or type(value) == "string" then return value end
  local host, err = host_of(address)
  if not host then return nil, err end
  local ok, result = errors.try(value.bind, value, host)
  if ok then return result end
  return nil, result
end

-- What stands behind one variable of the auth.
local function value_of(slot, planned, address, read)
  local variable = credentials.variable(slot.variable, planned.account)
  local value, err = read(variable, { secret = not slot.is_name })
  if value then value, err = bound(value, planned, address) end
  return value, err
end

local function put(auth, slot, value)
  if not slot.member then
    auth[slot.key] = value
    return
  end
  auth[slot.key] = auth[slot.key] or {}
  auth[slot.key][slot.member] = value
end

-- What the auth says beside its secrets, and where these go.
local function begin(described, planned)
  local auth = { kind = described.kind, name = described.header or described.parameter,
    prefix = described.prefix }
  if not placing.GRANTED[described.kind] then return auth, planned.base_url end
  auth.token_url = base_url.below(planned.vendor, described.token_url, planned.base_url)
  auth.client_in, auth.scope, auth.form = described.client_in, described.scope, described.form
  auth.hosts = { host_of(planned.base_url) }
  return auth, auth.token_url
end

---The auth of a query's requests, or what is missing.
---@param planned usagelua.target
---@param read? fun(variable: string, options: table): usagelua.secret? in place of the environment
---@return table? auth
---@return string[] problems one sentence per missing or unusable variable
function credentials.resolve(planned, read)
  local described = read and planned.vendor.auth[1] or credentials.chosen(planned.vendor, planned.account)
  if not described then return nil, { missing_all(planned) } end
  local auth, address = begin(described, planned)
  local problems = {}
  for _, slot in ipairs(auth_kinds.variables(described)) do
    local value, err = value_of(slot, planned, address, read or core.secret.env)
    put(auth, slot, value)
    if not value then problems[#problems + 1] = errors.from(err).message end
  end
  if #problems > 0 then return nil, problems end
  return auth, problems
end

---What stands for the auth where recorded answers are played: nothing, but that
---a call whose token was renewed is made again.
---@param vendor table
---@return table?
function credentials.replayed(vendor)
  for _, described in ipairs(vendor.auth) do
    if placing.GRANTED[described.kind] then return { kind = described.kind, is_replayed = true } end
  end
end

local function add_new(list, seen, problems)
  for _, problem in ipairs(problems) do
    if not seen[problem] then list[#list + 1] = problem end
    seen[problem] = true
  end
end

---Resolves the auth of all queries; raises one error that names all that is
---missing, before anything is sent.
---@param queries usagelua.query[]
function credentials.resolve_all(queries)
  local problems, seen = {}, {}
  for _, planned in ipairs(queries) do
    local missing
    planned.auth, missing = credentials.resolve(planned)
    add_new(problems, seen, missing)
  end
  if #problems == 0 then return end
  error(errors.new { kind = "credential", message = table.concat(problems, "\n"),
    hint = #problems > 1 and "nothing was sent" or nil }, 0)
end

return credentials
