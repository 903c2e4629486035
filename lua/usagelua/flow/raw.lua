-- One raw call of a vendor: its credential, its hosts, and nothing read into
-- the answer.

local errors = require "usagelua.errors"
local refusal = require "usagelua.client.refusal"
local url = require "usagelua.client.url"

local raw = {}

local ATTEMPTS <const> = 3
local LARGEST_BYTES <const> = 8 << 30
local KEPT_BYTES <const> = 65536

-- Where the call goes ------------------------------------------------------

local function host_named_by(path)
  return path:match "^%a[%w+.-]*:[/\\]*([^/?#\\]*)" or path:match "^[/\\][/\\]+([^/?#\\]*)"
end

local function raise_elsewhere(path, host, base_url)
  errors.raise_usage("get: '%s' leads to %s; the credential goes to %s only: %s", url.shown(path),
    host == "" and "another host" or host:gsub("^.*@", "***@"), url.split(base_url).host,
    url.misprint(path) or "give a path below " .. base_url)
end

-- The rest of an absolute URL that stands below the base URL.
local function below(path, base_url)
  if path:sub(1, #base_url) ~= base_url then return nil end
  local rest = path:sub(#base_url + 1)
  return rest:find "^[/?]" and rest or rest == "" and "/" or nil
end

local function check_segments(path, base_url)
  local plain = url.decode(path:match "^[^?]*")
  for segment in plain:gmatch "[^/\\]+" do
    if segment == "." or segment == ".." then
      errors.raise_usage("get: '%s' leads out of %s; name the path below it", path, base_url)
    end
  end
end

-- The base URL that a path or an absolute URL stands below, and the rest.
local function placed(path, base_urls)
  local host = host_named_by(path)
  if not host then return base_urls[1], (path:gsub("^/?", "/", 1)) end
  for _, base_url in ipairs(base_urls) do
    local rest = below(path, base_url)
    if rest then return base_url, rest end
  end
  raise_elsewhere(path, host, base_urls[1])
end

---The URL of a path below a base URL. Raises a usage error for what leads
---anywhere else, naming where.
---@param base_url string
---@param path string or an absolute URL below it or below one of the others
---@param others string[]? further base URLs
---@return string
function raw.address(base_url, path, others)
  local rest
  base_url, rest = placed(path, { base_url, table.unpack(others or {}) })
  check_segments(rest, base_url)
  if rest:find("#", 1, true) then
    errors.raise_usage("get: '%s' holds a '#'; write %%23 where it belongs to a name", path)
  end
  local _, reason = url.split(base_url .. rest)
  if reason then
    errors.raise_usage("get: '%s' cannot be asked: %s; percent-encode them, or use --set",
      url.shown(path), reason)
  end
  return base_url .. rest
end

-- The answer ---------------------------------------------------------------

---@class usagelua.raw_answer
---@field status integer
---@field media_type string
---@field bytes integer of the body, decoded
---@field err usagelua.error? what another status than 2xx means

-- Gives the body on, and keeps its beginning.
local function pour(response, out)
  local kept, bytes = {}, 0
  while true do
    local piece, err = response:read()
    if err then return nil, err end
    if not piece then return table.concat(kept):sub(1, KEPT_BYTES) end
    if bytes < KEPT_BYTES then kept[#kept + 1] = piece end
    bytes = bytes + #piece
    out(piece)
  end
end

-- What refusal reads of an answer whose body has been read already.
local function read_again(response, beginning)
  local rest = beginning
  return {
    status = response.status, headers = response.headers,
    read = function()
      local piece = rest ~= "" and rest or nil
      rest = ""
      return piece
    end,
    masked = function(_, text) return response:masked(text) end,
    description = function() return response:description() end,
    media_type = function() return response:media_type() end,
  }
end

local function meaning(response, beginning, vendor, now)
  if response.status >= 200 and response.status < 300 then return nil end
  return refusal.of(read_again(response, beginning), vendor.errors, now, vendor.error_message)
end

---Sends a GET and gives the body on as it comes.
---@param run usagelua.run
---@param target usagelua.target with `auth`
---@param address string from raw.address, with its query
---@param out fun(piece: string)
---@return usagelua.raw_answer? answer of any status
---@return usagelua.error? err why there is none
function raw.get(run, target, address, out)
  local response <close>, err = run.client:open {
    method = "GET", url = address, auth = target.auth, lane = target.lane, any_status = true,
    headers = { { "Accept", "application/json, */*;q=0.8" } }, attempts = ATTEMPTS,
    max_body_bytes = run.options.max_body or LARGEST_BYTES, secret_fields = target.vendor.secret_fields,
    what = ("%s GET %s"):format(target.vendor.name, url.without_query(address)),
  }
  if not response then return nil, err end
  local beginning
  beginning, err = pour(response, out)
  if not beginning then return nil, errors.wrap(err, target.vendor.name) end
  return { status = response.status, media_type = response:media_type(), bytes = response.bytes,
    err = meaning(response, beginning, target.vendor, run.clock.now()) }
end

return raw
