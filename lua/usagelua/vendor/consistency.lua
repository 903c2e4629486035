-- What no single key of a vendor description can say: parts that need one
-- another, names that must be known, paths that must be one.

local answers = require "usagelua.flow.answers"
local auth = require "usagelua.vendor.auth"
local base_url = require "usagelua.flow.base_url"
local batching = require "usagelua.vendor.batching"
local errors = require "usagelua.errors"
local fields = require "usagelua.flow.fields"
local job_consistency = require "usagelua.vendor.job_consistency"
local members = require "usagelua.flow.members"
local mentions = require "usagelua.vendor.mentions"
local order = require "usagelua.order"
local paging = require "usagelua.vendor.paging"
local pages = require "usagelua.flow.pages"
local parameters = require "usagelua.flow.parameters"
local parts = require "usagelua.flow.parts"
local path = require "usagelua.flow.path"
local records = require "usagelua.flow.records"
local sending = require "usagelua.vendor.sending"
local tailor = require "usagelua.flow.tailor"
local template = require "usagelua.flow.template"
local windows = require "usagelua.flow.windows"

local consistency = {}

local VERSION <const> = 1

local function check_auth(list, place)
  for index, described in ipairs(list) do
    auth.check(described, #list == 1 and place .. ".auth" or ("%s.auth[%d]"):format(place, index))
  end
end

local function check_defaults(dataset, place)
  for _, name in ipairs(order.keys(dataset.params)) do
    local param = dataset.params[name]
    if param.default ~= nil then
      parameters.check_value(param.default, name, param, place .. ".params")
    end
  end
end

-- A value that has no word could not be sent.
local function check_words(dataset, place)
  for _, name in ipairs(order.keys(dataset.params)) do
    local param = dataset.params[name]
    for _, value in ipairs(param.words and param.one_of or {}) do
      if not param.words[value] then
        errors.raise_usage("%s.params.%s.words: no word for '%s'", place, name, value)
      end
    end
  end
end

local function check_fan_out(dataset, place)
  for _, name in ipairs(dataset.fan_out or {}) do
    if not (dataset.params[name] and dataset.params[name].list) then
      errors.raise_usage("%s.fan_out: '%s' is not a list parameter", place, name)
    end
  end
end

local function check_templates(dataset, place)
  local unfilled = parts.unfilled(dataset)
  if #unfilled == 0 then return end
  local names = order.keys(dataset.params)
  local edges = parts.edge_names(dataset)
  table.move(edges, 1, #edges, #names + 1, names)
  errors.raise_usage("%s.request: {%s}: %s", place, unfilled[1],
    errors.unknown("name", unfilled[1], names))
end

local OF_REQUEST <const> = { "pages", "ok", "echo", "partial", "packed", "rows", "null_rows",
  "columns", "delimiter", "ends" }

-- What the function does itself, and what it says with each request of its own.
local function check_flow(dataset, place)
  if dataset.also then
    errors.raise_usage("%s.also: a flow function emits all of its records itself", place)
  elseif dataset.batch then
    errors.raise_usage("%s.batch: a flow function divides its lists itself", place)
  end
  for _, key in ipairs(OF_REQUEST) do
    if dataset[key] ~= nil and not (dataset.request or dataset.job) then
      errors.raise_usage("%s.%s: it belongs to a request; give it to ask:each or ask:pages", place, key)
    end
  end
end

-- What a path names is always there.
local function check_path(dataset, place)
  for _, name in ipairs(order.keys(template.names(dataset.request.path))) do
    local param = dataset.params[name]
    if param and not param.required and param.default == nil then
      errors.raise_usage("%s.request.path: the parameter '%s' needs required = true or a default",
        place, name)
    elseif not param and dataset.window.vendor_default then
      errors.raise_usage("%s.request.path: {%s} is not there where the vendor's own period is "
        .. "asked", place, name)
    end
  end
end

local function check_request(dataset, place)
  check_templates(dataset, place)
  check_path(dataset, place)
  local request = dataset.request
  if (request.json or request.params_in == "body") and (request.form or request.params_in == "form")
  then
    errors.raise_usage("%s.request: a body is json or form, not both", place)
  end
  sending.check(dataset, place)
  paging.check(dataset.pages, dataset.request, place .. ".pages")
end

-- Each request of a job as if it were the dataset's own.
local function check_requests(dataset, place)
  if dataset.request then return check_request(dataset, place) end
  for _, one in ipairs(job_consistency.requests(dataset)) do
    check_request(one.dataset, ("%s.job.%s"):format(place, one.step))
  end
end

-- How a dataset is asked: by a request, a job, or a function of its own, which
-- may have one of them at hand.
local function check_asked(dataset, place)
  local has_both = dataset.request ~= nil and dataset.job ~= nil
  local has_either = dataset.request ~= nil or dataset.job ~= nil
  if has_both or not has_either and not dataset.flow then
    errors.raise_usage("%s: needs either the key 'request' or the key 'job', or 'flow'", place)
  elseif dataset.job then
    job_consistency.check(dataset, place)
  end
  if dataset.flow then check_flow(dataset, place) end
  if has_either then check_requests(dataset, place) end
end

local function check_one_source(field, place)
  local count = (field[1] ~= nil and 1 or 0) + (field.value ~= nil and 1 or 0)
    + (field.param ~= nil and 1 or 0)
  if count ~= 1 then
    errors.raise_usage("%s: a field is a path, a value or a param, one of them", place)
  end
end

local function check_unit(field, dataset, place)
  for unit in pairs(template.names(field.unit)) do
    if not dataset.params[unit] then
      errors.raise_usage("%s.unit: %s", place, errors.unknown("parameter", unit,
        order.keys(dataset.params)))
    end
  end
end

local function check_field(name, field, dataset, place)
  check_one_source(field, place)
  if field.param and not dataset.params[field.param] then
    errors.raise_usage("%s: %s", place, errors.unknown("parameter", field.param,
      order.keys(dataset.params)))
  end
  if field.unit then check_unit(field, dataset, place) end
  if fields.is_measure(name, field) then fields.check_units(name, field, dataset.params, place) end
end

local function check_fields(described, dataset, place)
  for _, name in ipairs(order.keys(described)) do
    check_field(name, described[name], dataset, ("%s.%s"):format(place, name))
  end
end

local function check_also(dataset, place)
  for index, also in ipairs(dataset.also or {}) do
    check_fields(also.fields, dataset, ("%s.also[%d].fields"):format(place, index))
  end
  if dataset.also and dataset.pages then
    errors.raise_usage("%s.also: with pages, every page would bring these records again", place)
  end
end

local function check_each(dataset, place)
  local lists = 0
  for _, text in ipairs(dataset.each or {}) do
    if type(text) ~= "string" or not members.kind(text) then
      errors.raise_usage("%s.each: '%s' ends neither in {} nor in []", place, tostring(text))
    end
    path.check(members.container(text), place .. ".each")
    if members.kind(text) == "[]" then lists = lists + 1 end
  end
  if lists > 0 and #dataset.each > 1 then
    errors.raise_usage("%s.each: a list stands alone; only objects have keys to share", place)
  end
end

local MOST_IDENTITY <const> = 4

-- Values of the item itself: neither of a member, nor from beside it.
local function is_own(field)
  local text = field and field[1]
  return text ~= nil and not text:find "^[$@^]" and not text:find("{key}", 1, true) and text ~= "."
end

local function check_identity(dataset, place)
  local names = dataset.identity or {}
  if #names > MOST_IDENTITY then
    errors.raise_usage("%s.identity: %d columns at most", place, MOST_IDENTITY)
  end
  for _, name in ipairs(names) do
    if not dataset.fields[name] then
      errors.raise_usage("%s.identity: %s", place, errors.unknown("field", name, order.keys(dataset.fields)))
    elseif not is_own(dataset.fields[name]) then
      errors.raise_usage("%s.identity: '%s' is no column that is read from the item itself", place, name)
    end
  end
  for _, text in ipairs(#names > 0 and dataset.each or {}) do
    if members.kind(text) == "[]" then
      errors.raise_usage("%s.identity: with the list '%s', the fields are those of its items", place, text)
    end
  end
end

local ONE_OF <const> = { year = "max_months = 12", quarter = "max_months = 3",
  month = "max_months = 1", week = "max_days = 7", day = "max_days = 1", hour = "max_hours = 1" }

-- Rows about other times than asked for would be noticed, or are left out.
local function is_looked_at(dataset)
  return dataset.row_period ~= nil or dataset.record ~= nil
    or dataset.echo ~= nil and dataset.echo.to ~= nil
end

-- Where nothing but `{year}` and `{month}` is sent, a window is one month; where
-- it is `{from}` alone, one day.
local function check_span(rules, names, dataset, place)
  if is_looked_at(dataset) then return end
  local unit, has_end = windows.unit_of_beginning(rules, names), names.to or names.to_utc
  if unit and has_end then return end
  if not unit then
    errors.raise_usage("%s.window: what is sent does not say where the period begins: put {from} and "
      .. "{to} into the request, or say row_period where each row says its own", place)
  elseif not ONE_OF[unit] then
    errors.raise_usage("%s.window: what is sent does not say where the period ends: send {to} too, or "
      .. "say row_period where each row says its own", place)
  elseif not windows.is_one(rules, unit) then
    errors.raise_usage("%s.window: what is sent names one %s: say whole = \"%s\", %s, or send {to} too",
      place, unit, unit, ONE_OF[unit])
  end
end

-- What the request says of a window; a function of its own says it itself.
local function check_sent(dataset, place)
  if not dataset.window then return end
  local rules = tailor.window(dataset.window, tailor.defaults(dataset.params))
  local names = template.names { dataset.request, dataset.job }
  if not dataset.flow and (dataset.request or dataset.job) then
    check_span(rules, names, dataset, place)
  end
  if windows.hides_offset(rules, names) then
    errors.raise_usage("%s.window: zone = \"offset\" writes the report's time, and nothing that is "
      .. "sent says its offset: send {timezone} too, or choose a format with %%:z", place)
  end
end

local function check_window(dataset, place)
  if not dataset.window then return end
  local rules = tailor.window(dataset.window, tailor.defaults(dataset.params))
  local ok, err = errors.try(windows.check, rules)
  if not ok then errors.raise_usage("%s.window: %s", place, errors.from(err).message) end
  for _, name in ipairs(windows.part_names(dataset.window)) do
    if dataset.params[name] then
      errors.raise_usage("%s.window.parts: '%s' is a parameter already", place, name)
    end
  end
end

-- What it is known by in `usagelua vendors` is where its credential goes.
local function check_base_url(dataset, vendor, place)
  if not dataset.base_url then return end
  local hosts = base_url.hosts(vendor)
  local host = base_url.host(dataset.base_url)
  for _, known in ipairs(hosts) do
    if known == host then return end
  end
  errors.raise_usage("%s.base_url: %s; add it to the vendor's `hosts`", place,
    errors.unknown("host", host, hosts))
end

-- Values beside the items, which a text of rows has not.
local SIDE_KEYS <const> = { "ok", "echo", "partial", "also" }

local function check_no_side(dataset, name, place)
  for _, key in ipairs(SIDE_KEYS) do
    if dataset[key] then
      errors.raise_usage("%s.%s: nothing stands beside the rows of %s", place, key, name)
    end
  end
  if next(records.side_paths(dataset)) or #pages.side_paths(dataset.pages) > 0 then
    errors.raise_usage("%s: a path from the root of the document, and %s has none", place, name)
  end
end

-- Keys that only some kinds of answers have.
local OWN_KEYS <const> = {
  columns = { columns = true, csv = true }, delimiter = { csv = true },
  ends = { lines = true, csv = true },
}

local function check_answer(dataset, place)
  local name, kind = answers.name(dataset), answers.of(dataset)
  if kind.has_path and not dataset.rows then
    errors.raise_usage("%s: the key 'rows' is missing (path of the items)", place)
  elseif not kind.has_path and dataset.rows then
    errors.raise_usage("%s.rows: the items of %s are its rows", place, name)
  end
  for key, kinds in pairs(OWN_KEYS) do
    if dataset[key] and not kinds[name] then
      errors.raise_usage("%s.%s: %s knows no such key", place, key, name)
    end
  end
  if not kind.has_side then check_no_side(dataset, name, place) end
  if kind.check then kind.check(dataset, place) end
end

local function check_dataset(dataset, place)
  mentions.check(dataset, place)
  check_words(dataset, place)
  check_defaults(dataset, place)
  check_fan_out(dataset, place)
  check_window(dataset, place)
  check_asked(dataset, place)
  check_sent(dataset, place)
  batching.check(dataset, place)
  check_fields(dataset.fields, dataset, place .. ".fields")
  check_also(dataset, place)
  check_each(dataset, place)
  check_identity(dataset, place)
  if dataset.request or dataset.job then check_answer(dataset, place) end
end

-- Only its own function knows what to send.
local function is_unasked(dataset)
  return not dataset.request and not dataset.job
end

-- The call that shows whether a credential works is one dataset's, or its own.
local function check_check(vendor, place)
  local described = vendor.check
  if not described then return end
  if (described.dataset == nil) == (described.request == nil) then
    errors.raise_usage("%s.check: needs either the key 'dataset' or the key 'request'", place)
  elseif described.dataset and not vendor.datasets[described.dataset] then
    errors.raise_usage("%s.check: %s", place, errors.unknown("dataset", described.dataset,
      order.keys(vendor.datasets)))
  elseif described.dataset and is_unasked(vendor.datasets[described.dataset]) then
    errors.raise_usage("%s.check: %s has no request; name one here: check = { request = … }", place,
      described.dataset)
  end
end

---Raises a usage error that names the place.
---@param vendor table whose keys are checked, with defaults
---@param place string
function consistency.check(vendor, place)
  if vendor.version ~= VERSION then
    errors.raise_usage("%s.version: %d is not known; this usagelua reads %d", place, vendor.version,
      VERSION)
  end
  check_auth(vendor.auth, place)
  check_check(vendor, place)
  for _, name in ipairs(order.keys(vendor.datasets)) do
    check_dataset(vendor.datasets[name], ("%s.datasets.%s"):format(place, name))
    check_base_url(vendor.datasets[name], vendor, ("%s.datasets.%s"):format(place, name))
  end
end

return consistency
