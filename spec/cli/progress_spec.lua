-- What a run shows while it goes: on a terminal, in a log, when it is stopped, and
-- what a vendor's own words may do there.
local asking = require "support.asking"
local cjson = require "cjson"
local pty = require "support.pty"
local shell = require "support.shell"
local tmp = require "support.tmp"

local SCRIPT <const> = [==[
local function dataset(path, more)
  local made = {
    request = { path = path, query = {} }, rows = "data[]", params = {},
    fields = { user_id = "email", product = "product", tests = "tests" },
  }
  for key, value in pairs(more) do made[key] = value end
  return made
end

local function pages(path)
  return dataset(path, { pages = { kind = "page", size_send = "size", size = 7, total = "meta.total" } })
end

return {
  name = "kinds", version = 1, base_url = "https://kinds.test/kinds",
  auth = { kind = "bearer", token_env = "KINDS_TOKEN" }, rate = RATE,
  datasets = {
    page = pages "/page",
    large = dataset("/page", { pages = { kind = "page", size_send = "size", size = 30,
      total = "meta.total" } }),
    batch = dataset("/batch", { params = { ids = { list = true, type = "integer" } },
      request = { path = "/batch", query = { ids = "{ids}" } }, idempotent = true,
      batch = { param = "ids", most = 20 } }),
    days = dataset("/window", { window = { ends = "inclusive", max_days = 10, format = "%Y-%m-%d" },
      request = { path = "/window", query = { from = "{from}", to = "{to}" } } }),
    job = { window = { format = "%Y-%m-%d" }, format = "csv",
      fields = { user_id = "email", product = "product", tests = { "tests", text = true } },
      ends = { mark = { id = "#END" }, count = "email" },
      job = { create = { path = "/export", json = { from = "{from}", to = "{to}" } }, id = "id",
        status = { path = "/export/{job_id}" }, state = "state", done = { "completed" },
        files = "download_urls[]", hosts = { "127.0.0.1" }, delete = { path = "/export/{job_id}" },
        poll = { first_s = 1.5, longest_s = 1.5 } } },
  },
}]==]
local IDS <const> = {}
for id = 1, 53 do IDS[id] = tostring(id) end

local asker, folder

local function describe_vendor(rate)
  folder:write("kinds.lua", (SCRIPT:gsub("RATE", rate or "{ in_flight = 4 }")))
end

setup(function()
  asker, folder = asking.start "kinds", tmp.folder()
  asker.env.USAGELUA_VENDORS, asker.env.USAGELUA_STATE = folder.path, folder.path .. "/state"
end)

teardown(function() asker:stop() end)

before_each(function()
  asker:reset()
  describe_vendor()
end)

local function slow(delay_ms, more)
  local rule = { path = "/kinds/", delay_ms = delay_ms }
  for key, value in pairs(more or {}) do rule[key] = value end
  asker:faults(rule)
end

-- On a terminal, with the report in a file of its own.
local function on_terminal(words, options)
  local all = { keeps_stdout = true, env = {} }
  for key, value in pairs(options or {}) do all[key] = value end
  local env = {}
  for name, value in pairs(asker.env) do env[name] = value end
  for name, value in pairs(all.env) do env[name] = value end
  all.env = env
  return pty.run({ asker.binary, table.unpack(words) }, all)
end

local function all_pictures(result)
  return table.concat(result.pictures, "\n--\n")
end

local function assert_shown(pattern, result)
  local all = all_pictures(result)
  assert.truthy(all:find(pattern), ("no %q in\n%s\n=>\n%s"):format(pattern, all,
    table.concat(result.lines, "\n")))
end

local function assert_ends(status, result)
  assert.are.equal(status, result.status, (result.stderr or table.concat(result.lines or {}, "\n")))
end

-- Nothing but messages stands there in the end, each a line of its own.
local function assert_only_messages(result)
  local text = table.concat(result.lines, "\n")
  assert.is_nil(text:find("%d parts?, "), text)
  assert.are.equal("usagelua: vendor kinds is your own script",
    (table.concat(result.lines):sub(1, 41)))
  assert.are.equal(1, result.column)
end

describe("on a terminal", function()
  it("each query has a line that is drawn again in its place, and is gone at the end", function()
    -- What shows for a short time only may not be drawn on a busy machine.
    asker:faults({ path = "/kinds/batch", nth = 3, delay_ms = 3000 }, { path = "/kinds/", delay_ms = 800 })
    local result = on_terminal({ "fetch", "kinds.page", "kinds.batch", "--set",
      "ids=" .. table.concat(IDS, ","), "--measures", "tests" }, { columns = 100 })
    assert_ends(0, result)
    assert_shown("kinds%.page %d+%-%d+ +page %d of 8, %d+ rows", result)
    assert_shown("kinds%.batch %d+%-%d+ +batch 3 of 3", result)
    assert_shown("kinds%.batch %d+%-%d+ +done, 53 rows", result)
    assert_shown("1 of 2 parts, %d+ calls, %d+ s; about %d+ s left", result)
    assert_only_messages(result)
    assert.truthy(result.stdout:find("tests", 1, true))
  end)

  it("no line is broken and no more are drawn than fit", function()
    slow(400)
    local words = { "fetch", "kinds.page", "kinds.large", "kinds.days", "kinds.batch", "--set",
      "ids=1,2", "--period", "2026-06", "--measures", "tests" }
    local result = on_terminal(words, { columns = 40, rows = 4 })
    assert_ends(0, result)
    assert_shown("… and %d more", result)
    local _, message_rows = result.pictures[1]:gsub("\n", "\n")
    message_rows = message_rows - 2
    for _, picture in ipairs(result.pictures) do
      local _, breaks = picture:gsub("\n", "\n")
      assert.is_true(breaks - message_rows <= 2, picture)
    end
    assert_only_messages(result)
  end)

  it("says for which reason it waits, and how long it takes at least", function()
    describe_vendor "{ burst = 1, per_minute = 40, in_flight = 4 }"
    local result = on_terminal({ "fetch", "kinds.days", "--period", "2026-06", "--measures", "tests" },
      { columns = 100 })
    assert_ends(0, result)
    assert_shown("kinds%.days 2026%-06 +%d of 3 parts,.* waiting %d s for the rate", result)
    assert_shown("; at least %d s left", result)
  end)

  it("quotes why it asks again, harmlessly", function()
    asker:faults { path = "/kinds/page", nth = 2, status = 503, retry_after = "2", type = "text/plain",
      body = "\27[2J\27]0;x\7::set-env name=X::y\n##[error]\226\128\174kinds-token/with+odd=chars&%" }
    local result = on_terminal({ "fetch", "kinds.page", "--measures", "tests" }, { columns = 160 })
    assert_ends(0, result)
    assert_shown("page 2 of 8, 7 rows, waiting %d s as the vendor asks: answered 503 %(text", result)
    assert.is_nil(result.raw:find("\27]", 1, true))
    assert.is_nil(result.raw:find("\226\128\174", 1, true))
    assert.is_nil(result.raw:find("kinds-token", 1, true))
  end)

  it("counts the polls of a job and shows its state, harmlessly", function()
    asker.server:control("/kinds/settings", { text = { end_mark = true }, export = { files = 1, states = {
      { state = "\27[31mhalf\nway ::x", polls = 4 }, { state = "completed" } } } })
    local result = on_terminal({ "fetch", "kinds.job", "--measures", "tests" }, { columns = 100 })
    assert_ends(0, result)
    assert_shown("polling, 3rd time %( ?%[31mhalf way ::x%)", result)
    assert_only_messages(result)
  end)

  it("what a script prints meanwhile stands above, whole", function()
    slow(300)
    folder:write("report.lua", [[
      local usage = require "usagelua"
      local records = usage.collect { { "kinds.page" } }
      return records:aggregate { measures = "tests", where = function(row)
        print "from the script"
        return true
      end } ]])
    local result = on_terminal({ folder.path .. "/report.lua" }, { columns = 100, keeps_stdout = false })
    assert_ends(0, result)
    local _, count = table.concat(result.lines, "\n"):gsub("from the script\n", "")
    assert.are.equal(53, count)
    assert.is_nil(table.concat(result.lines, "\n"):find("page %d of"))
  end)

  it("is left clean by an interrupt", function()
    slow(60000)
    local result = on_terminal({ "fetch", "kinds.page" }, { keys = "\3", keys_after = "0 of 1 part" })
    assert_ends(130, result)
    assert_only_messages(result)
    assert.are.equal("usagelua: stopped by SIGINT", result.lines[#result.lines])
    assert.is_nil(result.raw:find("\27[?25", 1, true)) -- the cursor was never hidden
  end)

  it("is silent with -q, and keeps no account of it", function()
    slow(300)
    folder:write("report.lua", [[
      local usage = require "usagelua"
      local frame = usage.collect { { "kinds.page" } }:aggregate { measures = "tests" }
      frame:value "tests"
      print(package.loaded["usagelua.cli.standing"], package.loaded["usagelua.cli.screen"]) ]])
    local result = on_terminal { "-q", folder.path .. "/report.lua" }
    assert_ends(0, result)
    assert.are.equal("", result.raw)
    assert.are.equal("nil\tnil\n", result.stdout)
  end)
end)

describe("in a log", function()
  it("there is a line every ten seconds, with and without a terminal in CI", function()
    asker:faults({ args = { page = 1 }, delay_ms = 1000 }, { path = "/kinds/", delay_ms = 16000 })
    local words = { "fetch", "kinds.large", "--measures", "tests" }
    local run <close> = shell.start({ asker.binary, table.unpack(words) }, { env = asker.env })
    local result = on_terminal(words, { columns = 200, env = { CI = "true" } })
    assert_ends(0, result)
    assert.is_nil(result.raw:find("\27", 1, true))
    local line = "usagelua: 0 of 1 part, 1 call, %d+ s; "
      .. "kinds%.large %d+%-%d+: page 2 of 2, 30 rows, no answer for %d+ s"
    assert.truthy(result.raw:find(line), result.raw)
    local other = assert(run:wait(60))
    assert.truthy(other.stderr:find(line .. "\n"), other.stderr)
    local quiet = asker:run { "fetch", "kinds.page", "-q", "--set", "ids=1" }
    assert.are.equal(2, quiet.status)
  end)
end)

describe("--trace", function()
  it("writes lines that sh runs: the same is asked again, nothing secret stands there", function()
    asker.server:control("/kinds/settings", { text = { end_mark = true } })
    local trace = folder.path .. "/trace"
    assert_ends(0, asker:run { "fetch", "kinds.job", "kinds.page", "kinds.batch", "--period", "2026-06",
      "--set", "ids=3,4", "--measures", "tests", "--trace", trace })
    local before, lines = asker.server:log(), {}
    for line in folder:read("trace"):gmatch "[^\n]+" do
      assert.is_nil(line:find(asker.env.KINDS_TOKEN, 1, true))
      if line:find "/page" or line:find "/batch" or line:find "-X POST" then lines[#lines + 1] = line end
    end
    assert.are.equal(10, #lines)
    asker.server:control("/faults", { rules = {} })
    for _, line in ipairs(lines) do
      local again = shell.run((line:gsub("^curl", "curl -q -s --fail-with-body")), { env = asker.env })
      assert_ends(0, again)
    end
    local first, second, log = {}, {}, asker.server:log()
    local function note(list, request)
      if request.path:find "page" or request.path:find "batch" or request.method == "POST" then
        list[#list + 1] = request.method .. " " .. request.path .. " " .. cjson.encode(request.args.ids or "")
          .. (request.body or "")
      end
    end
    for place, request in ipairs(log) do note(place <= #before and first or second, request) end
    assert.are.equal(10, #first)
    assert.are.same(first, second)
  end)
end)

describe("-v", function()
  it("names the vendor's own name of a request, and timings, for good answers and others", function()
    asker:faults { path = "/kinds/batch", nth = 1, status = 503,
      headers = { ["X-Request-Id"] = "7f3a\27[31m" } }
    local result = asker:run { "fetch", "kinds.batch", "--set", "ids=1", "-v" }
    assert_ends(0, result)
    assert.truthy(result.stderr:find(
      "again in %d+%.%d s %(backoff%): answered 503.- %[status 503 in %d%.%d+ s, first byte %d%.%d+ s, "
      .. "x%-request%-id: 7f3a"), result.stderr)
    assert.truthy(result.stderr:find "status 200 in %d%.%d+ s %(connect %d%.%d+ s, first byte", result.stderr)
    assert.is_nil(result.stderr:find("\27", 1, true))
  end)

  it("names them where a call is given up", function()
    asker:faults { path = "/kinds/batch", status = 404, headers = { ["X-Amzn-RequestId"] = "a-b-c" } }
    local result = asker:run { "fetch", "kinds.batch", "--set", "ids=1", "-v" }
    assert_ends(5, result)
    assert.truthy(result.stderr:find("\n  kinds.batch, ids 1 to 1 of 1: given up: answered 404"), result.stderr)
    assert.truthy(result.stderr:find("given up: .*%[status 404 in .*x%-amzn%-requestid: a%-b%-c%]"),
      result.stderr)
  end)
end)
