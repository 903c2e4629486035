-- What held a key is wiped before it is freed: once the key is closed, no part of
-- it stands in the memory of its process, in no form that we make of it.
local base64 = require "usagelua.cassette.base64"
local random = require "support.random"
local shell = require "support.shell"
local tmp = require "support.tmp"

-- Long, since the allocator writes its own into the beginning of what is freed; of several
-- lengths, since what is freed may be given to somebody else, who wipes it.
local KEY_BYTES <const>, PART_BYTES <const>, PARTS <const> = { 5000, 20000, 30000, 60000 }, 24, 25
local LETTERS <const> = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

-- Of the C library: a heap that neither grows nor shrinks while it is looked at, and
-- large pieces somewhere else.
local ALLOCATOR <const> = { MALLOC_MMAP_THRESHOLD_ = "1048576", MALLOC_TOP_PAD_ = "8388608",
  MALLOC_TRIM_THRESHOLD_ = "1073741824" }

local function new_key(bytes)
  local draw, letters = random.new(os.time()), {}
  for i = 1, bytes do
    local place = draw:integer(1, #LETTERS)
    letters[i] = LETTERS:sub(place, place)
  end
  return table.concat(letters)
end

local function parts_of(text)
  local lines = {}
  for at = 1, #text - PART_BYTES, #text // PARTS do
    local turned = text:sub(at, at + PART_BYTES - 1):reverse()
    lines[#lines + 1] = turned:sub(1, PART_BYTES // 2) .. "\n" .. turned:sub(PART_BYTES // 2 + 1)
  end
  return lines
end

-- The first and last parts in Base64 hang on what stands beside the key; those
-- between do not.
local function backwards(key)
  local lines = parts_of(key)
  local encoded = parts_of(base64.encode("ada:" .. key))
  table.move(encoded, 2, #encoded - 1, #lines + 1, lines)
  return table.concat(lines, "\n") .. "\n"
end

local function found_after(use, bytes)
  local folder <close> = tmp.folder()
  local key = new_key(bytes)
  local env = { USE = use, KEY = folder:write("key", key),
    BACKWARDS = folder:write("backwards", backwards(key)) }
  for name, value in pairs(ALLOCATOR) do env[name] = value end
  local result = shell.run({ shell.lua(), "-e", ("package.path, package.cpath = %q, %q"):format(
    package.path, package.cpath), "spec/support/secret_memory.lua" }, { env = env })
  assert.equal("", result.stderr)
  return result.stdout:match "^%a+"
end

describe("the memory of a process", function()
  -- A sanitizer's shadow is terabytes to search, and what is freed goes into its quarantine first.
  if os.getenv "ASAN_OPTIONS" then
    pending "is searched for in a process without a sanitizer"
    return
  end

  it("holds a key that is in use, which shows that the search finds one", function()
    for _, bytes in ipairs(KEY_BYTES) do assert.equal("true", found_after("held", bytes)) end
  end)

  for _, use in ipairs { "closed", "collected", "bearer", "basic", "header", "form" } do
    it("holds no part of a key that was wiped: " .. use, function()
      for _, bytes in ipairs(KEY_BYTES) do assert.equal("false", found_after(use, bytes), bytes) end
    end)
  end
end)
