-- What a vendor script makes the system do, whatever it tries: strace looks on while one calls all
-- that it can reach, at its loading and in a flow. Between two marks nothing is opened but the
-- script itself and what it may read, and nothing is run, connected, written or removed.
local command = require "support.command"
local shell = require "support.shell"

local SECRET <const> = "acme-token-0123456789"
local WATCHED <const> = "%file,%process,%network,write,pwrite64,writev,ioctl,ftruncate,kill,tkill,tgkill,"
  .. "ptrace,prctl,setrlimit,prlimit64"

-- Calls everything that can be reached from a value, with arguments that would do harm.
local TRY <const> = [[
local HARMFUL = { "/etc/passwd", "/tmp/stolen", "id", "touch /tmp/stolen", "../../../../etc/passwd",
  "http://127.0.0.1:1/", "https://evil.test/", "file:///etc/passwd", "os", "io", "\27LuaT", 1, {},
  "Europe/../../../../etc/passwd", "w" }
local called, seen = 0, {}

local walk
local function call(fn)
  called = called + 1
  local results = { pcall(fn) }
  for _, argument in ipairs(HARMFUL) do
    results[#results + 1] = select(2, pcall(fn, argument))
    results[#results + 1] = select(2, pcall(fn, argument, "w"))
    results[#results + 1] = select(2, pcall(fn, "x", argument))
    results[#results + 1] = select(2, pcall(fn, "x", "/etc/passwd", argument))
  end
  for _, result in ipairs(results) do walk(result, 2) end
end

function walk(value, depth)
  local kind = type(value)
  if depth > 6 or seen[value] or kind ~= "table" and kind ~= "function" then return end
  seen[value] = true
  if kind == "function" then return call(value) end
  pcall(function()
    for key, inner in pairs(value) do
      walk(key, depth + 1)
      walk(inner, depth + 1)
    end
  end)
end

local function index(value, ...)
  for _, name in ipairs { ... } do
    local ok, found = pcall(function() return value[name] end)
    if ok then walk(found, 1) end
  end
end

local NAMES = { "io", "os", "debug", "package", "load", "loadstring", "loadfile", "dofile", "require",
  "coroutine", "getmetatable", "setmetatable", "rawget", "rawset", "rawequal", "collectgarbage", "_G",
  "print", "warn", "string", "table", "math", "utf8", "kit", "pcall", "error", "assert", "select",
  "tostring", "tonumber", "next", "pairs", "ipairs", "type", "dump", "__gc", "__index", "__tostring" }

local function everything(...)
  index(_ENV, table.unpack(NAMES))
  index("", table.unpack(NAMES)) -- the strings' own methods
  walk(_ENV, 0)
  for _, value in ipairs { ... } do walk(value, 0) end
  for _, try in ipairs {
    function() io.open("/tmp/stolen", "w"):write(SECRET) end,
    function() os.execute "touch /tmp/stolen" end,
    function() io.popen("id"):read "a" end,
    function() return require "cjson" end,
    function() return require "socket" end,
    function() return require "usagelua.core" end,
    function() return require "usagelua.transfer" end,
    function() return package.loadlib("libc.so.6", "system") end,
    function() return load(("").dump(function() return io end), "x", "b")() end,
    function() return debug.getregistry() end,
    function() getmetatable("").__index = function() return io end end,
    function() setmetatable({}, { __gc = function() io.open("/tmp/stolen", "w") end }) end,
    function() error { kind = "usage", message = function() return io end, __tostring = 1 } end,
    function() error(function() return io.open "/etc/passwd" end) end,
    function() return coroutine.wrap(function() return os.remove "/tmp/stolen" end)() end,
  } do
    local _, problem = pcall(try)
    walk(problem, 0)
  end
  return called
end
]]

-- It tries while it is loaded, in the function of a flow, in `record` and in `check`.
local VENDOR <const> = TRY .. [[
local at_loading = everything()
local function quietly(...)
  everything(...)
end
return { name = "acme", version = 1, title = "called " .. at_loading,
  base_url = "https://api.acme.test", auth = { kind = "bearer", token_env = "ACME_TOKEN" },
  datasets = {
    usage = { fields = { tests = "tests" }, params = { try = { required = true } },
      record = function(record, ...) quietly(record, ...) end,
      check = function(record) quietly(record) end,
      flow = function(ask, query, emit)
        if query.params.try == "yes" then
          everything(query)
          for _, url in ipairs { "https://evil.test/", "http://127.0.0.1:1/", "//evil.test/x",
            "file:///etc/passwd", "http://169.254.169.254/latest" } do
            pcall(ask.get, ask, url)
          end
        end
        emit { tests = called }
      end },
  },
}]]

local REPORT <const> = [[
local usage = require "usagelua"
local function mark(text)
  io.stderr:write("mark ", text, "\n")
  io.stderr:flush()
end
local function total(try)
  return usage.collect { { "acme.usage", try = try } }:aggregate({ measures = "tests" }):value "tests"
end
mark "load begins"
local title = usage.vendors("acme").title
mark "load ends"
local _ = total "no"
mark "flow begins"
local called = total "yes"
mark "flow ends"
print(title, called)
]]

local function is_permitted()
  return shell.run({ "strace", "-f", "-o", "/dev/null", "true" }).status == 0
end

-- The lines of the trace between two marks.
local function between(trace, name)
  local first = assert(trace:find(("mark %s begins"):format(name), 1, true), trace)
  local last = assert(trace:find(("mark %s ends"):format(name), first, true), trace)
  local list = {}
  for line in trace:sub(first, last):gmatch "[^\n]+" do list[#list + 1] = line end
  return table.move(list, 2, #list - 1, 1, {})
end

-- What may happen: the script is read, and beside it looked for; the library reads a part of itself, or
-- a zone by its name; the run writes to its standard error, as the marks do.
local ALLOWED <const> = {
  '^%d+ +[%l]+%(.*"[^"]*/vendors/[%w_]+%.lua", [OR]_',
  '^%d+ +[%l]+%(.*"[^"]*/usagelua/[%w_/]+%.lua", [OR]_',
  '^%d+ +[%l]+%(.*"/usr/share/zoneinfo/[%w_+/.-]+", [OR{0]',
  '^%d+ +newfstatat%(%d+, "", ', -- of a file that is open
  "^%d+ +ioctl%(2, TCGETS", "^%d+ +write%(2, ", "^%d+ +%+%+%+", "^%d+ +%-%-%-", "^%d+ +<%.%.%. ",
}
local WRITES <const> = { "O_WRONLY", "O_RDWR", "O_CREAT", "/../" }

local function is_allowed(line)
  for _, word in ipairs(WRITES) do
    if line:find(word, 1, true) then return false end
  end
  for _, pattern in ipairs(ALLOWED) do
    if line:find(pattern) then return true end
  end
  return false
end

local function assert_harmless(lines)
  for _, line in ipairs(lines) do
    if not is_allowed(line) then error(line, 2) end
  end
end

describe("a vendor script that tries everything", function()
  local world, result, trace, stolen

  setup(function()
    if not is_permitted() then return end
    world = command.new { ACME_TOKEN = SECRET, USAGELUA_STATE = "/nonexistent" }
    shell.output { "mkdir", world.folder.path .. "/vendors" }
    stolen = world.folder.path .. "/stolen"
    world.folder:write("vendors/acme.lua", (VENDOR:gsub("/tmp/stolen", stolen)))
    world.folder:write("report.lua", REPORT)
    local asan = os.getenv "ASAN_OPTIONS" -- its search for leaks traces as well, and cannot be traced
    result = shell.run({ "strace", "-f", "-s", "200", "-e", "trace=" .. WATCHED, "-o",
      world.folder.path .. "/trace", world.binary, "report.lua" }, { cwd = world.folder.path,
      env = { ACME_TOKEN = SECRET, ASAN_OPTIONS = asan and asan .. ":detect_leaks=0" }, timeout_s = 300 })
    trace = world.folder:read "trace"
  end)

  teardown(function()
    if world then world.folder:remove() end
  end)

  local function look()
    if not world then pending "strace is not installed, or may not trace here" end
    assert.are.equal(0, result.status, result.stderr)
    return trace
  end

  it("calls what it reaches", function()
    look()
    local at_loading, in_flow = result.stdout:match "^called (%d+)\t(%d+)"
    assert.is_true(tonumber(at_loading) > 50, result.stdout .. result.stderr)
    assert.is_true(tonumber(in_flow) > tonumber(at_loading), result.stdout)
  end)

  it("is seen: the trace shows what the run itself opens", function()
    assert.truthy(look():find('report.lua", O_RDONLY', 1, true))
  end)

  for _, name in ipairs { "load", "flow" } do
    it("does nothing to the system: " .. name, function()
      look()
      assert_harmless(between(trace, name))
    end)
  end

  it("leaves no file", function()
    look()
    assert.are_not.equal(0, shell.run({ "test", "-e", stolen }).status)
    assert.is_nil(trace:find('"/etc/passwd"', 1, true))
    assert.is_nil(trace:find("execve.*\n.*execve"))
  end)
end)
