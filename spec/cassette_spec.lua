local cassette = require "usagelua.cassette"
local cjson = require "cjson"
local client = require "usagelua.client"
local core = require "usagelua.core"
local har = require "usagelua.cassette.har"
local random = require "usagelua.transport.random"
local recorder = require "usagelua.cassette.recorder"
local scheduler = require "usagelua.client.scheduler"
local simulator = require "usagelua.transport.simulator"
local tmp = require "support.tmp"
local transfer = require "usagelua.transfer"

local SECRET <const> = "hunter2hunter2"

local folder, path
setup(function() core.mask.add(SECRET) end)
before_each(function()
  folder = tmp.folder()
  path = folder.path .. "/run.har"
end)
after_each(function() folder:remove() end)

local function read_har()
  return cjson.decode((core.file.read(path)))
end

local function new_client(transport, time)
  local s = scheduler.new { transport = transport, clock = time }
  return client.new { scheduler = s, transport = transport, clock = time, mask = core.mask.text,
    random = random.new(3) }, s
end

-- Runs `ask(client)` over a simulator and records it; gives what it returned.
local function record(options, ask)
  local inner = simulator.new(options)
  local transport = assert(cassette.record(inner, { path = path, clock = inner.clock,
    zone = "Europe/Berlin" }))
  local c, s = new_client(transport, inner.clock)
  local results = table.pack(s:run(ask, c))
  assert(transport:finish())
  transport:close()
  return table.unpack(results, 1, results.n)
end

local function replay(ask)
  local run = assert(cassette.open(path))
  local c, s = new_client(run:transport(), run.clock)
  local results = table.pack(s:run(ask, c))
  return run, table.unpack(results, 1, results.n)
end

local function get(url, fields)
  local request = { url = url }
  for name, value in pairs(fields or {}) do request[name] = value end
  return function(c) return c:call(request, function(response) return response:text() end) end
end

local function answer_with(body, headers, status)
  return { answer = function() return { body = body, headers = headers, status = status } end }
end

describe("a cassette", function()
  it("gives back what it recorded, bytes of any kind", function()
    for _, body in ipairs { "", '{"a":1}', "ä€😀\n\"\\/\0", "\255\0\254binary", ("x"):rep(100000) } do
      assert.equal(body, record(answer_with(body), get "https://a.test/x"))
      local _, again = replay(get "https://a.test/x")
      assert.equal(body, again)
    end
  end)

  it("keeps now and zone, and starts the replay's clock there", function()
    record(answer_with "x", get "https://a.test/x")
    local run = replay(get "https://a.test/x")
    assert.equal("Europe/Berlin", run.zone)
    assert.equal(1767225600, run.now)
    assert.equal(1767225600, math.floor(run.clock.now()))
  end)

  it("replays a run in bad weather, with all its waits, at once", function()
    local function ask(c)
      local total = 0
      for n = 1, 30 do
        local number = assert(c:call({ url = "https://a.test/?n=" .. n }, function(response)
          local body, err = response:text()
          if not body then return nil, err end
          return tonumber(body) or nil, { kind = "json", message = "no number" }
        end))
        total = total + number
      end
      return total
    end
    local total = record({ seed = 4, weather = 0.3,
      answer = function(request) return { body = request.url:match "n=(%d+)" } end }, ask)
    assert.equal(465, total)
    local started = core.clock.monotonic()
    local run, again = replay(ask)
    assert.equal(465, again)
    assert.is_true(run.clock.monotonic() > 8)
    assert.is_true(core.clock.monotonic() - started < run.clock.monotonic())
  end)

  it("replays errors of status and their words", function()
    local options = answer_with("no such team", { ["content-type"] = "text/plain" }, 404)
    local _, recorded = record(options, get "https://a.test/x")
    local _, _, replayed = replay(get "https://a.test/x")
    assert.equal(recorded.message, replayed.message)
    assert.equal("not_found", replayed.kind)
  end)

  it("answers the same request in the order of the recording, then no more", function()
    local count = 0
    local function twice(c)
      return (get "https://a.test/x")(c), (get "https://a.test/x")(c)
    end
    record({ answer = function() count = count + 1 return { body = tostring(count) } end }, twice)
    local _, first, second = replay(twice)
    assert.same({ "1", "2" }, { first, second })
    local _, _, _, err = replay(function(c) twice(c) return 1, (get "https://a.test/x")(c) end)
    assert.equal("refused", err.kind)
    assert.truthy(err.message:find("2 times, and it is asked once more", 1, true))
  end)

  it("tells apart methods, URLs and bodies", function()
    local function all(c)
      return (get("https://a.test/x", { method = "POST", body = "1" }))(c),
        (get("https://a.test/x", { method = "POST", body = "2" }))(c), (get "https://a.test/x")(c)
    end
    local function swapped(c)
      local a = (get "https://a.test/x")(c)
      local b = (get("https://a.test/x", { method = "POST", body = "2" }))(c)
      return (get("https://a.test/x", { method = "POST", body = "1" }))(c), b, a
    end
    record({ answer = function(request)
      return { body = (request.method or "GET") .. (request.body or "") }
    end }, all)
    local _, a, b, c = replay(swapped)
    assert.same({ "POST1", "POST2", "GET" }, { a, b, c })
  end)

  it("names the nearest request where one is not in it", function()
    record(answer_with "x", function(c)
      get "https://a.test/usage?from=2026-05-01&type=user"(c)
      get "https://a.test/other?from=2026-06-01&type=user"(c)
    end)
    local _, _, err = replay(get "https://a.test/usage?from=2026-06-01&type=user")
    assert.equal("refused", err.kind)
    assert.truthy(err.message:find("the nearest is GET https://a.test/usage?from=2026-05-01&type=user "
      .. "(differs in from)", 1, true))
    _, _, err = replay(get("https://a.test/other?from=2026-06-01&type=user", { body = "b" }))
    assert.truthy(err.message:find("(differs in the body)", 1, true))
  end)

  it("says of a body over 16 MB that it is not there", function()
    local body = ("x"):rep(16 * 1024 * 1024 + 1)
    local options = answer_with(body)
    options.longest_piece = 1 << 20
    assert.equal(#body, #record(options, get "https://a.test/x"))
    local _, _, err = replay(get "https://a.test/x")
    assert.equal("io", err.kind)
    assert.truthy(err.message:find("its body of 16777217 bytes is not there: it was too large to be recorded", 1,
      true), err.message)
  end)

  it("says of an answer that was left early that it ends there", function()
    record(answer_with(("x"):rep(50000)), function(c)
      return c:call({ url = "https://a.test/x" }, function(response) return response:read() end)
    end)
    local _, _, err = replay(get "https://a.test/x")
    assert.equal("io", err.kind)
    assert.truthy(err.message:find("recorded up to here only", 1, true))
  end)

  it("leaves out a call that was cancelled before its answer", function()
    local slow = { answer = function() return { body = "x", delay_s = 100 } end }
    record(slow, function(c)
      local task = c.scheduler:spawn(get "https://a.test/x", c)
      c.scheduler:sleep(1)
      c.scheduler:cancel(task)
      c.scheduler:join(task)
    end)
    assert.same({}, read_har().log.entries)
  end)
end)

describe("the file", function()
  it("is HAR 1.2 with all that it requires", function()
    record(answer_with('{"a":1}', { ["content-type"] = "application/json" }),
      get("https://a.test/x?b=1&c=%20", { method = "POST", body = "{}",
        headers = { { "Content-Type", "a/b" } } }))
    local log = read_har().log
    assert.equal("1.2", log.version)
    assert.equal("usagelua", log.creator.name)
    local entry = log.entries[1]
    assert.truthy(entry.startedDateTime:match "^2026%-01%-01T00:00:00%.%d%d%dZ$")
    for _, field in ipairs { "time", "request", "response", "cache", "timings" } do
      assert.is_not_nil(entry[field], field)
    end
    assert.same({ { name = "b", value = "1" }, { name = "c", value = "%20" } }, entry.request.queryString)
    assert.same({ mimeType = "a/b", text = "{}" }, entry.request.postData)
    assert.same({ size = 7, mimeType = "application/json", text = '{"a":1}' }, entry.response.content)
    local text = core.file.read(path)
    for _, list in ipairs { '"cookies":[]', '"headers":[' } do assert.truthy(text:find(list, 1, true)) end
  end)

  it("is UTF-8, whatever the bodies are", function()
    record(answer_with "\255\0\254", get("https://a.test/x", { method = "PUT", body = "\xfe" }))
    assert.truthy(utf8.len(core.file.read(path)))
    assert.equal("base64", read_har().log.entries[1].response.content.encoding)
    local _, again = replay(get("https://a.test/x", { method = "PUT", body = "\xfe" }))
    assert.equal("\255\0\254", again)
  end)

  it("holds no credential in any place", function()
    local leaky = { answer = function()
      return { body = '{"you":"' .. SECRET .. '"}', headers = { ["x-echo"] = SECRET,
        ["set-cookie"] = "sid=" .. SECRET, location = "/?k=" .. SECRET } }
    end }
    record(leaky, get("https://a.test/x?key=" .. SECRET, { method = "POST", body = "key=" .. SECRET,
      headers = { { "Authorization", "Basic b3Blbg==" }, { "X-Api-Key", "open-sesame" },
        { "X-Other", SECRET } },
      auth = { kind = "bearer", token = SECRET } }))
    local text = core.file.read(path)
    for _, trace in ipairs { SECRET, "b3Blbg", "open-sesame", "set-cookie", "bearer" } do
      assert.is_nil(text:find(trace, 1, true), trace)
    end
    assert.truthy(text:find("X-Other", 1, true))
  end)

  it("holds no value of a field that the description marks secret", function()
    local body = '{"users":[{"api_key":"pk-0123456789","name":"Ada"}],"note":"key pk-0123456789"}'
    local text = record(answer_with(body), get("https://a.test/", { secret_fields = { "api_key" } }))
    assert.are.equal(body, text)
    local recorded = core.file.read(path)
    assert.is_nil(recorded:find("pk-0123456789", 1, true))
    assert.truthy(recorded:find("Ada", 1, true))
  end)

  it("holds no such value of lines, of CSV, or of an answer that was cut", function()
    for name, body in pairs {
      lines = '{"api_key":"pl-0123456789","name":"Ada"}\n{"api_key":"pl-\\u0061123456789"}\n'
        .. '{"api_key":"p\\"l-0123456789"}\n',
      csv = "name,api_key\nAda,pc-0123456789\n\"Bob\",\"pc-9876543210\"\n",
      semicolons = "api_key;name\r\nps-0123456789;Ada\r\n",
      cut = '{"users":[{"name":"Ada","api_key":"pu-0123456789"},{"api_key" : "pu-98765432',
      cut_csv = "name,api_key\nAda,pv-0123456789\nBob,\"an",
    } do
      record(answer_with(body), get("https://a.test/", { secret_fields = { "api_key" } }))
      local recorded = core.file.read(path)
      assert.is_nil(recorded:find "[lcsuv]%-[0-9]+", name .. ": " .. recorded)
      assert.truthy(recorded:find("Ada", 1, true))
    end
  end)

  local NAMES <const> = { secret_fields = { "api_key" } }

  -- The body that was recorded, as a replay gets it.
  local function recorded_body(body, fields)
    assert.equal(body, record(answer_with(body), get("https://a.test/", fields)))
    local _, again, err = replay(get "https://a.test/")
    return again, err
  end

  it("holds no such value of a body that is a packed file, and packs it again", function()
    local text = "name,api_key\nAda,pz-0123456789\nBob," .. SECRET .. "\n"
    for _, packed in ipairs { transfer.pack(text), transfer.pack(transfer.pack(text)) } do
      local body = recorded_body(packed, NAMES)
      while body:find "^\31\139" do body = transfer.unpack(body, 1000) end
      assert.equal("name,api_key\nAda,***\nBob,***\n", body)
    end
    local harmless = transfer.pack "name\nAda\n" .. transfer.pack "Bob\n"
    assert.equal(harmless, recorded_body(harmless, NAMES))
  end)

  it("holds no body into which the mask cannot look, and says why", function()
    local cut = transfer.pack(("pz-0123456789"):rep(20)):sub(1, -5)
    for problem, body in pairs { ["a gzip file into which the mask cannot look (cut)"] = cut,
      ["a zip file, into which the mask cannot look"] = "PK\3\4pz-0123456789" } do
      local again, err = recorded_body(body, NAMES)
      assert.is_nil(again)
      assert.truthy(err.message:find(problem, 1, true), err.message)
      assert.is_nil(core.file.read(path):find("pz-0123456789", 1, true))
    end
    assert.equal("PK\3\4of a script", recorded_body "PK\3\4of a script")
  end)

  it("holds none of the texts in a list or an object behind such a name", function()
    local body = '{"api_key":["pt-0123456789",{"old":"pt-9876543210"}],"name":"Ada"}'
    assert.equal('{"api_key":["***",{"old":"***"}],"name":"Ada"}', recorded_body(body, NAMES))
  end)

  it("holds no header field that is a credential, nor its value where that comes again", function()
    local headers = { ["x-auth-token"] = "tok-0123456789abcdef", authorization = "Bearer hdr.0123456789abcdef",
      ["x-api-key-name"] = "production", ["x-next-page-token"] = "page-0123456789abcdef",
      ["x-job-token"] = "job-0123456789abcdef", ["www-authenticate"] = 'Basic realm="a"' }
    record(answer_with('{"again":"tok-0123456789abcdef","env":"production"}', headers),
      get("https://a.test/", { read_headers = { "X-Job-Token" } }))
    local _, _, kept = replay(function(c)
      return c:call({ url = "https://a.test/" }, function(response) return response:text(), response.headers end)
    end)
    assert.same({ ["x-auth-token"] = "***", authorization = "***", ["x-api-key-name"] = "***",
      ["x-next-page-token"] = "page-0123456789abcdef", ["x-job-token"] = "job-0123456789abcdef",
      ["www-authenticate"] = 'Basic realm="a"' }, kept)
    local text = core.file.read(path)
    assert.is_nil(text:find("tok-0123456789abcdef", 1, true))
    assert.truthy(text:find('\\"env\\":\\"production\\"', 1, true))
  end)

  it("holds no signature of a link, in fields, bodies and URLs, and is replayed all the same", function()
    local signature = "aB3%2Fsig0123456789%3D"
    local options = { answer = function(request)
      if request.url:find "/files/" then return { body = "the file" } end
      return { body = ('{"file":"https://a.test/files/1?sig=%s\\u0026x=1"}'):format(signature),
        headers = { link = ("<https://a.test/files/1?Signature=%s>; rel=file"):format(signature),
          ["content-location"] = "/jobs/1?sig=" .. signature } }
    end }
    local function ask(c)
      local body = assert((get "https://a.test/jobs/1")(c))
      return (get(body:match '"(https:[^"]*)"':gsub("\\u0026", "&") .. ""))(c)
    end
    assert.equal("the file", record(options, ask))
    local text = core.file.read(path)
    for _, form in ipairs { signature, "aB3/sig0123456789" } do assert.is_nil(text:find(form, 1, true), text) end
    local _, again = replay(ask)
    assert.equal("the file", again)
  end)

  it("hides no word that only stands where a signature would", function()
    local body = '{"name":"documents","file":"https://a.test/files/1?sig=documents"}'
    record(answer_with(body), get "https://a.test/jobs/1")
    assert.truthy(core.file.read(path):find('\\"name\\":\\"documents\\"', 1, true))
    assert.equal(body, core.mask.text(body))
  end)

  it("is only put in its place at the end", function()
    local file = assert(io.open(path, "w"))
    file:write "old"
    file:close()
    local inner = simulator.new(answer_with "x")
    local transport = assert(cassette.record(inner, { path = path, clock = inner.clock }))
    local c = new_client(transport, inner.clock)
    c:call({ url = "https://a.test/x" }, function(response) return response:text() end)
    assert.equal("old", core.file.read(path))
    transport:close()
    assert.equal("old", core.file.read(path))
    assert.same({ "run.har" }, core.file.list(folder.path))
  end)

  it("that cannot be written fails the recording, not the run", function()
    local writer = { write = function() return nil, { kind = "io", message = "no space left" } end,
      commit = function() error "not to be called" end, close = function() end }
    local inner = simulator.new(answer_with "x")
    local transport = recorder.new(inner, { file = writer, clock = inner.clock, mask = core.mask.text,
      now = 0, version = "0" })
    local c = new_client(transport, inner.clock)
    assert.equal("x", c:call({ url = "https://a.test/x" }, function(response) return response:text() end))
    local ok, err = transport:finish()
    assert.is_nil(ok)
    assert.equal("no space left", err.message)
  end)
end)

describe("a recording of a given now", function()
  it("keeps that, and a replay may be given another", function()
    local inner = simulator.new(answer_with "x")
    local transport = assert(cassette.record(inner, { path = path, clock = inner.clock, now = 5e8 }))
    assert(transport:finish())
    assert.equal(5e8, assert(cassette.open(path)).now)
    assert.equal(6e8, assert(cassette.open(path, 6e8)).clock.now())
  end)

  it("is a file for its owner alone", function()
    record(answer_with "x", get "https://a.test/x")
    assert.equal(tonumber("600", 8), core.file.stat(path).mode)
  end)
end)

describe("har.read", function()
  it("opens what a browser wrote", function()
    local log = assert(har.read(cjson.encode { log = { version = "1.2", entries = { {
      request = { method = "GET", url = "https://a.test/x" },
      response = { status = 200, headers = { { name = "Content-Type", value = "text/plain" } },
        content = { size = 3, mimeType = "text/plain", text = "Zm9v", encoding = "base64" } },
    } } } }))
    assert.is_nil(log.now)
    local entry = log.entries[1]
    assert.same({ "foo", "text/plain", 200, "" },
      { entry.body, entry.headers["content-type"], entry.status, entry.request_body })
  end)

  it("has header fields that are not UTF-8 as ISO 8859-1", function()
    local entry = har.write_entry { started = 0, times = { wait_s = 0, total_s = 0 },
      request = { method = "GET", url = "https://a.test/x", headers = {}, http = "1.1" },
      response = { status = 200, http = "1.1", headers = { { "x-name", "caf\xE9 \0" } }, body = "x", size = 1 } }
    local head = har.write_head { now = 0, zone = "UTC", version = "0" }
    local log = assert(har.read(head .. entry .. har.TAIL))
    assert.equal("café \0", log.entries[1].headers["x-name"])
  end)

  it("says what is wrong with what is none", function()
    local rows = { [""] = "not JSON", ["{"] = "not JSON", ["[]"] = "no log.entries", ["1"] = "no log.entries",
      ['{"log":{}}'] = "no log.entries", ['{"log":{"entries":[1]}}'] = "entry 1",
      ['{"log":{"entries":[{"request":{"url":1},"response":{}}]}}'] = "entry 1",
      ['{"log":{"entries":[{"request":{"url":"https://a.test"},"response":{}}]}}'] = "entry 1",
      ['{"log":{"entries":[],"_usagelua":{"format":9,"version":"9.0"}}}'] = "newer usagelua (9.0)",
      ['{"log":{"entries":[],"_usagelua":{"now":1e999}}}'] = "out of range" }
    for text, expected in pairs(rows) do
      local log, err = har.read(text)
      assert.is_nil(log)
      assert.equal("io", err.kind)
      assert.truthy(err.message:find(expected, 1, true), err.message)
    end
  end)

  it("takes nothing over that is not of its shape", function()
    local log = assert(har.read [[{"log":{"_usagelua":{"now":1e99,"zone":{},"version":[]},"entries":[
      {"request":{"method":"GET","url":"https://a.test"},"_usagelua":{"error":{"kind":"network"}},
       "response":{"status":-7,"httpVersion":{},"content":{"size":-1,"text":"xy"}}},
      {"request":{"method":"GET","url":"https://a.test"},"_usagelua":{"error":{"kind":"io","message":"gone",
       "retry_after_s":"x"}},"response":{}}]}}]])
    assert.same({}, { log.now, log.zone, log.version })
    local first, second = log.entries[1], log.entries[2]
    assert.same({ 0, 2, "network" }, { first.status, first.size, first.err.kind })
    assert.is_nil(first.http)
    assert.same({ "io", "gone" }, { second.err.kind, second.err.message })
    assert.is_nil(second.err.retry_after_s)
  end)

  it("gives an error with the path for a missing file", function()
    local run, err = cassette.open "/nowhere/x.har"
    assert.is_nil(run)
    assert.equal("io", err.kind)
  end)
end)
