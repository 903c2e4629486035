-- Workato end to end: the binary against the test vendor over real HTTP.
local asking = require "support.asking"
local calendar = require "vendors.calendar"
local cjson = require "cjson"

local by, sum = asking.by, asking.sum
local USAGE <const> = "/api/v2/managed_users/statistics/usage"
local world

setup(function() world = asking.start "workato" end)
teardown(function() world:stop() end)
before_each(function() world:reset() end)

local function set(given)
  world.server:control("/workato/settings", given)
end

local function control(name, args)
  local parts = {}
  for key, value in pairs(args or {}) do parts[#parts + 1] = ("%s=%s"):format(key, value) end
  return world.server:control(("/workato/%s?%s"):format(name, table.concat(parts, "&")))
end

local function epoch(year, month, day, hour)
  return calendar.epoch(year, month, day, hour or 0, 0, 0)
end

-- What the ledger holds of June 2026 in UTC.
local function june(args)
  local all = { from_epoch = epoch(2026, 6, 1), to_epoch = epoch(2026, 7, 1) }
  for key, value in pairs(args) do all[key] = value end
  return control("total", all)
end

local function usage(words, options)
  local all = { "workato.usage", "--period", "2026-06" }
  table.move(words, 1, #words, #all + 1, all)
  return world:fetch(all, options)
end

local function ids(count)
  local list = {}
  for n = 1, count do list[n] = tostring(1000 + n) end
  return table.concat(list, ",")
end

local function notes(document)
  return table.concat(document.coverage[1].notes, "\n")
end

local function reasons(document)
  return table.concat(document.coverage[1].reasons, "\n")
end

local function assert_has(expected, text)
  assert.truthy(text:find(expected, 1, true), text)
end

local function assert_sums(right, records)
  assert.are.equal(right.tasks, sum(records, "tasks"))
  assert.are.equal(right.succeeded, sum(records, "jobs_succeeded"))
  assert.are.equal(right.failed, sum(records, "jobs_failed"))
end

describe("workato.usage", function()
  for _, count in ipairs { 1, 2, 500 } do
    for _, grain in ipairs { "total", "day" } do
      it(("is exact for %d workspaces by %s, deleted recipes included"):format(count, grain),
        function()
          set { ledger = { workspaces = 500 } }
          local document, result = usage { "--grain", grain, "--set", "workspace_ids=" .. ids(count) }
          assert.are.equal(0, result.status, result.stderr)
          local right = june { workspace_ids = ids(count),
            interval = grain ~= "total" and grain or nil }
          assert_sums(right, document.records)
          assert.are.equal(#right.rows, #document.records)
          assert.is_true(right.tasks > june { workspace_ids = ids(count), deleted = "false" }.tasks)
          assert.is_nil(notes(document):find("deleted", 1, true))
          local requests = control "requests"
          assert.are.equal(1, #requests)
          assert.are.equal(count, requests[1].ids)
        end)
    end
  end

  it("sends only what was asked for", function()
    usage { "--set", "workspace_ids=1001,1002" }
    local request = world:asked(USAGE)[1]
    assert.are.equal("POST", request.method)
    assert.are.same({ from = "2026-06-01T00:00:00.000Z", to = "2026-06-30T23:59:59.999Z",
      workspace_ids = "1001,1002" }, control("requests")[1].fields)
    usage { "--grain", "month", "--set", "external_ids=customer-1" }
    assert.are.same({ from = "2026-06-01T00:00:00.000Z", to = "2026-06-30T23:59:59.999Z",
      external_ids = "customer-1", interval = "month" }, control("requests")[2].fields)
  end)

  it("gives a record per workspace, with all that the vendor says", function()
    local document = usage { "--set", "workspace_ids=1001" }
    local right = june { workspace_ids = 1001 }
    local record = document.records[1]
    assert.are.same({ "workato", "workato.usage", "1001", "Workspace 1", "customer-1", "2026-06",
      "2026-06-01T00:00:00Z", "2026-07-01T00:00:00Z" },
      { record.vendor, record.dataset, record.workspace_id, record.workspace_name,
        record.external_id, record.period, record.period_start, record.period_end })
    assert.are.equal(right.rows[1].recipes, record.recipes)
    assert.is_true(record.complete)
  end)

  it("has the days of the period as periods of their own", function()
    local document = usage { "--grain", "day", "--set", "workspace_ids=1001" }
    local right = june { workspace_ids = 1001, interval = "day" }
    local days = by(document.records, "period")
    for _, row in ipairs(right.rows) do
      local record = days[os.date("!%Y-%m-%d", row.from_epoch)]
      assert.are.equal(row.tasks, record.tasks)
      assert.are.equal(os.date("!%Y-%m-%dT%H:%M:%SZ", row.from_epoch), record.period_start)
      assert.are.equal(os.date("!%Y-%m-%dT%H:%M:%SZ", row.to_epoch), record.period_end)
    end
  end)

  it("says that deleted recipes are missing by recipe, in text and in JSON", function()
    local words = { "--set", "workspace_ids=1001,1002", "--set", "group_by=recipe" }
    local document, result = usage(words)
    assert.are.equal(0, result.status, result.stderr)
    assert_has("deleted recipes are not counted", notes(document))
    assert_sums(june { workspace_ids = "1001,1002", deleted = "false" }, document.records)
    assert.are.equal("100101", by(document.records, "recipe_id")["100101"].recipe_id)
    local text = world:run { "fetch", "workato.usage", "--period", "2026-06",
      table.unpack(words) }
    assert_has("deleted recipes are not counted", text.stdout)
  end)

  it("says the same even where the vendor's own default is asked for", function()
    local document = usage { "--set", "workspace_ids=1001", "--set", "group_by=workspace" }
    assert_has("deleted recipes are not counted", notes(document))
    assert_sums(june { workspace_ids = 1001, deleted = "false" }, document.records)
  end)

  it("names the ids that have no row, and counts nothing for them", function()
    local document, result = usage { "--set", "workspace_ids=1001,1007,9999" }
    assert.are.equal(0, result.status, result.stderr)
    assert_has("no row for workspace_ids 1007, 9999", notes(document))
    assert.are.equal(1, #document.records)
    document = usage { "--set", "external_ids=customer-2,nobody" }
    assert_has("no row for external_ids nobody", notes(document))
  end)

  it("takes null for no rows", function()
    local document, result = usage { "--set", "workspace_ids=1007" }
    assert.are.equal(0, result.status, result.stderr)
    assert.are.equal(0, #document.records)
    assert_has("no row for workspace_ids 1007", notes(document))
    local text = world:run { "fetch", "workato.usage", "--period", "2026-06", "--set",
      "workspace_ids=1007" }
    assert_has("no row for workspace_ids 1007", text.stdout)
  end)

  it("does not add recipes of several workspaces or days", function()
    local words = { "--set", "workspace_ids=1001,1002", "--group-by", "vendor", "--measures",
      "recipes,tasks" }
    local document, result = usage(words)
    assert.are.equal(4, result.status)
    assert.are.equal(cjson.null, document.records[1].recipes)
    assert.are.equal(june({ workspace_ids = "1001,1002" }).tasks, document.records[1].tasks)
    document = usage { "--grain", "day", "--set", "workspace_ids=1001", "--group-by",
      "workspace_id", "--measures", "recipes" }
    assert.are.equal(cjson.null, document.records[1].recipes)
    document = usage { "--set", "workspace_ids=1001", "--group-by", "workspace_id", "--measures",
      "recipes" }
    assert.are.equal(june({ workspace_ids = 1001 }).rows[1].recipes, document.records[1].recipes)
  end)

  it("keeps a figure that nothing names", function()
    set { extra_fields = { "connector_calls" } }
    local document = usage { "--set", "workspace_ids=1001" }
    assert.are.equal(2 * june({ workspace_ids = 1001 }).tasks + 1,
      document.records[1].connector_calls)
  end)
end)

describe("field names", function()
  it("can be changed by the query", function()
    set { fields = { task_count = "tasks_used", workspace_id = "customer_id" } }
    local document, result = usage { "--set", "workspace_ids=1001", "--set",
      "fields=tasks:tasks_used,workspace_id:customer_id" }
    assert.are.equal(0, result.status, result.stderr)
    assert.are.equal(june({ workspace_ids = 1001 }).tasks, document.records[1].tasks)
    assert.are.equal("1001", document.records[1].workspace_id)
  end)

  it("can be changed and left out by a script", function()
    set { fields = { task_count = "tasks_used", recipe_count = false } }
    local script = [[
      local usage = require "usagelua"
      local records = usage.collect { period = "2026-06", { "workato.usage",
        workspace_ids = { 1001 }, fields = { tasks = "tasks_used", recipes = false } } }
      return records:aggregate { group_by = "workspace_id", measures = "tasks" }
    ]]
    local result = world:run { "-e", script, "-f", "json" }
    assert.are.equal(0, result.status, result.stderr)
    assert.are.equal(june({ workspace_ids = 1001 }).tasks,
      cjson.decode(result.stdout).sections[1].rows[1].tasks)
  end)

  it("that never appear are an error with those that do", function()
    set { fields = { task_count = "tasks_used" } }
    local document, result = usage { "--set", "workspace_ids=1001" }
    assert.are.equal(5, result.status)
    assert_has("no row of data[] has 'task_count' (tasks)", reasons(document))
    assert_has("tasks_used, to, workspace_id", reasons(document))
    assert_has("--set fields=tasks:", reasons(document))
  end)

  it("that a rule does not read are missed all the same", function()
    set { fields = { task_count = "tasks_used" } }
    local _, result = usage { "--set", "workspace_ids=1001", "--group-by", "workspace_id",
      "--measures", "jobs_failed" }
    assert.are.equal(5, result.status)
  end)
end)

describe("workato.monthly_tasks", function()
  local function monthly(words)
    return world:fetch { "workato.monthly_tasks", "--now", "2026-07-15T10:00:00Z",
      table.unpack(words) }
  end

  it("gives the month that was asked for, of every customer", function()
    local document, result = monthly { "--period", "2026-06" }
    assert.are.equal(0, result.status, result.stderr)
    local tasks = 0
    for _, row in ipairs(control("monthly").rows) do
      if row.from_epoch == epoch(2026, 6, 1) then tasks = tasks + row.tasks end
    end
    assert.is_true(tasks > 0)
    assert.are.equal(tasks, sum(document.records, "tasks"))
    assert.are.equal("2026-06", document.records[1].period)
  end)

  it("gives all twelve months where the period is the vendor's", function()
    local document, result = monthly { "--period", "vendor" }
    assert.are.equal(0, result.status, result.stderr)
    assert.are.equal(control("monthly").tasks, sum(document.records, "tasks"))
    local months = by(document.records, "period")
    assert.truthy(months["2025-08"] and months["2026-07"])
    assert.is_nil(months["2025-07"])
  end)

  it("refuses months that the vendor no longer tells", function()
    local _, result = monthly { "--period", "2025-07" }
    assert.are.equal(2, result.status)
    assert_has("last 12 calendar months only, from 2025-08-01T00:00:00Z on", result.stderr)
    assert.are.equal(0, #world:asked "/managed_users")
  end)

  it("refuses what is no whole month of the workspace's zone", function()
    for _, period in ipairs { "2026-06-01..2026-06-15", "2026-06-10" } do
      local _, result = monthly { "--period", period }
      assert.are.equal(2, result.status)
      assert_has("takes whole months in UTC", result.stderr)
    end
    local _, result = monthly { "--period", "2026-06", "--set", "workspace_zone=Asia/Kolkata" }
    assert.are.equal(2, result.status)
    set { zone = "Asia/Kolkata" }
    local document = monthly { "--period", "2026-06", "--zone", "Asia/Kolkata", "--set",
      "workspace_zone=Asia/Kolkata" }
    assert.is_true(sum(document.records, "tasks") > 0)
  end)

  it("is never added to workato.usage", function()
    local _, result = world:fetch { "workato.monthly_tasks", "workato.usage", "--period", "2026-06",
      "--now", "2026-07-15T10:00:00Z", "--set", "workspace_ids=1001", "--group-by", "vendor",
      "--measures", "tasks" }
    assert.are.equal(2, result.status)
    assert_has("count the same usage and are not added", result.stderr)
  end)
end)
