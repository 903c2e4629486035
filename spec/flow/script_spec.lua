-- Flow functions over the simulator: what they ask, what they emit, how they fail.
local acme = require "support.acme"
local collect = require "usagelua.collect"
local errors = require "usagelua.errors"
local json = require "usagelua.json"
local kit = require "usagelua.vendor.kit"
local simulated_run = require "support.simulated_run"
local loader = require "usagelua.vendor.loader"
local tmp = require "support.tmp"
local url = require "usagelua.client.url"

local FIELDS = { user_id = { "email", lower = true }, team = "team.name", tests = "n",
  duration_s = { "minutes", unit = "min", fraction = true } }

local function row(email, n, minutes)
  return { email = email, n = n, minutes = minutes, team = { name = "qa" } }
end

-- A run over a vendor whose dataset is asked by the function. `answer` gets path, parameters and
-- the request, and gives a value, or an answer of the simulator where it has a status.
local function world(flow, answer, changes, options)
  local described = { window = { max_days = 31, format = "%Y-%m-%d", ends = "inclusive" },
    fields = FIELDS, flow = flow }
  for key, value in pairs(changes or {}) do described[key] = value end
  local asked = {}
  local settings = { loader = acme.loader(acme.vendor(described)), answer = function(request)
    local path = url.split(request.url).path
    asked[#asked + 1] = { path = path, args = acme.arguments(request.url), request = request }
    local given = answer(path:gsub("^/v1", ""), asked[#asked].args, request, #asked)
    return given.status and given or acme.answer(given)
  end }
  for key, value in pairs(options or {}) do settings[key] = value end
  return simulated_run.new(settings), asked
end

local function records(run, spec)
  local one = { "acme.usage", period = run:read_period(spec and spec.period or "2026-06") }
  for key, value in pairs(spec or {}) do
    if key ~= "period" then one[key] = value end
  end
  return collect.new(run, { one })
end

local function rows_of(frame)
  local list = {}
  for one in frame:rows() do list[#list + 1] = one end
  return list
end

local function reason_of(frame)
  local entry = frame:coverage()[1]
  assert.are.equal(1, entry.failed)
  return entry.reasons[1]
end


local USERS = { row("Ann@Acme.Test", 5, 1.5), row("bo@acme.test", 7, 60) }

local function users() return { data = USERS } end

-- One function per window; a call that fails ends the part.
local function one_call(name, ...)
  local arguments = table.pack(...)
  return function(ask, _, emit)
    local value = ask[name](ask, table.unpack(arguments, 1, arguments.n))
    for _, user in ipairs(value.data) do emit(user) end
  end
end

describe("a flow function", function()
  it("emits what it asked for, mapped by the dataset's fields", function()
    local run, asked = world(function(ask, query, emit)
      for window in query:windows() do
        local page = ask:get("/users", { query = { from = window.from, to = window.to } })
        for _, user in ipairs(page.data) do emit(user) end
      end
    end, users)
    local frame = records(run)
    local list = rows_of(frame)
    assert.are.same({ "ann@acme.test", 5, 90, "qa", "2026-06" },
      { list[1].user_id, list[1].tests, list[1].duration_s, list[1].team, list[1].period })
    assert.are.equal(12, (frame:value "tests"))
    assert.are.same({ from = "2026-06-01", to = "2026-06-30" }, asked[1].args)
    assert.are.same({ 1, 1, 0, "assumed" }, { frame:coverage()[1].asked, frame:coverage()[1].answered,
      frame:coverage()[1].failed, frame:coverage()[1].period })
  end)

  it("is called for each window and each value of a fan-out", function()
    local run, asked = world(function(ask, query, emit)
      for window in query:windows() do
        ask:get("/u", { query = { team = query.params.team, from = window.from, ids = query.params.ids } })
        emit { n = 1 }
      end
    end, users, { fan_out = { "team" }, params = { team = { list = true, default = { "qa", "dev" } },
      ids = { list = true } } })
    local frame = records(run, { period = "2026-05-01..2026-06-30", ids = "7,8" })
    assert.are.equal(4, (frame:value "tests"))
    local seen = {}
    for _, one in ipairs(asked) do
      seen[#seen + 1] = one.args.team .. one.args.from
      assert.matches("ids=7&ids=8", one.request.url)
    end
    table.sort(seen)
    assert.are.same({ "dev2026-05-01", "dev2026-06-01", "qa2026-05-01", "qa2026-06-01" }, seen)
  end)

  it("may cut its window finer, by rules as in a description", function()
    local run, asked = world(function(ask, query, emit)
      for window in query:windows { max_days = 7, format = "epoch" } do
        ask:get("/u", { query = { from = window.from, to = window.to } })
        assert(math.tointeger(tonumber(window.from)) == window.from_s)
        emit { n = 1 }
      end
    end, users)
    assert.are.equal(5, (records(run):value "tests"))
    assert.are.equal("1780272000", asked[1].args.from)
    assert.are.equal("1782864000", asked[5].args.to)
  end)

  it("has no dates where the dataset has no window, or the vendor's own period is asked", function()
    local seen = {}
    local function note(_, query)
      for window in query:windows { max_days = 1 } do seen[#seen + 1] = window.from or "none" end
    end
    local _ = #records(world(note, users, { window = { vendor_default = true, max_days = 31 } }),
      { period = "vendor" })
    local snapshot = { fields = FIELDS, flow = note }
    local run = simulated_run.new { loader = acme.loader(acme.vendor(snapshot)), answer = users }
    _ = #records(run)
    assert.are.same({ "none", "none" }, seen)
  end)

  it("applies each, record, unnamed numbers and values from the document", function()
    local run = world(function(ask, _, emit)
      local page = ask:get "/users"
      for key, user in pairs(page.users) do emit(user, key, page) end
    end, function()
      return { org = "Acme", users = { ann = { usage = { live = { n = 3, flaky = 1 }, app = { n = 4 } } } } }
    end, { each = { "usage{}" }, fields = { account = "$.org", product = "@key", tests = "usage.{key}.n" },
      record = function(record) if record.product == "app" then return false end end })
    local frame = records(run)
    local list = rows_of(frame)
    assert.are.equal(1, #list)
    assert.are.same({ "Acme", "live", 3, 1 }, { list[1].account, list[1].product, list[1].tests, list[1].flaky })
    assert.are.equal("Acme", frame:coverage()[1].account)
  end)

  it("shows its rows to the dataset's check, in our units", function()
    local run = world(one_call("get", "/users"), users, { check = function(record)
      if record.duration_s > 1000 then return "long" end
    end })
    assert.are.equal(12, (records(run):value "tests"))
    assert.are.same({ "acme.usage: long" }, run.notes)
  end)

  it("takes whatever number of rows", function()
    local run = world(function(_, _, emit)
      for _ = 1, 12345 do emit { n = 1 } end
    end, users)
    assert.are.equal(12345, (records(run):value "tests"))
  end)

  it("is not heard any more when it has ended", function()
    local kept_ask, kept_emit
    local run = world(function(ask, _, emit)
      kept_ask, kept_emit = ask, emit
      emit { n = 1 }
    end, users)
    assert.are.equal(1, (records(run):value "tests"))
    for _, fn in ipairs { function() kept_ask:get "/users" end, function() kept_emit { n = 1 } end,
      function() kept_emit.partial "x" end } do
      local ok, err = pcall(fn)
      assert.is_false(ok)
      assert.matches("the function has ended", err.message)
    end
  end)
end)

describe("ask:get and ask:post", function()
  it("send values exactly as they are", function()
    local empty = kit.array {}
    local run, asked = world(function(ask, _, emit)
      ask:post("/q", { json = { q = "{team} {x}", deep = { list = { "{from}", 2 }, none = empty, map = {} },
        null = kit.null }, headers = { ["X-Team"] = "{team}" }, query = { f = "a&b{c}" }, repeatable = true })
      ask:post("/form", { form = { a = "{b}", n = 7 } })
      emit { n = 1 }
    end, users, { params = { team = { default = "qa" } } })
    assert.are.equal(1, (records(run):value "tests"))
    assert.are.equal('{"deep":{"list":["{from}",2],"map":{},"none":[]},"null":null,"q":"{team} {x}"}',
      asked[1].request.body)
    assert.are.equal("a&b{c}", asked[1].args.f)
    assert.are.same({ true, false }, { asked[1].request.repeatable, asked[2].request.repeatable })
    assert.are.equal("a=%7Bb%7D&n=7", asked[2].request.body)
    local sent = {}
    for _, pair in ipairs(asked[1].request.headers) do sent[pair[1]] = pair[2] end
    assert.are.equal("{team}", sent["X-Team"])
  end)

  it("give status, header fields and where a link leads", function()
    local seen = {}
    local run, asked = world(function(ask, _, emit)
      local page, answer = ask:get "/users?page=1"
      seen = { answer.status, answer.headers["x-more"], answer:link "/v1/users?page=2" }
      ask:get(answer:link "/v1/users?page=2")
      emit { n = #page.data }
    end, function()
      return { status = 200, headers = { ["x-more"] = "yes", ["content-type"] = "application/json" },
        body = json.encode(users()) }
    end)
    assert.are.equal(2, (records(run):value "tests"))
    assert.are.same({ 200, "yes", "https://api.acme.test/v1/users?page=2" }, seen)
    assert.are.same({ "1", "2" }, { asked[1].args.page, asked[2].args.page })
    assert.are.equal("/v1/users", asked[2].path)
  end)

  it("add to a query that the path has already", function()
    local run, asked = world(one_call("get", "/users?a=1%2B1", { query = { b = 2 } }), users)
    assert.are.equal(12, (records(run):value "tests"))
    assert.are.same({ a = "1+1", b = "2" }, asked[1].args)
  end)

  it("give other statuses where the function takes them, texts where it wants them", function()
    local seen = {}
    local run = world(function(ask, _, emit)
      local none, answer = ask:get("/404", { accept = { 404, 410 } })
      seen = { none == nil, answer.status, ask:get("/text", { as = "text" }) }
      local nothing, deleted = ask:request { method = "DELETE", path = "/204" }
      seen[4], seen[5] = nothing == nil, deleted.status
      emit { n = 1 }
    end, function(path)
      return path == "/404" and acme.answer({}, 404) or path == "/204" and { status = 204 }
        or { status = 200, body = "plain" }
    end)
    assert.are.equal(1, (records(run):value "tests"))
    assert.are.same({ true, 404, "plain", true, 204 }, seen)
  end)

  it("raise where a good status is no value, unless the function takes it", function()
    local seen, reasons = {}, {}
    local run = world(function(ask, _, emit)
      for _, status in ipairs { 202, 204, 206 } do
        local ok, err = pcall(function() return ask:get("/" .. status) end)
        seen[#seen + 1], reasons[status] = ok, tostring(err)
        local _, answer = ask:get("/" .. status, { accept = { status } })
        seen[#seen + 1] = answer.status
        ok = pcall(ask.post, ask, "/" .. status, { json = {} })
        seen[#seen + 1] = ok
      end
      seen[#seen + 1] = ask:get("/202", { accept = { 202 } }).data
      emit { n = 1 }
    end, function(path)
      local status = tonumber(path:match "%d+")
      return { status = status, body = status ~= 204 and '{"data":"early"}' or nil,
        headers = { ["content-type"] = "application/json" } }
    end)
    assert.are.equal(1, (records(run):value "tests"))
    assert.are.same({ false, 202, true, false, 204, true, false, 206, false, "early" }, seen)
    for status, text in pairs { [202] = "still being made", [204] = "there is no value", [206] = "the rest is missing" } do
      assert.matches(("GET /%d: answered %d .*%s.*; where that is an answer, too, say accept = { %d } in the request")
        :format(status, status, text, status), reasons[status])
    end
  end)

  it("heed the vendor's error rules, inside of good answers too", function()
    local tries = 0
    local vendor = acme.vendor({ fields = FIELDS, flow = one_call("post", "/graph", { json = { query = "q" },
      repeatable = true }) }, { errors = {
      { path = "errors[].code", value = "RATE_LIMITED", kind = "throttled", retry_after_s = 2 },
      { path = "errors[].code", value = "FORBIDDEN", kind = "permission", message = "not for you" },
      { status = 200, body = "maintenance", kind = "vendor", message = "closed for now" } } })
    local function total_of(answer)
      tries = 0
      local run = simulated_run.new { loader = acme.loader(vendor), answer = function()
        tries = tries + 1
        return answer(tries)
      end }
      local frame = records(run)
      return (frame:value "tests"), frame:coverage()[1].reasons[1]
    end
    local function with_error(code) return acme.answer { data = json.null, errors = { { code = code } } } end
    assert.are.equal(12, (total_of(function(try)
      return try < 3 and with_error "RATE_LIMITED" or acme.answer(users())
    end)))
    assert.are.equal(3, tries)
    assert.matches("not for you", select(2, total_of(function() return with_error "FORBIDDEN" end)))
    assert.are.equal(1, tries)
    assert.matches("closed for now", select(2, total_of(function()
      return { status = 200, body = "<p>maintenance</p>" }
    end)))
    assert.are.equal(1, tries)
  end)

  it("take no other status for an answer", function()
    for _, status in ipairs { 403, 500 } do
      local run = world(one_call("get", "/users", { accept = { 404 } }), function() return acme.answer({}, status) end)
      assert.matches("GET /users: answered " .. status, reason_of(records(run)))
    end
  end)

  it("are repeated as any other request", function()
    local tries = 0
    local run = world(one_call("get", "/users"), function()
      tries = tries + 1
      return tries < 4 and { status = 503 } or users()
    end)
    assert.are.equal(12, (records(run):value "tests"))
    assert.are.equal(4, tries)
  end)

  for name, case in pairs {
    ["another host"] = { "https://evil.test/x", "'https://evil.test/x' is at another host than api.acme.test" },
    ["another port"] = { "https://api.acme.test:8443/x", "is at another host than api.acme.test" },
    ["another scheme"] = { "http://api.acme.test/v1/x", "is at another host than api.acme.test" },
    ["a user in the host"] = { "https://api.acme.test@evil.test/x", "it names a user" },
    ["a host without scheme"] = { "//evil.test/x", "it is not an absolute URL" },
    ["a backslash"] = { "/\\evil.test/x", "cannot be asked" },
    ["no slash"] = { "users", "write a path that begins with /" },
    ["a way out"] = { "/users/%2e%2e/admin", "holds the segment '..'" },
    ["a fragment"] = { "/users#x", "it holds a '#'" },
    ["a space"] = { "/users/a b", "kit.escape writes a value so that it can stand in a path" },
    ["a brace"] = { "/users/{team}", "kit.escape writes" },
    ["no text"] = { 7, "a request needs a path, text that begins with /, not a number" },
  } do
    it("refuse " .. name .. ", and send nothing", function()
      local run, asked = world(one_call("get", case[1]), users)
      local reason = reason_of(records(run))
      assert.truthy(reason:find(case[2], 1, true), reason)
      assert.are.equal(0, #asked)
    end)
  end

  it("name the nearest option", function()
    local run = world(one_call("get", "/users", { qeury = {} }), users)
    assert.matches("did you mean 'query'", reason_of(records(run)))
  end)
end)

describe("ask:each", function()
  it("hands out items of a whole answer only", function()
    local began, cut = 0, 0
    local run = world(function(ask, _, emit)
      for user in ask:each("/users", "data[]") do
        began = began + 1
        emit(user)
      end
    end, users, nil, { weather = function(_, count)
      if count <= 3 then cut = cut + 1; return "reset_inside" end
    end })
    assert.are.equal(12, (records(run):value "tests"))
    assert.are.same({ 2, 3 }, { began, cut })
  end)

  it("gives the keys of objects, nulls and plain values", function()
    local seen = {}
    local run = world(function(ask, _, emit)
      for count, name in ask:each({ path = "/users" }, { rows = "products{}" }) do
        seen[name] = count
      end
      emit { n = 1 }
    end, function() return { products = { live = 3, app = json.null, big = 9007199254740993, x = 0.1 } } end)
    assert.are.equal(1, (records(run):value "tests"))
    assert.are.same({ live = 3, app = json.null, big = 9007199254740993, x = 0.1 }, seen)
  end)

  it("gives all of an item, also where a report's rules name little of it", function()
    local run = world(function(ask, _, emit)
      for user in ask:each("/users", "data[]") do
        if user.team.name == "qa" and user.minutes > 2 then emit(user) end
      end
    end, users)
    local total = records(run):aggregate { measures = { "tests" } }
    run:ask_together({ total }, "report")
    assert.are.equal(7, (total:value "tests"))
  end)

  it("may be left early", function()
    local run = world(function(ask, _, emit)
      for user in ask:each("/users", "data[]") do
        emit(user)
        if user.n == 5 then break end
      end
    end, users)
    assert.are.equal(5, (records(run):value "tests"))
  end)

  for name, case in pairs {
    ["another shape"] = { { other = {} }, "no data[] in the answer" },
    ["what is not good"] = { { ok = false, data = json.array {} }, "ok: expected true, got false" },
  } do
    it("refuses " .. name, function()
      local run = world(function(ask, _, emit)
        for user in ask:each("/users", { rows = "data[]", ok = case[1].ok ~= nil and { ok = true } or nil }) do
          emit(user)
        end
      end, function() return case[1] end)
      local reason = reason_of(records(run))
      assert.truthy(reason:find("acme.usage 2026-06, GET /users: " .. case[2], 1, true), reason)
    end)
  end

  it("asks a partial answer again, then marks what is missing", function()
    local tries = 0
    local run = world(function(ask, _, emit)
      for user in ask:each("/users", { rows = "data[]", partial = "meta.partial" }) do emit(user) end
    end, function()
      tries = tries + 1
      return { data = { row("a", 0, 1), row("b", 4, 1) }, meta = { partial = true } }
    end)
    local frame = records(run)
    local value, reason, state = frame:value "tests"
    assert.are.same({ 4, "at_least", 3 }, { value, state, tries })
    assert.matches("the vendor marked its answer as partial", reason)
    assert.are.same({ 0, 1, 0 }, { frame:coverage()[1].answered, frame:coverage()[1].partial,
      frame:coverage()[1].failed })
  end)

  it("holds an answer to the period that was asked for", function()
    local function echoed(values)
      local run = world(function(ask, query, emit)
        for window in query:windows { max_days = 15, format = "%Y-%m-%d", ends = "inclusive" } do
          local sent = { from = window.from, to = window.to }
          for user in ask:each({ path = "/users", query = sent, values = values and sent or nil },
            { rows = "data[]", echo = { from = "from", to = "to" } }) do emit(user) end
        end
      end, function(_, args) return { data = { row("a", 1, 1) }, from = args.from, to = args.to } end)
      return records(run)
    end
    local frame = echoed(true)
    assert.are.same({ 2, "echoed" }, { (frame:value "tests"), frame:coverage()[1].period })
    assert.matches("to: asked for '2026%-06%-30', the answer is about '2026%-06%-15'", reason_of(echoed(false)))
  end)

  it("needs to know where the items stand", function()
    local run = world(function(ask) ask:each "/users" end, users)
    assert.matches("ask:each: say where the items stand", reason_of(records(run)))
    run = world(function(ask) ask:each(nil, "data[]") end, users)
    assert.matches("ask:each: say what is asked for", reason_of(records(run)))
    run = world(function(ask) ask.each("/users", "data[]") end, users)
    assert.matches("write ask:each", reason_of(records(run)))
  end)
end)

local PAGES = { kind = "page", send = "page", size_send = "limit", size = 2, total = "total", unique = "email" }
local MANY = {}
for index = 1, 7 do MANY[index] = row(("u%d@acme.test"):format(index), index, 1) end

local function page_of(list, args)
  local data, first = json.array {}, (tonumber(args.page) - 1) * 2
  for index = first + 1, math.min(first + 2, #list) do data[#data + 1] = list[index] end
  return { data = data, total = #list }
end

describe("a request of the function's own", function()
  it("is not taken for one of the description's form", function()
    local run, asked = world(function(ask, _, emit)
      emit(ask:get "/one")
      for item in ask:each("/many", "data[]") do emit(item) end
      for item in ask:each("/csv", { format = "csv" }) do emit(item) end
    end, function(path)
      return path == "/one" and { n = "1" } or path == "/many" and { data = { { n = "2" } } }
        or { status = 200, headers = { ["content-encoding"] = "gzip" }, body = "n\r\n4\r\n" }
    end, { request = { path = "/report.gz" }, format = "csv", packed = "gzip",
      fields = { tests = "n" } })
    assert.are.equal(7, (records(run):value "tests"))
    local accepted = {}
    for index, one in ipairs(asked) do
      for _, pair in ipairs(one.request.headers) do
        if pair[1] == "Accept" then accepted[index] = pair[2] end
      end
      assert.is_nil(one.request.unpack)
    end
    assert.are.same({ "application/json", "application/json", "text/csv" }, accepted)
  end)
end)

describe("ask:pages", function()
  local function all_pages(ask, _, emit)
    for user in ask:pages({ path = "/users", query = { active = true } }, { rows = "data[]", pages = PAGES }) do
      emit(user)
    end
  end

  it("reads them all", function()
    local run, asked = world(all_pages, function(_, args) return page_of(MANY, args) end)
    assert.are.equal(28, (records(run):value "tests"))
    assert.are.same({ 4, "true", "2" }, { #asked, asked[2].args.active, asked[2].args.page })
  end)

  it("reads them again where rows moved, and the function runs once", function()
    local runs, moved = 0, false
    local run = world(function(...)
      runs = runs + 1
      return all_pages(...)
    end, function(_, args)
      if args.page == "2" and not moved then
        moved = true
        return { data = { MANY[1], MANY[4] }, total = 7 }
      end
      return page_of(MANY, args)
    end)
    assert.are.equal(28, (records(run):value "tests"))
    assert.are.equal(1, runs)
  end)

  it("refuses pages that do not agree, twice", function()
    local runs = 0
    local run, asked = world(function(...)
      runs = runs + 1
      return all_pages(...)
    end, function() return { data = { MANY[1], MANY[2] }, total = 7 } end)
    assert.matches("'u1@acme.test' came twice", reason_of(records(run)))
    assert.are.same({ 1, 4 }, { runs, #asked })
  end)

  it("takes the description's own request and pages", function()
    local run, asked = world(function(ask, _, emit)
      for user in ask:pages() do emit(user) end
    end, function(_, args) return page_of(MANY, args) end, { request = { path = "/teams/{team}/users",
      query = { from = "{from}" } }, params = { team = { default = "q/a" } }, rows = "data[]", pages = PAGES })
    assert.are.equal(28, (records(run):value "tests"))
    assert.are.same({ "/v1/teams/q%2Fa/users", "2026-06-01" }, { asked[1].path, asked[1].args.from })
  end)

  it("takes the period for echoed where every page does it", function()
    local function echoing(pages)
      local run = world(function(ask, query, emit)
        for window in query:windows() do
          local sent = { from = window.from, to = window.to }
          for user in ask:pages({ path = "/users", query = sent }, { rows = "data[]", pages = PAGES,
            echo = { from = "from", to = "to" } }) do emit(user) end
        end
      end, function(_, args)
        local page = page_of(MANY, args)
        if pages[args.page] then page.from, page.to = args.from, args.to end
        return page
      end)
      return records(run):coverage()[1].period
    end
    assert.are.equal("echoed", echoing { ["1"] = true, ["2"] = true, ["3"] = true, ["4"] = true })
    assert.are.equal("assumed", echoing { ["2"] = true, ["3"] = true, ["4"] = true })
    assert.are.equal("assumed", echoing { ["1"] = true })
  end)

  it("says which kind is missing", function()
    local run = world(function(ask) ask:pages("/users", "data[]") end, users)
    assert.matches("ask:pages: say how the pages follow", reason_of(records(run)))
    run = world(function(ask) ask:each("/users", { rows = "data[]", pages = PAGES }) end, users)
    assert.matches("ask:pages reads all of its pages", reason_of(records(run)))
    run = world(function(ask) ask:pages("/users", { rows = "data[]", page = PAGES }) end, users)
    assert.matches("did you mean 'pages'", reason_of(records(run)))
  end)
end)

describe("ask:all", function()
  it("asks several at once, within the cap, and keeps the order", function()
    local run = world(function(ask, _, emit)
      local list = {}
      for index = 1, 20 do list[index] = index end
      local values = ask:all(list, function(index) return ask:get("/u/" .. index).n end)
      for index, n in ipairs(values) do emit { n = n, email = ("u%d"):format(index) } end
    end, function(path) return { n = tonumber(path:match "%d+$") } end)
    local frame = records(run, { in_flight = 3 })
    assert.are.equal(210, (frame:value "tests"))
    assert.are.equal(3, run.transport.most_in_flight)
    for _, one in ipairs(rows_of(frame)) do assert.are.equal("u" .. one.tests, one.user_id) end
  end)

  it("takes requests where there is no function", function()
    local run = world(function(ask, _, emit)
      for _, page in ipairs(ask:all { "/a", { path = "/b" } }) do emit(page) end
    end, function(path) return row(path, 3, 1) end)
    assert.are.same({ "/a", "/b" }, { rows_of(records(run))[1].user_id, rows_of(records(run))[2].user_id })
  end)

  it("gives up the others where one fails", function()
    local run = world(function(ask, _, emit)
      emit { n = 1 }
      ask:all({ 1, 2, 3 }, function(index) return ask:get("/u/" .. index) end)
    end, function(path) return path == "/u/2" and acme.answer({}, 403) or { n = 1 } end)
    local frame = records(run)
    assert.matches("GET /u/2: answered 403", reason_of(frame))
    assert.are.equal(0, #frame)
    assert.are.equal(0, run.transport.in_flight)
  end)
end)

describe("ask:wait", function()
  it("waits as long as is said", function()
    local run = world(function(ask, _, emit)
      ask:wait(90)
      emit { n = 1 }
    end, users)
    local start = run.clock.monotonic()
    assert.are.equal(1, (records(run):value "tests"))
    assert.are.equal(90, run.clock.monotonic() - start)
  end)

  it("gives up at once what does not fit, past every pcall", function()
    local run = world(function(ask, _, emit)
      emit { n = 1 }
      ask:wait(90)
    end, users)
    run.scheduler:deadline_at(run.clock.monotonic() + 60)
    assert.matches("a wait of 90 s does not fit into the 60 s that are left; give it more", reason_of(records(run)))
    assert.are.equal(0, run.clock.monotonic())
  end)

  it("takes seconds", function()
    for _, value in ipairs { -1, 901, 0 / 0, "1", {} } do
      assert.matches("ask:wait: give seconds, 0 to 900", reason_of(records(world(function(ask) ask:wait(value) end, users))))
    end
  end)
end)

describe("a flow that fails", function()
  it("adds nothing and marks its part alone", function()
    local run = world(function(ask, query, emit)
      for _, user in ipairs(ask:get("/users", { query = { team = query.params.team } }).data) do emit(user) end
      ask:get("/more", { query = { team = query.params.team } })
    end, function(path, args)
      return path == "/more" and args.team == "dev" and acme.answer({}, 403) or users()
    end, { params = { team = { list = true, default = { "qa", "dev" } } }, fan_out = { "team" } })
    local frame = records(run)
    local value, reason, state = frame:value "tests"
    assert.are.same({ 12, "at_least" }, { value, state })
    assert.matches("acme.usage 2026%-06 dev, GET /more: answered 403", reason)
    assert.are.same({ 2, 1, 0, 1 }, { frame:coverage()[1].asked, frame:coverage()[1].answered,
      frame:coverage()[1].partial, frame:coverage()[1].failed })
    assert.are.equal(2, #frame)
  end)

  it("says which rows are missing where it knows", function()
    local run = world(function(_, _, emit)
      emit { n = 0, email = "a" }
      emit.partial "team dev was not readable"
      emit { n = 0, email = "b" }
      emit { n = 5, email = "c" }
    end, users)
    local frame = records(run)
    local value, reason, state = frame:value "tests"
    assert.are.same({ 5, "at_least" }, { value, state })
    assert.matches("team dev was not readable", reason)
    assert.are.equal("acme.usage 2026-06: team dev was not readable", frame:coverage()[1].reasons[1])
    local seen = {}
    for one in frame:rows() do seen[one.user_id] = one.tests or "unknown" end
    assert.are.same({ a = 0, b = "unknown", c = 5 }, seen)
  end)

  for name, case in pairs {
    ["a figure that is none"] = { function(_, _, emit) emit { n = "x" } end,
      "acme.usage 2026-06: item.n: expected an integer of zero or more, got 'x'" },
    ["nothing"] = { function(_, _, emit) emit(nil) end, "emit: there is no item, nil came" },
    ["null"] = { function(_, _, emit) emit(kit.null) end, "emit: there is no item, null came" },
    ["a partial without reason"] = { function(_, _, emit) emit.partial() end, "say which rows are missing" },
  } do
    it("for emitting " .. name .. " says so", function()
      local reason = reason_of(records(world(case[1], users)))
      assert.truthy(reason:find(case[2], 1, true), reason)
    end)
  end
end)

-- In the sandbox -------------------------------------------------------------

local SCRIPT = [[
local function read(ask, emit)
%s
end
return { name = "acme", version = 1, base_url = "https://api.acme.test/v1",
  auth = { kind = "bearer", token_env = "ACME_TOKEN" },
  datasets = { usage = { window = { max_days = 31 }, fields = { tests = "n" },
    flow = function(ask, query, emit) read(ask, emit) end } } }
]]

-- A run over a vendor script whose function does this.
local function scripted(body, answer, options)
  local folder = tmp.folder()
  local path = folder:write("acme.lua", SCRIPT:format(body))
  local settings = { loader = loader.new { folders = folder.path, kit = kit }, answer = function(request)
    local given = answer(url.split(request.url).path:gsub("^/v1", ""))
    return given.status and given or acme.answer(given)
  end }
  for key, value in pairs(options or {}) do settings[key] = value end
  local run = simulated_run.new(settings)
  return run, path
end

describe("a flow in a vendor script", function()
  it("that stumbles names file, line, dataset, window, call, attempt and what to do", function()
    local run, path = scripted('  ask:get "/a"\n  local page = ask:get "/b"\n  emit(page.data.x.y)', function(asked)
      return asked == "/b" and { data = {} } or {}
    end, { weather = function(_, count) return count == 2 and "busy_bare" or nil end })
    local reason = reason_of(records(run))
    assert.truthy(reason:find(("acme.usage 2026-06: %s:4: attempt to index a nil value (field 'x') "
      .. "(behind its call 2, GET /b, attempt 2); look at the vendor script, usagelua test %s tries it: "
      .. "--trace FILE shows what it asked"):format(path, path), 1, true), reason)
  end)

  it("that was refused names the line that asked", function()
    local run, path = scripted('  ask:get "/a"\n  ask:all({ 1 }, function() return ask:get "/b" end)', function(asked)
      return asked == "/b" and acme.answer({}, 403) or {}
    end)
    local reason = reason_of(records(run))
    assert.truthy(reason:find("acme.usage 2026-06, GET /b: answered 403 (application/json, '{}') (" .. path
      .. ":3)", 1, true), reason)
  end)

  it("that was refused beside others names the innermost line", function()
    local run, path = scripted('  ask:all({ 1 }, function()\n  local page = ask:get "/b"\n  return page\n  end)',
      function() return acme.answer({}, 403) end)
    local reason = reason_of(records(run))
    assert.truthy(reason:find(path .. ":3)", 1, true), reason)
  end)

  it("that is short of memory ends the run", function()
    local ok, err = pcall(function() return #records((scripted('  error("not enough memory", 0)', users))) end)
    assert.are.same({ false, "not enough memory" }, { ok, tostring(err) })
  end)

  it("may raise in words of its own", function()
    local run, path = scripted('  kit.fail "no seats"', users)
    local reason = reason_of(records(run))
    assert.truthy(reason:find("acme.usage 2026-06: no seats (" .. path .. ":2)", 1, true), reason)
    reason = reason_of(records((scripted("  error {}", users))))
    assert.matches("the error value is a table, not a text", reason)
  end)

  it("may catch what it expects", function()
    local run = scripted([[
      local ok, err = pcall(ask.get, ask, "/a")
      emit { n = not ok and err.status or 0 }]], function() return acme.answer({}, 404) end)
    assert.are.equal(404, (records(run):value "tests"))
  end)

  it("holds nothing but functions", function()
    local run = scripted([[
      for name, value in pairs(ask) do assert(type(value) == "function", name) end
      emit { n = 1 }]], users)
    assert.are.equal(1, (records(run):value "tests"))
  end)

  it("cannot go on when it is stopped", function()
    local run = scripted([[
      emit { n = 1 }
      while true do pcall(ask.get, ask, "/a") end]], function() return {} end)
    run.scheduler:deadline_at(run.clock.monotonic() + 20)
    local frame = records(run)
    assert.matches("the time for the whole run is over", reason_of(frame))
    assert.are.equal(0, #frame)
  end)

  it("is stopped together with what it was asked for", function()
    local run = scripted([[
      emit { n = 1 }
      while true do pcall(ask.all, ask, { 1, 2, 3 }, function() return ask:get "/a" end) end]],
      function() return {} end)
    run.scheduler:spawn(function()
      run.scheduler:sleep(5)
      run.scheduler:cancel_all(errors.new { kind = "cancelled", message = "stopped" })
    end)
    local ok, err = pcall(function() return records(run):coverage() end)
    assert.is_false(ok)
    assert.are.equal("cancelled", errors.from(err).kind)
    assert.are.equal(0, run.transport.in_flight)
  end)

  it("lets other queries wait beside it", function()
    local run = scripted('  for _ = 1, 5 do ask:get "/a" end emit { n = 1 }', function() return {} end,
      { latency_s = { 1, 1 } })
    local _ = #collect.new(run, { { "acme.usage", period = run:read_period "2026-05" },
      { "acme.usage", period = run:read_period "2026-06" } })
    assert.is_true(run.clock.monotonic() < 8, tostring(run.clock.monotonic()))
  end)
end)

describe("the memory of a flow", function()
  -- The most that was in use while so many items were handed out.
  local function most(count)
    local body, at_most = {}, 0
    for index = 1, count do body[index] = '{"email":"u' .. index .. '@acme.test","n":1}' end
    body = '{"data":[' .. table.concat(body, ",") .. "]}"
    local run = world(function(ask, _, emit)
      for user in ask:each("/users", "data[]") do
        if user.email:find "000@" then
          collectgarbage()
          at_most = math.max(at_most, collectgarbage "count")
        end
        emit(user)
      end
    end, function() return { status = 200, body = body } end, nil, { longest_piece = 65536 })
    local total = records(run):aggregate { measures = { "tests" } }
    run:ask_together({ total }, "report") -- keeps no records
    assert.are.equal(count, (total:value "tests"))
    return at_most - 2 * #body / 1024 -- the simulator has it whole, and once more in pieces
  end

  it("does not grow with its answers", function()
    local few, many = most(2000), most(200000)
    assert.is_true(many - few < 8192, ("%d KB, then %d KB"):format(few // 1, many // 1))
  end)
end)
