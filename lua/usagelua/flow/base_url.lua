-- Where a vendor is asked: its base URL, a region's or a dataset's, or the one
-- that the user's environment puts in the place of all of them.

local core = require "usagelua.core"
local errors = require "usagelua.errors"
local order = require "usagelua.order"
local url = require "usagelua.client.url"

local base_url = {}

-- Paths are put behind it, and nothing may stand in between.
local function check_override(variable, text)
  local origin, problem = core.origin.parse(text)
  if not origin then errors.raise_usage("%s is %s", variable, problem) end
  local leads = ("%s leads to %s"):format(variable, url.origin(text) or origin.host)
  if origin.misprint then errors.raise_usage("%s: %s", leads, origin.misprint) end
  if origin.scheme == "http" and not origin.is_loopback then
    errors.raise_usage("%s; credentials go by https, and by http to this machine only", leads)
  end
  local sign = text:match "[?#]"
  if sign then
    errors.raise_usage("%s is no base URL: it holds a '%s'; leave that and what follows away", variable,
      sign)
  end
end

-- The variables as C reads them for the credentials' hosts: the vendor's own
-- name first; an empty one counts as none.
local function override(vendor)
  local names = table.move(vendor.aliases or {}, 1, #(vendor.aliases or {}), 2, { vendor.name })
  for _, name in ipairs(names) do
    local variable = ("USAGELUA_%s_URL"):format(name:upper())
    local text = os.getenv(variable)
    if text and text ~= "" then
      check_override(variable, text)
      return (text:gsub("/+$", ""))
    end
  end
end

local function of_region(vendor, region, place)
  local regions = vendor.regions or {}
  if not regions[region] then
    errors.raise_usage("%s: %s", place, errors.unknown("region", region, order.keys(regions)))
  end
  return regions[region]
end

---@param text string
---@return string? host
function base_url.host(text)
  local parts = url.split(text)
  return parts and parts.host
end

local function of_dataset(own, region, place)
  if region then
    errors.raise_usage("%s: it is asked at %s in every region; leave region away", place,
      base_url.host(own))
  end
  return own
end

---Another URL of the vendor, as its token endpoint's: a path stands below the
---base URL; a whole one has its path put below what the user's environment says,
---where it says something.
---@param vendor table
---@param address string "/oauth/token" or "https://auth.acme.test/oauth/token"
---@param below string the base URL
---@return string
function base_url.below(vendor, address, below)
  if address:find "^/" then return below .. address end
  local instead = override(vendor)
  return instead and instead .. (address:match "^https?://[^/]+(.*)$" or "") or address
end

---@param vendor table
---@param region string?
---@param place string for messages
---@param own string? the dataset's own
---@return string url without a slash at its end
function base_url.of(vendor, region, place, own)
  local described = own and of_dataset(own, region, place)
    or region and of_region(vendor, region, place) or vendor.base_url
  return override(vendor) or described
end

---Base URLs of the vendor's further hosts; none where the environment names one
---for all.
---@param vendor table
---@return string[]
function base_url.others(vendor)
  local list = {}
  for index, host in ipairs(not override(vendor) and vendor.hosts or {}) do
    list[index] = "https://" .. host
  end
  return list
end

---The hosts that a vendor's credential goes to, the main one first, unless the
---user's environment names another.
---@param vendor table
---@return string[]
function base_url.hosts(vendor)
  local list, seen = {}, {}
  local function add(host)
    if host and not seen[host] then list[#list + 1] = host end
    seen[host or false] = true
  end
  add(base_url.host(vendor.base_url))
  for _, region in ipairs(order.keys(vendor.regions or {})) do
    add(base_url.host(vendor.regions[region]))
  end
  for _, host in ipairs(vendor.hosts or {}) do add(host) end
  for _, described in ipairs(vendor.auth) do
    if described.token_url then add(base_url.host(described.token_url)) end
  end
  return list
end

return base_url
