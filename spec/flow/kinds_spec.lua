-- Each kind of pages, windows and batches as a user's vendor script says it, asked of
-- a real server by the binary: the figures are the server's own, whatever the size.
local asking = require "support.asking"
local cjson = require "cjson"
local curl = require "support.curl"
local tmp = require "support.tmp"

local SCRIPT <const> = [==[
local function dataset(path, pages, more)
  local made = {
    params = { size = { type = "integer", default = 7 } },
    request = { path = path, query = {} }, pages = pages, rows = "data[]",
    fields = { user_id = "email", product = "product", tests = "tests",
      duration_s = { "minutes", unit = "min" } },
  }
  for key, value in pairs(more or {}) do made[key] = value end
  return made
end

local function windowed(window, query, path)
  window.ends = window.ends or "inclusive"
  return dataset(path or "/window", nil, { window = window, echo = path ~= "/parts" and
    { from = "from", to = "to" } or nil, params = {},
    request = { path = path or "/window", query = query or { from = "{from}", to = "{to}" } } })
end

local function batch(how, batch)
  local request = { path = "/batch", query = how.query }
  if how.json then request.method, request.json = "POST", how.json end
  return dataset("/batch", nil, { params = { ids = { list = true, type = "integer" } },
    request = request, idempotent = true, batch = batch })
end

local function cursor(more)
  local pages = { kind = "cursor", size_send = "limit", size = 7, next = "meta.next" }
  for key, value in pairs(more or {}) do pages[key] = value or nil end
  return pages
end

return {
  name = "kinds", version = 1, base_url = "https://kinds.test/kinds",
  auth = { kind = "bearer", token_env = "KINDS_TOKEN" }, rate = { in_flight = 4 },
  datasets = {
    page = dataset("/page", { kind = "page", size_send = "size", size = 7, total = "meta.total", unique = "id" }),
    pages = dataset("/page", { kind = "page", size_send = "size", size = 7, count = "meta.pages" }),
    silent = dataset("/page", { kind = "page", size_send = "size", size = 7 }),
    offset = dataset("/offset", { kind = "offset", size_send = "limit", size = 7, total = "total" }),
    cursor = dataset("/cursor", cursor()),
    cursor_header = dataset("/cursor", cursor { next = false, next_header = "X-Next-Cursor" }),
    cursor_more = dataset("/cursor", cursor { more = "meta.more" }),
    cursor_body = dataset("/cursor", cursor { send_in = "json", send = "page.cursor", size_send = "page.limit" },
      { idempotent = true, request = { method = "POST", path = "/cursor", json = {} } }),
    next = dataset("/next", { kind = "next", next = "next", size_send = "size", size = 7 }),
    link = dataset("/link", { kind = "link", size_send = "size", size = 7 }, { rows = "[]" }),
    partition = dataset("/partition", { kind = "partition", count = "partitions", total = "total" }),
    strings = dataset("/strings", { kind = "next", next = "next_page_uri", size_send = "PageSize", size = 7 },
      { rows = "usage_records[]", fields = { user_id = "email", tests = { "count", text = true } } }),
    dates = windowed { max_days = 31, format = "%Y-%m-%d" },
    months = windowed { max_months = 1, format = "%Y-%m-%d" },
    wall = windowed { max_days = 20, format = "%Y-%m-%d %H:%M:%S" },
    rfc3339 = windowed { max_days = 31, zone = "offset", ends = "exclusive", cut = "may_differ" },
    rfc3339ms = windowed { max_days = 31, format = "rfc3339ms" },
    epoch = windowed({ max_hours = 700, format = "epoch", ends = "exclusive" }, nil, "/epoch"),
    epoch_ms = windowed { max_months = 1, format = "epoch_ms" },
    month = windowed({ max_months = 1, whole = "month", parts = { "year", month = "%-m" } },
      { year = "{year}", month = "{month}" }, "/parts"),
    day = windowed({ max_days = 1, whole = "day", parts = { "year", "month", "day" } },
      { year = "{year}", month = "{month}", day = "{day}" }, "/parts"),
    commas = batch({ query = { ids = "{ids}" } }, { param = "ids", most = 20 }),
    repeated = batch({ query = { ids = { "{ids}" } } }, { param = "ids" }),
    brackets = batch({ query = { ["ids[]"] = { "{ids}" } } }, { param = "ids", most = 1000 }),
    array = batch({ json = { ids = { "{ids}" } } }, { param = "ids", most = 40, timeout_s = 1 }),
  },
}]==]

local asker, folder

setup(function()
  asker, folder = asking.start "kinds", tmp.folder()
  folder:write("kinds.lua", SCRIPT)
  asker.env.USAGELUA_VENDORS = folder.path
end)

teardown(function() asker:stop() end)
before_each(function() asker:reset() end)

local function set(settings) asker.server:control("/kinds/settings", settings) end

local function total(query)
  return asker.server:control("/kinds/total" .. (query and "?" .. query or ""))
end

local function fetch(dataset, ...)
  return asker:fetch({ "kinds." .. dataset, "--period", "2026-01..2026-12", ... })
end

local function assert_total(expected, dataset, ...)
  local document, result = fetch(dataset, ...)
  assert.are.equal(0, result.status, result.stderr)
  assert.are.equal(expected.items, #document.records)
  assert.are.equal(expected.tests, asking.sum(document.records, "tests"))
  return document
end

local function assert_refused(expected, dataset, ...)
  local _, result = fetch(dataset, ...)
  assert.are.equal(5, result.status, result.stdout)
  assert.truthy(result.stdout:find(expected, 1, true) or result.stderr:find(expected, 1, true),
    result.stderr .. result.stdout)
end

local PAGED <const> = { "page", "pages", "silent", "offset", "cursor", "cursor_header", "cursor_more",
  "cursor_body", "next", "link", "partition", "strings" }

describe("pages of a vendor script", function()
  for _, dataset in ipairs(PAGED) do
    it("bring all rows once: " .. dataset, function()
      for _, items in ipairs { 0, 1, 7, 14, 53 } do
        set { items = items, size = 5 }
        if items == 0 then
          local document = fetch(dataset)
          assert.are.same({}, document.records)
        else
          assert_total(total(), dataset)
        end
      end
    end)
  end

  it("may be shorter than asked for", function()
    set { most = 3 }
    for _, dataset in ipairs { "page", "pages", "silent", "offset", "cursor", "next", "link" } do
      assert_total(total(), dataset)
    end
  end)

  it("end as the vendor likes: null, absent or empty", function()
    for _, way in ipairs { "null", "absent", "empty" } do
      set { cursor_end = way }
      for _, dataset in ipairs { "cursor", "cursor_more", "next" } do assert_total(total(), dataset) end
    end
  end)

  it("follow links that are absolute, below the host, or a query alone", function()
    for _, link in ipairs { "absolute", "path", "query" } do
      set { link = link }
      for _, dataset in ipairs { "next", "link" } do assert_total(total(), dataset) end
    end
    for _, request in ipairs(asker:asked "/kinds/link") do
      local _, sizes = request.query:gsub("size=", "")
      assert.are.equal(1, sizes)
    end
  end)

  it("refuse a link to another origin by its name, and ask nothing there", function()
    set { link = "other", other_origin = "http://127.0.0.1:" .. asker.server.ports.other }
    local message = "the next page is said to be at http://127.0.0.1:" .. asker.server.ports.other
    for _, dataset in ipairs { "next", "link" } do
      assert_refused(message, dataset)
      assert.are.equal(1, #asker:asked("/kinds/" .. dataset))
    end
    set { link = "other", other_origin = "https://evil.example" }
    assert_refused("the next page is said to be at https://evil.example, which is not asked", "next")
  end)

  it("are an error where one comes again and again", function()
    set { repeat_from = 3 }
    for dataset, message in pairs { page = "came twice", silent = "page 3 is page 2 once more",
      offset = "once more", cursor = "as an earlier page did", cursor_body = "as an earlier page did",
      next = "as an earlier page did", link = "as an earlier page did", partition = "once more" } do
      assert_refused(message, dataset)
    end
  end)

  it("are told apart and counted once under a rule too", function()
    for _, dataset in ipairs { "silent", "offset", "partition", "cursor", "page" } do
      set {}
      local document = assert(fetch(dataset, "--measures", "tests"))
      assert.are.equal(total().tests, document.records[1].tests)
      set { repeat_from = 3 }
      local _, result = fetch(dataset, "--measures", "tests")
      assert.are.equal(5, result.status, result.stdout)
    end
  end)

  it("are an error where the total lies", function()
    for _, off in ipairs { 1, -1 } do
      set { total_off = off }
      assert_refused(("total says %d rows"):format(53 + off), "page")
      assert_refused(("total says %d rows"):format(53 + off), "offset")
      assert_refused(("total says %d rows"):format(53 + off), "partition")
    end
  end)

  it("are read once more where rows moved, and given up where they move again", function()
    set { moves = 1 }
    assert_total(total(), "page")
    set { moves = 100 }
    assert_refused("came twice: a page was repeated, or the rows moved", "page")
  end)
end)

describe("windows of a vendor script", function()
  local FORMATS <const> = { dates = "date", months = "date", wall = "wall", rfc3339 = "rfc3339",
    rfc3339ms = "rfc3339ms", epoch = "epoch", epoch_ms = "epoch_ms", month = "date", day = "date" }
  local EXCLUSIVE <const> = { rfc3339 = true, epoch = true }

  for dataset, format in pairs(FORMATS) do
    it("bring a year once: " .. dataset, function()
      set { window = { format = format, ends = EXCLUSIVE[dataset] and "exclusive" or "inclusive" } }
      local document = assert_total(total(), dataset)
      local parts = dataset == "month" or dataset == "day"
      assert.are.equal(parts and "assumed" or "echoed", document.coverage[1].period)
    end)
  end

  it("are asked in the report's zone where the vendor takes an offset", function()
    set { window = { format = "rfc3339", ends = "exclusive" } }
    local document, result = fetch("rfc3339", "--zone", "America/New_York", "--period", "2026-03")
    assert.are.equal(0, result.status, result.stderr)
    local from, to = 1772341200, 1775016000 -- March 2026 in New York, which changes its offset
    assert.are.equal(total(("from_epoch=%d&to_epoch=%d"):format(from, to)).tests,
      asking.sum(document.records, "tests"))
  end)

  it("are planned as they are sent", function()
    local result = asker:run { "plan", "fetch", "kinds.month", "--period", "2026-Q1" }
    assert.are.equal(0, result.status, result.stderr)
    assert.truthy(result.stdout:find("year=2026  month=2", 1, true), result.stdout)
    assert.truthy(result.stdout:find("3 calls, on", 1, true), result.stdout)
  end)
end)

describe("batches of a vendor script", function()
  local function ids(count)
    local list = {}
    for id = 1, count do list[id] = id end
    return table.concat(list, ",")
  end

  for _, dataset in ipairs { "commas", "repeated", "brackets", "array" } do
    it("bring each id once, in the form that the vendor takes: " .. dataset, function()
      set { batch = { limit = 15 } }
      assert_total(total("ids=" .. ids(53)), dataset, "--set", "ids=" .. ids(53))
      local asked = 0
      for _, request in ipairs(asker.server:control "/kinds/batches") do
        if not request.refused then asked = asked + request.ids end
      end
      assert.are.equal(53, asked)
    end)
  end

  it("are halved where the vendor hangs, or its gateway gives up", function()
    set { batch = { limit = 20, status = 504, hang_s = 0 } }
    assert_total(total("ids=" .. ids(30)), "commas", "--set", "ids=" .. ids(30))
    set { batch = { limit = 30, status = 504, hang_s = 20 } }
    assert_total(total("ids=" .. ids(40)), "array", "--set", "ids=" .. ids(40))
  end)

  it("are counted by the plan at least", function()
    local result = asker:run { "plan", "fetch", "kinds.commas", "--set", "ids=" .. ids(53) }
    assert.truthy(result.stdout:find("in batches  ids: 53 values, 20 at once", 1, true), result.stdout)
    assert.truthy(result.stdout:find("3 calls or more", 1, true), result.stdout)
    result = asker:run { "plan", "fetch", "kinds.array", "--set", "ids=7", "-f", "json" }
    local batch = cjson.decode(result.stdout).queries[1]
    assert.are.same({ { name = "ids", values = 1, most = 40 }, { least = 1, exact = true } },
      { batch.batch, batch.calls })
  end)

  it("are told by usagelua vendors", function()
    local result = asker:run { "vendors", "kinds.commas" }
    assert.truthy(result.stdout:find("in batches  ids, 20 at once", 1, true), result.stdout)
    result = asker:run { "vendors", "kinds.month" }
    assert.truthy(result.stdout:find("longest 1 calendar month;", 1, true), result.stdout)
    result = asker:run { "vendors", "workato.usage" }
    assert.truthy(result.stdout:find("longest as many days as parameter max_days says;", 1, true), result.stdout)
  end)
end)

it("the server's cursors are the same in body, header and flag", function()
  local answer = curl.request(asker.server:vendor_url "kinds" .. "/cursor",
    { headers = { Authorization = "Bearer " .. asker.env.KINDS_TOKEN } })
  assert.truthy(answer.headers["x-next-cursor"])
  assert.truthy(answer.body:find('"more":true', 1, true))
end)
