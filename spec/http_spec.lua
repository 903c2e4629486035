local core = require "usagelua.core"
local http = require "usagelua.http"
local simulated = require "support.simulated"

local BASE <const> = "https://api.acme.test/v1"

-- Answers by path; what was asked is kept in `asked`.
local function world_of(answers, options)
  local asked = {}
  options = options or {}
  options.answer = function(request)
    asked[#asked + 1] = request
    local path = request.url:match "^https://[^/]+([^?]*)"
    local answer = answers[path] or { status = 404, body = "none" }
    return type(answer) == "function" and answer(request, #asked) or answer
  end
  local world = simulated(options)
  world.asked = asked
  world.http = http.new { client = world.client, options = options.options }
  return world
end

local function raises(fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok)
  assert.equal("usage", err.kind)
  return err.message
end

describe("http.get", function()
  it("gives status, headers and body, in a task and outside", function()
    local world = world_of { ["/v1/x"] = { body = '{"a":[1,null]}', headers = { ["x-id"] = "7" } } }
    for _, run in ipairs { function(fn) return fn() end, function(fn) return world.scheduler:run(fn) end } do
      local response = run(function() return assert(world.http.get(BASE .. "/x")) end)
      assert.same({ 200, '{"a":[1,null]}', "7", 14 },
        { response.status, response.body, response.headers["x-id"], response.bytes })
      assert.same({ 1, core.json.null }, response:json().a)
    end
  end)

  it("encodes the query exactly", function()
    local world = world_of { ["/v1/x"] = {} }
    world.http.get(BASE .. "/x", { query = { timezone = "+05:30", q = "a b", id = { 1, 2 } } })
    assert.equal(BASE .. "/x?id=1&id=2&q=a%20b&timezone=%2B05%3A30", world.asked[1].url)
  end)

  it("takes another status than 2xx for an answer, after retries", function()
    local world = world_of { ["/v1/x"] = function(_, count)
      return count < 3 and { status = 503 } or { status = 403, body = "no" }
    end }
    local response = world.http.get(BASE .. "/x")
    assert.same({ 403, "no", 3 }, { response.status, response.body, #world.asked })
    world = world_of { ["/v1/x"] = { status = 500 } }
    assert.equal(500, world.http.get(BASE .. "/x", { retries = 2 }).status)
    assert.equal(3, #world.asked)
  end)

  it("gives nil and an error where no answer comes", function()
    local world = world_of({}, { weather = function() return "refused" end })
    local response, err = world.http.get(BASE .. "/x?token=1", { retries = 1 })
    assert.is_nil(response)
    assert.equal("network", err.kind)
    assert.equal("GET https://api.acme.test/v1/x: the connection was refused (after 2 attempts)", err.message)
  end)

  it("gives nil and an error for JSON that is none", function()
    local world = world_of { ["/v1/x"] = { body = "<html>" } }
    local value, err = world.http.get(BASE .. "/x"):json()
    assert.is_nil(value)
    assert.equal("json", err.kind)
  end)

  it("keeps to its time and its size", function()
    local world = world_of { ["/v1/slow"] = { delay_s = 60 }, ["/v1/big"] = { body = ("x"):rep(5000) } }
    local _, err = world.http.get(BASE .. "/slow", { timeout_s = 2 })
    assert.equal("timeout", err.kind)
    _, err = world.http.get(BASE .. "/big", { max_bytes = 4999 })
    assert.equal("limit", err.kind)
    assert.equal(5000, world.http.get(BASE .. "/big", { max_bytes = 5000 }).bytes)
  end)
end)

describe("http.request", function()
  it("sends JSON, a form or a body, with its media type", function()
    local world = world_of { ["/v1/x"] = {} }
    world.http.request { url = BASE .. "/x", json = { a = 1 } }
    world.http.request { url = BASE .. "/x", form = { a = "1 2", b = "+" } }
    world.http.request { url = BASE .. "/x", method = "put", body = "raw",
      headers = { ["content-type"] = "text/x", ["A-B"] = 3 } }
    local json, form, raw = table.unpack(world.asked)
    assert.same({ "POST", '{"a":1}', { { "Content-Type", "application/json" } } },
      { json.method, json.body, json.headers })
    assert.same({ "POST", "a=1%202&b=%2B" }, { form.method, form.body })
    assert.same({ "PUT", "raw", { { "A-B", "3" }, { "content-type", "text/x" } } },
      { raw.method, raw.body, raw.headers })
  end)

  it("does not repeat a POST whose answer was lost, unless it may be", function()
    local function world() return world_of({ ["/v1/x"] = {} }, { weather = function(_, count)
      return count == 1 and "reset_before" or nil
    end }) end
    assert.is_nil((world().http.request { url = BASE .. "/x", json = {} }))
    assert.truthy(world().http.request { url = BASE .. "/x", json = {}, repeatable = true })
  end)

  it("raises on what is the caller's mistake, naming it", function()
    local request = world_of({}).http.request
    assert.truthy(raises(request, { url = BASE, qurey = {} }):find("did you mean 'query'", 1, true))
    assert.truthy(raises(request, {}):find("the url is missing", 1, true))
    assert.truthy(raises(request, { url = "ftp://a.test" }):find("ftp://a.test", 1, true))
    assert.truthy(raises(request, { url = BASE, json = {}, form = {} }):find("one of json, form", 1, true))
    assert.truthy(raises(request, { url = BASE, headers = { ["X-A"] = "a\r\nX-B: 1" } }):find("X-A", 1, true))
    assert.truthy(raises(request, { url = BASE, headers = { ["X A"] = "a" } }):find("X A", 1, true))
    assert.truthy(raises(request, { url = BASE, auth = { kind = "digest" } }):find("known: basic", 1, true))
    for option, expected in pairs { auth = "auth is a table: auth = { kind", query = "query is a table",
      headers = "headers is a table", form = "form is a table", timeout_s = "a number of seconds",
      retries = "a whole number", max_bytes = "a whole number of bytes", body = "body is a text",
      method = "method is a text" } do
      assert.truthy(raises(request, { url = BASE, [option] = true }):find(expected, 1, true), option)
    end
    assert.truthy(raises(request, { url = BASE, retries = 1.5 }):find("not a float", 1, true))
    assert.truthy(raises(request, { url = BASE, auth = {} }):find("auth needs its kind", 1, true))
    assert.truthy(raises(request, { url = BASE, to = 1 }):find("a path or a function", 1, true))
    assert.truthy(raises(request, 5):find("the options are a table: { timeout_s = 10 }, not a number", 1, true))
    assert.truthy(raises(world_of({}).http.get, BASE, 5):find("the options are a table", 1, true))
    local plain = { kind = "bearer", token = "hunter2hunter2" }
    local message = raises(request, { url = BASE, auth = plain })
    assert.truthy(message:find("usage.secret", 1, true))
    assert.is_nil(message:find("hunter2", 1, true))
  end)
end)

describe("to", function()
  it("a function takes the pieces, and the body is not held", function()
    local world = world_of({ ["/v1/x"] = { body = ("x"):rep(20000) } }, { longest_piece = 500 })
    local bytes, calls = 0, 0
    local response = world.http.get(BASE .. "/x", { to = function(piece)
      bytes, calls = bytes + #piece, calls + 1
    end })
    assert.same({ 20000, 20000 }, { bytes, response.bytes })
    assert.is_true(calls > 20)
    assert.is_nil(response.body)
  end)

  it("a function never gets the pieces of two attempts", function()
    local world = world_of({ ["/v1/x"] = { body = ("x"):rep(20000) } }, {
      weather = function(_, count) return count == 1 and "reset_after" or nil end })
    local response, err = world.http.get(BASE .. "/x", { to = function() end })
    assert.is_nil(response)
    assert.equal("network", err.kind)
    assert.equal(1, #world.asked)
  end)

  it("a path is written whole, from the last attempt, or not at all", function()
    local path = os.tmpname()
    local body = ("x"):rep(20000)
    local world = world_of({ ["/v1/x"] = { body = body } }, {
      weather = function(_, count) return count == 1 and "reset_inside" or nil end })
    assert.equal(20000, world.http.get(BASE .. "/x", { to = path }).bytes)
    assert.equal(body, core.file.read(path))
    local response = world.http.get(BASE .. "/none", { to = path })
    assert.same({ 404, "none" }, { response.status, response.body })
    assert.equal(body, core.file.read(path))
    os.remove(path)
  end)

  it("a path that cannot be written is an error", function()
    local world = world_of { ["/v1/x"] = { body = "x" } }
    local _, err = world.http.get(BASE .. "/x", { to = "/nowhere/at/all" })
    assert.equal("io", err.kind)
    assert.equal(1, #world.asked)
  end)
end)

describe("items", function()
  local BODY <const> = '{"data":{"users":[{"id":1},{"id":2},{"id":3}]}}'
  local function ids(response)
    local list = {}
    for item in response:items "data.users[]" do list[#list + 1] = item.id end
    return list
  end

  it("come from a held body and from a stream", function()
    local world = world_of { ["/v1/x"] = { body = BODY } }
    assert.same({ 1, 2, 3 }, ids(world.http.get(BASE .. "/x")))
    local streamed = world.http.get(BASE .. "/x", { stream = true })
    assert.is_nil(streamed.body)
    assert.same({ 1, 2, 3 }, ids(streamed))
    assert.equal(0, world.transport.in_flight)
  end)

  it("close the stream when the loop is left", function()
    local world = world_of { ["/v1/x"] = { body = BODY } }
    for item in world.http.get(BASE .. "/x", { stream = true }):items "data.users[]" do
      if item.id == 1 then break end
    end
    assert.equal(0, world.transport.in_flight)
  end)

  it("raise what breaks them, with its kind", function()
    local function kind_of(body, weather)
      local world = world_of({ ["/v1/x"] = { body = body } }, { weather = weather })
      local ok, err = pcall(ids, world.http.get(BASE .. "/x", { stream = true }))
      assert.is_false(ok)
      assert.equal(0, world.transport.in_flight)
      return err.kind
    end
    assert.equal("json", kind_of "<html>")
    assert.equal("shape", kind_of '{"data":{}}')
    assert.equal("network", kind_of(BODY, function() return "reset_inside" end))
  end)

  it("are as patient as the vendor is slow, without holding up others", function()
    local world = world_of { ["/v1/x"] = { body = BODY, delay_s = 10 }, ["/v1/y"] = { body = "y" } }
    local first
    world.scheduler:run(function()
      local slow = world.scheduler:spawn(function()
        ids(world.http.get(BASE .. "/x", { stream = true }))
        first = first or "slow"
      end)
      local quick = world.scheduler:spawn(function()
        world.http.get(BASE .. "/y")
        first = first or "quick"
      end)
      world.scheduler:join { slow, quick }
    end)
    assert.equal("quick", first)
  end)
end)

describe("http.all", function()
  local function slow_world(options)
    return world_of({ ["/v1/x"] = function(request)
      return { body = request.url:match "n=(%d+)", delay_s = 1 }
    end }, options)
  end
  local function list_of(count)
    local list = {}
    for n = 1, count do list[n] = { url = BASE .. "/x", query = { n = n } } end
    return list
  end

  it("asks all at once and answers in the order of the list", function()
    local world = slow_world { latency_s = { 0, 0 } }
    local list = list_of(16)
    list[17] = BASE .. "/none"
    list.in_flight = 17
    local responses, errs = world.http.all(list)
    for n = 1, 16 do assert.equal(tostring(n), responses[n].body) end
    assert.equal(404, responses[17].status)
    assert.is_nil(errs)
    assert.is_true(world.clock.monotonic() < 1.2)
  end)

  it("keeps to in_flight, also inside a task", function()
    local world = slow_world()
    local list = list_of(40)
    world.scheduler:run(function() world.http.all(list) end)
    assert.equal(16, world.transport.most_in_flight)
  end)

  it("tells each failure in its place", function()
    local world = slow_world { weather = function(request)
      return request.url:find "n=2$" and "refused" or nil
    end }
    local list = list_of(3)
    list[2].retries = 0
    local responses, errs = world.http.all(list)
    assert.same({ "1", false, "3" }, { responses[1].body, responses[2], responses[3].body })
    assert.equal("network", errs[2].kind)
  end)

  it("raises a mistake before anything is sent", function()
    local world = slow_world()
    raises(world.http.all, { BASE .. "/x", { url = BASE, tto = "x" } })
    raises(world.http.all, { BASE .. "/x", 7 })
    assert.truthy(raises(world.http.all, BASE):find("http.all takes a list", 1, true))
    assert.equal(0, #world.asked)
  end)

  it("ends with the query that asked, and leaves nothing", function()
    local world = slow_world()
    world.scheduler:run(function()
      local task = world.scheduler:spawn(function() world.http.all(list_of(40)) end)
      world.scheduler:sleep(0.5)
      world.scheduler:cancel(task)
      world.scheduler:join(task)
      assert.equal("cancelled", task.err.kind)
      assert.equal(0, world.transport.in_flight)
    end)
    assert.is_nil(next(world.scheduler.live))
  end)
end)
