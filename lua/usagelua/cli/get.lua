-- `usagelua get VENDOR PATH [--set NAME=VALUE]…`: one raw call with the
-- vendor's credential; the body on stdout as it came, the status on stderr.

local base_url = require "usagelua.flow.base_url"
local credentials = require "usagelua.vendor.credentials"
local errors = require "usagelua.errors"
local output = require "usagelua.output"
local query = require "usagelua.flow.query"
local raw = require "usagelua.flow.raw"
local session = require "usagelua.cli.session"
local url = require "usagelua.client.url"

local get = {}

-- Names that choose whom to ask as, and where, as everywhere else.
local CHOICES <const> = { account = true, region = true }

local function split(set)
  local choices, parameters = {}, {}
  for _, pair in ipairs(set or {}) do
    if CHOICES[pair[1]] then
      choices[pair[1]] = pair[2]
    else
      parameters[#parameters + 1] = pair
    end
  end
  return choices, parameters
end

local function check_options(values)
  if values.format or values.outputs then
    errors.raise_usage("get prints the answer as it came: leave -f and -o away, and write > FILE")
  end
end

local function say(text)
  local sink = output.stderr()
  sink:write("usagelua: " .. text .. "\n")
  sink:commit()
end

local function send(run, target, address)
  local sink = output.stdout()
  local answer, err = raw.get(run, target, address, sink:out())
  assert(sink:commit())
  if not answer then
    say(tostring(err))
    return 5
  end
  run.log.message(("%d, %s, %d bytes"):format(answer.status, answer.media_type, answer.bytes))
  if not answer.err then return 0 end
  say(tostring(errors.wrap(answer.err, target.vendor.name)))
  return 1
end

local function address_of(target, path)
  return raw.address(target.base_url, path, base_url.others(target.vendor))
end

---@param values table the options
---@param rest string[] vendor and path
---@return integer status 0; 1 another status than 2xx; 5 no answer
function get.run(values, rest)
  require("usagelua.cli.help").stop_if_wanted(values, "get")
  check_options(values)
  if #rest ~= 2 then
    errors.raise_usage("get takes a vendor and a path below its base URL, for example: "
      .. "usagelua get testmu /usage-report/summary --set type=account-user")
  end
  local choices, parameters = split(values.set)
  return session.with(values, { arguments = {}, script_name = "get" }, function(run)
    local target = query.target(run.loader:load(rest[1]), choices, "get " .. rest[1])
    local address = url.with_query(address_of(target, rest[2]), parameters)
    if run:needs_credentials() then
      credentials.resolve_all { target }
    else
      target.auth = credentials.replayed(target.vendor)
    end
    return send(run, target, address)
  end)
end

return get
