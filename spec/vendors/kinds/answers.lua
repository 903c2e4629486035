-- One endpoint for each form of answer, all of all items:
--   /named      { data: { products: { NAME: { tests, minutes } } } }
--   /columns    { columns, rows }: rows are arrays
--   /null       { data: null }
--   /lines      JSON lines;  /csv  CSV: framed, packed and ended as the setting `text` says
--   /graphql    POST { query, variables: { first, after } }: { data: { usage: { nodes, totalCount,
--               pageInfo: { hasNextPage, endCursor } } } }, or errors inside 200
local calendar = require "vendors.calendar"
local gzip = require "vendors.gzip"
local ledger = require "vendors.kinds.ledger"
local ordered_json = require "vendors.ordered_json"
local reply = require "vendors.kinds.reply"
local store = require "vendors.store"

local cjson = require "cjson.safe"

local object, array = ordered_json.object, ordered_json.array

local answers = {}

local COLUMNS = { "id", "email", "name", "product", "at", "tests", "minutes" }
local TYPES = { id = "integer", tests = "integer", minutes = "integer" }

local function all(kept)
  return ledger.items(kept, 1, kept.items)
end

local function named(request)
  local total, list = ledger.total(all(request.kept)), {}
  for i, product in ipairs(ledger.PRODUCTS) do
    local sums = total.products[product]
    list[i] = { product, object { { "tests", sums.tests }, { "minutes", sums.minutes } } }
  end
  return reply.json(200, object { { "data", object { { "products", object(list) } } } },
    request.quirks)
end

local function value_of(item, name)
  if name == "at" then return calendar.rfc3339(item.at) end
  return item[name]
end

local function values(item)
  local list = {}
  for i, name in ipairs(COLUMNS) do list[i] = value_of(item, name) end
  return array(list)
end

local function column_list(kept)
  local list = {}
  for i, name in ipairs(COLUMNS) do
    list[i] = kept.columns_as == "objects" and
      object { { "name", name }, { "type", TYPES[name] or "string" } } or name
  end
  return array(list)
end

local function columns(request)
  return reply.json(200, object { { "columns", column_list(request.kept) },
    { "rows", reply.rows(all(request.kept), values) } }, request.quirks)
end

local function null(request)
  return reply.json(200, object { { "data", cjson.null } }, request.quirks)
end

local function csv_cell(value)
  local text = tostring(value)
  if not text:find '[",\r\n]' then return text end
  return '"' .. text:gsub('"', '""') .. '"'
end

local function csv_line(list)
  local cells = {}
  for i, value in ipairs(list) do cells[i] = csv_cell(value) end
  return table.concat(cells, ",") .. "\r\n"
end

local writers = {}

function writers.csv(kept, items)
  local lines = { (kept.text.bom and "\239\187\191" or "") .. csv_line(COLUMNS) }
  for _, item in ipairs(items) do lines[#lines + 1] = csv_line(values(item)) end
  if kept.text.end_mark then lines[#lines + 1] = csv_line { "#END", #items, "", "", "", "", "" } end
  return table.concat(lines), "text/csv; charset=utf-8"
end

function writers.lines(kept, items)
  local lines = {}
  for i, item in ipairs(items) do lines[i] = ordered_json.encode(reply.row(item)) .. "\n" end
  if kept.text.end_mark then
    lines[#lines + 1] = ordered_json.encode(object { { "end", true }, { "rows", #items } }) .. "\n"
  end
  return table.concat(lines), "application/x-ndjson"
end

--- Items as a text of this format ("csv", "lines"), framed, packed and ended as is set.
function answers.text(kept, format, items)
  local body, media_type = writers[format](kept, items)
  local headers = {}
  if kept.text.total then
    headers[1] = { "X-Total-Count", tostring(#items + kept.total_off) }
  end
  if kept.text.gzip then body = gzip.compress(body) end
  if kept.text.gzip == "coding" then headers[#headers + 1] = { "Content-Encoding", "gzip" } end
  return { status = 200, body = body, headers = headers, framing = kept.text.framing or nil,
    type = kept.text.gzip == "file" and "application/gzip" or media_type }
end

local function text(format)
  return function(request)
    return answers.text(request.kept, format, all(request.kept))
  end
end

local function graphql_errors(message, code)
  return array { object { { "message", message }, { "path", array { "usage" } },
    { "extensions", object { { "code", code } } } } }
end

local function without_data(message, code)
  return reply.json(200, object { { "data", cjson.null },
    { "errors", graphql_errors(message, code) } })
end

local function connection(kept, variables)
  local first = tonumber(variables.first) or kept.size
  local after = tonumber(tostring(variables.after or ""):match "^after%-(%d+)$") or 0
  local last = math.min(after + first, kept.items)
  return object { { "nodes", reply.rows(ledger.items(kept, after + 1, last)) },
    { "totalCount", kept.items + kept.total_off }, { "pageInfo", object {
      { "hasNextPage", last < kept.items },
      { "endCursor", last > after and "after-" .. last or cjson.null } } } }
end

local function graphql_problem(request)
  local given = request.method == "POST" and request.json()
  if type(given) ~= "table" or type(given.query) ~= "string" then
    return reply.failure(400, "a query is needed")
  end
  if store.add "kinds:graphql" <= request.kept.graphql_throttles then
    return without_data("slow down", "RATE_LIMITED")
  end
  if request.kept.graphql == "all" then return without_data("not for you", "FORBIDDEN") end
end

local function graphql(request)
  local problem = graphql_problem(request)
  if problem then return problem end
  local variables = request.json().variables
  local data = object { { "usage", connection(request.kept,
    type(variables) == "table" and variables or {}) } }
  local errors = request.kept.graphql == "partial" and
    graphql_errors("some could not be read", "PARTIAL") or nil
  return reply.json(200, object { { "data", data }, { "errors", errors } }, request.quirks)
end

answers.routes = { named = named, columns = columns, null = null, csv = text "csv",
  lines = text "lines", graphql = graphql }

return answers
