-- A thousand runs in one process, by turns of recorded answers, of real ones, of a report job and
-- of a mistake: none leaves memory, a file descriptor or a thread behind.
local browserstack = require "support.browserstack"
local nginx = require "support.nginx"
local shell = require "support.shell"
local small_pages = require "support.small_pages"
local tmp = require "support.tmp"

local RUNS <const>, WARM <const> = 1000, 200
-- What is resident goes up and down by 1 MB from one run to the next (seen over 4,000 runs).
local GROWTH_KB <const>, LUA_GROWTH_KB <const> = 2048, 64

local PROCESS <const> = [[
local core = require "usagelua.core"
local run, library = require "usagelua.run", require "usagelua.library"
local runs, warm = tonumber(arg[1]), tonumber(arg[2])

local WAYS = {
  function(usage) return usage.collect { period = "2026-06", { "testmu.summary" } } end,
  function(usage) return usage.collect { period = "2026-06", { "testmu.summary" } } end,
  function(usage) return usage.collect { period = "2026-06", { "browserstack.users" } } end,
  function(usage) return usage.collect { period = "2026-06", { "testmu.summary", account = "none" } } end,
}

local RECORDED, MISTAKEN = 1, 4

local function report(own, way)
  local usage = library.new(own)
  local records = WAYS[way](usage)
  local made = usage.report { title = "T", usage.table { records:aggregate {
    group_by = "product", measures = "tests" }, name = "t" } }
  assert(made:write "json=out.json")
  return made:status()
end

local function once(options, way)
  local own = run.new { options = options }
  local ok, status = pcall(report, own, way)
  own:close(ok)
  local expected = way == MISTAKEN and "credential" or 0
  local found = ok and status or status.kind
  assert(found == expected, tostring(status))
end

local function facts()
  collectgarbage()
  collectgarbage()
  local file <close> = io.open "/proc/self/status"
  local status, descriptors = file:read "a", #assert(core.file.list "/proc/self/fd")
  return ("%s %s %d %d\n"):format(status:match "VmRSS:%s+(%d+)", status:match "Threads:%s+(%d+)",
    descriptors, collectgarbage "count" // 1)
end

once({ record = "own.har" }, RECORDED)
for number = 1, runs do
  local way = number % #WAYS + 1
  once({ replay = way == RECORDED and "own.har" or nil }, way)
  if number == warm or number == runs then io.write(facts()) end
end
]]

local function root()
  return (shell.output { "pwd" }:gsub("\n", ""))
end

describe("a thousand runs in one process", function()
  local server, folder, result

  setup(function()
    server, folder = nginx.start { tls = false }, tmp.in_memory()
    folder:write("browserstack.lua",
      browserstack.description { { "first_s = [%d.]+", "first_s = 0.001" } })
    folder:write("runs.lua", PROCESS)
    local env = server:environment()
    env.LUA_PATH = ("%s/lua/?.lua;%s/lua/?/init.lua;;"):format(root(), root())
    env.LUA_CPATH = (os.getenv "USAGELUA_CPATH" or root() .. "/build/lib/?.so") .. ";;"
    env.USAGELUA_VENDORS, env.USAGELUA_STATE = folder.path, folder.path .. "/state"
    env.USAGELUA_BROWSERSTACK_URL = server.url .. "/long/browserstack/20"
    env.BROWSERSTACK_USERNAME, env.BROWSERSTACK_ACCESS_KEY = "user of the specs", "key-of-the-specs"
    result = shell.run({ small_pages.compile(tmp.folder()), shell.lua(), "runs.lua", tostring(RUNS), tostring(WARM) },
      { env = env, cwd = folder.path, timeout_s = 1800 })
  end)

  teardown(function()
    server:stop()
    folder:remove()
  end)

  local function figures()
    assert.are.equal(0, result.status, result.stderr)
    local list = {}
    for rss, threads, descriptors, lua in result.stdout:gmatch "(%d+) (%d+) (%d+) (%d+)\n" do
      list[#list + 1] = { rss = tonumber(rss), threads = tonumber(threads),
        descriptors = tonumber(descriptors), lua = tonumber(lua) }
    end
    assert.are.equal(2, #list, result.stdout)
    return table.unpack(list)
  end

  it("do not grow it", function()
    local early, late = figures()
    assert.is_true(late.lua - early.lua <= LUA_GROWTH_KB, result.stdout)
    if not os.getenv "ASAN_OPTIONS" then -- sanitizers hold freed memory back
      assert.is_true(late.rss - early.rss <= GROWTH_KB, result.stdout)
    end
  end)

  it("leave no file descriptor and no thread", function()
    local early, late = figures()
    assert.is_true(late.descriptors <= early.descriptors, result.stdout)
    assert.is_true(late.threads <= early.threads, result.stdout)
  end)

  it("leave nothing in the state folder", function()
    assert.are.equal("", shell.output { "find", folder.path .. "/state", "-type", "f" })
  end)
end)
