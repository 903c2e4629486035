-- What a vendor description may hold, key by key. The loader checks every
-- description against these rows, and docs/vendor-description.md is printed
-- from them (`make docs`): there is no second list.

local errors = require "usagelua.errors"
local measures = require "usagelua.measures"

local description = {}

local ENVIRONMENT_NAME = "^[A-Z][A-Z0-9_]*$"

-- The only message that never prints the value: people put keys here.
local function environment_name(value, place)
  if value:find(ENVIRONMENT_NAME) then return end
  errors.raise_usage("%s must be the name of an environment variable (%s), not a credential itself",
    place, "A-Z, 0-9 and _")
end

local function base_url(value, place)
  if value:find "^https?://[^/%s?#]+[^%s?#]*$" and not value:find "/$" then return end
  errors.raise_usage("%s: '%s' is not a base URL: https://host/path, no query, no slash at the end",
    place, value)
end

local function measure_or_column(fields, place)
  for name, field in pairs(fields) do
    local known = measures.is_known(name) or measures.is_column(name)
    local declared = type(field) == "table" and field.kind and field.unit
    if type(name) ~= "string" or not (known or declared) then
      errors.raise_usage("%s: '%s' is neither a column nor a measure of ours; give it kind and unit, "
        .. "for example { \"path\", kind = \"sum\", unit = \"1\" }", place, tostring(name))
    end
  end
end

---@class usagelua.description_row
---@field [1] string key
---@field [2] string Lua type, or several with `|`
---@field help string
---@field required boolean?
---@field default any
---@field example string?
---@field one_of string[]?
---@field match string? Lua pattern
---@field rows table? the rows of a table with fixed keys
---@field each table? the rows of every value of a table with free keys
---@field items string? type of a list's items
---@field check function?

description.PARAM = {
  { "help", "string", help = "one line for `usagelua vendors`", example = '"team id"' },
  { "required", "boolean", help = "a query without it is refused", default = false },
  { "default", "string|number|boolean|table", help = "the value used where none is given" },
  { "one_of", "table", items = "string", help = "the only values allowed" },
  { "list", "boolean", help = "several values, commas between them on the command line",
    default = false },
  { "match", "string", help = "Lua pattern that a value must match from end to end",
    example = '"^%d+$"' },
}

description.FIELD = {
  { 1, "string", help = "path in the item; `@key` its key, `$.` from the document's root" },
  { "value", "string|boolean|number", help = "a constant" },
  { "param", "string", help = "the value of a parameter of the query" },
  { "unit", "string", help = "unit of the source; converted to the measure's own",
    example = '"min"' },
  { "kind", "string", help = "how a measure of the vendor's own adds up",
    one_of = { "sum", "max", "min", "last", "distinct", "unknown" } },
  { "of", "string", help = "column whose every value has one figure, however many rows repeat it" },
  { "else_path", "string", help = "path taken where the first one holds nothing" },
  { "lower", "boolean", help = "text is kept in lower case" },
  { "null", "boolean", help = "null stands for nothing reported" },
  { "fraction", "boolean", help = "fractions are allowed" },
  { "negative", "boolean", help = "values below zero are allowed" },
  { "text", "boolean", help = "the number stands in a string" },
}

description.WINDOW = {
  { "max_days", "integer", help = "longest span of one request, in days of 86,400 s" },
  { "max_hours", "integer", help = "longest span of one request, in hours" },
  { "ends", "string", one_of = { "inclusive", "exclusive" }, default = "exclusive",
    help = "whether the vendor counts the end that is sent" },
  { "whole", "string", one_of = { "day", "second", "ms" }, default = "second",
    help = "the smallest step of its dates" },
  { "format", "string", default = "rfc3339",
    help = "strftime pattern, or rfc3339, rfc3339ms, epoch, epoch_ms" },
  { "zone", "string", one_of = { "UTC", "offset" }, default = "UTC",
    help = "`offset`: wall clock with one fixed offset a request" },
  { "grains", "table", items = "string", help = "the grains it may be asked at" },
  { "cut", "string", one_of = { "allowed", "may_differ", "forbidden" }, default = "allowed",
    help = "whether a period may be asked in several windows" },
  { "vendor_default", "boolean", default = false,
    help = "`--period vendor` is possible: without dates it answers for a period of its own" },
}

description.REQUEST = {
  { "method", "string", default = "GET", match = "^[A-Z]+$", help = "HTTP method" },
  { "path", "string", required = true, match = "^/", help = "below base_url; `{name}` is filled in" },
  { "query", "table", help = "query parameters; an entry whose `{name}` is unset is left out" },
  { "headers", "table", help = "header fields" },
  { "json", "table", help = "JSON body" },
  { "form", "table", help = "form body" },
}

description.PAGES = {
  { "kind", "string", required = true, one_of = { "page" }, help = "how pages are asked for" },
  { "send", "string", default = "page", help = "query parameter of the page number" },
  { "first", "integer", default = 1, help = "number of the first page" },
  { "size_send", "string", help = "query parameter of the page size" },
  { "size", "integer", help = "rows asked for per page" },
  { "total", "string", help = "path of the stated number of rows; checked against what came" },
  { "unique", "string", help = "path in an item that must not come twice" },
}

description.ALSO = {
  { "fields", "table", required = true, help = "fields of one more record per answer, "
    .. "from `$.` paths" },
}

description.DATASET = {
  { "help", "string", help = "one line for `usagelua vendors`" },
  { "status", "string", default = "documented", one_of = { "documented", "observed", "assumed",
    "unverified" }, help = "how well its facts are known" },
  { "sources", "table", help = "where the facts come from: { page, read = date, status }" },
  { "params", "table", each = description.PARAM, help = "parameters of a query" },
  { "fan_out", "table", items = "string", help = "list parameters asked one value a request" },
  { "window", "table", rows = description.WINDOW, help = "how periods are asked for" },
  { "request", "table", rows = description.REQUEST, help = "the request" },
  { "idempotent", "boolean", help = "a POST that only reads and may be repeated" },
  { "pages", "table", rows = description.PAGES, help = "how pages follow one another" },
  { "answer", "string", default = "stream", one_of = { "stream", "whole" },
    help = "`whole`: rows are judged only when the document has ended" },
  { "ok", "table", help = "paths and the values they must hold in a good answer" },
  { "echo", "table", help = "template name = path where the answer repeats what was asked" },
  { "partial", "string", help = "path of a flag that says the answer is incomplete" },
  { "rows", "string", help = "path of the items: `data[]`, `data{}`, `.`" },
  { "each", "string|table", help = "paths in an item; one record per key of either" },
  { "each_optional", "boolean", help = "an item without any of them keeps one record" },
  { "fields", "table", required = true, check = measure_or_column,
    help = "column or measure = where it comes from" },
  { "also", "table", help = "further records of an answer" },
  { "counts", "string", help = "datasets with the same word count the same usage" },
  { "check", "function", help = "function(record, query): a warning, or nothing" },
  { "record", "function", help = "function(record, item, query): changes a record before it counts" },
}

description.AUTH = {
  { "kind", "string", required = true, one_of = { "basic", "bearer", "header" },
    help = "how the credential is sent" },
  { "username_env", "string", check = environment_name, help = "basic: variable of the user name" },
  { "password_env", "string", check = environment_name, help = "basic: variable of the key" },
  { "token_env", "string", check = environment_name, help = "bearer: variable of the token" },
  { "header", "string", match = "^[%w-]+$", help = "header: name of the field" },
  { "prefix", "string", help = "header: text before the value" },
  { "value_env", "string", check = environment_name, help = "header: variable of the value" },
}

description.RATE = {
  { "burst", "integer", help = "requests that may go at once" },
  { "per_minute", "number", help = "requests a minute after that" },
  { "in_flight", "integer", default = 4, help = "requests under way at once, per credential" },
}

description.ERROR = {
  { "status", "integer", help = "HTTP status it applies to" },
  { "header", "string", help = "header field that must be there" },
  { "body", "string", help = "Lua pattern in the body" },
  { "kind", "string", required = true, one_of = { "auth", "permission", "throttled", "not_found",
    "vendor", "http" }, help = "what it means" },
  { "message", "string", help = "what happened, in our words" },
  { "hint", "string", help = "what to do" },
}

description.VENDOR = {
  { "name", "string", required = true, match = "^[a-z][a-z0-9_]*$", help = "its name" },
  { "version", "integer", required = true, help = "version of this description format: 1" },
  { "title", "string", help = "name for people" },
  { "aliases", "table", items = "string", help = "other names" },
  { "base_url", "string", required = true, check = base_url, help = "what paths are appended to" },
  { "regions", "table", help = "region = base URL" },
  { "auth", "table", rows = description.AUTH, required = true, help = "how requests are signed" },
  { "rate", "table", rows = description.RATE, help = "limits of the vendor, per credential" },
  { "errors", "table", help = "what its error answers mean" },
  { "secret_fields", "table", items = "string", help = "fields of answers never to be shown" },
  { "datasets", "table", required = true, each = description.DATASET, help = "what can be asked" },
}

local NEEDS = {
  basic = { "username_env", "password_env" },
  bearer = { "token_env" },
  header = { "header", "value_env" },
}

local function type_matches(value, types)
  for name in types:gmatch "[^|]+" do
    if type(value) == name then return true end
    if name == "integer" and math.type(value) == "integer" then return true end
  end
  return false
end

local function known_keys(rows)
  local keys = {}
  for _, row in ipairs(rows) do keys[#keys + 1] = tostring(row[1]) end
  return keys
end

local function contains(list, value)
  for _, item in ipairs(list) do
    if item == value then return true end
  end
  return false
end

local check_rows

local function check_items(value, row, place)
  for index, item in ipairs(value) do
    if type(item) ~= row.items then
      errors.raise_usage("%s[%d] must be a %s, not %s", place, index, row.items, type(item))
    end
  end
end

local function check_value(value, row, place)
  if not type_matches(value, row[2]) then
    errors.raise_usage("%s must be a %s, not %s", place, row[2]:gsub("|", " or "), type(value))
  elseif row.one_of and not contains(row.one_of, value) then
    errors.raise_usage("%s: %s", place, errors.unknown("value", value, row.one_of))
  elseif row.match and not value:find(row.match) then
    errors.raise_usage("%s: '%s' does not match %s", place, value, row.match)
  end
  if row.items then check_items(value, row, place) end
  if row.check then row.check(value, place) end
  if row.rows then return check_rows(value, row.rows, place) end
  if not row.each then return value end
  local copy = {}
  for name, item in pairs(value) do
    if type(item) ~= "table" then
      errors.raise_usage("%s.%s must be a table, not %s", place, tostring(name), type(item))
    end
    copy[name] = check_rows(item, row.each, place .. "." .. tostring(name))
  end
  return copy
end

local function check_unknown(value, rows, place)
  local keys, known = known_keys(rows), {}
  for _, key in ipairs(keys) do known[key] = true end
  for key in pairs(value) do
    if not known[tostring(key)] then
      errors.raise_usage("%s: %s", place, errors.unknown("key", key, keys))
    end
  end
end

-- Returns a checked copy with the defaults filled in; the caller's table is
-- never changed.
function check_rows(value, rows, place)
  check_unknown(value, rows, place)
  local copy = {}
  for _, row in ipairs(rows) do
    local key, given = row[1], value[row[1]]
    if given ~= nil then
      copy[key] = check_value(given, row, place .. "." .. tostring(key))
    elseif row.required then
      errors.raise_usage("%s: the key '%s' is missing (%s)", place, tostring(key), row.help)
    else
      copy[key] = row.default
    end
  end
  return copy
end

local function check_auth(auth, place)
  for _, key in ipairs(NEEDS[auth.kind]) do
    if not auth[key] then
      errors.raise_usage("%s.auth: kind '%s' needs the key '%s'", place, auth.kind, key)
    end
  end
end

local function check_error_rules(vendor, place)
  local rules = {}
  for index, rule in ipairs(vendor.errors or {}) do
    rules[index] = check_rows(rule, description.ERROR, ("%s.errors[%d]"):format(place, index))
  end
  return rules
end

local function field_rows(fields, place)
  local checked = {}
  for name, field in pairs(fields) do
    if type(field) == "string" then field = { field } end
    if type(field) ~= "table" then
      errors.raise_usage("%s.%s must be a path or a table, not %s", place, name, type(field))
    end
    checked[name] = check_rows(field, description.FIELD, place .. "." .. name)
  end
  return checked
end

local function check_dataset(dataset, place)
  dataset.fields = field_rows(dataset.fields, place .. ".fields")
  for index, also in ipairs(dataset.also or {}) do
    local here = ("%s.also[%d]"):format(place, index)
    also = check_rows(also, description.ALSO, here)
    measure_or_column(also.fields, here)
    dataset.also[index] = { fields = field_rows(also.fields, here .. ".fields") }
  end
  if type(dataset.each) == "string" then dataset.each = { dataset.each } end
  for _, name in ipairs(dataset.fan_out or {}) do
    local param = (dataset.params or {})[name]
    if not (param and param.list) then
      errors.raise_usage("%s.fan_out: '%s' is not a list parameter", place, name)
    end
  end
  if not (dataset.request and dataset.rows) then
    errors.raise_usage("%s: needs the keys 'request' and 'rows'", place)
  end
end

---Checks a description and returns a copy with defaults.
---@param vendor table
---@param path string where it was read, for messages
---@return table
function description.check(vendor, path)
  if type(vendor) ~= "table" then
    errors.raise_usage("%s: a vendor script returns its description, a table, not %s", path,
      type(vendor))
  end
  local place = ("%s: vendor %s"):format(path, type(vendor.name) == "string" and vendor.name or "?")
  local checked = check_rows(vendor, description.VENDOR, place)
  if checked.version ~= 1 then
    errors.raise_usage("%s.version: %d is not known; this usagelua reads 1", place, checked.version)
  end
  for region, url in pairs(checked.regions or {}) do base_url(url, place .. ".regions." .. region) end
  check_auth(checked.auth, place)
  checked.rate = checked.rate or { in_flight = 4 }
  checked.errors = check_error_rules(checked, place)
  for name, dataset in pairs(checked.datasets) do
    check_dataset(dataset, ("%s.datasets.%s"):format(place, name))
    dataset.params = dataset.params or {}
    dataset.name = checked.name .. "." .. name
  end
  return checked
end

return description
