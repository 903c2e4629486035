-- What a vendor description may hold, key by key. The loader checks every
-- description against these rows, and docs/vendor-description.md is printed
-- from them (`make docs`): there is no second list.

local auth = require "usagelua.vendor.auth"
local consistency = require "usagelua.vendor.consistency"
local errors = require "usagelua.errors"
local measures = require "usagelua.measures"
local path = require "usagelua.flow.path"
local rows = require "usagelua.vendor.rows"
local zones = require "usagelua.time.zone"

local description = {}

-- The only check that never prints the value: people put keys here.
local function environment_name(value, place)
  if value:find "^[A-Z][A-Z0-9_]*$" then return end
  errors.raise_usage("%s must be the name of an environment variable (%s), not a credential itself",
    place, "A-Z, 0-9 and _")
end

-- Tables whose values name variables; what stands there is never printed.
local function environment_names(value, place)
  for name, variable in pairs(value) do
    if type(name) ~= "string" or type(variable) ~= "string" then
      errors.raise_usage("%s is a table: name = the name of an environment variable", place)
    end
    environment_name(variable, ("%s.%s"):format(place, name))
  end
  if next(value) == nil then errors.raise_usage("%s is empty", place) end
end

local HEADER_NAME <const> = "^[%w-]+$"

local function header_names(value, place)
  environment_names(value, place)
  for name in pairs(value) do
    if not name:find(HEADER_NAME) then
      errors.raise_usage("%s: '%s' does not match %s", place, name, HEADER_NAME)
    end
  end
end

-- Plain http is for this machine; the transfer refuses it elsewhere.
local function token_url(value, place)
  if value:find "^/[^%s?#]+$" or value:find "^https?://[^/%s?#@]+/[^%s?#]*$" then return end
  errors.raise_usage("%s: '%s' is neither a path below base_url nor a URL with one, without a query",
    place, value)
end

local function texts(value, place)
  for name, text in pairs(value) do
    if type(name) ~= "string" or type(text) ~= "string" then
      errors.raise_usage("%s is a table: name = text", place)
    end
  end
end

local function base_url(value, place)
  if value:find "^https?://[^/%s?#]+[^%s?#]*$" and not value:find "/$" then return end
  errors.raise_usage("%s: '%s' is not a base URL: https://host/path, no query, no slash at the end",
    place, value)
end

local function each_base_url(regions, place)
  for region, url in pairs(regions) do
    if type(url) ~= "string" then
      errors.raise_usage("%s.%s must be a base URL, not a %s", place, tostring(region), type(url))
    end
    base_url(url, place .. "." .. region)
  end
end

local function is_declared(field)
  return type(field) == "table" and (field.column or field.kind and field.unit)
end

local function known_names(fields, place)
  for name, field in pairs(fields) do
    local known = measures.is_known(name) or measures.is_column(name)
    if type(name) ~= "string" or not (known or is_declared(field)) then
      errors.raise_usage("%s: '%s' is neither a column nor a measure of ours; for a figure give "
        .. "kind and unit: { \"path\", kind = \"sum\", unit = \"1\" }, for a text column = true",
        place, tostring(name))
    end
  end
end

local function pattern(value, place)
  if not pcall(string.find, "", value) then
    errors.raise_usage("%s: '%s' is not a Lua pattern", place, value)
  end
end

local function zone(value, place)
  if value == "offset" or value == "report" then return end
  local ok, err = pcall(zones.parse, value)
  if not ok then errors.raise_usage("%s: %s", place, errors.from(err).message) end
end

local function one_path(value, place) path.check(value, place) end

description.PARAM = {
  { "help", "string", help = "one line for `usagelua vendors`", example = '"team id"' },
  { "required", "boolean", help = "a query without it is refused", default = false,
    example = "true" },
  { "default", "string|number|boolean|table", help = "the value used where none is given",
    example = '"all"' },
  { "one_of", "table", items = "string", help = "the only values allowed",
    example = '{ "all", "mine" }' },
  { "list", "boolean", help = "several values, commas between them on the command line",
    default = false, example = "true" },
  { "match", "string", help = "Lua pattern that a value must match from end to end",
    check = pattern, example = '"^%d+$"' },
}

description.FIELD = {
  { 1, "string", help = "path in the item: `a.b`; `@key` the key of the item or of `each`, "
    .. "`access.{key}` the member of that key, `^.a` in the item that encloses a member of a list, "
    .. "`$.a.b` from the document's root", check = one_path, example = '"usage.tests"' },
  { "value", "string|boolean|number", help = "a constant instead of a path",
    example = '"acme-cloud"' },
  { "param", "string", help = "the value of a parameter of the query instead of a path",
    example = '"team"' },
  { "unit", "string", help = "unit of the source; converted to the measure's own",
    example = '"min"' },
  { "kind", "string", help = "how a measure of the vendor's own adds up",
    one_of = { "sum", "max", "min", "last", "distinct", "unknown" }, example = '"last"' },
  { "of", "string", example = '"team"',
    help = "column of which every value has one figure, however many rows repeat it" },
  { "column", "boolean", help = "a text column of the vendor's own", example = "true" },
  { "else_path", "string", help = "path taken where the first one holds nothing", check = one_path,
    example = '"id"' },
  { "lower", "boolean", help = "text is kept in lower case", example = "true" },
  { "null", "boolean", help = "null stands for nothing reported; else it is an error",
    example = "true" },
  { "fraction", "boolean", help = "fractions are allowed", example = "true" },
  { "negative", "boolean", help = "values below zero are allowed", example = "true" },
  { "text", "boolean", help = "the number stands in a string", example = "true" },
}

description.WINDOW = {
  { "max_days", "integer", least = 1, example = "90",
    help = "longest span of one request: days of 86,400 s, calendar days where `whole` is `day`" },
  { "max_hours", "integer", least = 1, help = "the same in hours", example = "24" },
  { "ends", "string", one_of = { "inclusive", "exclusive" }, default = "exclusive",
    help = "whether the end that is sent still counts", example = '"inclusive"' },
  { "format", "string", default = "rfc3339", example = '"%Y-%m-%d"',
    help = "as of strftime, or `rfc3339`, `rfc3339ms`, `epoch`, `epoch_ms`" },
  { "whole", "string", one_of = { "day", "hour", "minute", "second", "ms" }, example = '"hour"',
    help = "what its dates must be whole of, where that is coarser than what `format` shows" },
  { "zone", "string", default = "UTC", check = zone, example = '"offset"',
    help = "the clock of its dates: `UTC` or another zone; `report`: the report's zone; `offset`: "
    .. "the report's, sent as `{timezone}`, one offset a request" },
  { "grains", "table", items = "string", help = "the grains it may be asked at; all where not said",
    example = '{ "total", "month" }' },
  { "grain_by", "string", one_of = { "window", "vendor" }, default = "window", example = '"vendor"',
    help = "`vendor`: it divides its answer itself, and nothing is cut for the grain" },
  { "cut", "string", one_of = { "allowed", "may_differ", "forbidden" }, default = "allowed",
    help = "whether a period may be asked in several windows", example = '"forbidden"' },
  { "until_now", "boolean", default = false, example = "true",
    help = "it refuses what lies in the future: periods are asked as far as now" },
  { "vendor_default", "boolean", default = false, example = "true",
    help = "`--period vendor` is possible: without dates it answers for a period of its own" },
}

description.REQUEST = {
  { "method", "string", default = "GET", match = "^[A-Z]+$", help = "HTTP method",
    example = '"POST"' },
  { "path", "string", required = true, match = "^/", example = '"/teams/{team}/usage"',
    help = "below `base_url`; `{name}` is a parameter, or `{from}`, `{to}`, `{timezone}`, "
    .. "`{from_utc}`, `{to_utc}` of the window" },
  { "query", "table", help = "query parameters; an entry whose `{name}` is unset is left out",
    example = '{ from = "{from}" }' },
  { "headers", "table", help = "header fields, likewise", example = '{ ["X-Team"] = "{team}" }' },
  { "json", "table", help = "JSON body, likewise at any depth",
    example = '{ ids = { "{team}" } }' },
  { "form", "table", help = "form body, likewise", example = '{ team = "{team}" }' },
}

description.PAGES = {
  { "kind", "string", required = true, one_of = { "page" }, help = "how pages are asked for",
    example = '"page"' },
  { "send", "string", default = "page", help = "query parameter of the page number",
    example = '"p"' },
  { "first", "integer", default = 1, help = "number of the first page", example = "0" },
  { "size_send", "string", help = "query parameter of the page size", example = '"limit"' },
  { "size", "integer", least = 1, help = "rows asked for per page", example = "100" },
  { "total", "string", help = "path of the stated number of rows; checked against what came",
    check = one_path, example = '"meta.total"' },
  { "unique", "string", help = "path in an item that every item has and none twice",
    check = one_path, example = '"id"' },
}

description.ALSO = {
  { "fields", "table", required = true, each = description.FIELD, short = true, check = known_names,
    help = "fields of one more record per answer, from `$.` paths",
    example = '{ users = "$.meta.users" }' },
}

description.SOURCE = {
  { "page", "string", required = true, help = "where it is written",
    example = '"docs.acme.test/usage"' },
  { "read", "string", match = "^%d%d%d%d%-%d%d%-%d%d$", help = "when it was read",
    example = '"2026-06-01"' },
  { "status", "string", one_of = { "documented", "observed", "assumed" },
    help = "how well it is known", example = '"documented"' },
}

local SAMPLE_KEYS <const> = { "params", "period" }

-- A list of JSON texts, and beside them what was asked to get them.
local function sample_answers(sample, place)
  for key, value in pairs(sample) do
    if math.type(key) == "integer" then
      if type(value) ~= "string" then
        errors.raise_usage("%s[%d] must be the text of an answer, not a %s", place, key, type(value))
      end
    elseif key ~= "params" and key ~= "period" then
      errors.raise_usage("%s: %s", place, errors.unknown("key", key, SAMPLE_KEYS))
    end
  end
  if #sample == 0 then errors.raise_usage("%s holds no answer: { [[{ … }]] }", place) end
end

description.DATASET = {
  { "help", "string", help = "one line for `usagelua vendors`", example = '"tests per user"' },
  { "status", "string", default = "documented", example = '"assumed"',
    one_of = { "documented", "observed", "assumed", "unverified" },
    help = "how well its facts are known" },
  { "sources", "table", list = description.SOURCE, help = "where the facts come from",
    example = '{ { page = "docs.acme.test/usage" } }' },
  { "params", "table", each = description.PARAM, help = "parameters of a query",
    example = '{ team = { help = "team id" } }' },
  { "fan_out", "table", items = "string", help = "list parameters asked one value a request",
    example = '{ "team" }' },
  { "window", "table", rows = description.WINDOW,
    help = "how periods are asked for; without it the answer is a snapshot of now",
    example = '{ max_days = 31, format = "%Y-%m-%d" }' },
  { "request", "table", rows = description.REQUEST, required = true, help = "the request",
    example = '{ path = "/usage" }' },
  { "idempotent", "boolean", help = "a POST that only reads and may be repeated",
    example = "true" },
  { "pages", "table", rows = description.PAGES, help = "how pages follow one another",
    example = '{ kind = "page", size_send = "limit", size = 100 }' },
  { "answer", "string", default = "stream", one_of = { "stream", "whole" }, example = '"whole"',
    help = "`whole`: rows are judged by values that may stand behind them" },
  { "ok", "table", help = "paths and the values they must hold in a good answer",
    example = '{ status = "success" }' },
  { "echo", "table", help = "template name = path where the answer repeats what was asked",
    example = '{ from = "meta.from" }' },
  { "partial", "string", help = "path of a flag that says the answer is incomplete",
    check = one_path, example = '"meta.partial"' },
  { "rows", "string", required = true, help = "path of the items: `data[]`, `data{}`, `.`",
    example = '"data[]"' },
  { "null_rows", "boolean", example = "true",
    help = "null in the place of the rows stands for none; else it is an error" },
  { "each", "string|table", example = '{ "usage{}", "access{}" }',
    help = "one record per key of these objects (`usage{}`), or per item of a list (`users[]`)" },
  { "each_optional", "boolean", help = "an item without any of them keeps one record",
    example = "true" },
  { "fields", "table", required = true, each = description.FIELD, short = true, check = known_names,
    help = "column or measure = where it comes from; a path alone, or a table",
    example = '{ user_id = "email", tests = "n" }' },
  { "also", "table", list = description.ALSO, help = "further records of an answer",
    example = '{ { fields = { users = "$.meta.users" } } }' },
  { "sample", "table", check = sample_answers, example = '{ [[{"data":[]}]], period = "2026-06" }',
    help = "answers of one query in the order it asks, as JSON texts, for `usagelua test`; "
    .. "`period` and `params` say what was asked" },
  { "counts", "string", example = '"acme usage"',
    help = "datasets with the same word count the same usage and are never added" },
  { "check", "function", help = "function(record, params): a warning, or nothing; the record holds "
    .. "what somebody reads of it, in our units",
    example = 'function(record) if record.tests == 7 then return "seven?" end end' },
  { "record", "function", help = "function(record, item, sent): changes a record, in the vendor's "
    .. "units, before it counts; `false` leaves it out",
    example = "function(record, item) return item.active end" },
}

description.AUTH = {
  { "kind", "string", required = true, one_of = auth.names(), help = "how the credential is sent: "
    .. "`basic`; `bearer`; `header`, one or several fields; `query`, one or several parameters, "
    .. "masked wherever they would be seen; OAuth 2 `client_credentials` and `refresh`, whose token "
    .. "is asked for once per run and renewed when it ends or is answered 401",
    example = '"bearer"' },
  { "username_env", "string", check = environment_name, help = "basic: variable of the user name",
    example = '"ACME_USER"' },
  { "password_env", "string", check = environment_name, help = "basic: variable of the key",
    example = '"ACME_KEY"' },
  { "token_env", "string", check = environment_name, help = "bearer: variable of the token",
    example = '"ACME_TOKEN"' },
  { "header", "string", match = HEADER_NAME, help = "header: name of the field",
    example = '"X-Api-Key"' },
  { "prefix", "string", help = "header: text before the value", example = '"Token "' },
  { "value_env", "string", check = environment_name, help = "header, query: variable of the value",
    example = '"ACME_KEY"' },
  { "headers", "table", check = header_names, help = "header: several fields instead, each with its "
    .. "variable", example = '{ ["X-Api-Key"] = "ACME_KEY", ["X-App-Key"] = "ACME_APP_KEY" }' },
  { "parameter", "string", help = "query: name of the parameter", match = "^[%w_.%[%]-]+$",
    example = '"api_key"' },
  { "parameters", "table", check = environment_names, help = "query: several parameters instead, "
    .. "each with its variable", example = '{ key = "ACME_KEY", token = "ACME_TOKEN" }' },
  { "token_url", "string", check = token_url, help = "client_credentials, refresh: the token "
    .. "endpoint, a path below `base_url` or a URL; the client's credential goes to its host only, "
    .. "the token to that of `base_url` only", example = '"https://login.acme.test/oauth/token"' },
  { "client_id_env", "string", check = environment_name, example = '"ACME_CLIENT_ID"',
    help = "client_credentials, refresh: variable of the client's id" },
  { "client_secret_env", "string", check = environment_name, example = '"ACME_CLIENT_SECRET"',
    help = "client_credentials, refresh: variable of the client's secret" },
  { "refresh_token_env", "string", check = environment_name, example = '"ACME_REFRESH_TOKEN"',
    help = "refresh: variable of the refresh token; one that comes with a new token is used from "
    .. "then on, in this run only" },
  { "client_in", "string", one_of = { "header", "form" }, example = '"form"',
    help = "client_credentials, refresh: where the client's id and secret stand; `header` (Basic) "
    .. "when absent" },
  { "scope", "string", help = "client_credentials, refresh: the scope asked for",
    example = '"usage:read"' },
  { "form", "table", check = texts, example = '{ audience = "https://api.acme.test" }',
    help = "client_credentials, refresh: what else the token endpoint is told" },
}

description.RATE = {
  { "burst", "integer", least = 1, help = "requests that may go at once", example = "5" },
  { "per_minute", "number", help = "requests a minute after that", example = "15" },
  { "in_flight", "integer", least = 1, default = 4, example = "8",
    help = "requests under way at once, per credential" },
}

description.ERROR = {
  { "status", "integer", help = "HTTP status it applies to", example = "403" },
  { "header", "table", help = "header fields and Lua patterns of their values",
    example = '{ ["x-reason"] = "quota" }' },
  { "body", "string", help = "Lua pattern in the body", check = pattern,
    example = '"[Rr]ate limit"' },
  { "kind", "string", required = true, help = "what it means", example = '"throttled"',
    one_of = { "auth", "permission", "throttled", "not_found", "vendor", "http" } },
  { "message", "string", help = "what happened, in our words", example = '"the quota is used up"' },
  { "hint", "string", help = "what to do", example = '"ask again tomorrow"' },
  { "retry", "boolean", help = "whether asking again makes sense, against the kind's habit",
    example = "false" },
  { "retry_after_s", "number", help = "seconds to wait where the answer does not say",
    example = "60" },
}

description.CHECK = {
  { "dataset", "string", help = "dataset that is asked, for one window and one value of each fan-out",
    example = '"usage"' },
  { "params", "table", help = "parameters of that query", example = '{ team = "all" }' },
  { "period", "string", default = "yesterday", help = "period of that query",
    example = '"last month"' },
  { "request", "table", rows = description.REQUEST, example = '{ path = "/me" }',
    help = "a request of its own instead, where every dataset costs more" },
}

description.VENDOR = {
  { "name", "string", required = true, match = "^[a-z][a-z0-9_]*$", example = '"acme"',
    help = "its name, and its file's" },
  { "version", "integer", required = true, help = "version of this description format",
    example = "1" },
  { "title", "string", help = "name for people", example = '"Acme Cloud"' },
  { "aliases", "table", items = "string", example = '{ "acme_cloud" }',
    help = "other names, for people and for `USAGELUA_…_URL`" },
  { "base_url", "string", required = true, check = base_url, help = "what paths are appended to",
    example = '"https://api.acme.test/v1"' },
  { "regions", "table", help = "region = base URL", check = each_base_url,
    example = '{ eu = "https://eu.acme.test/v1" }' },
  { "auth", "table", some = description.AUTH, required = true, help = "who asks; a list of several "
    .. "kinds where a vendor takes either: the first whose variables are all set is used",
    example = '{ kind = "bearer", token_env = "ACME_TOKEN" }' },
  { "rate", "table", rows = description.RATE, help = "limits of the vendor, per credential",
    example = "{ burst = 5, per_minute = 15 }" },
  { "errors", "table", list = description.ERROR, help = "what its error answers mean, first match",
    example = '{ { status = 403, kind = "throttled" } }' },
  { "check", "table", rows = description.CHECK, example = '{ dataset = "usage" }',
    help = "the cheapest call that shows whether a credential works, for `usagelua check`" },
  { "secret_fields", "table", items = "string", help = "fields of answers that a "
    .. "recording must not hold, at any depth; values of eight characters and more",
    example = '{ "api_key" }' },
  { "datasets", "table", required = true, each = description.DATASET, help = "what can be asked",
    example = '{ usage = { request = { path = "/u" }, rows = "[]", fields = { tests = "n" } } }' },
}

---The tables of a description, with the name of their section in the
---documentation.
description.SECTIONS = {
  { "The description", description.VENDOR },
  { "auth", description.AUTH },
  { "rate", description.RATE },
  { "errors", description.ERROR },
  { "check", description.CHECK },
  { "datasets", description.DATASET },
  { "params", description.PARAM },
  { "window", description.WINDOW },
  { "request", description.REQUEST },
  { "pages", description.PAGES },
  { "fields", description.FIELD },
  { "also", description.ALSO },
  { "sources", description.SOURCE },
}

local function named(vendor)
  return type(vendor.name) == "string" and vendor.name or "?"
end

---Checks a description and returns a copy with defaults.
---@param vendor table
---@param file string where it was read, for messages
---@return table
function description.check(vendor, file)
  if type(vendor) ~= "table" then
    errors.raise_usage("%s: a vendor script returns its description, a table, not a %s", file,
      type(vendor))
  end
  local place = ("%s: vendor %s"):format(file, named(vendor))
  local checked = rows.check(vendor, description.VENDOR, place)
  checked.rate = checked.rate or rows.check({}, description.RATE, place)
  for name, dataset in pairs(checked.datasets) do
    dataset.params = dataset.params or {}
    dataset.name = ("%s.%s"):format(checked.name, tostring(name))
    if type(dataset.each) == "string" then dataset.each = { dataset.each } end
  end
  consistency.check(checked, place)
  return checked
end

return description
