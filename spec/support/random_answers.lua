-- Seeded datasets, answers and rules, for laws that hold for any of them: an
-- answer holds what its fields expect, and now and then what they do not.
local random = require "support.random"

local description = require "usagelua.vendor.description"
local errors = require "usagelua.errors"
local order = require "usagelua.order"
local records = require "usagelua.flow.records"

local random_answers = {}

--- What a query with all teams sends.
random_answers.SENT = { team = "QA", teams = { "qa", "core", "Ünal (Org)", "infra" }, from = "2026-06-01",
  to = "2026-06-30", from_utc = "2026-06-01T00:00:00Z", to_utc = "2026-07-01T00:00:00Z", period = "2026-06",
  period_start = "2026-06-01T00:00:00Z", period_end = "2026-07-01T00:00:00Z" }

local PRODUCTS = { "live", "automate", "app-automate", "Percy ü", "" }
local TEAMS = { "qa", "core", "Ünal (Org)", "infra" }

-- Datasets -----------------------------------------------------------------

local function optional(draw, fields, name, choices)
  if draw:integer(1, 4) > 1 then fields[name] = draw:item(choices) end
end

local function common_fields(draw)
  local fields = {}
  optional(draw, fields, "user_id", { "email", { "email", lower = true },
    { "email", else_path = "id" }, { "profile.mail", else_path = "email", lower = true } })
  optional(draw, fields, "team", { "team", "profile.team", { value = "all" }, { param = "team" } })
  optional(draw, fields, "account", { "$.meta.org", { "$.meta.org", else_path = "$.meta.id" },
    "account" })
  optional(draw, fields, "last_test", { "last", "profile.last" })
  optional(draw, fields, "members", { "count", { "count", of = "team" } })
  optional(draw, fields, "screenshots", { "shots", { "shots", null = true },
    { "shots", text = true }, { "shots", text = true, fraction = true, null = true } })
  return fields
end

local MEASURES = {
  tests = { {}, {}, { of = "team" } }, duration_s = { { unit = "min", fraction = true }, { unit = "ms" }, { fraction = true } },
  parallels_allocated = { { of = "team" }, { of = "team", per = "account" } },
  parallels_peak = { { of = "team" }, { fraction = true } },
  balance = { { kind = "sum", unit = "1", negative = true, fraction = true },
    { kind = "unknown", unit = "1", negative = true, fraction = true } },
}

local NAMES = { tests = "n", duration_s = "min", parallels_allocated = "alloc", parallels_peak = "peak",
  balance = "b" }

local function add_measures(draw, fields, prefix)
  for _, name in ipairs { "tests", "duration_s", "parallels_allocated", "parallels_peak", "balance" } do
    if draw:integer(1, 4) > 1 then
      local field = { prefix .. NAMES[name] }
      for key, value in pairs(draw:item(MEASURES[name])) do field[key] = value end
      fields[name] = field
    end
  end
end

-- What an item of a list knows from the item around it.
local function in_outer_item(draw, field)
  local made = {}
  for key, value in pairs(type(field) == "table" and field or { field }) do made[key] = value end
  for _, key in ipairs { 1, "else_path" } do
    local text = made[key]
    if text and text:find "^%a" and (text:find "%." or draw:integer(1, 4) > 1) then made[key] = "^." .. text end
  end
  return made
end

-- Items, or the members of objects or lists in them.
local SHAPES = {
  function(draw, dataset)
    dataset.rows = draw:item { "data.users[]", "data.users{}" }
    optional(draw, dataset.fields, "product", { "product", "@key" })
    optional(draw, dataset.fields, "has_access", { "active", { "active", else_path = "has" } })
    add_measures(draw, dataset.fields, draw:item { "", "usage." })
  end,
  function(draw, dataset)
    dataset.rows, dataset.each = "data.users[]", draw:item { { "usage{}" }, { "usage{}", "access{}" },
      { "access{}", "usage{}" } }
    dataset.each_optional = draw:integer(1, 2) == 1 or nil
    dataset.fields.product = "@key"
    if #dataset.each > 1 then dataset.fields.has_access = "access.{key}" end
    optional(draw, dataset.fields, "parallels_from", { "usage.{key}.from", { "usage.{key}.from",
      else_path = "from" } })
    add_measures(draw, dataset.fields, "usage.{key}.")
  end,
  function(draw, dataset)
    dataset.rows, dataset.each = draw:item { "data.users[]", "data.users{}" }, draw:item { "usage[]", "profile.list[]" }
    dataset.each_optional = draw:integer(1, 3) == 1 or nil
    for name, field in pairs(dataset.fields) do dataset.fields[name] = in_outer_item(draw, field) end
    optional(draw, dataset.fields, "product", { "product", { "product", else_path = "^.product" } })
    optional(draw, dataset.fields, "has_access", { "active", { "^.active", else_path = "has" } })
    add_measures(draw, dataset.fields, draw:item { "", "", "deep." })
  end,
}

-- What a dataset may want of its answers beside the figures.
local WANTS = {
  function(draw, dataset)
    dataset.answer = "whole"
    dataset.partial = draw:item { "meta.partial", false } or nil
  end,
  function(_, dataset) dataset.pages = { kind = "page", unique = "key" } end,
  function(_, dataset) dataset.pages = { kind = "page" } end,
  function(_, dataset)
    dataset.check = function(record, params)
      if record.tests and record.tests > 900 then return "many tests, asked for " .. params.team end
      if record.duration_s and record.duration_s < 600 then return "short" end
    end
  end,
  function(draw, dataset)
    dataset.must_appear = not dataset.each or nil
    dataset.fields = draw:item { { tests = dataset.fields.tests or "n" }, dataset.fields }
  end,
  function(_, dataset) dataset.expect = { teams = "team" } end,
  function(draw, dataset)
    dataset.format, dataset.rows, dataset.columns = draw:item { "lines", "csv" }, nil, nil
  end,
  function(draw, dataset)
    if dataset.format then return end
    dataset.columns = draw:item { "meta.columns[]", "meta.columns[].name", "meta.columns[].of.name" }
    dataset.rows = "data.users[]"
    if dataset.fields.product == "@key" and not dataset.each then dataset.fields.product = nil end
  end,
  function(draw, dataset)
    dataset.row_period = { zone = "UTC", grain = draw:item { "month", "day", false } or nil,
      missing = draw:item { "window", "error" }, outside = draw:item { "error", "leave", "leave", "leave" },
      hint = "look at {team}" }
  end,
  function(draw, dataset)
    dataset.row_period = { zone = draw:item { "UTC", "+05:30" }, lasts = draw:item { "1d", "6h", "10m", "30s" },
      missing = draw:item { "window", "error" }, outside = draw:item { "error", "leave", "leave", "leave" } }
  end,
}

-- Pages of CSV that only their rows tell apart.
WANTS[#WANTS + 1] = function(_, dataset)
  dataset.format, dataset.rows, dataset.columns, dataset.pages = "csv", nil, nil, { kind = "page" }
end

-- And rows that end with a mark.
WANTS[#WANTS + 1] = function(draw, dataset)
  dataset.format, dataset.rows, dataset.columns = draw:item { "lines", "csv" }, nil, nil
  dataset.ends = {}
end

local MARKS <const> = {
  lines = { mark = { ["end"] = true, of = 1 }, count = "rows" }, csv = { mark = { email = "#END" }, count = "id" },
}

-- A row of CSV has nothing inside.
local function flatten(dataset)
  dataset.each, dataset.each_optional = nil, nil
  for name, field in pairs(dataset.fields) do
    if type(field) == "table" and field[1] then field[1] = field[1]:gsub("^%^%.", "") end
    local text = type(field) == "table" and field[1] or field
    local other = type(field) == "table" and field.else_path or "n"
    if type(text) == "string" and not (text:find "^%w+$" and other:find "^%w+$") then
      dataset.fields[name] = nil
    end
  end
end

-- Nothing stands beside rows of text.
local function without_sides(dataset)
  dataset.ok, dataset.partial, dataset.answer = nil, nil, nil
  for name, field in pairs(dataset.fields) do
    local text = type(field) == "table" and field[1] or field
    if type(text) == "string" and text:find "^%$" or text == "@key" and not dataset.each then
      dataset.fields[name] = nil
    end
  end
  if dataset.format == "csv" then flatten(dataset) end
  if not next(dataset.fields) then dataset.fields.tests = "n" end
end

--- A checked dataset.
function random_answers.dataset(draw)
  local dataset = { request = { path = "/u" }, fields = common_fields(draw), ok = { ok = true },
    params = { team = {}, teams = { list = true } } }
  draw:item(SHAPES)(draw, dataset)
  while draw:integer(1, 3) == 1 do draw:item(WANTS)(draw, dataset) end
  if draw:integer(1, 3) == 1 then
    dataset.may_contain = { [draw:item { "team", "account", "product" }] = draw:item { "qa", "infra", "Acme", "live" } }
  end
  if dataset.expect then dataset.fields.team = "team" end
  if dataset.format then without_sides(dataset) end
  if dataset.ends then dataset.ends = MARKS[dataset.format] end
  if dataset.row_period then
    dataset.fields.period_start, dataset.fields.period_end = "begin", not dataset.row_period.lasts and "until" or nil
  end
  if not next(dataset.fields) then dataset.fields.tests = "n" end
  if not (dataset.pages or dataset.format) and draw:integer(1, 3) == 1 then
    dataset.also = { { fields = { users = "$.meta.users", team = { value = "all" } } } }
  end
  return description.check({ name = "acme", version = 1, base_url = "https://acme.test",
    auth = { kind = "bearer", token_env = "ACME_TOKEN" }, datasets = { usage = dataset } },
    "acme.lua").datasets.usage
end

-- Values -------------------------------------------------------------------

local function quoted(text) return '"' .. text .. '"' end

local ODD = { "null", "true", "5", "-3", "1.5", '"x"', "[]", "[1]", "{}", '{"a":{"b":1}}', '""', "-0.0",
  "9223372036854775807", "9223372036854775808", "1e300", '"12"', '"1.50"', '"007"', "false", '"\\u00e9"',
  '"1e3"', '"-7"' }

-- A value as a field expects it, none, or, rarely, another.
local function value(draw, make, is_sure)
  if draw:integer(1, draw.oddness) == 1 then return draw:item(ODD) end
  if not is_sure and draw:integer(1, 10) == 1 then return nil end
  return make(draw)
end

-- The same of a text, which may also be null.
local function text(draw, make)
  return draw:integer(1, 10) == 1 and "null" or value(draw, make)
end

local function instant(draw)
  if draw:integer(1, 20) == 1 then
    return quoted(draw:item { "yesterday", "2026-02-30T00:00:00Z", "2026-06-01T00:00:60Z",
      "2026-06-01t00:00:00z", "2026-06-01T00:00:00.5Z", "2026-06-01T00:00:00+24:00",
      "2026-06-01T00:00:00", "2026-05-31T23:59:59-00:01", "2026-13-01T00:00:00Z" })
  end
  return quoted(("2026-%02d-%02dT%02d:00:00%s"):format(draw:integer(1, 12), draw:integer(1, 28),
    draw:integer(0, 23), draw:item { "Z", "+00:00", "+05:30" }))
end

local function integer(draw) return tostring(draw:integer(0, 1000)) end

-- What a row says its period is: mostly the one that was asked for.
local PERIODS = { { "2026-06-01T00:00:00Z", "2026-07-01T00:00:00Z" },
  { "2026-06-01T00:00:00.000Z", "2026-06-30T23:59:59.999Z" }, { "2026-06-03T00:00:00Z", "2026-06-04T00:00:00Z" },
  { "2026-06-03T00:00:00+00:00", "2026-06-03T23:59:59.999Z" }, { "2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z" },
  { "2026-07-01T00:00:00Z", "2026-06-01T00:00:00Z" } }

local function said_period(draw, dataset)
  if not dataset.row_period then return {} end
  if draw:integer(1, draw.oddness) == 1 then
    return { { "begin", draw:item(ODD) }, { "until", draw:item(ODD) } }
  end
  local asked = dataset.row_period.outside == "error" and draw:integer(1, 50) > 1
  local said = PERIODS[draw:integer(1, asked and 2 or #PERIODS)]
  local is_there = dataset.row_period.missing == "error" or draw:integer(1, 5) > 1
  return { { "begin", is_there and quoted(said[1]) or nil }, { "until", quoted(said[2]) } }
end

-- A figure that the dataset's field of this name takes.
local function figure(draw, dataset, name)
  local field = dataset.fields[name] or {}
  return value(draw, function()
    if field.null and draw:integer(1, 5) == 1 then return "null" end
    local number = integer(draw)
    if field.fraction and draw:integer(1, 3) == 1 then number = number .. "." .. draw:integer(0, 9) end
    if field.negative and draw:integer(1, 4) == 1 then number = "-" .. number end
    return field.text and quoted(number) or number
  end)
end

local MAKERS = {
  email = function(draw) return quoted("U" .. draw:integer(1, 20) .. "@Ex.Com") end,
  id = function(draw) return tostring(draw:integer(1, 9)) end,
  key = function(draw) return draw:item { tostring(draw:integer(-9, 99)), quoted("k" .. draw:integer(1, 99)) } end,
  team = function(draw) return quoted(draw:item(TEAMS)) end,
  text = function(draw) return quoted(draw:item { "team", "org" }) end,
  product = function(draw) return quoted(draw:item(PRODUCTS)) end,
  flag = function(draw) return draw:item { "true", "false" } end,
  few = function(draw) return tostring(draw:integer(1, 3)) end,
  instant = instant,
}

-- Members in any order, spaces anywhere, now and then a name twice.
local function object(draw, members)
  local list = {}
  for _, member in ipairs(members) do
    if member[2] then table.insert(list, draw:integer(1, #list + 1), member) end
  end
  if #list > 0 and draw:integer(1, draw.oddness * 20) == 1 then list[#list + 1] = draw:item(list) end
  local texts = {}
  for i, member in ipairs(list) do
    texts[i] = ('%s"%s"%s:%s%s'):format(draw:item { "", " ", "\n" }, member[1], draw:item { "", " " },
      draw:item { "", " " }, member[2])
  end
  return "{" .. table.concat(texts, ",") .. draw:item { "", " " } .. "}"
end

-- What all rows of a document agree on, or not.
local function gauge(draw)
  return value(draw, draw.is_steady and function() return "2" end or MAKERS.few)
end

local function figures(draw, dataset)
  return { { "n", figure(draw, dataset, "tests") }, { "min", figure(draw, dataset, "duration_s") },
    { "alloc", gauge(draw) }, { "peak", figure(draw, dataset, "parallels_peak") },
    { "b", figure(draw, dataset, "balance") } }
end

local function usage(draw, dataset)
  local members = figures(draw, dataset)
  members[#members + 1] = { "from", text(draw, MAKERS.text) }
  members[#members + 1] = { "unnamed", draw:item { "7", '"seven"', "[[1,{}]]" } }
  return object(draw, members)
end

-- Few products as a rule; now and then more than are compared one by one.
local function products(draw)
  if draw:integer(1, 60) > 1 then return PRODUCTS end
  local list = table.move(PRODUCTS, 1, #PRODUCTS, 1, {})
  for i = 1, draw:item { 20, 40, 200 } do list[#list + 1] = "product " .. i end
  return list
end

-- In a list, with all that may be read there.
local function use_in_list(draw, dataset)
  local members = figures(draw, dataset)
  for _, member in ipairs { { "product", text(draw, MAKERS.product) }, { "active", text(draw, MAKERS.flag) },
    { "has", text(draw, MAKERS.flag) }, { "team", dataset.expect and value(draw, MAKERS.team, true) or nil },
    { "shots", figure(draw, dataset, "screenshots") }, { "email", text(draw, MAKERS.email) },
    { "count", gauge(draw) }, { "unnamed", draw:item { "7", '"seven"', "[[1,{}]]" } },
    { "deep", object(draw, figures(draw, dataset)) } } do
    members[#members + 1] = member
  end
  local period = said_period(draw, dataset)
  return object(draw, table.move(period, 1, #period, #members + 1, members))
end

local function use_list(draw, dataset)
  local list = {}
  for i = 1, draw:item { 0, 1, 2, 3, 3, 20 } do
    list[i] = text(draw, function() return use_in_list(draw, dataset) end) or "{}"
  end
  return ("[%s]"):format(table.concat(list, draw:item { ",", " , " }))
end

local function by_product(draw, make)
  local members = {}
  for _, product in ipairs(products(draw)) do
    if draw:integer(1, 2) == 1 then members[#members + 1] = { product, text(draw, make) } end
  end
  return object(draw, members)
end

-- Of a flat item the same names stand in it and in its `usage`.
local function own_usage(draw, dataset)
  local function own() return usage(draw, dataset) end
  if dataset.each and dataset.each[1] == "usage[]" then
    return { { "usage", text(draw, function() return use_list(draw, dataset) end) } }
  end
  if dataset.each and dataset.each[1] ~= "profile.list[]" then
    return { { "usage", text(draw, function() return by_product(draw, own) end) },
      { "access", text(draw, function() return by_product(draw, MAKERS.flag) end) } }
  end
  local members = figures(draw, dataset)
  members[#members + 1] = { "usage", text(draw, own) }
  return members
end

local function item_members(draw, dataset)
  local members = { { "email", text(draw, MAKERS.email) }, { "id", text(draw, MAKERS.id) },
    { "team", dataset.expect and value(draw, MAKERS.team, true) or text(draw, MAKERS.team) },
    { "key", value(draw, MAKERS.key, true) }, { "account", text(draw, MAKERS.text) },
    { "last", text(draw, MAKERS.instant) }, { "count", gauge(draw) },
    { "shots", figure(draw, dataset, "screenshots") }, { "product", text(draw, MAKERS.product) },
    { "active", text(draw, MAKERS.flag) }, { "has", text(draw, MAKERS.flag) },
    { "from", text(draw, MAKERS.text) }, { "more", draw:item { '{"x":[1,2,{"y":null}]}', '"…"', "1e5" } },
    { "profile", text(draw, function()
      return object(draw, { { "mail", text(draw, MAKERS.email) }, { "team", text(draw, MAKERS.team) },
        { "last", text(draw, MAKERS.instant) }, { "list", dataset.each and dataset.each[1] == "profile.list[]"
          and text(draw, function() return use_list(draw, dataset) end) or nil } })
    end) } }
  local own = own_usage(draw, dataset)
  table.move(own, 1, #own, #members + 1, members)
  local period = said_period(draw, dataset)
  table.move(period, 1, #period, #members + 1, members)
  return members
end

local function item(draw, dataset)
  return object(draw, item_members(draw, dataset))
end

local function items(draw, dataset)
  local list, count = {}, draw:integer(0, 12)
  for i = 1, count do
    list[i] = value(draw, function() return item(draw, dataset) end) or "{}"
    if dataset.rows:find "{}$" then list[i] = ('"u%d":%s'):format(i, list[i]) end
  end
  local joined = table.concat(list, ",")
  return dataset.rows:find "{}$" and "{" .. joined .. "}" or "[" .. joined .. "]"
end

local function items_in(draw, dataset)
  local list = {}
  for i = 1, draw:integer(0, 12) do
    list[i] = (value(draw, function() return item(draw, dataset) end) or "{}"):gsub("\n", " ")
  end
  return list
end

-- Rows that are nearly an end mark.
local NEAR_MARKS <const> = { '"end":true,"of":2', '"end":true,"of":"1"', '"end":1,"of":1', '"of":1',
  '"email":"#END","end":false,"of":1' }

-- The end mark behind the rows, and now and then none, one of other rows, or one that
-- is not the last.
local function add_mark(draw, list, make, rows)
  if draw:integer(1, 20) == 1 then return end
  if draw:integer(1, 20) == 1 then rows = rows + 1 end
  local place = draw:integer(1, 20) == 1 and draw:integer(1, #list + 1) or #list + 1
  table.insert(list, place, make(rows))
end

local function with_members(object_text, members)
  return object_text:gsub("^{", "{" .. members .. (object_text:find "^{%s*}" and "" or ","))
end

local function mark_line(rows)
  return ('{"end":true,"of":1.0,"rows":%d,"n":7}'):format(rows)
end

-- An object on each line.
local function lines(draw, dataset)
  local list = items_in(draw, dataset)
  if dataset.ends and #list > 0 and draw:integer(1, 3) == 1 then
    list[draw:integer(1, #list)] = with_members(draw:item(list), draw:item(NEAR_MARKS))
  end
  if dataset.ends then add_mark(draw, list, mark_line, #list) end
  local whole = table.concat(list, "\n") .. (dataset.ends and draw:item { "", "\n" } or "\n")
  return draw:integer(1, draw.oddness) == 1 and whole:sub(1, draw:integer(1, #whole)) or whole
end

local CELLS = { "email", "id", "team", "key", "account", "last", "count", "shots", "product", "active", "has",
  "from", "more", "n", "min", "alloc", "peak", "b", "begin", "until" }

-- What a value is in a cell; null is an empty one.
local function cell(json)
  if json == nil or json == "null" then return "" end
  local shown = json:match '^"(.*)"$' or json
  return shown:find '[,"\n]' and '"' .. shown:gsub('"', '""') .. '"' or shown
end

local function csv(draw, dataset)
  local header = draw:integer(1, draw.oddness) == 1 and { "n" } or CELLS
  local rows = { table.concat(header, ",") }
  for i = 1, draw:integer(0, 12) do
    local cells, values = {}, {}
    for _, member in ipairs(item_members(draw, dataset)) do values[member[1]] = member[2] end
    if dataset.ends and draw:integer(1, 20) == 1 then values.email = draw:item { '"#ENd"', '"#END "' } end
    for k, name in ipairs(header) do cells[k] = cell(values[name]) end
    rows[i + 1] = table.concat(cells, ",")
  end
  if dataset.ends and #header > 1 then
    add_mark(draw, rows, function(count) return ("#END,%d%s"):format(count, (","):rep(#header - 2)) end, #rows - 1)
  end
  return table.concat(rows, draw:item { "\n", "\r\n" }) .. draw:item { "", "\n" }
end

-- What stands in a row where an object would have nothing: figures may not be null.
local INSTEAD = { n = "tests", min = "duration_s", alloc = "tests", peak = "parallels_peak", b = "balance",
  count = "tests", shots = "screenshots" }

local function instead(dataset, name)
  if not INSTEAD[name] then return "null" end
  local field = dataset.fields[INSTEAD[name]]
  return type(field) == "table" and field.text and quoted "0" or "0"
end

local function named_row(draw, dataset, names)
  local values, cells = {}, {}
  for _, member in ipairs(item_members(draw, dataset)) do values[member[1]] = member[2] end
  for i, name in ipairs(names) do cells[i] = values[name] or instead(dataset, name) end
  if draw:integer(1, draw.oddness * 5) == 1 then cells[#cells + 1] = "1" end
  return ("[%s]"):format(table.concat(cells, draw:item { ",", " , ", "\n,\t" }))
end

local function rows_of(draw, dataset, names)
  local list = {}
  for i = 1, draw:integer(0, 12) do
    list[i] = value(draw, function() return named_row(draw, dataset, names) end, true)
  end
  return "[" .. table.concat(list, ",") .. "]"
end

local function names_of(draw, dataset)
  local names = { "usage", "access", "profile" }
  for _, name in ipairs(CELLS) do table.insert(names, draw:integer(1, #names + 1), name) end
  local shown = {}
  for i, name in ipairs(names) do
    local form = dataset.columns:find "of" and ('{"of":{"name":"%s"}}') or dataset.columns:find "name"
      and '{"type":"x","name":"%s"}' or '"%s"'
    shown[i] = form:format(name)
  end
  if draw:integer(1, draw.oddness) == 1 then shown[#shown] = draw:item { shown[1], "7", "null", '{"name":7}' } end
  return names, ',"columns":[' .. table.concat(shown, ",") .. "]"
end

--- The text of an answer. Of `oddness` values about one is not what is expected.
function random_answers.document(draw, dataset, oddness)
  draw.oddness, draw.is_steady = oddness, draw:integer(1, 2) == 1
  if dataset.format == "lines" then return lines(draw, dataset) end
  if dataset.format == "csv" then return csv(draw, dataset) end
  local names, columns
  if dataset.columns then names, columns = names_of(draw, dataset) end
  local meta = ('"meta":{"org":%s,"id":17,"users":5%s%s}'):format(draw:item { '"Acme"', "null", '""' },
    draw:item { "", ',"partial":false', ',"partial":true' }, columns or "")
  local data = ('"data":{"users":%s}'):format((names and rows_of or items)(draw, dataset, names))
  local parts = draw:integer(1, 3) == 1 and { '"ok":true', data, meta } or { '"ok":true', meta, data }
  local whole = "{" .. table.concat(parts, ",") .. "}"
  if draw:integer(1, oddness) == 1 then return whole:sub(1, draw:integer(1, #whole)) end
  return whole
end

-- Rules --------------------------------------------------------------------

local GROUPS = { "product", "team", "user_id", "has_access", "account", "vendor", "period" }

local KINDS = { tests = { "sum", "max", "min", "mean", "count", "median" },
  duration_s = { "sum", "max", "min", "mean", "count", "median" },
  parallels_allocated = { "last", "max", "min", "count" }, parallels_peak = { "max", "min", "mean" },
  members = { "last", "max" }, screenshots = { "sum", "max", "mean" },
  balance = { "sum", "max", "min", "mean", "last", "median" }, users = { "distinct", "max" } }

local function random_measures(draw, has)
  local list = { { kind = "count", as = "rows" } }
  for _, name in ipairs(order.keys(KINDS)) do
    if has(name) and draw:integer(1, 2) == 1 then
      local kind = draw:item(KINDS[name])
      list[#list + 1] = { name, kind = kind, as = name .. "_" .. kind,
        unit = name == "duration_s" and kind ~= "count" and draw:item { "h", "s", "ms" } or nil }
    end
  end
  if has "parallels_allocated" and has "team" and draw:integer(1, 2) == 1 then
    list[#list + 1] = { "parallels_allocated", as = "all_allocated", over = "team" }
  end
  for _, name in ipairs { "tests", "members" } do
    if has(name) and has "team" and draw:integer(1, 4) == 1 then
      list[#list + 1] = { name, as = "all_" .. name, over = "team" }
    end
  end
  if has "tests" and draw:integer(1, 4) == 1 then
    list[#list + 1] = { "tests", kind = "quantile", as = "p", q = draw:item { 0, 0.1, 0.9, 1 } }
  end
  if has "tests" and draw:integer(1, 15) == 1 then
    list[#list + 1] = { as = "own", init = function() return {} end, step = function(seen, row)
      seen[#seen + 1] = row.tests
      return seen
    end, finish = function(seen) return seen[1] end }
  end
  for _, name in ipairs { "user_id", "product", "has_access" } do
    if draw:integer(1, 3) == 1 then list[#list + 1] = { name, kind = "distinct", as = "d_" .. name } end
  end
  if draw:integer(1, 4) == 1 then list[#list + 1] = { "team", kind = "count", as = "c_team" } end
  return list
end

local CONDITIONS = {
  product = function(draw) return draw:item { "live", { "live", "nothing" }, { absent = true },
    { match = "^a" }, { "automate", or_absent = true } } end,
  team = function(draw) return draw:item { "qa", { "core", "infra" }, { match = "[a-z]" } } end,
  user_id = function(draw) return draw:item { "u1@ex.com", "7", { "u2@ex.com", "u3@ex.com" } } end,
  has_access = function(draw) return draw:item { true, false, { true, or_absent = true } } end,
  last_test = function(draw) return draw:item { { before = "2026-06-01T00:00:00Z" },
    { after = "2026-03-01T00:00:00Z", or_absent = true }, { before = 1780272000.5 },
    { before = "2026-09-01T00:00:00Z", after = "2026-02-01T00:00:00Z" } } end,
  tests = function(draw) return draw:item { { min = 100 }, { max = 500.5, or_absent = true },
    { absent = true }, { min = 10, max = 900 }, { 0, 5, 7, 100 }, 5.0 } end,
  parallels_peak = function(draw) return draw:item { { min = 10.5 }, { max = 40 } } end,
  duration_s = function(draw) return { min = draw:integer(0, 900) } end,
  vendor = function(draw) return draw:item { "acme", "other" } end,
}

-- Functions of the row, those that name what they read and those that do not.
local FUNCTIONS = {
  { function(row) return (row.tests or 0) > 300 end, "tests" },
  { function(row) return row.team == "qa" or row.has_access end, "team", "has_access" },
  { function(row) return (row.duration_s or 1) % 7 < 4 and row.vendor == "acme" end, "duration_s", "vendor" },
  { function(row) return row.unnamed == 7 or row.tests ~= nil end },
  { function(row) return row.period == "2026-06" and row.region == nil end },
  { function(row) return not pcall(function() return row.b + 1 end) end },
  { function(row)
    local count = 0
    for _ in pairs(row) do count = count + 1 end
    return count % 3 > 0
  end },
}

-- Some name their fields, where the dataset has them.
local function add_function(draw, rule, has)
  local chosen = draw:item(FUNCTIONS)
  local fields = table.move(chosen, 2, #chosen, 1, {})
  for _, name in ipairs(fields) do
    if not has(name) then return end
  end
  rule.where = chosen[1]
  if #fields > 0 and draw:integer(1, 2) == 1 then rule.fields = fields end
end

-- Functions that give the group.
local GROUP_FUNCTIONS = {
  function(row) return (row.tests or 0) > 300 and "many" or nil end,
  function(row) return row.team and #row.team end,
  function(row) return row.has_access or false end,
  function(row) return (row.duration_s or 0) / 2 > 900 end,
  function(row) return row.unnamed or row.user_id end,
}

--- A rule over the dataset's records; `has(name)` tells whether they may have it.
function random_answers.rule(draw, has)
  local groups, where = {}, nil
  for _, name in ipairs(GROUPS) do
    if has(name) and draw:integer(1, 4) == 1 then groups[#groups + 1] = name end
  end
  for _, name in ipairs(order.keys(CONDITIONS)) do
    if has(name) and draw:integer(1, 5) == 1 then
      where = where or {}
      where[name] = CONDITIONS[name](draw)
    end
  end
  local rule = { group_by = groups, measures = random_measures(draw, has), where = where }
  if draw:integer(1, 6) == 1 then add_function(draw, rule, has) end
  if rule.fields and has "tests" then table.insert(rule.fields, "tests") end -- what `own` reads
  if not rule.fields and draw:integer(1, 8) == 1 then
    table.insert(groups, 1, { "given", draw:item(GROUP_FUNCTIONS) })
  end
  return rule
end

--- Windows that failed: beside the constant columns `const`, some that are certain of all of its rows.
function random_answers.taints(draw, consts)
  local list = {}
  for i = 1, draw:item { 0, 0, 0, 0, 1, 3 } do
    local const = {}
    for name, known in pairs(draw:item(consts)) do const[name] = known end
    for _, certain in ipairs { { "team", TEAMS }, { "product", PRODUCTS }, { "account", { "Acme", "team" } } } do
      if draw:integer(1, 4) == 1 then const[certain[1]] = draw:item(certain[2]) end
    end
    list[i] = { const = const, reason = draw:item { "late", "HTTP 503", "cut", "no rows", "odd" } }
  end
  return list
end

--- A response whose body comes in pieces of these sizes, and may end as its connection does.
function random_answers.response(body, draw)
  local largest, framing = draw:item { 1, 7, 64, 100000 }, draw:item { "length", "chunked", "close" }
  return { headers = {}, facts = function() return { framing = framing } end, feed = function(_, reader, each)
    local from = 1
    while from <= #body do
      local size = draw:integer(1, largest)
      local ok, err = reader:feed(body:sub(from, from + size - 1))
      if not ok then return nil, errors.from(err) end
      local item_err = each()
      if item_err then return nil, item_err end
      from = from + size
    end
    return true
  end }
end

--- The schema of one period of the dataset's records, and the declared measures.
function random_answers.schema(dataset)
  local columns, declared = records.schema(dataset)
  return { datasets = { { name = "acme.usage", columns = columns, measures = declared, open = true,
    may_contain = dataset.may_contain,
    periods = { { from = 1780272000, to = 1782864000, label = "2026-06" } },
    const = { vendor = "acme", dataset = "acme.usage" } } } }, declared
end

--- Draws that also say how odd values are.
function random_answers.draw(seed)
  local draw = random.new(seed)
  draw.oddness = 30
  return draw
end

return random_answers
