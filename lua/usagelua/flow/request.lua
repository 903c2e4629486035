-- One request of a dataset, from its description and the values at hand.

local answers = require "usagelua.flow.answers"
local errors = require "usagelua.errors"
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

-- Escaping leaves dots alone, and such a segment would lead elsewhere.
local function check_segments(path, planned)
  for segment in path:gmatch "[^/]+" do
    if segment == "." or segment == ".." then
      errors.raise_usage("%s: the value '%s' cannot stand alone in a path (%s)", planned.name,
        segment, planned.dataset.request.path)
    end
  end
end

---The path below the base URL; raises a usage error where a value cannot stand
---in it.
---@param planned usagelua.query
---@param values table<string, any>
---@return string
function request.path(planned, values)
  local path = template.require(planned.dataset.request.path, escaped(values), planned.name)
  check_segments(path, planned)
  return path
end

local function append(list, entries)
  return table.move(entries or {}, 1, #(entries or {}), #list + 1, list)
end

local function address(planned, values, extra)
  local pairs_sent = append(template.entries(planned.dataset.request.query, values), extra)
  return url.with_query(planned.base_url .. request.path(planned, values), pairs_sent)
end

-- The body and its media type.
local function body_of(described, values)
  if described.json then
    return json.encode(template.tree(described.json, values)), "application/json"
  elseif described.form then
    return url.query(template.entries(described.form, values)), "application/x-www-form-urlencoded"
  end
end

---@param planned usagelua.query
---@param values table<string, any> parameters, window edges
---@param extra { [1]: string, [2]: any }[]? further query parameters, as pages need them
---@return usagelua.request
function request.build(planned, values, extra)
  local described = planned.dataset.request
  local headers = append(template.entries(described.headers, values),
    { { "Accept", answers.of(planned.dataset).accept } })
  local body, media_type = body_of(described, values)
  if body then headers[#headers + 1] = { "Content-Type", media_type } end
  return {
    method = described.method, url = address(planned, values, extra), headers = headers,
    body = body, auth = planned.auth, lane = planned.lane, rules = planned.vendor.errors,
    repeatable = described.method == "GET" or planned.dataset.idempotent == true,
    message_paths = planned.vendor.error_message, unpack = planned.dataset.packed == "gzip" or nil,
    max_body_bytes = planned.max_body_bytes, secret_fields = planned.vendor.secret_fields,
  }
end

---The query with another request in the place of its own: a job's step.
---@param planned usagelua.query
---@param described table
---@param is_result boolean? whether it answers with the dataset's rows; else with JSON, whatever
---those are
---@return usagelua.query
function request.instead(planned, described, is_result)
  local own = { request = described }
  if not is_result then own.format, own.columns, own.packed = "json", false, false end
  local dataset = setmetatable(own, { __index = planned.dataset })
  return setmetatable({ dataset = dataset }, { __index = planned })
end

return request
