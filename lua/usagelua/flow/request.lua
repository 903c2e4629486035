-- One request of a dataset, from its description and the values at hand.

local answers = require "usagelua.flow.answers"
local errors = require "usagelua.errors"
local defaults = require "usagelua.flow.defaults"
local json = require "usagelua.json"
local read_headers = require "usagelua.flow.read_headers"
local spelling = require "usagelua.flow.spelling"
local template = require "usagelua.flow.template"
local url = require "usagelua.client.url"

local request = {}

-- Path segments are filled with escaped values, so that a `/` or `?` in a
-- parameter never becomes part of the path.
local function escaped(values)
  return setmetatable({}, { __index = function(_, name)
    local value = values[name]
    return value ~= nil and url.encode(template.text(value)) or nil
  end })
end

-- Escaping leaves dots alone, and such a segment would lead elsewhere.
local function check_segments(path, planned)
  local segment = ("/" .. path .. "/"):match "/(%.%.?)/"
  if not segment then return end
  errors.raise_usage("%s: the value '%s' cannot stand alone in a path (%s)", planned.name, segment,
    planned.dataset.request.path)
end

---The path below the base URL; raises a usage error where a value cannot stand
---in it.
---@param planned usagelua.query
---@param values table<string, any>
---@return string
function request.path(planned, values)
  values = spelling.sent(planned.dataset.params, values)
  local path = template.require(planned.dataset.request.path, escaped(values), planned.name)
  check_segments(path, planned)
  return path
end

local function append(list, entries)
  return table.move(entries or {}, 1, #(entries or {}), #list + 1, list)
end

-- Percent-encoding is taken back for characters that a vendor wants as they
-- are; none of them divides a query.
local function with_plain(target, plain)
  for char in plain:gmatch "." do
    target = target:gsub(("%%%%%02X"):format(char:byte()), function() return char end)
  end
  return target
end

-- A link to the next page is a whole address already.
local function address(planned, values, extra)
  if extra.url then return extra.url end
  local described = planned.dataset.request
  local target = planned.base_url .. request.path(planned, values)
  local query = url.query(append(template.entries(described.query, values), extra.query))
  if query == "" then return target end
  local joint = target:find("?", 1, true) and "&" or "?"
  return target .. joint .. (described.plain and with_plain(query, described.plain) or query)
end

-- Sets values in a tree, each at its path: "page.cursor".
local function set_all(tree, entries)
  for _, entry in ipairs(entries or {}) do
    local at, name = tree, nil
    for step in entry[1]:gmatch "[^.]+" do
      if name then
        at[name] = at[name] or {}
        at = at[name]
      end
      name = step
    end
    at[name] = entry[2]
  end
  return tree
end

-- The body and its media type. One of which nothing is left is not sent.
local function body_of(described, values, extra)
  if described.json then
    local tree = set_all(template.tree(described.json, values), extra.json)
    if next(tree) == nil and next(described.json) ~= nil then return nil end
    return json.encode(tree), "application/json"
  elseif described.form then
    return url.query(append(template.entries(described.form, values), extra.form)),
      "application/x-www-form-urlencoded"
  end
end

---@param planned usagelua.query
---@param values table<string, any> parameters, window edges
---@param extra usagelua.page_extra? what a page needs beside it
---@return usagelua.request
function request.build(planned, values, extra)
  local described = planned.dataset.request
  extra, values = extra or {}, defaults.left_out(planned, values)
  values = spelling.sent(planned.dataset.params, values)
  local headers = append(append(template.entries(described.headers, values), extra.headers),
    { { "Accept", answers.of(planned.dataset).accept } })
  local body, media_type = body_of(described, values, extra)
  if body then headers[#headers + 1] = { "Content-Type", media_type } end
  return {
    method = described.method, url = address(planned, values, extra), headers = headers,
    body = body, auth = planned.auth, lane = planned.lane, rules = planned.vendor.errors,
    repeatable = described.method == "GET" or planned.dataset.idempotent == true,
    message_paths = planned.vendor.error_message, unpack = planned.dataset.packed == "gzip" or nil,
    max_body_bytes = planned.max_body_bytes, secret_fields = planned.vendor.secret_fields,
    read_headers = read_headers(planned.dataset, planned.vendor),
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
