-- What a vendor description may hold, key by key. The loader checks every
-- description against these rows, and docs/vendor-description.md is printed
-- from them (`make docs`): there is no second list.

local answers = require "usagelua.flow.answers"
local auth = require "usagelua.vendor.auth"
local consistency = require "usagelua.vendor.consistency"
local errors = require "usagelua.errors"
local formats = require "usagelua.flow.windows.formats"
local job_rows = require "usagelua.vendor.job_rows"
local measures = require "usagelua.measures"
local order = require "usagelua.order"
local path = require "usagelua.flow.path"
local period = require "usagelua.time.period"
local rows = require "usagelua.vendor.rows"
local tailor = require "usagelua.flow.tailor"
local url = require "usagelua.client.url"
local units = require "usagelua.flow.windows.units"
local words = require "usagelua.client.words"
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
  if not value:find "^https?://[^/%s?#]+[^%s?#]*$" or value:find "/$" then
    errors.raise_usage("%s: '%s' is not a base URL: https://host/path, no query, no slash at the "
      .. "end", place, value)
  end
  local misprint = url.misprint(value)
  if misprint then errors.raise_usage("%s: '%s' is not asked: %s", place, value, misprint) end
end

local function each_host(list, place)
  for index, host in ipairs(list) do
    base_url("https://" .. host, ("%s[%d]"):format(place, index))
  end
end

local function each_base_url(regions, place)
  for region, text in pairs(regions) do
    if type(text) ~= "string" then
      errors.raise_usage("%s.%s must be a base URL, not a %s", place, tostring(region), type(text))
    end
    base_url(text, place .. "." .. region)
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
  if not errors.try(string.find, "", value) then
    errors.raise_usage("%s: '%s' is not a Lua pattern", place, value)
  end
end

local function zone(value, place)
  if value == "offset" or value == "report" or value:find "^{[%w_]+}$" then return end
  local ok, err = errors.try(zones.parse, value)
  if not ok then errors.raise_usage("%s: %s", place, errors.from(err).message) end
end

local function zone_or_param(value, place)
  if value == "offset" or value == "report" then
    errors.raise_usage("%s: '%s' is no zone of rows", place, value)
  end
  zone(value, place)
end

local function window_parts(value, place)
  local ok, err = errors.try(formats.parts, value)
  if not ok then errors.raise_usage("%s: %s", place, errors.from(err).message) end
end

local function one_path(value, place) path.check(value, place) end

local function max_days(value, place)
  if type(value) == "string" and not value:find "^{[%w_]+}$" then
    errors.raise_usage("%s: '%s' is neither a number of days nor the {name} of a parameter", place,
      value)
  elseif type(value) == "number" and value < 1 then
    errors.raise_usage("%s must be 1 or more, not %s", place, tostring(value))
  end
end

-- One of a list, or the {name} of a parameter that says which.
local function chosen_from(list)
  return function(value, place)
    if value:find "^{[%w_]+}$" then return end
    for _, known in ipairs(list) do
      if value == known then return end
    end
    errors.raise_usage("%s: %s", place, errors.unknown("value", value, list))
  end
end

local function each_word(list, place)
  for value, word in pairs(list) do
    if type(value) ~= "string" or type(word) ~= "string" then
      errors.raise_usage("%s maps our values to the vendor's words: { mine = \"My-Own\" }", place)
    end
  end
end

-- A column and the value that it has in the rows that are meant.
local function one_condition(value, place)
  local column, wanted = next(value)
  if type(column) ~= "string" or type(wanted) ~= "string" or next(value, column) ~= nil then
    errors.raise_usage("%s names one column and its value: { team_type = \"org\" }", place)
  end
end

local function word_path(value, place)
  if words.is_path(value) then return end
  errors.raise_usage("%s: '%s' is not a path (status, error.message, errors[].code)", place,
    tostring(value))
end

local function word_paths(list, place)
  for index, value in ipairs(list) do word_path(value, ("%s[%d]"):format(place, index)) end
end

description.PARAM = {
  { "help", "string", help = "one line for `usagelua vendors`", example = '"team id"' },
  { "required", "boolean", help = "a query without it is refused", default = false,
    example = "true" },
  { "default", "string|number|boolean|table", help = "the value used where none is given",
    example = '"all"' },
  { "omit_default", "boolean", default = false, example = "true",
    help = "the default is not sent: the vendor answers otherwise where it is" },
  { "type", "string", one_of = { "text", "integer", "number", "boolean" }, example = '"integer"',
    help = "what a value must be; figures and `true` keep their type in a JSON body" },
  { "one_of", "table", items = "string", help = "the only values allowed",
    example = '{ "all", "mine" }' },
  { "words", "table", help = "value = the vendor's word for it, which is sent; no other value is "
    .. "allowed", check = each_word, example = '{ mine = "My-Own" }' },
  { "list", "boolean", help = "several values, commas between them on the command line",
    default = false, example = "true" },
  { "match", "string", help = "Lua pattern that a value must match from end to end",
    check = pattern, example = '"^%d+$"' },
  { "characters", "integer", least = 1, help = "fewest characters of a value", example = "3" },
  { "without", "table", items = "string", help = "parameters that cannot be given beside it",
    example = '{ "team_id" }' },
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
  { "per", "string", example = '"product"',
    help = "column for each value of which it has another one" },
  { "column", "boolean", help = "a text column of the vendor's own", example = "true" },
  { "else_path", "string", help = "path taken where the first one holds nothing", check = one_path,
    example = '"id"' },
  { "lower", "boolean", help = "text is kept in lower case", example = "true" },
  { "null", "boolean", help = "null stands for nothing reported; else it is an error",
    example = "true" },
  { "fraction", "boolean", help = "fractions are allowed", example = "true" },
  { "negative", "boolean", help = "values below zero are allowed", example = "true" },
  { "text", "boolean", help = "the number stands in a string; true and false may; as in every cell "
    .. "of CSV", example = "true" },
  { "when", "table", example = '{ group_by = "user" }', help = "parameters and the value, or list "
    .. "of values, with which the vendor sends the field; `false` stands for not given" },
  { "other_type", "string", one_of = { "error", "unknown" }, default = "error",
    help = "what a value is that is no number at all: an error of the answer, or this figure alone "
    .. "is unknown, with that as the reason", example = '"unknown"' },
}

description.WINDOW = {
  { "max_days", "integer|string", check = max_days, example = "90",
    help = "longest span of one request: days of 86,400 s, calendar days where `whole` is `day`; "
    .. "`{name}`: as a parameter says, not limited where it is unset" },
  { "max_hours", "integer", least = 1, help = "the same in hours", example = "24" },
  { "max_months", "integer", least = 1, example = "3",
    help = "the same in months of the calendar: cut where they begin" },
  { "max_buckets", "integer", least = 1, example = "500",
    help = "`grain_by = \"vendor\"`: how many parts of the grain one request may bring" },
  { "ends", "string", one_of = { "inclusive", "exclusive" }, default = "exclusive",
    help = "whether the end that is sent still counts", example = '"inclusive"' },
  { "format", "string", default = "rfc3339", example = '"%Y-%m-%d"',
    help = "as of strftime, or `rfc3339`, `rfc3339ms`, `epoch`, `epoch_ms`; zeros behind `%S` or `%s` "
    .. "are a fraction (`%S.000Z`), nines at an end that still counts" },
  { "parts", "table", check = window_parts, example = '{ "year", month = "%-m" }',
    help = "its beginning in parts, `{year}`, `{month}`, `{day}`, `{hour}` and names with a format" },
  { "whole", "string", one_of = units.names, example = '"hour"',
    help = "what its dates must be whole of, where that is coarser than what `format` shows" },
  { "zone", "string", default = "UTC", check = zone, example = '"offset"',
    help = "the clock of its dates: `UTC` or another zone; `report`: the report's zone; `offset`: "
    .. "the report's, sent as `{timezone}`, one offset a request; `{name}`: that of a parameter" },
  { "grains", "table", items = "string", help = "the grains it may be asked at; all where not said",
    example = '{ "total", "month" }' },
  { "grain_by", "string", one_of = { "window", "vendor" }, default = "window", example = '"vendor"',
    help = "`vendor`: it divides its answer itself, nothing is cut for the grain, and `{grain}` "
    .. "is what the query says, unset where that is `total`" },
  { "cut", "string", one_of = { "allowed", "may_differ", "forbidden" }, default = "allowed",
    help = "whether a period may be asked in several windows", example = '"forbidden"' },
  { "until_now", "boolean", default = false, example = "true",
    help = "it refuses what lies in the future: periods are asked as far as now" },
  { "keeps_months", "integer", least = 1, example = "12",
    help = "it has figures of so many calendar months, the present one among them; what begins "
    .. "before is refused" },
  { "vendor_default", "boolean", default = false, example = "true",
    help = "`--period vendor` is possible: without dates it answers for a period of its own" },
  { "unverified", "string", help = "what is not known of its dates; said beside the figures",
    example = '"nothing documents that it takes dates"' },
}

description.REQUEST = {
  { "method", "string", default = "GET", match = "^[A-Z]+$", help = "HTTP method",
    example = '"POST"' },
  { "path", "string", required = true, match = "^/", example = '"/teams/{team}/usage"',
    help = "below `base_url`; `{name}` is a parameter, or `{from}`, `{to}`, `{timezone}`, "
    .. "`{from_utc}`, `{to_utc}` of the window, or one of its `parts`" },
  { "query", "table", help = "query parameters; an entry whose `{name}` is unset is left out. Lists: "
    .. "`\"{ids}\"` with commas, `{ \"{ids}\" }` the name repeated; a table of names puts them in "
    .. "brackets, `a[b][c]`", example = '{ from = "{from}", ["team[]"] = { "{teams}" } }' },
  { "plain", "string", match = "^[][,:;@!$'()*/]+$", example = '"[],"',
    help = "characters of the query that are not percent-encoded" },
  { "headers", "table", help = "header fields, likewise", example = '{ ["X-Team"] = "{team}" }' },
  { "json", "table", help = "JSON body, likewise at any depth; `\"{name}\"` alone keeps a number, "
    .. "`{ \"{ids}\" }` is an array", example = '{ ids = { "{ids}" }, size = "{size}" }' },
  { "form", "table", help = "form body, as `query`", example = '{ team = "{team}" }' },
  { "params", "table", help = "entries that go where `params_in` says",
    example = '{ from = "{from}" }' },
  { "params_in", "string", example = '"{params_in}"', check = chosen_from(tailor.PLACES),
    help = "`query`, `body` (JSON) or `form`; `{name}`: as a parameter says" },
  { "lists_as", "string", example = '"{ids_as}"', check = chosen_from(tailor.LISTS),
    help = "how list parameters among `params` are sent: `commas` (default), `array` (of JSON; "
    .. "`name[]` elsewhere) or `repeated` names; `{name}`: as a parameter says" },
}

local job = job_rows.of(description.REQUEST)
description.JOB = job.JOB

description.PAGES = {
  { "kind", "string", required = true, example = '"cursor"',
    one_of = { "page", "offset", "cursor", "next", "link", "partition" },
    help = "how one leads to the next: a number, the rows before it, a text in the answer, a link in "
    .. "the body, the header field `Link`, numbers whose count the first answer tells" },
  { "send", "string", help = "parameter that names the page; default: the kind's name",
    example = '"p"' },
  { "send_in", "string", default = "query", one_of = { "query", "json", "form", "headers" },
    help = "where it is sent; in `json` its name is a path", example = '"json"' },
  { "first", "integer", help = "number of the first page (default 1), row or partition (default 0)",
    example = "0" },
  { "size_send", "string", help = "parameter of the page size", example = '"limit"' },
  { "size", "integer", least = 1, help = "rows asked for per page", example = "100" },
  { "next", "string", help = "cursor, next: path of the cursor or link; none on the last page",
    check = one_path, example = '"meta.next"' },
  { "next_header", "string", match = "^[%w-]+$", help = "cursor: header field of it instead",
    example = '"X-Next-Cursor"' },
  { "more", "string", help = "path of a flag that says whether more pages follow",
    check = one_path, example = '"meta.has_more"' },
  { "count", "string", help = "page, offset, partition: path of the number of pages, or of their list",
    check = one_path, example = '"meta.pages"' },
  { "ends", "string", one_of = { "empty", "short" }, default = "empty", example = '"short"',
    help = "page, offset: the last one where neither `total`, `more` nor `count` is said: an empty "
    .. "one, or one shorter than `size`" },
  { "total", "string", help = "path of the stated number of rows; checked against what came",
    check = one_path, example = '"meta.total"' },
  { "total_header", "string", match = "^[%w-]+$", help = "header field of it instead",
    example = '"X-Total-Count"' },
  { "unique", "string", help = "path in an item that every item has and none twice; without it numbered "
    .. "pages are told apart by all that their rows hold",
    check = one_path, example = '"id"' },
}

description.NOTE = {
  { 1, "string", required = true, help = "the sentence",
    example = '"deleted recipes are not counted"' },
  { "given", "table", items = "string", help = "parameters of which one is given",
    example = '{ "group_by" }' },
  { "holds", "table", help = "parameters and Lua patterns of which one is found",
    example = '{ name_pattern = "%*" }' },
}

local function statuses(list, place)
  for key, status in pairs(list) do
    if math.type(key) ~= "integer" or math.type(status) ~= "integer" then
      errors.raise_usage("%s is a list of HTTP statuses: { 504 }", place)
    end
  end
end

description.BATCH = {
  { "param", "string|table", required = true, help = "list parameter whose values go together, or a "
    .. "list of them: the one that is given alone; where several are, all goes in one request, since "
    .. "they may mean the same things", example = '"user_ids"' },
  { "most", "integer", least = 1, help = "values that one request takes; all where not said",
    example = "500" },
  { "halve_on", "table", check = statuses, example = "{ 500, 504 }", help = "HTTP statuses that "
    .. "mean too many, `{ 408, 504 }` where not said; 413, 414, error rules of kind `too_large` and "
    .. "answers that do not come do always" },
  { "timeout_s", "number", least = 1, help = "seconds within which an answer must begin; 120 where "
    .. "not said", example = "60" },
}

description.ENDS = {
  { "mark", "table", example = '{ ["end"] = true }', help = "the last row is none, and known by "
    .. "these values: path or column = value; without it the answer is cut" },
  { "count", "string", help = "path or column in that row of the number of rows before it; checked",
    example = '"rows"' },
  { "total", "string", match = "^[%w-]+$", help = "header field that states the number of rows; "
    .. "checked", example = '"X-Total-Count"' },
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

-- A text, or a text with header fields beside it.
local function sample_answer(value, place)
  if type(value) == "string" then return end
  if type(value) ~= "table" or type(value[1]) ~= "string" then
    errors.raise_usage("%s must be the text of an answer, not a %s", place, type(value))
  end
  for name, field in pairs(value.headers or {}) do
    if type(name) ~= "string" or type(field) ~= "string" then
      errors.raise_usage("%s.headers must hold texts by their names", place)
    end
  end
end

-- A list of answers, and beside them what was asked to get them.
local function sample_answers(sample, place)
  for key, value in pairs(sample) do
    if math.type(key) == "integer" then
      sample_answer(value, ("%s[%d]"):format(place, key))
    elseif key ~= "params" and key ~= "period" then
      errors.raise_usage("%s: %s", place, errors.unknown("key", key, SAMPLE_KEYS))
    end
  end
  if #sample == 0 then errors.raise_usage("%s holds no answer: { [[{ … }]] }", place) end
end

local function length_or_param(value, place)
  if require("usagelua.flow.lasting").seconds(value) or value:find "^{[%w_]+}$" then return end
  errors.raise_usage("%s: '%s' is no length: write 10m, 1h or 1d, or the name of a parameter in braces",
    place, value)
end

description.ROW_PERIOD = {
  { "zone", "string", default = "UTC", check = zone_or_param, example = '"{account_zone}"',
    help = "the clock of its dates; an offset in them counts, `Z` does not; `{name}`: that of a "
    .. "parameter" },
  { "grain", "string", one_of = period.grains, example = '"month"',
    help = "what a row's period is named as, within the period asked for; default: the query's grain "
    .. "where the vendor is told it, else every row is about the whole period" },
  { "missing", "string", one_of = { "window", "error" }, default = "window", example = '"error"',
    help = "a row that says no period: it is about the one that was asked for, or an error" },
  { "outside", "string", one_of = { "error", "leave" }, default = "error", example = '"leave"',
    help = "a row about another period than asked for: an error of the answer, or left out" },
  { "lasts", "string", check = length_or_param, example = '"{granularity}"',
    help = "rows say when their period begins, and not its end: it is so long (`10m`, `1h`, `1d`; "
    .. "`{name}`: as long as that parameter says), and named by its beginning. `Z` counts then, and "
    .. "`zone` may be the window's `{timezone}`" },
  { "hint", "string", help = "what people can do about the error; `{name}` is a parameter",
    example = '"set the parameter account_zone (now {account_zone})"' },
}

description.DATASET = {
  { "help", "string", help = "one line for `usagelua vendors`", example = '"tests per user"' },
  { "status", "string", default = "documented", example = '"assumed"',
    one_of = { "documented", "observed", "assumed", "unverified" },
    help = "how well its facts are known" },
  { "sources", "table", list = description.SOURCE, help = "where the facts come from",
    example = '{ { page = "docs.acme.test/usage" } }' },
  { "unverified", "table", items = "string", help = "what about it is not confirmed, a sentence each",
    example = '{ "whether the last day counts is not documented" }' },
  { "base_url", "string", check = base_url, help = "in place of the vendor's; its host is the "
    .. "vendor's, a region's or one of `hosts`", example = '"https://cloud.acme.test"' },
  { "params", "table", each = description.PARAM, help = "parameters of a query",
    example = '{ team = { help = "team id" } }' },
  { "needs_one_of", "table", items = "string", help = "parameters of which at least one is given",
    example = '{ "team_ids", "user_ids" }' },
  { "fan_out", "table", items = "string", help = "list parameters asked one value a request",
    example = '{ "team" }' },
  { "batch", "table", rows = description.BATCH, example = '{ param = "user_ids", most = 500 }',
    help = "a list asked in as few requests as can be, halved where that is too much" },
  { "window", "table", rows = description.WINDOW,
    help = "how periods are asked for; without it the answer is a snapshot of now",
    example = '{ max_days = 31, format = "%Y-%m-%d" }' },
  { "request", "table", rows = description.REQUEST, example = '{ path = "/usage" }',
    help = "the request; this, `job` or `flow`" },
  { "job", "table", rows = description.JOB, example = '{ create = { path = "/reports" }, id = "id", '
    .. 'result = { path = "/reports/{job_id}" } }',
    help = "a report job in its place: created, asked about, fetched, deleted" },
  { "flow", "function", example = 'function(ask, query, emit) emit(ask:get("/usage")) end',
    help = "function(ask, query, emit): asks for a window in straight-line Lua, where a table cannot "
    .. "say it (see [Flow functions](flows.md))" },
  { "idempotent", "boolean", help = "a POST that only reads and may be repeated",
    example = "true" },
  { "pages", "table", rows = description.PAGES, help = "how pages follow one another",
    example = '{ kind = "page", size_send = "limit", size = 100 }' },
  { "answer", "string", default = "stream", one_of = { "stream", "whole" }, example = '"whole"',
    help = "`whole`: rows are judged by values that may stand behind them" },
  { "ok", "table", help = "paths and the values they must hold in a good answer; a list means any "
    .. "of them", example = '{ status = "success", success = { true, "true" } }' },
  { "echo", "table", help = "template name = path where the answer repeats what was asked",
    example = '{ from = "meta.from" }' },
  { "rows_say_period", "boolean", example = "true", help = "every row says its period, and `record` "
    .. "refuses one that is not asked for: the period counts as echoed" },
  { "row_period", "table", rows = description.ROW_PERIOD, example = '{ outside = "leave" }',
    help = "every row says its period in the fields `period_start` and `period_end`: it is compared "
    .. "with the one asked for, which then counts as echoed, unless the end follows (`lasts`)" },
  { "partial", "string", help = "path of a flag that says the answer is incomplete",
    check = one_path, example = '"meta.partial"' },
  { "format", "string", default = "json", one_of = answers.FORMATS, example = '"csv"',
    help = "what the answer is written in; each kind and what it needs is said below" },
  { "rows", "string", help = "path of the items: `data[]`, `data{}`, `.`; needed where the answer "
    .. "is JSON or GraphQL. With `.` the document is the row, and one that has none of the fields is "
    .. "refused", example = '"data[]"' },
  { "columns", "string|table", example = '"meta.columns[]"',
    help = "JSON: path of the names of columns, where rows are arrays; CSV without a header row: "
    .. "the list of names" },
  { "packed", "string", one_of = { "gzip" }, example = '"gzip"',
    help = "the answer is a gzip file (`.gz`), unpacked as it comes; not for a Content-Encoding, "
    .. "which is undone anyway" },
  { "delimiter", "string", help = "CSV: the character between cells; a comma where not said",
    example = '";"' },
  { "ends", "table", rows = description.ENDS, example = '{ mark = { ["end"] = true } }',
    help = "CSV and JSON lines: how the answer says that it is complete" },
  { "null_rows", "boolean", example = "true",
    help = "null in the place of the rows stands for none; else it is an error" },
  { "each", "string|table", example = '{ "usage{}", "access{}" }',
    help = "one record per key of these objects (`usage{}`), or per item of a list (`users[]`)" },
  { "each_optional", "boolean", help = "an item without any of them keeps one record",
    example = "true" },
  { "fields", "table", required = true, each = description.FIELD, short = true, check = known_names,
    help = "column or measure = where it comes from; a path alone, or a table",
    example = '{ user_id = "email", tests = "n" }' },
  { "identity", "table", items = "string", example = '{ "user_id" }', help = "columns that together "
    .. "tell its items apart: an answer in which two have the same, as it came, is refused, for they "
    .. "would count twice; an item without the first, or with an empty text there, is not compared. Of "
    .. "very long answers the first 32,768 are compared with all others. What comes twice on several "
    .. "pages `pages.unique` tells" },
  { "must_appear", "boolean", example = "true", help = "an answer none of whose rows has one of "
    .. "the named fields is an error: for names that are not documented" },
  { "expect", "table", example = '{ team_ids = "team" }', help = "parameter = column: a value asked "
    .. "for that no record has is named in the coverage, and a record of none of them is refused" },
  { "notes", "table", list = description.NOTE, help = "what people should know of the figures, by "
    .. "what was asked", example = '{ { "archived users are left out", given = { "team" } } }' },
  { "also", "table", list = description.ALSO, help = "further records of an answer",
    example = '{ { fields = { users = "$.meta.users" } } }' },
  { "sample", "table", check = sample_answers, example = '{ [[{"data":[]}]], period = "2026-06" }',
    help = "answers of one query in the order it asks, as JSON texts (or `{ [[…]], headers = { … } }`), "
    .. "for `usagelua test`; `period` and `params` say what was asked" },
  { "counts", "string", example = '"acme usage"',
    help = "datasets with the same word count the same usage and are never added" },
  { "of", "string", example = '"team"',
    help = "column: each figure belongs to one of its values, and adds up within that only" },
  { "may_contain", "table", check = one_condition, example = '{ team_type = "org" }',
    help = "rows whose figures may contain those of the others, and are added to none" },
  { "check", "function", help = "function(record, params): a warning, or nothing; the record holds "
    .. "what somebody reads of it, in our units",
    example = 'function(record) if record.tests == 7 then return "seven?" end end' },
  { "record", "function", help = "function(record, item, sent): changes a record, in the vendor's "
    .. "units, before it counts; `false` leaves it out; `sent` holds what templates see, and "
    .. "`period`, `period_start`, `period_end` of the window",
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
  { "gap_s", "number", least = 0, help = "seconds between two requests, at least", example = "0.5" },
  { "in_flight", "integer", least = 1, default = 4, example = "8",
    help = "requests under way at once, per credential" },
}

description.ERROR = {
  { "status", "integer", help = "HTTP status it applies to, 2xx only where it is named here or by "
    .. "`path`", example = "403" },
  { "header", "table", help = "header fields and Lua patterns of their values",
    example = '{ ["x-reason"] = "quota" }' },
  { "body", "string", help = "Lua pattern in the body; of a 2xx only where `status` names it and "
    .. "the body is no good answer", check = pattern, example = '"[Rr]ate limit"' },
  { "path", "string", check = word_path, example = '"errors[].extensions.code"',
    help = "path in the JSON of an error, and of a good answer too (beside its rows): `status`, "
    .. "`errors[].code` (any item)" },
  { "value", "string|number|boolean|table", help = "what stands there, or a list of such; anything "
    .. "where not said", example = '{ "RATE_LIMITED", "THROTTLED" }' },
  { "kind", "string", required = true, example = '"throttled"',
    help = "what it means: `throttled` holds all of the credential back, `busy` (a full queue) and "
    .. "`not_ready` are waited for by a job, `too_large` halves a batch",
    one_of = { "auth", "permission", "throttled", "not_found", "gone", "busy", "not_ready",
      "too_large", "vendor", "http" } },
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
  { "period", "string", help = "period of that query; where not said yesterday, or the last "
    .. "week, month, quarter or year where its dates are whole of that", example = '"last month"' },
  { "request", "table", rows = description.REQUEST, example = '{ path = "/me" }',
    help = "a request of its own instead, where every dataset costs more" },
  { "leaves_open", "string", help = "what an accepted call does not show",
    example = '"whether reports are enabled"' },
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
  { "hosts", "table", items = "string", check = each_host, example = '{ "cloud.acme.test" }',
    help = "further hosts of the vendor, for datasets with a `base_url` of their own" },
  { "auth", "table", some = description.AUTH, required = true, help = "who asks; a list of several "
    .. "kinds where a vendor takes either: the first whose variables are all set is used",
    example = '{ kind = "bearer", token_env = "ACME_TOKEN" }' },
  { "rate", "table", rows = description.RATE, help = "limits of the vendor, per credential",
    example = "{ burst = 5, per_minute = 15 }" },
  { "errors", "table", list = description.ERROR, help = "what its error answers mean, first match",
    example = '{ { status = 403, kind = "throttled" } }' },
  { "error_message", "table", items = "string", check = word_paths,
    example = '{ "message", "error", "error.message" }', help = "paths where its own message stands "
    .. "in the JSON of an error; the first text there is quoted" },
  { "check", "table", rows = description.CHECK, example = '{ dataset = "usage" }',
    help = "the cheapest call that shows whether a credential works, for `usagelua check`" },
  { "secret_fields", "table", items = "string", help = "fields of answers that a "
    .. "recording must not hold, at any depth: texts of eight characters and more, also those in a "
    .. "list or object of that name",
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
  { "batch", description.BATCH },
  { "job", description.JOB },
  { "job.status", job.PLACED },
  { "job.not_ready", job.NOT_READY },
  { "job.poll", job.POLL },
  { "pages", description.PAGES },
  { "row_period", description.ROW_PERIOD },
  { "ends", description.ENDS },
  { "fields", description.FIELD },
  { "notes", description.NOTE },
  { "also", description.ALSO },
  { "sources", description.SOURCE },
}

-- The values that a parameter's words name are those it takes.
local function fill_values(params)
  for _, param in pairs(params) do
    if param.words and not param.one_of then param.one_of = order.keys(param.words) end
  end
end

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
    fill_values(dataset.params)
    dataset.name = ("%s.%s"):format(checked.name, tostring(name))
    if type(dataset.each) == "string" then dataset.each = { dataset.each } end
    local kind = answers.of(dataset)
    if kind.settle then kind.settle(dataset) end
  end
  consistency.check(checked, place)
  return checked
end

return description
