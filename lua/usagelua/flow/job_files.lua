-- The files of a job's result. They lie where the vendor says, often with a
-- store of somebody else: asked without any credential, from hosts that the
-- description names, and never from a private network.

local errors = require "usagelua.errors"
local url = require "usagelua.client.url"

local files = {}

-- "*.files.test" covers any name below it, and no other.
local function matches(pattern, host)
  pattern = pattern:lower()
  local below = pattern:match "^%*(%..+)$"
  if not below then return pattern == host end
  return #host > #below and host:sub(-#below) == below
end

local function is_named(patterns, host)
  for _, pattern in ipairs(patterns) do
    if matches(pattern, host) then return true end
  end
  return false
end

local function refused(format, ...)
  return nil, errors.new { kind = "refused", message = format:format(...) }
end

-- The vendor's own host needs no naming.
local function allowed(job)
  local patterns = table.move(job.described.hosts or {}, 1, #(job.described.hosts or {}), 1, {})
  patterns[#patterns + 1] = url.split(job.context.planned.base_url).host
  return patterns
end

---Whether a result's file may be asked for.
---@param job usagelua.job
---@param address any
---@return boolean? ok
---@return usagelua.error? err kind "refused" naming the host, or "shape"
function files.check(job, address)
  if type(address) ~= "string" then
    return nil, errors.new { kind = "shape", code = job.described.files,
      message = ("%s: expected the address of a file"):format(job.described.files) }
  end
  local parts, reason = url.split(address)
  if not parts then
    return nil, errors.new { kind = "shape", code = job.described.files,
      message = ("%s: %s"):format(job.described.files, reason) }
  end
  local patterns = allowed(job)
  if is_named(patterns, parts.host) then return true end
  return refused("the result's file lies on %s, which the description does not name (hosts: %s)",
    parts.host, table.concat(patterns, ", "))
end

---@param job usagelua.job
---@param address string
---@param what string for messages
---@return any read
---@return usagelua.error? err
function files.fetch(job, address, what)
  local ok, err = files.check(job, address)
  if not ok then return nil, errors.wrap(err, ("%s, %s"):format(job.context.label, what)) end
  return job.context.client:call({
    method = "GET", url = address, headers = { { "Accept", "*/*" } },
    max_body_bytes = job.context.planned.max_body_bytes,
    what = ("%s, %s"):format(job.context.label, what),
  }, job.read)
end

return files
