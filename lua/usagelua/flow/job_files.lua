-- The files of a job's result. They lie where the vendor says, often with a
-- store of somebody else: asked without any credential, and of hosts only that
-- the description names. That no address is a private one is C's to check.

local errors = require "usagelua.errors"
local read_headers = require "usagelua.flow.read_headers"
local url = require "usagelua.client.url"

local files = {}

-- The vendor's own host, at its own port, needs no naming.
local function hosts_of(job)
  local named = job.described.hosts or {}
  local hosts = table.move(named, 1, #named, 1, {})
  local own = url.split(job.context.planned.base_url)
  hosts[#hosts + 1] = ("%s:%d"):format(own.host, own.port)
  return hosts
end

local function check_address(job, address)
  local reason = "it is no text"
  if type(address) == "string" then
    local parts
    parts, reason = url.split(address)
    if parts then return true end
  end
  return nil, errors.new { kind = "shape", code = job.described.files,
    message = ("%s: no address of a file: %s"):format(job.described.files, reason) }
end

---Fetches and reads one file.
---@param job usagelua.job
---@param address any as the vendor's answer has it
---@param what string for messages
---@return any read
---@return usagelua.error? err kind "refused" naming a host that is not allowed
function files.fetch(job, address, what)
  local context = job.context
  local place = ("%s, %s"):format(context.label, what)
  local ok, err = check_address(job, address)
  if not ok then return nil, errors.wrap(err, place) end
  return context.client:call({
    method = "GET", url = address, headers = { { "Accept", "*/*" } }, what = place,
    hosts = hosts_of(job), base_url = context.planned.base_url,
    max_body_bytes = context.planned.max_body_bytes,
    secret_fields = context.planned.vendor.secret_fields,
    read_headers = read_headers(context.planned.dataset, context.planned.vendor),
    unpack = context.planned.dataset.packed == "gzip" or nil,
  }, job.read)
end

return files
