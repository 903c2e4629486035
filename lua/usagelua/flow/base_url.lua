-- Where a vendor is asked: its base URL, a region's, or the one that the
-- user's environment puts in the place of both.

local errors = require "usagelua.errors"
local order = require "usagelua.order"

local base_url = {}

-- The variables as C reads them for the credentials' hosts: the vendor's own
-- name first; an empty one counts as none.
local function override(vendor)
  local names = table.move(vendor.aliases or {}, 1, #(vendor.aliases or {}), 2, { vendor.name })
  for _, name in ipairs(names) do
    local url = os.getenv(("USAGELUA_%s_URL"):format(name:upper()))
    if url and url ~= "" then return (url:gsub("/+$", "")) end
  end
end

local function of_region(vendor, region, place)
  local regions = vendor.regions or {}
  if not regions[region] then
    errors.raise_usage("%s: %s", place, errors.unknown("region", region, order.keys(regions)))
  end
  return regions[region]
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
---@return string url without a slash at its end
function base_url.of(vendor, region, place)
  local described = region and of_region(vendor, region, place) or vendor.base_url
  return override(vendor) or described
end

return base_url
