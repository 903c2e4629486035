-- What a dataset's `job` may hold: rows of vendor/description.lua.

local core = require "usagelua.core"
local errors = require "usagelua.errors"
local path = require "usagelua.flow.path"

local job_rows = {}

-- No longer than a job may take at all.
local TIME_S <const> = 900

local function from_root(value, place)
  path.check(value, place)
  if value:find "^[@$^.]" then
    errors.raise_usage("%s: '%s' begins at the root of the answer: a.b", place, value)
  end
end

-- A path of the reader's, which knows lists.
local function list_from_root(value, place)
  if value:sub(-2) ~= "[]" then
    errors.raise_usage("%s: '%s' does not end in []: a list of addresses", place, value)
  end
end

local function statuses(list, place)
  for key, status in pairs(list) do
    if math.type(key) ~= "integer" or math.type(status) ~= "integer" then
      errors.raise_usage("%s is a list of HTTP statuses: { 404, 409 }", place)
    end
  end
end

local function host_patterns(list, place)
  for _, text in ipairs(list) do
    local ok, reason = core.origin.pattern(text)
    if not ok then errors.raise_usage("%s: '%s': %s", place, text, reason) end
  end
end

local function seconds(value, place)
  if value <= 0 then errors.raise_usage("%s must be more than 0, not %s", place, tostring(value)) end
end

local function job_seconds(value, place)
  if value > TIME_S then
    errors.raise_usage("%s must be %d or less, not %d", place, TIME_S, value)
  end
end

-- The rows of a request that has another method where none is given.
local function with_method(described, method)
  local list = {}
  for index, row in ipairs(described) do
    local copy = {}
    for name, value in pairs(row) do copy[name] = value end
    if row[1] == "method" then copy.default = method end
    list[index] = copy
  end
  return list
end

-- A request that stands in one of two places.
local function placed(described)
  local list = table.move(described, 1, #described, 1, {})
  list[#list + 1] = { "instead", "table", rows = described,
    help = "another place, asked once where the first one answers 404",
    example = '{ path = "/user/{job_id}" }' }
  return list
end

local NOT_READY <const> = {
  { "status", "table", check = statuses, example = "{ 404, 409 }",
    help = "HTTP statuses with which it answers until then" },
  { "empty", "boolean", example = "true",
    help = "an answer without its `rows` (absent or null) says it too" },
}

local POLL <const> = {
  { "first_s", "number", default = 1, check = seconds, example = "4",
    help = "seconds before the first question; each further wait is half as long again" },
  { "longest_s", "number", default = 30, check = seconds, example = "60",
    help = "and no longer than this" },
}

---@param request table rows of a request
---@return { JOB: table, PLACED: table, NOT_READY: table, POLL: table }
function job_rows.of(request)
  local PLACED = placed(request)
  local JOB = {
    { "create", "table", rows = with_method(request, "POST"), required = true,
      help = "the request that creates it; its method is POST unless it says another",
      example = '{ path = "/reports", json = { from = "{from}" } }' },
    { "id", "string", check = from_root, example = '"data.job_id"',
      help = "path of its id in the answer to that: letters, digits, `_` and `-`; `{job_id}` in the "
      .. "requests below" },
    { "id_header", "string", match = "^[%w-]+$", example = '"X-Job-Id"',
      help = "the header field that holds the id" },
    { "location", "boolean", example = "true",
      help = "the id is the last segment of the answer's `Location`" },
    { "ready_status", "integer", example = "200",
      help = "an answer to the creation with this status is the result itself" },
    { "status", "table", rows = PLACED, example = '{ path = "/reports/{job_id}/status" }',
      help = "the request that tells its state; without it the result is asked for until it is "
      .. "there" },
    { "state", "string", check = from_root, example = '"status"',
      help = "path of the state in the answer to that" },
    { "done", "table", items = "string", example = '{ "completed" }',
      help = "states in which the result is there, in capitals or not" },
    { "failed", "table", items = "string", example = '{ "failed" }',
      help = "states in which it never will be: the job is created once more. Every other state is "
      .. "waited on" },
    { "reason", "string", check = from_root, example = '"message"',
      help = "path of why it failed, beside the state" },
    { "result", "table", rows = PLACED, example = '{ path = "/reports/{job_id}" }',
      help = "the request for the result; none where `files` stand beside the state" },
    { "not_ready", "table", rows = NOT_READY, example = "{ status = { 404 } }",
      help = "how it looks when the job is done and its result is not there yet" },
    { "files", "string", check = list_from_root, example = '"download_urls[]"',
      help = "path of the addresses of the result's files: in the result or, where none is "
      .. "described, beside the state. Each file is read as an answer of its own" },
    { "hosts", "table", items = "string", check = host_patterns, example = '{ "*.files.test" }',
      help = "hosts of such files, beside the vendor's own; no credential goes there" },
    { "delete", "table", rows = placed(with_method(request, "DELETE")),
      example = '{ path = "/reports/{job_id}" }',
      help = "the request that deletes it, sent on every way out; its method is DELETE unless it "
      .. "says another" },
    { "poll", "table", rows = POLL, example = "{ first_s = 4 }", help = "how often it is asked about" },
    { "time_s", "integer", least = 1, default = TIME_S, check = job_seconds, example = "300",
      help = "seconds until it is given up; 900 at most" },
    { "live", "integer", least = 1, default = 4, example = "2",
      help = "such jobs at the same time, per credential" },
  }
  return { JOB = JOB, PLACED = PLACED, NOT_READY = NOT_READY, POLL = POLL }
end

return job_rows
