-- One request of a dataset, from its description and the values at hand.

local json = require "usagelua.json"
local template = require "usagelua.flow.template"
local url = require "usagelua.client.url"

local request = {}

-- Path segments are filled with escaped values, so that a `/` or `?` in a
-- parameter never becomes part of the path.
local function escaped(values)
  return setmetatable({}, { __index = function(_, name)
    local value = values[name]
    return value ~= nil and url.encode(tostring(value)) or nil
  end })
end

local function json_body(entries, values)
  local object = {}
  for index, entry in ipairs(template.entries(entries, values)) do object[index] = entry end
  return json.encode(json.object(object))
end

---@param query table a planned query
---@param values table<string, any> parameters, window edges, page
---@param extra { [1]: string, [2]: any }[]? further query parameters, as pages need them
---@return table request for the client
function request.build(query, values, extra)
  local described = query.dataset.request
  local address = query.base_url .. template.require(described.path, escaped(values), query.name)
  local pairs_sent = template.entries(described.query, values)
  for _, entry in ipairs(extra or {}) do pairs_sent[#pairs_sent + 1] = entry end
  local headers = template.entries(described.headers, values)
  headers[#headers + 1] = { "Accept", "application/json" }
  local built = {
    method = described.method,
    url = url.with_query(address, pairs_sent),
    headers = headers,
    auth = query.auth,
    lane = query.lane,
    rules = query.vendor.errors,
    repeatable = described.method == "GET" or query.dataset.idempotent == true,
    max_body_bytes = query.max_body_bytes,
  }
  if described.json then
    built.body = json_body(described.json, values)
    headers[#headers + 1] = { "Content-Type", "application/json" }
  end
  return built
end

return request
