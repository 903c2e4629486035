-- What the build and the start of the interpreter put between a bug and harm.
local command = require "support.command"
local shell = require "support.shell"

-- Sanitizers take the place of some of it.
local SANITIZED <const> = os.getenv "ASAN_OPTIONS" ~= nil

local binary = shell.usagelua()
local MODULES <const> = { "build/lib/usagelua/core.so", "build/lib/usagelua/transfer.so" }

local function readelf(options, path)
  return shell.output { "readelf", "-W", options, path }
end

local function assert_has(expected, text)
  assert.truthy(text:find(expected), expected .. " is not in\n" .. text)
end

local function each_file(check)
  check(binary)
  for _, path in ipairs(MODULES) do check(path) end
end

describe("the binary and the modules", function()
  it("are position independent", function()
    each_file(function(path) assert_has("Type:%s+DYN", readelf("-h", path)) end)
    assert_has("FLAGS_1.*PIE", readelf("-d", binary))
  end)

  it("bind all symbols at the start and write-protect their tables", function()
    each_file(function(path)
      assert_has("GNU_RELRO", readelf("-l", path))
      assert_has("FLAGS.*NOW", readelf("-d", path))
    end)
  end)

  it("have no stack that runs code, and nothing both written and run", function()
    each_file(function(path)
      local segments = readelf("-l", path)
      assert_has("GNU_STACK[^\n]* RW ", segments)
      assert.is_nil(segments:find "LOAD[^\n]* RWE ")
      assert.is_nil(readelf("-d", path):find "TEXTREL")
    end)
  end)

  if not SANITIZED then
    it("guard their stacks and check lengths that are known", function()
      each_file(function(path)
        local symbols = readelf("--dyn-syms", path)
        assert_has("__stack_chk_fail", symbols)
        assert_has("__%w+_chk@", symbols)
      end)
    end)
  end

  it("look for libraries in no folder of their own", function()
    each_file(function(path) assert.is_nil(readelf("-d", path):find "R[UN]*PATH") end)
  end)
end)

describe("the interpreter", function()
  local usagelua
  before_each(function() usagelua = command.new {} end)
  after_each(function() usagelua.folder:remove() end)

  -- A limit of 0 stops files alone: where the kernel hands cores to a program, it takes 1.
  it("leaves no core file and hands none to a program, whatever the shell allows", function()
    local result = usagelua:run({ "-e", [[
      for line in io.lines "/proc/self/limits" do
        if line:find "^Max core file size" then print(line:match "(%d+)%s+(%d+)") end
      end]] })
    local highest = shell.output { "sh", "-c", "ulimit -Hc" }
    assert.truthy(result.stdout:find(highest == "0\n" and "^[01]\t[01]\n$" or "^1\t1\n$"), result.stdout)
  end)

  it("leaves none where it crashes", function()
    local crash = "os.execute('kill -SEGV ' .. io.open('/proc/self/stat'):read('n')) os.execute 'sleep 5'"
    local line = ("ulimit -c unlimited 2>/dev/null; %s"):format(shell.words { usagelua.binary, "-e", crash })
    local result = shell.run(line, { cwd = usagelua.folder.path })
    if not SANITIZED then assert.equal(11, result.signal, result.stderr) end
    assert.equal("", usagelua:files())
  end)
end)
