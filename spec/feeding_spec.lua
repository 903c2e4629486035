-- Bodies that are read in a second thread while they are received: what comes of them is what
-- comes of the same bytes in one piece, however they are sent and wherever they end.
local nginx = require "support.nginx"
local shell = require "support.shell"
local tmp = require "support.tmp"
local core = require "usagelua.core"
local transfer = require "usagelua.transfer"

local MIB <const> = 1024 * 1024

local server, engine

setup(function() server = nginx.start { tls = false } end)

teardown(function() server:stop() end)

before_each(function() engine = assert(transfer.engine { is_weak = true }) end)

after_each(function() engine:close() end)

-- A list of items of about so many bytes, the same for the same number.
local function document(bytes, behind)
  local items, length, i = {}, 0, 0
  while length < bytes do
    i = i + 1
    local item = ('{"team":"équipe %d","n":%d,"note":"%s","more":[%d,null,{"a":"\\u00e9"}]}')
      :format(i % 37, i * 7919 % 1000, ("x"):rep(i * 31 % 200), i)
    items[i], length = item, length + #item + 1
  end
  return "[" .. table.concat(items, ",") .. (behind or "]"), i
end

local function serve(rule)
  rule.path = rule.path or "^/feeding"
  server:control("/faults", { seed = 1, rules = { rule } })
  return server.url .. rule.path:sub(2)
end

local TEAMS <const> = {
  each = {}, columns = { { kind = "text", source = { "team" } }, { kind = "number", source = { "n" } } },
  rules = { { group_by = { 1 }, conditions = {}, slots = { { adding = "sum", source = 2, of = {} } } } },
}

local function sums_of(fold)
  local list = {}
  assert(fold:take())
  for group = 1, (fold:counts(1)) do
    local _, _, low = fold:figure(1, 1, group)
    list[#list + 1] = ("%s %s"):format(fold:key(1, group, {})[1], low)
  end
  table.sort(list)
  return list
end

local function adding_up()
  local reader = core.json.reader { rows = "[]", fields = { "team", "n" } }
  return reader, core.fold(TEAMS, function() return true end, reader)
end

local function sums_of_text(text)
  local reader, fold = adding_up()
  assert(reader:feed(text))
  assert(reader:finish())
  return sums_of(fold)
end

-- To the end: true, or nil and the error of the exchange.
local function feed(exchange, reader, each)
  while true do
    local state, err = exchange:feed(reader)
    if each then each() end
    if not state then return nil, err end
    if state == "end" then return true end
    engine:step(5)
  end
end

local function sums_of_answer(url)
  local reader, fold = adding_up()
  local exchange <close> = assert(engine:open { url = url })
  assert(feed(exchange, reader))
  assert(reader:finish())
  return sums_of(fold), exchange:facts().body_bytes
end

local LARGE <const> = 3 * MIB + 4711

-- What a reader says of a text that it refuses, and where the same text as an answer ends.
local function refused(text, wire)
  local reader, other = adding_up(), adding_up()
  local _, expected = reader:feed(text)
  local exchange <close> = assert(engine:open { url = serve { status = 200, body = text, wire = wire } })
  local ok, err = feed(exchange, other)
  assert.is_nil(ok)
  assert.equal("sink", err.kind)
  return expected, select(2, other:feed "")
end

-- Runs a script of the C modules on `count` answers, on so many processors; calls `look` with the
-- threads of its process until it has ended or `look` has seen enough.
local FEEDING <const> = [[
package.path, package.cpath = %q, %q
local core, transfer = require "usagelua.core", require "usagelua.transfer"
local engine = assert(transfer.engine {})
for _ = 1, %d do
  local exchange <close> = assert(engine:open { url = %q })
  local reader = core.json.reader { rows = "[]", fields = { "n" } }
  repeat
    local state = assert(exchange:feed(reader))
    reader:discard()
    if state == "wait" then engine:step(5) end
  until state == "end"
end
]]

local function processors()
  local file <close> = assert(io.open "/proc/self/status")
  local list = file:read("a"):match "Cpus_allowed_list:%s*(%S+)"
  return list:match "^%d+", list:find "[,-]" ~= nil
end

local function threads_of(pid)
  local file <close> = io.open(("/proc/%d/status"):format(pid))
  return file and tonumber((file:read "a" or ""):match "Threads:%s*(%d+)")
end

-- `words` run Lua; `env` is set for them.
local function most_threads(count, words, url, enough, env)
  local folder <close> = tmp.folder()
  local cpath = env and "build/lib/?.so" or package.cpath
  local script = folder:write("feeding.lua", FEEDING:format(package.path, cpath, count, url))
  local run <close> = shell.start(table.move({ script }, 1, 1, #words + 1, words), { env = env })
  local most, looks = 0, 0
  while not run:has_ended() and most < enough do
    most, looks = math.max(most, threads_of(run.pid) or 0), looks + 1
  end
  if most < enough then assert.equal(0, run:wait(60).status) end
  assert.is_true(looks > 0)
  return most
end

describe("a large body", function()
  for _, way in ipairs { "none", "chunked", "gzip", "gzip_members" } do
    it("gives what its bytes give in one piece, sent as " .. way, function()
      for _, bytes in ipairs { MIB, LARGE, 9 * MIB } do
        local text = document(bytes)
        local url = serve { status = 200, body = text, wire = way ~= "none" and way or nil, piece = 65536 }
        local sums, length = sums_of_answer(url)
        assert.equal(#text, length)
        assert.same(sums_of_text(text), sums)
      end
    end)

    it("is refused where its bytes are, sent as " .. way, function()
      local wire = way ~= "none" and way or nil
      for _, at in ipairs { MIB + 1, 2 * MIB, LARGE - 5 } do
        local text = document(LARGE)
        local expected, err = refused(text:sub(1, at) .. "\1" .. text:sub(at + 1), wire)
        assert.same({ "json", expected.offset, expected.line, expected.column, expected.message },
          { err.kind, err.offset, err.line, err.column, err.message })
      end
    end)
  end

  it("gives its items, of whom all are handed out", function()
    local text, count = document(LARGE)
    local reader = core.json.reader { rows = "[]", fields = { "n" } }
    local exchange <close> = assert(engine:open { url = serve { status = 200, body = text } })
    local numbers, found = 0, 0
    assert(feed(exchange, reader, function()
      for item in reader.next, reader do numbers, found = numbers + item.n, found + 1 end
    end))
    local expected = 0
    for n in text:gmatch '"n":(%d+)' do expected = expected + n end
    assert.same({ count, expected }, { found, numbers })
  end)

  it("is read a limited part at a time", function()
    local reader, largest, before = core.json.reader { rows = "[]", fields = { "n" } }, 0, 0
    local exchange <close> = assert(engine:open { url = serve { status = 200, body = document(20 * MIB) } })
    assert(feed(exchange, reader, function()
      local length = exchange:facts().body_bytes
      largest, before = math.max(largest, length - before), length
      reader:discard()
    end))
    assert.is_true(largest <= 2 * MIB, largest)
  end)

  it("gives its rows where it is CSV", function()
    local lines, expected = { "team,n" }, 0
    for i = 1, 200000 do lines[i + 1], expected = ("team %d,%d"):format(i % 9, i % 1000), expected + i % 1000 end
    local text = table.concat(lines, "\n") .. "\n"
    local reader, numbers = core.csv.reader {}, 0
    local exchange <close> = assert(engine:open { url = serve { status = 200, body = text } })
    local function take() for row in reader.next, reader do numbers = numbers + row.n end end
    assert(feed(exchange, reader, take))
    assert(reader:finish())
    take()
    assert.equal(expected, numbers)
  end)

  it("that is cut is no body, whatever was read of it", function()
    for _, wire in ipairs { "cut_body", "cut_chunked", "gzip_cut", "gzip_wrong_sum" } do
      local reader = adding_up()
      local exchange <close> = assert(engine:open { url = serve { status = 200, body = document(LARGE), wire = wire,
        piece = 65536, at = wire == "cut_body" and 2 * MIB or nil } })
      local ok, err = feed(exchange, reader)
      assert.is_nil(ok)
      assert.truthy(err.kind == "cut" or err.kind == "encoding", err.message)
    end
  end)

  it("is held to its limit", function()
    local reader = adding_up()
    local exchange <close> = assert(engine:open { url = serve { status = 200, body = document(LARGE) },
      max_body_bytes = 2 * MIB })
    local ok, err = feed(exchange, reader)
    assert.is_nil(ok)
    assert.same({ "limit", "body_bytes" }, { err.kind, err.code })
  end)

  it("is read beside seven others", function()
    local text = document(LARGE)
    local url, expected, going = serve { status = 200, body = text }, sums_of_text(text), {}
    for i = 1, 8 do
      local reader, fold = adding_up()
      going[i] = { reader = reader, fold = fold, exchange = assert(engine:open { url = url }) }
    end
    local left = #going
    while left > 0 do
      for _, one in ipairs(going) do
        local state = one.state ~= "end" and assert(one.exchange:feed(one.reader))
        if state == "end" then one.state, left = state, left - 1 end
      end
      engine:step(0.1)
    end
    for _, one in ipairs(going) do
      assert(one.reader:finish())
      assert.same(expected, sums_of(one.fold))
    end
  end)

  it("is read in a second thread, where there is a processor for it", function()
    local first, are_more = processors()
    local url = serve { status = 200, body = document(LARGE) }
    assert.equal(are_more and 2 or 1, most_threads(1000, { shell.lua() }, url, 2))
    assert.equal(1, most_threads(20, { "taskset", "-c", first, shell.lua() }, url, 2))
  end)

  it("is read by the first where the system gives no second", function()
    local folder <close> = tmp.folder()
    local library = folder.path .. "/no_thread.so"
    shell.output { "cc", "-shared", "-fPIC", "-O1", "-o", library, "spec/support/no_thread.c" }
    local url = serve { status = 200, body = document(LARGE) }
    assert.equal(1, most_threads(20, { "lua5.4" }, url, 2, { LD_PRELOAD = library, ASAN_OPTIONS = false }))
  end)

  it("is read in a second thread only where it is large", function()
    assert.equal(1, most_threads(200, { shell.lua() }, serve { status = 200, body = document(MIB // 2) }, 2))
  end)
end)
