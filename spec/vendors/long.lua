-- Plays vendors whose answers have any length, each sent as it is made, so that the server's own
-- memory stays small. The length stands in the path, and all figures follow from a row's number:
--   /long/browserstack/N   a queued report of N users (create, status, report, delete)
--   /long/workato/N        N rows of usage
--   /long/testmu/N         drilldown of N users, in pages
local cjson = require "cjson.safe"

local long = { control = {} }

local JOB_ID = "aabe52c63d8624c8744ab5a9"
local ROWS_AT_ONCE = 200

local USER = '{"name":"User %d","email":"user%d@example.com","role":"User","team":"Team %d",'
  .. '"product_access":{"live_testing":true,"app_live_testing":false,"automate":true,'
  .. '"app_automate":false},"usage":{"last_activity":"2026-06-%02dT10:00:00+00:00",'
  .. '"last_test":"2026-06-%02dT09:00:00+00:00","product_data":{"live_testing":{"tests_run":%d,'
  .. '"minutes_used":%d},"automate":{"tests_run":%d,"cypress_executions_run":%d,'
  .. '"current_parallels_allocated":10,"max_parallels_used":%d,"parallel_consumption_type":"team"}}}}'

local function user(i)
  local day = i % 28 + 1
  return USER:format(i, i, i % 50, day, day, i % 100, i % 60, i % 90, i % 7, i % 50 % 10)
end

local HOUR = '{"workspace_id":%d,"workspace_name":"Customer %d","external_id":"ext-%d",'
  .. '"from":"2026-06-01T00:00:00.000Z","to":"2026-06-30T23:59:59.999Z","recipe_count":%d,'
  .. '"task_count":%d,"job_succeeded_count":%d,"job_failed_count":%d}'

local function workspace_row(i)
  local workspace = i % 100 + 1
  return HOUR:format(workspace, workspace, workspace, i % 5, i % 100, i % 60, i % 7)
end

local DRILLDOWN = '{"id":"%d","username":"user %d","email":"user%d@example.com",'
  .. '"totalTestsRun":%d,"totalDuration":%d,"totalScreenshots":0}'

local function drilled(i)
  return DRILLDOWN:format(i, i, i, i % 100, i % 60 * 100000)
end

-- The rows from first to last between two texts. False where nobody listens any more.
local function stream(before, row, first, last, after)
  ngx.header.content_type = "application/json"
  ngx.print(before)
  local parts = {}
  for i = first, last do
    parts[#parts + 1] = (i > first and "," or "") .. row(i)
    if #parts == ROWS_AT_ONCE then
      if not ngx.print(table.concat(parts)) or not ngx.flush(true) then return end
      parts = {}
    end
  end
  ngx.print(table.concat(parts), after)
end

local function plain(body)
  return { status = 200, body = body }
end

local players = {}

function players.browserstack(count, path)
  local method = ngx.req.get_method()
  if method == "POST" then
    return plain(('{"success":true,"data":{"job_id":"%s"}}'):format(JOB_ID))
  end
  if method == "DELETE" then return plain '{"success":true}' end
  if path:find "/status$" then return plain '{"success":true,"status":"completed"}' end
  return stream('{"success":true,"message":"Success","data":{"users":[', user, 1, count, "]}}\n")
end

function players.workato(count)
  return stream('{"data":[', workspace_row, 1, count, "]}\n")
end

local METADATA = '{"status":"success","data":{"metadata":%s,"users":['

function players.testmu(count)
  local args = ngx.req.get_uri_args()
  local page, limit = tonumber(args.page), tonumber(args.limit)
  local metadata = { type = args.type, product = args.product, from = args.from, to = args.to,
    timezone = args.timezone, partial = false, organization = { id = 1, name = "Acme Inc." },
    pagination = { page = page, limit = limit, total = count } }
  return stream(METADATA:format(cjson.encode(metadata)), drilled, (page - 1) * limit + 1,
    math.min(page * limit, count), "]}}\n")
end

--- Answers a request below /long.
function long.answer(path)
  local vendor, count, rest = path:match "^/(%l+)/(%d+)(/.*)$"
  local play = players[vendor]
  if not play then return { status = 404, body = "{}" } end
  return play(tonumber(count), rest)
end

return long
