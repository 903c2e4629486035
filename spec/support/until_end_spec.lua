local shell = require "support.shell"
local tmp = require "support.tmp"

local function exists(path)
  local file <close> = io.open(path)
  return file ~= nil
end

-- Lua code that begins one of each kind and writes where they are, a line each: what is there
-- while it is in use.
local BEGIN <const> = [[
local nginx, shell, tmp = require "support.nginx", require "support.shell", require "support.tmp"
local function begin()
  local server, run, folder = nginx.start { tls = false }, shell.start { "sleep", "300" }, tmp.folder()
  local file <close> = assert(io.open(PLACES, "w"))
  file:write("/proc/", server.pid, "\n", server.folder.path, "\n", "/proc/", run.pid, "\n",
    run.folder.path, "\n", folder.path, "\n")
end
]]

local function text(places, code)
  return ("local PLACES = %q\n"):format(places) .. BEGIN .. code
end

local function read_places(path)
  local list = {}
  for line in io.lines(path) do list[#list + 1] = line end
  assert.equal(5, #list)
  return list
end

local function wait_until_gone(places)
  for _, place in ipairs(places) do
    shell.run(("while [ -e %s ]; do sleep 0.05; done"):format(shell.quote(place)), { timeout_s = 300 })
    assert.is_false(exists(place), place)
  end
end

describe("until_end", function()
  local folder

  before_each(function() folder = tmp.folder() end)
  after_each(function() folder:remove() end)

  local function run_specs(...)
    local names = {}
    for number, code in ipairs { ... } do
      names[number] = folder:write(number .. "_spec.lua", text(folder.path .. "/places", code))
    end
    return shell.run { shell.lua(), "spec/run.lua", table.unpack(names) }
  end

  for what, case in pairs {
    ["that passes"] = { "it('begins', begin)", "2 passed, 0 failed" },
    ["that fails"] = { "it('begins', function() begin() error 'no' end)", "1 passed, 1 failed" },
    ["whose set-up fails"] = { "setup(function() begin() error 'no' end) it('is', begin)", "1 passed, 1 failed" },
    ["that cannot be read to its end"] = { "begin() error 'no'", "1 passed, 1 failed" },
  } do
    it("ends what a spec file has begun with a file " .. what, function()
      local result = run_specs(case[1], [[
        it("finds", function()
          for place in io.lines(PLACES) do assert(not io.open(place), place) end
        end)]])
      assert.matches(case[2], result.stdout)
      read_places(folder.path .. "/places")
    end)
  end

  it("ends nothing that is in use, whoever holds its handle", function()
    local result = run_specs [[
      it("begins", function()
        begin()
        collectgarbage()
        collectgarbage()
        for place in io.lines(PLACES) do assert(io.open(place)):close() end
      end)]]
    assert.matches("1 passed, 0 failed", result.stdout)
  end)

  it("ends what a plain Lua has begun when that ends", function()
    local script = folder:write("plain.lua", 'package.path = "spec/?.lua;" .. package.path\n' ..
      text(folder.path .. "/places", "begin()"))
    shell.output { shell.lua(), script }
    for _, place in ipairs(read_places(folder.path .. "/places")) do assert.is_false(exists(place), place) end
  end)

  for _, signal in ipairs { "TERM", "INT", "KILL" } do
    it("leaves no server and no process of a busted that is ended by SIG" .. signal, function()
      local result = run_specs(("it('ends', function() begin() io.popen('kill -%s $PPID'):close() while true do end end)")
        :format(signal))
      assert.not_equal(0, result.status)
      local places = read_places(folder.path .. "/places")
      places[5] = nil -- who is killed removes no folder
      wait_until_gone(places)
    end)
  end

  it("ends the newest first, each once, and all though one fails", function()
    local said = shell.output { shell.lua(), "-e", [[
      package.path = "spec/?.lua;" .. package.path
      local until_end = require "support.until_end"
      local function keep(name, fails)
        local handle = {}
        until_end.keep(handle, function()
          io.write(name, until_end.let_go(handle) and " let go, " or " not there, ")
          if fails then error "it" end
        end)
        return handle
      end
      keep "first"
      local second = keep "second"
      keep("third", true)
      keep "fourth"
      io.write(tostring(until_end.let_go(second)), " ", tostring(until_end.let_go(second)), ", ")]] }
    assert.equal("true false, fourth let go, third let go, first let go, ", said)
  end)
end)
