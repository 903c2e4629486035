-- The kinds of answers over real HTTP: a vendor as a user writes it against the small test vendors,
-- and answers that nginx cuts at every byte.
local answer = require "usagelua.flow.answer"
local answers = require "usagelua.flow.answers"
local asking = require "support.asking"
local client = require "usagelua.client"
local clock = require "usagelua.time.clock"
local core = require "usagelua.core"
local curl = require "usagelua.transport.curl"
local description = require "usagelua.vendor.description"
local scheduler = require "usagelua.client.scheduler"
local spool = require "usagelua.flow.spool"
local tmp = require "support.tmp"

local VENDOR <const> = [[
local fields = { user_id = { "email", lower = true }, product = "product", tests = "tests",
  duration_s = { "minutes", unit = "min" } }
local function get(path) return { path = path } end
return {
  name = "kinds", version = 1, base_url = "https://kinds.test", title = "Kinds",
  auth = { kind = "bearer", token_env = "KINDS_TOKEN" }, secret_fields = SECRET,
  error_message = { "message", "error" },
  errors = { { path = "errors[].extensions.code", value = "RATE_LIMITED", kind = "throttled",
    retry_after_s = 0 } },
  datasets = {
    named = { request = get "/named", rows = "data.products{}",
      fields = { product = "@key", tests = "tests", duration_s = { "minutes", unit = "min" } } },
    columns = { request = get "/columns", columns = "columns[]", rows = "rows[]", fields = fields },
    described = { request = get "/columns", columns = "columns[].name", rows = "rows[]",
      fields = fields },
    none = { request = get "/null", rows = "data[]", null_rows = true, fields = fields },
    csv = { request = get "/csv", format = "csv", fields = fields },
    marked = { request = get "/csv", format = "csv", fields = fields,
      ends = { mark = { id = "#END" }, count = "email" } },
    packed = { request = get "/csv", format = "csv", packed = "gzip", fields = fields },
    lines = { request = get "/lines", format = "lines", fields = fields,
      ends = { total = "X-Total-Count" } },
    graphql = { format = "graphql", rows = "data.usage.nodes[]", fields = fields, idempotent = true,
      request = { method = "POST", path = "/graphql",
        json = { query = "{ usage { nodes { email } } }", variables = { first = 100 } } } },
    exported = { format = "csv", packed = PACKED, fields = fields,
      job = { create = { path = "/export", json = { from = "2026-06-01" } }, id = "id",
        status = { path = "/export/{job_id}" }, state = "state", done = { "completed" },
        files = "download_urls[]", hosts = { "HOST" }, poll = { first_s = 0.1 },
        delete = { path = "/export/{job_id}" } } },
    absent = { request = get "/nowhere", rows = "[]", fields = fields },
  },
}
]]

describe("a vendor of a user's own", function()
  local kinds, folder

  local function write_vendor(packed, secret)
    local host = "http://127.0.0.1:" .. kinds.server.ports.other
    folder:write("kinds.lua", (VENDOR:gsub("PACKED", packed and ("%q"):format(packed) or "nil"):gsub("HOST", host)
      :gsub("SECRET", secret or "nil")))
  end

  setup(function()
    kinds, folder = asking.start "kinds", tmp.folder()
    kinds.env.KINDS_TOKEN = "kinds-token/with+odd=chars&%"
    kinds.env.USAGELUA_VENDORS = folder.path
    kinds.env.USAGELUA_STATE = folder.path .. "/state"
    kinds.env.USAGELUA_KINDS_URL = kinds.server:vendor_url "kinds"
    write_vendor "gzip"
  end)
  teardown(function() kinds:stop() end)
  before_each(function() kinds:reset() end)

  local function set(given) kinds.server:control("/kinds/settings", given) end

  -- Fetches; the sums are those of the vendor's ledger.
  local function assert_exact(dataset, status)
    local document, result = kinds:fetch { "kinds." .. dataset }
    assert(result.status == (status or 0), result.stdout .. result.stderr)
    local total = kinds.server:control "/kinds/total"
    assert.same({ total.tests, total.minutes * 60 },
      { asking.sum(document.records, "tests"), asking.sum(document.records, "duration_s") })
    return document, result
  end

  local function assert_at_least(dataset, reason)
    local document = assert_exact(dataset, 4)
    assert.truthy(document.coverage[1].reasons[1]:find(reason, 1, true), document.coverage[1].reasons[1])
    local _, result = kinds:fetch { "kinds." .. dataset, "--measures", "tests" }
    assert.truthy(result.stdout:find("at_least", 1, true), result.stdout)
  end

  local function assert_failed(dataset, reason)
    local document, result = kinds:fetch { "kinds." .. dataset }
    assert.equal(5, result.status)
    local told = document.coverage[1].reasons[1]
    assert(told:find(reason, 1, true), told)
    assert.same({}, document.records)
  end

  it("reads each kind of answer, exactly", function()
    for _, dataset in ipairs { "named", "columns", "graphql" } do assert_exact(dataset) end
    set { columns_as = "objects" }
    assert_exact "described"
    local document, result = kinds:fetch { "kinds.none" }
    assert.same({ 0, 0 }, { result.status, #document.records })
  end)

  it("takes rows of text for whole where they are, and for at least where not", function()
    for _, framing in ipairs { false, "chunked" } do
      set { text = { framing = framing, gzip = "coding" } }
      assert_exact "csv"
      assert_exact "lines"
      set { text = { framing = framing, end_mark = true, bom = true } }
      assert_exact "marked"
      set { text = { framing = framing, total = true } }
      assert_exact "lines"
      set { text = { framing = framing, gzip = "file" } }
      assert_exact "packed"
      set { text = { framing = framing } }
      assert_at_least("csv", "nothing in the answer says that it is complete")
      assert_at_least("lines", "nothing in the answer says that it is complete")
    end
    set { text = { framing = "close_delimited", end_mark = true } }
    assert_at_least("marked", "the answer ends where its connection does")
    set { text = { framing = "close_delimited", gzip = "coding" } }
    assert_at_least("csv", "the answer ends where its connection does")
  end)

  it("reads the files of a job on another host, each whole or at least", function()
    local origin = "http://127.0.0.1:" .. kinds.server.ports.other
    set { file_origin = origin, text = { gzip = "file" } }
    assert_exact "exported"
    local files = kinds.server:control "/kinds/files"
    assert.equal(3, #files)
    for _, file in ipairs(files) do
      assert.same({ kinds.server.ports.other, false }, { file.port, file.authorization })
    end
    assert.is_true(kinds.server:control("/kinds/jobs")[1].deleted)
    write_vendor(nil)
    set { file_origin = origin }
    assert_at_least("exported", "nothing in the answer says that it is complete")
  end)

  it("has no secret field in a recording, of answers and files that come packed", function()
    local cassette = folder.path .. "/secret.har"
    write_vendor("gzip", '{ "email" }')
    finally(function() write_vendor "gzip" end)
    set { file_origin = "http://127.0.0.1:" .. kinds.server.ports.other }
    for dataset, text in pairs { packed = { gzip = "file" }, exported = { gzip = "file" }, csv = { gzip = "coding" },
      lines = { gzip = "coding" } } do
      set { text = text }
      local plain = kinds:fetch { "kinds." .. dataset }
      local recorded, first = kinds:fetch { "kinds." .. dataset, "--record", cassette }
      local replayed, second = kinds:fetch { "kinds." .. dataset, "--replay", cassette }
      assert.same({ 0, 0 }, { first.status, second.status }, first.stderr .. second.stderr)
      assert.same({ asking.sum(plain.records, "tests"), #plain.records },
        { asking.sum(recorded.records, "tests"), #replayed.records })
      assert.equal(asking.sum(recorded.records, "tests"), asking.sum(replayed.records, "tests"))
      local kept = core.file.read(cassette)
      assert.truthy(kept:find("***", 1, true))
      for _, record in ipairs(plain.records) do
        assert.is_nil(kept:find(record.user_id, 1, true), dataset .. " " .. record.user_id)
      end
    end
  end)

  it("keeps that in a recording", function()
    local cassette = folder.path .. "/kinds.har"
    for dataset, text in pairs { packed = { gzip = "file" }, csv = { gzip = "coding", framing = "chunked" },
      lines = { framing = "close_delimited" } } do
      set { text = text }
      local recorded, first = kinds:fetch { "kinds." .. dataset, "--record", cassette }
      local replayed, second = kinds:fetch { "kinds." .. dataset, "--replay", cassette }
      assert.same({ dataset == "lines" and 4 or 0, first.status }, { first.status, second.status })
      assert.same({ recorded.records, recorded.coverage }, { replayed.records, replayed.coverage })
    end
  end)

  it("asks again where the stated end is not reached, and fails where it never is", function()
    set { text = { end_mark = true } }
    kinds:faults { path = "/csv", nth = 1, status = 200, type = "text/csv",
      body = "id,email,name,product,at,tests,minutes\r\n" }
    assert_exact "marked"
    assert.equal(2, #kinds:asked "/csv")
    set { text = { total = true }, total_off = 1 }
    assert_failed("lines", "X-Total-Count says 54 rows, 53 came")
    assert.equal(3, #kinds:asked "/lines")
  end)

  it("tells errors inside 200 of GraphQL, and waits where the code means a throttle", function()
    set { graphql_throttles = 2 }
    assert_exact "graphql"
    assert.equal(3, #kinds:asked "/graphql")
    for mode, text in pairs { all = "not for you, at usage", partial = "some could not be read, at usage" } do
      set { graphql = mode }
      assert_failed("graphql", text)
    end
  end)

  it("quotes the vendor's own message, and safely what is no JSON", function()
    assert_failed("absent", "answered 404: no such kind: /nowhere (application/json)")
    set { text = { gzip = "coding" } }
    kinds:faults({ path = "/csv", nth = 1, status = 200, type = "text/html", body = '<html lang="en">\27[31mSorry</html>' },
      { path = "/csv", nth = 2, status = 200, body = "" })
    local _, result = assert_exact "csv"
    assert.equal(3, #kinds:asked "/csv")
    assert.is_nil((result.stdout .. result.stderr):find("\27", 1, true))
  end)

  it("is told of in `usagelua vendors`", function()
    local text = kinds:run({ "vendors", "kinds" }).stdout
    for _, line in ipairs { "answer      json at data.products{}", "answer      json at rows[], columns at columns[]",
      "answer      csv, whole by its end mark, or gzip; else at least", "answer      graphql at data.usage.nodes[]" } do
      assert.truthy(text:find(line, 1, true), text)
    end
  end)
end)

describe("an answer that a server cuts at any byte", function()
  local kinds, world

  setup(function() kinds = asking.start "kinds" end)
  teardown(function() kinds:stop() end)
  before_each(function()
    kinds:reset()
    local time, transport = clock.real(), assert(curl.new {})
    local s = scheduler.new { transport = transport, clock = time }
    world = { scheduler = s, client = client.new { scheduler = s, transport = transport, clock = time } }
  end)
  after_each(function() world.scheduler:close() end)

  local BODIES <const> = {
    csv = 'email,n\r\na,10\r\n"b\n""x""",200\r\nc,345\r\n',
    lines = '{"email":"a","n":10}\n{"email":"b","n":200}\n{"email":"c","n":345}\n',
  }

  local function vendor_of(format, ends)
    return description.check({ name = "acme", version = 1, base_url = "https://api.acme.test",
      auth = { kind = "bearer", token_env = "ACME_TOKEN" }, datasets = { usage = { request = { path = "/x" },
        format = format, ends = ends, fields = { user_id = "email", tests = "n" } } } }, "acme.lua")
  end

  local function ask(query, consume)
    local url = kinds.server:vendor_url "kinds" .. "/cut?" .. query
    return world.scheduler:run(function()
      return world.client:call({ url = url, attempts = 1 }, consume)
    end)
  end

  local function read(query, vendor)
    local planned = { dataset = vendor.datasets.usage, vendor = vendor, measures = {} }
    return ask(query, function(response) return answer.read(response, planned, {}) end)
  end

  -- One rule for each byte; where the cut is framed as if it were all, the body itself is short.
  local function plan(body, wire, is_framed)
    local rules = {}
    for at = 0, #body do
      rules[at + 1] = { path = "/cut", args = { at = tostring(at) }, status = 200, type = "text/plain",
        body = is_framed and body:sub(1, at) or body, wire = wire, at = not is_framed and at or nil,
        headers = { ["X-Total"] = "3" } }
    end
    kinds:faults(table.unpack(rules))
  end

  local WAYS <const> = { cut_body = false, cut_chunked = false, cut_close = false, chunked = true,
    close_delimited = true }

  local function sum_of(got)
    local sum = 0
    for _, row in ipairs(got.batch.rows) do sum = sum + row.tests end
    return sum
  end

  for format, body in pairs(BODIES) do
    it(("is an error, marked, or all of it (%s)"):format(format), function()
      local known, doubted, failed = 0, 0, 0
      for wire, is_framed in pairs(WAYS) do
        plan(body, wire, is_framed)
        for _, vendor in ipairs { vendor_of(format), vendor_of(format, { total = "X-Total" }) } do
          for at = 0, #body do
            local got = read("at=" .. at, vendor)
            if not got then
              failed = failed + 1
            elseif got.doubt then
              doubted = doubted + 1
              assert(sum_of(got) <= 555 and #got.batch.rows <= 3)
            else
              known = known + 1
              assert.same({ 3, 555 }, { #got.batch.rows, sum_of(got) })
            end
          end
        end
      end
      assert.is_true(known >= 1 and doubted > 20 and failed > 100)
    end)
  end

  it("is not held for anybody to act on", function()
    local body = '{"data":[{"n":1},{"n":2}],"total":2}'
    local function open() return core.json.reader { rows = "data[]" } end
    for wire, is_framed in pairs(WAYS) do
      plan(body, wire, is_framed)
      for at = 0, #body do
        local count = ask("at=" .. at, function(response)
          local held <close>, err = spool.hold(response, open, { memory_bytes = at % 2 * 1000 })
          if not held then return nil, err end
          local items = 0
          for item in held:items() do items = items + item.n end
          return items
        end)
        if at < #body then assert.is_nil(count) end
        if at == #body and is_framed then assert.equal(3, count) end
      end
    end
  end)

  it("is held by its kind, with the doubt", function()
    local vendor = vendor_of("csv", { total = "X-Total" })
    local function open()
      return answers.of(vendor.datasets.usage).open(vendor.datasets.usage, {})
    end
    for wire, doubt in pairs { chunked = false, close_delimited = true } do
      plan(BODIES.csv, wire, true)
      local rows, doubted = ask("at=" .. #BODIES.csv, function(response)
        local held <close> = assert(spool.hold(response, open))
        local rows = {}
        for _ = 1, 2 do
          for row in held:items() do rows[#rows + 1] = row.n end
        end
        return rows, held.doubt ~= nil
      end)
      assert.same({ "10", "200", "345", "10", "200", "345" }, rows)
      assert.equal(doubt, doubted)
    end
  end)
end)
