-- The Workato test vendor against its documentation: parameters, deleted recipes, intervals in a
-- zone, re-allocation, and a ledger that every answer agrees with. Seen by curl.
local cjson = require "cjson"
local curl = require "support.curl"
local nginx = require "support.nginx"

local TOKEN = "wrk_ada-token/with+odd=chars&%"
local USAGE = "/api/v2/managed_users/statistics/usage"
local DAY_S <const> = 86400
local JUNE_FROM <const>, JUNE_TO <const> = 1780272000, 1782864000 -- June 2026 at UTC
-- Seconds of the vendor so long that none passes unless it is let pass.
local STILL_MS <const> = 1000000

local function escape(text)
  return (tostring(text):gsub("[^%w%-_.]", function(c) return ("%%%02X"):format(c:byte()) end))
end

describe("the Workato test vendor", function()
  local server

  setup(function() server = nginx.start { tls = false, vendors = { "workato" } } end)
  teardown(function() server:stop() end)
  before_each(function()
    server:reset()
    server:control("/workato/settings", {})
  end)

  local function set(given)
    server:control("/workato/settings", given)
  end

  local function control(name, args)
    local parts = {}
    for key, value in pairs(args or {}) do parts[#parts + 1] = key .. "=" .. escape(value) end
    return server:control("/workato/" .. name .. "?" .. table.concat(parts, "&"))
  end

  local function call(method, path, options)
    options.method = method
    options.headers = options.headers or {}
    options.headers.Authorization = "Bearer " .. (options.token or TOKEN)
    local answer = curl.request(server:vendor_url "workato" .. path, options)
    answer.json = answer.body:match "^{" and cjson.decode(answer.body)
    return answer
  end

  local function with(changes)
    local fields = { from = "2026-06-01T00:00:00.000Z", to = "2026-06-30T23:59:59.999Z",
      workspace_ids = "1001,1002" }
    for name, value in pairs(changes or {}) do fields[name] = value or nil end
    return fields
  end

  local function post(changes, token)
    return call("POST", USAGE, { body = cjson.encode(with(changes)), token = token,
      headers = { ["Content-Type"] = "application/json" } })
  end

  local function rows(changes)
    return post(changes).json.data
  end

  local function sum(list, name)
    local total = 0
    for _, row in ipairs(list) do total = total + row[name or "task_count"] end
    return total
  end

  local function june(changes)
    local args = { from_epoch = JUNE_FROM, to_epoch = JUNE_TO, workspace_ids = "1001,1002" }
    for name, value in pairs(changes or {}) do args[name] = value end
    return args
  end

  describe("refuses", function()
    local function assert_refused(reason, answer)
      assert.equal(400, answer.status)
      assert.same({ message = "Bad request" }, answer.json)
      assert.same({ reason }, control "refusals")
    end

    for _, case in ipairs {
      { { from = "2026-06-01T00:00:00Z" }, "from is not ISO 8601 with ms: 2026-06-01T00:00:00Z" },
      { { to = "2026-06-31T00:00:00.000Z" },
        "to is not ISO 8601 with ms: 2026-06-31T00:00:00.000Z" },
      { { to = "2026-06-01T00:00:00.000+0000" },
        "to is not ISO 8601 with ms: 2026-06-01T00:00:00.000+0000" },
      { { to = "2026-05-31T23:59:59.999Z" }, "to is not after from" },
      { { interval = "minute" }, "interval is unknown: minute" },
      { { group_by = "folder" }, "group_by is unknown: folder" },
      { { workspace_ids = false }, "workspace_ids or external_ids is needed" },
      { { workspace_ids = "" }, "workspace_ids is empty" },
      { { workspace_ids = "1001,x" }, "workspace_ids holds what is no id: x" },
      { { recipe_name_pattern = "äb" }, "recipe_name_pattern has fewer than three characters" },
      { { recipe_name_pattern = "abc", recipe_ids = { 1 } },
        "recipe_name_pattern and recipe_ids together" },
      { { folder_name_pattern = "abc", ["folder_ids[]"] = { 1 } },
        "folder_name_pattern and folder_ids together" },
      { { timezone = "UTC" }, "unexpected parameter: timezone" },
    } do
      it(case[2], function() assert_refused(case[2], post(case[1])) end)
    end

    it("strangers, members, other paths and methods, in this family's words", function()
      assert.same({ message = "Unauthorized" }, post({}, "wrong-token-0123").json)
      assert.equal(401, post({}, "wrong-token-0123").status)
      assert.equal(403, post({}, "wrk_mia-token-0123456789").status)
      local other = call("GET", USAGE, {})
      assert.equal(404, other.status)
      assert.same({ message = "Not found" }, other.json)
      assert.equal("application/json; charset=utf-8", other.headers["content-type"])
    end)

    it("parameters in the wrong place, and lists in the wrong form, by setting", function()
      set { params_in = "query", ids_as = "array" }
      assert.equal(400, post().status)
      local query = "?from=2026-06-01T00%3A00%3A00.000Z&to=2026-06-30T23%3A59%3A59.999Z"
      assert.equal(400, call("POST", USAGE .. query .. "&workspace_ids=1001", {}).status)
      local answer = call("POST", USAGE .. query .. "&workspace_ids[]=1001&workspace_ids[]=1002",
        { words = { "-g" } })
      assert.equal(control("total", june()).tasks, sum(answer.json.data))
      set { ids_as = "commas" }
      assert.equal(400, post({ workspace_ids = { 1001 } }).status)
      assert.equal(200, post().status)
    end)
  end)

  describe("counts", function()
    local function counted(jobs, from, to, keep)
      local total = { tasks = 0, succeeded = 0, failed = 0 }
      for _, job in ipairs(jobs) do
        if job.at_ms >= from * 1000 and job.at_ms < to * 1000 and (not keep or keep(job)) then
          total.tasks = total.tasks + job.tasks
          local name = job.failed and "failed" or "succeeded"
          total[name] = total[name] + 1
        end
      end
      return total
    end

    local function assert_total(expected, list)
      assert.equal(expected.tasks, sum(list))
      assert.equal(expected.succeeded, sum(list, "job_succeeded_count"))
      assert.equal(expected.failed, sum(list, "job_failed_count"))
    end

    it("as one by one counting does, deleted recipes included", function()
      local expected = counted(control("jobs", june()), JUNE_FROM, JUNE_TO)
      assert.is_true(expected.tasks > 1000 and expected.failed > 10)
      local list = rows()
      assert_total(expected, list)
      assert.equal(2, #list)
      assert.equal(1001, list[1].workspace_id)
      assert.equal("customer-1", list[1].external_id)
      assert.equal(5, list[1].recipe_count)
      assert.equal("2026-06-01T00:00:00.000Z", list[1].from)
      assert.equal("2026-06-30T23:59:59.999Z", list[1].to)
      assert.equal(expected.tasks, control("total", june()).tasks)
    end)

    it("each job in the day that holds its millisecond", function()
      local jobs, list = control("jobs", june()), rows { interval = "day", workspace_ids = "1001" }
      local by_day = {}
      for _, row in ipairs(list) do by_day[row.from:sub(1, 10)] = row end
      for day = 1, 30 do
        local from = JUNE_FROM + (day - 1) * DAY_S
        local expected = counted(jobs, from, from + DAY_S, function(job)
          return job.workspace_id == 1001
        end)
        assert_total(expected, { by_day[("2026-06-%02d"):format(day)] })
      end
    end)

    it("only recipes not deleted as soon as any other field is sent", function()
      local expected = counted(control("jobs", june()), JUNE_FROM, JUNE_TO,
        function(job) return not job.deleted end)
      assert_total(expected, rows { group_by = "workspace" })
      assert.is_true(sum(rows()) > expected.tasks)
      assert.equal(sum(rows()), sum(rows { interval = "none" }))
      local by_recipe = rows { group_by = "recipe" }
      assert_total(expected, by_recipe)
      assert.equal(8, #by_recipe)
      assert.is_nil(by_recipe[1].recipe_count)
      assert.equal("[TEST] Recipe DeVelopment 1", by_recipe[1].recipe_name)
      assert.equal(expected.tasks, control("total", june { deleted = "false" }).tasks)
    end)

    it("recipes by literal, case-sensitive patterns and by ids", function()
      local found = {}
      for _, row in ipairs(rows { recipe_name_pattern = "DeV", group_by = "recipe" }) do
        found[row.recipe_name] = true
      end
      assert.same({ ["[TEST] Recipe DeVelopment 1"] = true, ["MedveDeV sync 2"] = true }, found)
      assert.equal(cjson.null, rows { recipe_name_pattern = "dev" })
      assert.equal(1, #rows { recipe_name_pattern = " * ", group_by = "recipe",
        workspace_ids = { 1001 } })
      assert.equal(1, #rows { recipe_ids = { 100101 }, group_by = "recipe" })
      local folder = rows { ["folder_ids[]"] = { 10012 }, group_by = "recipe" }
      assert.equal("[TEST] Folder", folder[1].folder_name)
    end)

    it("external ids, both kinds of ids, and none of the unknown or quiet", function()
      assert.same(rows(), rows { workspace_ids = false, external_ids = "customer-1,customer-2" })
      assert.same(rows(), rows { workspace_ids = "1001", external_ids = { "customer-2" } })
      assert.same(rows(), rows { workspace_ids = { 1001, 1002, 1007, 9999 } })
      assert.equal(cjson.null, rows { workspace_ids = "1007" })
      set { null_as = "empty", both_ids = "refused" }
      assert.same({}, rows { workspace_ids = "1007" })
      assert.equal(400, post({ external_ids = "customer-1" }).status)
    end)

    it("500 workspaces in one query, by total and by day alike", function()
      set { ledger = { workspaces = 500 } }
      local ids = {}
      for i = 1, 500 do ids[i] = 1000 + i end
      local total = sum(rows { workspace_ids = ids })
      assert.equal(control("total", { from_epoch = JUNE_FROM, to_epoch = JUNE_TO }).tasks, total)
      assert.equal(total, sum(rows { workspace_ids = ids, interval = "day" }))
    end)

    it("recipes apart in each bucket, so that they do not add up", function()
      local list = rows { interval = "week", workspace_ids = "1001" }
      assert.equal(5, #list)
      assert.equal("2026-06-07T23:59:59.999Z", list[1].to)
      assert.is_true(sum(list, "recipe_count") > rows { workspace_ids = "1001" }[1].recipe_count)
    end)

    it("`to` with its last millisecond, or without it, by setting", function()
      local hour = { workspace_ids = table.concat({ 1001, 1002, 1003, 1004, 1005 }, ",") }
      local inclusive = sum(rows(hour))
      set { ["end"] = "exclusive" }
      hour.to = "2026-07-01T00:00:00.000Z"
      assert.equal(inclusive, sum(rows(hour)))
    end)
  end)

  describe("the zone", function()
    -- New York: summer time began on 2026-03-08 and ends on 2026-11-01.
    local function day(date, offset_from, offset_to, changes)
      local fields = { from = date .. "T00:00:00.000" .. offset_from,
        to = date .. "T23:59:59.999" .. offset_to, interval = "hour" }
      for name, value in pairs(changes or {}) do fields[name] = value end
      return fields
    end

    it("gives days of 23 and 25 hours", function()
      set { zone = "America/New_York", empty_rows = true, now = JUNE_TO + 300 * DAY_S }
      assert.equal(23, #rows(day("2026-03-08", "-05:00", "-04:00", { workspace_ids = "1001" })))
      local long = rows(day("2026-11-01", "-04:00", "-05:00", { workspace_ids = "1001" }))
      assert.equal(25, #long)
      assert.equal("2026-11-01T01:00:00.000-04:00", long[2].from)
      assert.equal("2026-11-01T01:00:00.000-05:00", long[3].from)
      assert.equal("2026-11-01T23:59:59.999-05:00", long[25].to)
    end)

    it("cuts days, weeks and months at its own midnight", function()
      set { zone = "America/New_York" }
      local fields = { from = "2026-06-01T00:00:00.000-04:00",
        to = "2026-06-30T23:59:59.999-04:00" }
      local args = june { from_epoch = JUNE_FROM + 14400, to_epoch = JUNE_TO + 14400 }
      local total = control("total", args).tasks
      for _, interval in ipairs { "hour", "day", "week", "month", "year" } do
        fields.interval = interval
        assert.equal(total, sum(rows(fields)))
      end
      fields.interval = "day"
      local list = rows(fields)
      assert.equal("2026-06-01T00:00:00.000-04:00", list[1].from)
      args.interval = "day"
      assert.equal(#control("total", args).rows, #list)
    end)

    it("may ignore offsets, and write a Z that means nothing", function()
      set { zone = "Europe/Berlin", offset = "ignored", returned = "z", returned_end = "exclusive" }
      local list = rows()
      assert.equal(control("total", june { from_epoch = JUNE_FROM - 7200,
        to_epoch = JUNE_TO - 7200 }).tasks, sum(list))
      assert.equal("2026-06-01T00:00:00.000Z", list[1].from)
      assert.equal("2026-07-01T00:00:00.000Z", list[1].to)
    end)
  end)

  it("allocates retried jobs by range, so that parts add up to more than the whole", function()
    set { allocation = "retry" }
    local middle = JUNE_FROM + 15 * DAY_S
    local moved = 0
    for _, job in ipairs(control("jobs", june())) do
      local retried = job.retried_ms or 0
      if job.at_ms >= JUNE_FROM * 1000 and job.at_ms < middle * 1000 and
        retried >= middle * 1000 and retried < JUNE_TO * 1000 then moved = moved + job.tasks end
    end
    local left = sum(rows { to = "2026-06-15T23:59:59.999Z" })
    local right = sum(rows { from = "2026-06-16T00:00:00.000Z" })
    assert.is_true(moved > 0)
    assert.equal(sum(rows()) + moved, left + right)
    assert.equal(sum(rows()), sum(rows { interval = "day" }))
  end)

  it("names its fields as it is told, and may add some", function()
    set { fields = { task_count = "tasks_used", recipe_count = false },
      extra_fields = { "connection_count" } }
    local row = rows()[1]
    assert.is_nil(row.task_count or row.recipe_count)
    assert.equal(2 * row.tasks_used + 1, row.connection_count)
  end)

  it("ends in a time-out when too many ids are asked for", function()
    set { timeout = { above = 1, status = 504 } }
    assert.equal(504, post().status)
    assert.equal(200, post({ workspace_ids = "1001" }).status)
    set { timeout = { above = 1, status = 500 } }
    assert.equal("Server error", post().json.message)
    assert.equal(1, control("rate").timeouts)
    assert.equal(2, control("requests")[1].ids)
    assert.same(with(), control("requests")[1].fields)
  end)

  it("takes 1,000 requests a minute and counts those it refused", function()
    set { rate = { burst = 2, per_minute = 60 }, second_ms = STILL_MS }
    assert.equal(200, post().status)
    assert.equal(200, post().status)
    assert.equal(429, post().status)
    server:control("/pass", { seconds = STILL_MS / 1000 })
    assert.equal(200, post().status)
    assert.same({ calls = 4, limited = 1, timeouts = 0 }, control "rate")
  end)

  describe("the older endpoint", function()
    it("gives twelve months of tasks of every customer", function()
      local list = call("GET", "/api/managed_users/usage", {}).json.result
      assert.equal(12 * 12, #list)
      assert.equal(control("monthly").tasks, sum(list))
      assert.equal("2025-08-01T00:00:00.000Z", list[1].from)
      assert.equal("2026-07-31T23:59:59.999Z", list[12].to)
      assert.equal(control("total", june { workspace_ids = 1001 }).tasks, list[11].task_count)
      assert.equal(400, call("GET", "/api/managed_users/usage?from=x", {}).status)
    end)

    it("may nest the months in their customers", function()
      set { monthly_shape = "nested" }
      local list = call("GET", "/api/managed_users/usage", {}).json.result
      assert.equal(12, #list)
      assert.equal(12, #list[1].usage)
      assert.equal(1001, list[1].id)
    end)
  end)

  it("leads usagelua to itself", function()
    local env = server:environment()
    assert.equal(server.url .. "/workato", env.USAGELUA_WORKATO_URL)
    assert.equal(TOKEN, env.WORKATO_API_TOKEN)
  end)
end)
