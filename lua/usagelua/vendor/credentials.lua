-- Which variables a vendor's auth names for an account, and the opaque values
-- behind them. Binding to hosts is C's: the built-in names come bound, a
-- user's are bound to the host of the vendor's base URL.

local core = require "usagelua.core"
local errors = require "usagelua.errors"

local credentials = {}

-- key of the description → key of the transfer's auth; a user name is no secret
local PARTS = {
  basic = { { "username_env", "username", false }, { "password_env", "password", true } },
  bearer = { { "token_env", "token", true } },
  header = { { "value_env", "value", true } },
}

---"LT_ACCESS_KEY" for the account "emea" → "LT_ACCESS_KEY__EMEA"
---@param variable string
---@param account string?
---@return string
function credentials.variable(variable, account)
  if not account then return variable end
  return variable .. "__" .. account:upper():gsub("-", "_")
end

---The variables that a query needs, in order.
---@param vendor table
---@param account string?
---@return string[]
function credentials.variables(vendor, account)
  local names = {}
  for index, part in ipairs(PARTS[vendor.auth.kind]) do
    names[index] = credentials.variable(vendor.auth[part[1]], account)
  end
  return names
end

-- A user's vendor has its credential bound to its own host, also one that it
-- was granted; the built-in names come bound.
local function bound(value, planned)
  if planned.vendor.origin ~= "user" or type(value) == "string" then return value end
  local origin, err = core.origin.parse(planned.base_url)
  if not origin then return nil, err end
  local ok, result = pcall(value.bind, value,
    ("%s://%s:%d"):format(origin.scheme, origin.host, origin.port))
  if ok then return result end
  return nil, result
end

-- What stands behind one part of the auth.
local function value_of(part, planned, read)
  local variable = credentials.variable(planned.vendor.auth[part[1]], planned.account)
  local value, err = read(variable, { secret = part[3] })
  if value then value, err = bound(value, planned) end
  return value, err
end

---The auth of a query's requests, or what is missing.
---@param planned usagelua.target
---@param read? fun(variable: string, options: table): usagelua.secret? in place of the environment
---@return table? auth
---@return string[] problems one sentence per missing or unusable variable
function credentials.resolve(planned, read)
  local described, problems = planned.vendor.auth, {}
  local auth = { kind = described.kind, name = described.header, prefix = described.prefix }
  for _, part in ipairs(PARTS[auth.kind]) do
    local value, err = value_of(part, planned, read or core.secret.env)
    auth[part[2]] = value
    if not value then problems[#problems + 1] = errors.from(err).message end
  end
  if #problems > 0 then return nil, problems end
  return auth, problems
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
