-- The corpus of the fuzzer, run in plain Lua: the laws of each target hold for
-- each of its inputs. `make fuzz-corpus` does it under sanitizers, `make fuzz`
-- goes on from there.
local core = require "usagelua.core"

local MOST_BYTES <const> = 1024

-- Only the fuzzer's own program has what this target needs.
local IN_C <const> = { zone = true }

local host = { feed = function(reader, bytes) return (reader:feed(bytes)) end }

local function read(path)
  return (assert(core.file.read(path, 1 << 20)))
end

local function targets()
  local names = {}
  for _, file in ipairs(assert(core.file.list "fuzz/targets")) do names[#names + 1] = file:match "^(.*)%.lua$" end
  table.sort(names)
  return names
end

local function load_target(name)
  return assert(loadfile(("fuzz/targets/%s.lua"):format(name)))(host)
end

for _, name in ipairs(targets()) do
  describe("the target " .. name, function()
    local folder = "fuzz/corpus/" .. name
    local files = assert(core.file.list(folder))

    it("has a corpus of small inputs", function()
      assert.is_true(#files >= 5)
      for _, file in ipairs(files) do assert.is_true(#read(folder .. "/" .. file) <= MOST_BYTES, file) end
    end)

    if not IN_C[name] then
      for _, file in ipairs(files) do
        it("holds its laws for " .. file, function()
          load_target(name)(read(folder .. "/" .. file))
        end)
      end
    end
  end)
end

describe("the laws", function()
  it("are seen to be broken where pieces are read as something else", function()
    local mistaken = { feed = function(reader, bytes) return (reader:feed((bytes:gsub("1", "2")))) end }
    local run = assert(loadfile "fuzz/targets/json.lua")(mistaken)
    assert.has_error(function() run "\1\0[1]" end)
    assert.has_no_error(function() run "\1\0[3]" end)
  end)
end)
