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

local function bound(value, vendor, base_url)
  if vendor.origin ~= "user" or type(value) == "string" then return value end
  local origin = assert(core.origin.parse(base_url))
  return value:bind(("%s://%s:%d"):format(origin.scheme, origin.host, origin.port))
end

---The auth of a query's requests, or what is missing.
---@param planned usagelua.query
---@return table? auth
---@return string[] problems one sentence per missing or unusable variable
function credentials.resolve(planned)
  local vendor, auth, problems = planned.vendor, {}, {}
  auth.kind = vendor.auth.kind
  auth.name, auth.prefix = vendor.auth.header, vendor.auth.prefix
  for _, part in ipairs(PARTS[auth.kind]) do
    local variable = credentials.variable(vendor.auth[part[1]], planned.account)
    local value, err = core.secret.env(variable, { secret = part[3] })
    if value then
      auth[part[2]] = bound(value, vendor, planned.base_url)
    else
      problems[#problems + 1] = errors.from(err).message
    end
  end
  if #problems > 0 then return nil, problems end
  return auth, problems
end

---Resolves the auth of all queries; raises one error that names all that is
---missing, before anything is sent.
---@param queries usagelua.query[]
function credentials.resolve_all(queries)
  local problems, seen = {}, {}
  for _, planned in ipairs(queries) do
    local auth, missing = credentials.resolve(planned)
    planned.auth = auth
    for _, problem in ipairs(missing) do
      if not seen[problem] then
        seen[problem] = true
        problems[#problems + 1] = problem
      end
    end
  end
  if #problems == 0 then return end
  error(errors.new { kind = "credential", message = table.concat(problems, "\n"),
    hint = #problems > 1 and "nothing was sent" or nil }, 0)
end

return credentials
