-- What the specs set of the TestMu test vendor: who may ask, which organisation, which ledger.
local ledger = require "vendors.testmu.ledger"
local store = require "vendors.store"

local settings = {}

-- Roles: admin; member (not an admin); unpermitted (a role without analytics permission);
-- broken (the organisation cannot be resolved: status 500).
local DEFAULT_CREDENTIALS = {
  { username = "ada", key = "LT_ada-key/with+odd=chars&%", role = "admin",
    token = "testmu-jwt-ada.0123456789" },
  { username = "emil", key = "LT_emil-key-0123456789", role = "admin",
    organization = { id = "54321", name = "Acme EMEA" }, ledger = { seed = 2 } },
  { username = "mia", key = "LT_mia-key-0123456789", role = "member" },
  { username = "uma", key = "LT_uma-key-0123456789", role = "unpermitted" },
  { username = "bo", key = "LT_bo-key-0123456789", role = "broken" },
}
local DEFAULT_ORGANIZATION = { id = "12345", name = "Acme Corp" }
local KEYS = { credentials = true, organization = true, ledger = true, sample = true, now = true }

--- The settings, defaults filled in.
function settings.read()
  local kept = store.get "testmu:settings" or {}
  kept.credentials = kept.credentials or DEFAULT_CREDENTIALS
  kept.organization = kept.organization or DEFAULT_ORGANIZATION
  kept.ledger = kept.ledger or {}
  return kept
end

--- Replaces the settings; gives what is wrong with them, or nil.
function settings.write(given)
  for key in pairs(given) do
    if not KEYS[key] then return "unknown setting of testmu: " .. tostring(key) end
  end
  store.set("testmu:settings", given)
end

--- The organisation a credential belongs to.
function settings.organization(kept, credential)
  return credential.organization or kept.organization
end

local built = {}

local function key_of(given)
  local names, parts = {}, {}
  for name in pairs(given) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do parts[i] = name .. "=" .. tostring(given[name]) end
  return table.concat(parts, "&")
end

--- The ledger a credential sees. Built once for each set of settings; it is a pure function
--- of them, so keeping it changes nothing but the time.
function settings.ledger(kept, credential)
  local given = credential and credential.ledger or kept.ledger
  local key = key_of(given)
  built[key] = built[key] or ledger.build(given)
  return built[key]
end

--- The credential with this user name, default the first one.
function settings.credential(kept, username)
  for _, credential in ipairs(kept.credentials) do
    if not username or credential.username == username then return credential end
  end
end

return settings
