-- What ends a run that does not end by itself: signals, the deadline, and the
-- watchdog behind both. And how scripts wait.
local command = require "support.command"
local nginx = require "support.nginx"
local shell = require "support.shell"
local tmp = require "support.tmp"

local BUSY <const> = "io.stdout:write 'ready\\n'; io.stdout:flush(); "
-- What neither a hook nor a limit inside Lua can stop.
local RUNAWAYS <const> = {
  ["a bare loop"] = "while true do end",
  ["a loop of pcall"] = "while true do pcall(error) end",
  ["a loop of pcall around a wait"] =
    "local http = require('usagelua').http while true do pcall(http.get, 'http://127.0.0.1:1') end",
  ["a pattern"] = "local s = ('a'):rep(1000) .. 'b' print(s:find(('.-'):rep(50) .. 'c'))",
  ["table.move"] = "table.move({}, 1, math.maxinteger - 1, 2)",
  ["a collector's method"] =
    "setmetatable({}, { __gc = function() while true do end end }) collectgarbage()",
  ["a coroutine"] = "coroutine.wrap(function() while true do pcall(coroutine.yield) end end)() "
    .. "while true do end",
  ["an error handler"] = "while true do xpcall(error, function() while true do end end) end",
  ["memory that is refused"] = "while true do pcall(string.rep, 'x', 1 << 34) end",
}

local server, usagelua

setup(function() server = nginx.start { tls = false } end)
teardown(function() server:stop() end)

before_each(function()
  server:reset()
  server:control("/testmu/settings", {})
  usagelua = command.new(server:environment(), tmp.in_memory())
end)

after_each(function() usagelua.folder:remove() end)

local function wait_until(condition, what)
  for _ = 1, 3000 do
    if condition() then return end
    os.execute "sleep 0.02"
  end
  error("it did not come to: " .. what)
end

local function wait_for(run, text)
  wait_until(function() return run:output():find(text, 1, true) end, text)
end

local function ended_by(run, signal)
  run:signal(signal)
  return (assert(run:wait(60), "still running"))
end

local function assert_said(expected, result)
  assert.truthy(result.stderr:find(expected, 1, true), result.stderr)
end

-- The run's own clock tells what is soon: the watchdog ends, and says so, what does not come
-- back in two seconds or cleans up for five.
local function assert_came_back(result)
  assert.is_nil(result.stderr:find("ended: ", 1, true), result.stderr)
end

describe("a signal during a slow request", function()
  local SLOW <const> = { "fetch", "testmu.summary", "--period", "2026-06", "-o", "out.json",
    "--trace", "trace" }

  local function started(words)
    server:control("/faults", { rules = { { path = "summary", delay_ms = 30000 } } })
    local run = usagelua:start(words or SLOW)
    wait_until(function() return #server:log() > 0 end, "a request")
    return run
  end

  -- The second comes when the first is taken; two that wait would be taken in the other order.
  local INT_THEN_TERM <const> = "kill -INT %d; until grep -q 'ShdPnd:.*0$' /proc/%d/status; do :; done; "
    .. "sleep 0.1; kill -TERM %d"

  for name, status in pairs { INT = 130, TERM = 143, HUP = 129 } do
    it("ends the run with " .. status .. " for SIG" .. name .. ", and leaves no file half", function()
      usagelua.folder:write("out.json", "old")
      local run <close> = started()
      local result = ended_by(run, name)
      assert.are.equal(status, result.status)
      assert_came_back(result)
      assert_said(name == "HUP" and "stopped by signal 1" or "stopped by SIG" .. name, result)
      assert.are.equal("", result.stdout)
      assert.are.equal("old", usagelua.folder:read "out.json")
      assert.are.equal("out.json trace", usagelua:files())
    end)
  end

  it("goes through a script that catches every error", function()
    usagelua.folder:write("report.lua", [[
      local usage = require "usagelua"
      local records = usage.collect { { "testmu.summary", period = "2026-06" } }
      for _ = 1, 3 do print(pcall(function() return records:value "tests" end)) end
      print(usage.http.get("http://127.0.0.1:1")) ]])
    local run <close> = started { "report.lua" }
    local result = ended_by(run, "TERM")
    assert.are.equal(143, result.status)
    assert_came_back(result)
  end)

  it("is what ended the run, whatever a script fails with after it", function()
    usagelua.folder:write("report.lua", [[
      local usage = require "usagelua"
      local records = usage.collect { { "testmu.summary", period = "2026-06" } }
      pcall(function() return records:value "tests" end)
      error "a failure of its own" ]])
    local run <close> = started { "report.lua" }
    local result = ended_by(run, "TERM")
    assert.are.equal(143, result.status)
    assert_said("stopped by SIGTERM", result)
  end)

  it("is over at once with a second one", function()
    usagelua.folder:write("report.lua", BUSY .. "while true do end")
    local run <close> = usagelua:start { "report.lua", "--trace", "trace" }
    wait_for(run, "ready")
    os.execute(INT_THEN_TERM:format(run.pid, run.pid, run.pid))
    local result = assert(run:wait(60), "still running")
    assert.are.equal(143, result.status)
    assert_said("ended at once by a second signal; nothing was cleaned up", result)
    assert.are.equal("report.lua", usagelua:files())
  end)
end)

describe("a signal when nobody waits", function()
  it("ends a script that comes back with its status, all the same", function()
    usagelua.folder:write("report.lua", BUSY .. "repeat local sent = io.open 'sent' until sent; print 'over'")
    local run <close> = usagelua:start { "report.lua" }
    wait_for(run, "ready")
    shell.run(("kill -INT %d; : >sent"):format(run.pid), { cwd = usagelua.folder.path })
    local result = assert(run:wait(60), "still running")
    assert.are.equal(130, result.status)
    assert.are.equal("ready\nover\n", result.stdout)
    assert_came_back(result)
  end)

  it("is the status even where it comes when the state is closed", function()
    local result = usagelua:run { "-e",
      "x = setmetatable({}, { __gc = function() os.execute 'kill -TERM $PPID' end })" }
    assert.are.equal(143, result.status, result.stderr)
  end)

  it("is heard in a child of the script's and while it reads", function()
    for _, code in ipairs { "os.execute 'sleep 100'", "io.popen('sleep 100'):read 'a'" } do
      usagelua.folder:write("report.lua", BUSY .. code)
      local run <close> = usagelua:start { "report.lua" }
      wait_for(run, "ready")
      assert.are.equal(143, ended_by(run, "TERM").status) -- well before the child ends
    end
  end)
end)

describe("a signal when all answers are in", function()
  local ASK <const> = [[
    local usage = require "usagelua"
    local records = usage.collect { { "testmu.summary", period = "2026-06" } }
    local tests = records:aggregate { measures = { "tests" } }
    assert(tests:value "tests")
    os.execute "kill -TERM $PPID" ]]

  it("keeps every output from being written", function()
    usagelua.folder:write("out.json", "old")
    usagelua.folder:write("report.lua", ASK .. "return usage.report { usage.table { tests } }")
    local result = usagelua:run { "report.lua", "-o", "out.json", "-o", "out.csv", "--record", "tape.har" }
    assert.are.equal(143, result.status, result.stderr)
    assert_said("usagelua: stopped by SIGTERM\n", result)
    assert.are.equal("", result.stdout)
    assert.are.equal("old", usagelua.folder:read "out.json")
    assert.are.equal("out.json report.lua", usagelua:files())
  end)

  it("goes before the status that a script ends with", function()
    usagelua.folder:write("report.lua", ASK .. "os.exit(0)")
    local result = usagelua:run { "report.lua" }
    assert.are.equal(143, result.status, result.stderr)
    assert_said("usagelua: stopped by SIGTERM\n", result)
  end)

  it("lets all of them be written once the first is in its place", function()
    local folder = usagelua.folder
    folder:write("a.json", "old")
    os.execute("mkfifo " .. folder.path .. "/pipe")
    local run <close> = usagelua:start { "fetch", "testmu.summary", "--period", "2026-06", "-o", "a.json",
      "-o", "csv=pipe", "-o", "z.md", "--record", "tape.har" }
    wait_until(function() return folder:read "a.json" ~= "old" end, "a.json")
    run:signal "INT"
    local piped = shell.output({ "cat", folder.path .. "/pipe" })
    local result = assert(run:wait(30))
    assert.are.equal(130, result.status, result.stderr)
    assert_said("usagelua: stopped by SIGINT, when all was written\n", result)
    assert.truthy(piped:find("^vendor,dataset,"), piped)
    assert.truthy(folder:read "a.json":find('"records"', 1, true))
    assert.are.equal("a.json pipe tape.har z.md", usagelua:files())
  end)
end)

describe("a runaway script", function()
  -- All at the same time, as each takes its two seconds and more.
  local function start_all(names, words)
    local runs = {}
    for _, name in ipairs(names) do
      usagelua.folder:write(name .. ".lua", BUSY .. RUNAWAYS[name])
      runs[name] = usagelua:start { name .. ".lua", table.unpack(words) }
    end
    return runs
  end

  local function assert_all_end(runs, status, expected)
    for name, run in pairs(runs) do
      local result <const> = run:wait(60)
      assert.are.equal(status, result and result.status, name)
      assert.truthy(result.stderr:find(expected, 1, true), name .. ": " .. result.stderr)
      run:close()
      os.remove(usagelua.folder.path .. "/" .. name .. ".lua")
    end
    assert.are.equal("", usagelua:files())
  end

  it("ends two seconds after the deadline, status 1, whatever it does", function()
    local names = {}
    for name in pairs(RUNAWAYS) do names[#names + 1] = name end
    local runs = start_all(names, { "--deadline", "0.3s", "--record", "tape.har" })
    assert_all_end(runs, 1, "look for a loop without an end, or raise --deadline")
  end)

  it("ends two seconds after a signal", function()
    local names = { "a loop of pcall", "a pattern", "a loop of pcall around a wait" }
    local runs = start_all(names, { "--record", "tape.har" })
    for _, run in pairs(runs) do wait_for(run, "ready") end
    os.execute "sleep 0.1"
    for _, run in pairs(runs) do run:signal "INT" end
    assert_all_end(runs, 130, "ended: the script did not come back within 2 s after the signal")
  end)

  it("ends where it loops when the state is closed", function()
    local result = usagelua:run({ "--deadline", "0.3s", "-e",
      "x = setmetatable({}, { __gc = function() while true do end end })" }, { timeout_s = 300 })
    assert.are.equal(1, result.status)
  end)

  it("ends where it asks again and again, past the deadline", function()
    local result = usagelua:run({ "--deadline", "0.3s", "-e", [[
      local usage = require "usagelua"
      while true do
        pcall(function() usage.collect({ { "testmu.summary", period = "2026-06" } }):value "tests" end)
      end ]] }, { timeout_s = 300 })
    assert.are.equal(1, result.status)
    assert_said("after the deadline", result)
  end)

  it("ends in a function of a rule, too", function()
    for _, rule in ipairs { "where = function() while true do end end, measures = 'tests'",
      "measures = 'tests', derive = { x = function() while true do end end }" } do
      usagelua.folder:write("report.lua", ([[
        local usage = require "usagelua"
        local records = usage.collect { { "testmu.summary", period = "2026-06" } }
        return usage.report { usage.table { records:aggregate { %s } } } ]]):format(rule))
      local result = usagelua:run({ "report.lua", "--deadline", "6s", "-o", "out.csv" },
        { timeout_s = 300 })
      assert.are.equal(1, result.status, result.stderr)
      assert_said("ended: the script did not come back", result)
      assert.are.equal("report.lua", usagelua:files())
    end
  end)
end)

describe("the watchdog", function()
  it("lets a script work that comes back in time", function()
    local result = usagelua:run { "--deadline", "20s", "-e", [[
      local ends = os.clock() + 0.5
      while os.clock() < ends do end ]] }
    assert.are.equal(0, result.status)
  end)

  it("does not take for stuck what stood still together with it", function()
    server:control("/faults", { rules = { { path = "summary", delay_ms = 60000 } } })
    local runs = {}
    for number = 1, 4 do
      runs[number] = usagelua:start { "fetch", "testmu.summary", "--period", "2026-06", "-f", "json",
        "--deadline", "6s" }
    end
    wait_until(function() return #server:log() >= #runs end, "a request of each")
    for _, run in ipairs(runs) do run:signal "STOP" end
    os.execute "sleep 9" -- past the deadline and the two seconds after it
    for _, run in ipairs(runs) do run:signal "CONT" end
    for _, run in ipairs(runs) do
      local result = assert(run:wait(60), "still running")
      assert.are.equal(5, result.status, result.stderr)
      assert_came_back(result)
      assert.truthy(result.stdout:find("the time for the whole run is over", 1, true), result.stdout)
      run:close()
    end
  end)

  it("lets a long wait be", function()
    local result = usagelua:run { "--deadline", "20s", "-e", ([[
      local usage = require "usagelua"
      print(assert(usage.http.get "%s/_slow?first_ms=3500").status) ]]):format(server.url) }
    assert.are.equal("200\n", result.stdout)
  end)

  it("lets -i be, without a deadline of its own", function()
    assert.are.equal("2\n", usagelua:run({ "-i" }, { stdin = "1 + 1\n" }).stdout)
  end)
end)

describe("a wait", function()
  local function script(text)
    return usagelua:run { "-e", ("local http, BASE = require('usagelua').http, '%s'\n%s"):format(
      server.url, text) }
  end

  it("works in a coroutine that the script made itself", function()
    local result = script [[
      local one = coroutine.wrap(function()
        for i = 1, 2 do coroutine.yield(http.get(BASE .. "/_count"):json().count) end
      end)
      print(one(), one()) ]]
    assert.are.equal("1\t2\n", result.stdout, result.stderr)
  end)

  it("works in a method, an iterator and a comparison", function()
    local result = script [[
      local function count() return http.get(BASE .. "/_count"):json().count end
      local object = setmetatable({}, { __index = count, __add = count })
      print(object.x, object + 1, (("x"):gsub("x", count)))
      local list = { 2, 1 }
      table.sort(list, function(a, b) count() return a < b end)
      print(list[1]) ]]
    assert.are.equal("1\t2\t3\n1\n", result.stdout, result.stderr)
  end)

  it("of several requests is one", function()
    server:control("/faults", { rules = { { at_once = 8 } } })
    local result = script [[
      local list, good = {}, 0
      for i = 1, 8 do list[i] = BASE .. "/_bytes?n=" .. i end
      for _, answer in ipairs(http.all(list)) do good = good + (answer.status == 200 and 1 or 0) end
      print(good) ]]
    assert.are.equal("8\n", result.stdout, result.stderr)
    assert.are.equal(8, server:control("/counts").peak.none)
  end)
end)

describe("the process", function()
  it("leaves no core file and no credential to its children", function()
    assert.are.equal("0\n", usagelua:run({ "-e", "os.execute 'ulimit -c'" }).stdout)
    assert.are.equal("", usagelua:run({ "-e",
      "os.execute 'env | grep -e LT_ACCESS_KEY -e LT_USERNAME'" }).stdout)
  end)

  it("hides the credentials from /proc, too", function()
    local result = usagelua:run { "-e",
      "for line in io.lines('/proc/self/environ') do print(line:find('LT_ada', 1, true)) end" }
    assert.are.equal("nil\n", result.stdout)
  end)

  it("does not take a closed stream's number for a file of its own", function()
    local path = usagelua.folder.path
    for _, closed in ipairs { "<&-", "<&- >&-", "<&- >&- 2>&-", "2>&-" } do
      local line = shell.words { usagelua.binary, "-e",
        "local f = io.open('out', 'w') print 'printed' io.stderr:write 'said' f:write 'kept' f:close()" }
      shell.run(line .. " " .. closed, { cwd = path })
      assert.are.equal("kept", usagelua.folder:read "out")
    end
  end)
end)
