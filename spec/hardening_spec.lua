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

  it("leaves no core file, whatever the shell allows", function()
    local result = usagelua:run({ "-e", [[
      for line in io.lines "/proc/self/limits" do
        if line:find "^Max core file size" then print(line:match "(%d+)%s+(%d+)") end
      end]] })
    assert.equal("0\t0\n", result.stdout, result.stderr)
  end)
end)
