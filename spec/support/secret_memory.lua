-- Run by spec/secret_memory_spec.lua in a process of its own: uses the key in the
-- file KEY and says whether a part of it stands in this process's memory then. What
-- is looked for is given backwards and in halves: so it stands nowhere by itself,
-- nor does it when the memory that holds it is read and turned.
local core = require "usagelua.core"
local transfer = require "usagelua.transfer"

-- Pieces that find no room at the end of the heap get pages of their own (see the
-- spec): reading them puts nothing in the place of what was freed. The heap is one.
local PIECE <const> = 16 << 20

local function halves()
  local list, lines = {}, io.lines(os.getenv "BACKWARDS")
  for first in lines do list[#list + 1] = { first, lines() } end
  return list
end

local HALVES <const> = halves()
local OVERLAP <const> = 2 * #HALVES[1][1]

-- The heap first: what is read of the end of another region, or of a small one, is
-- put there.
local function writable_regions()
  local list = {}
  for line in io.lines "/proc/self/maps" do
    local from, to = line:match "^(%x+)%-(%x+) rw"
    if from then
      local place = line:find("[heap]", 1, true) and 1 or #list + 1
      table.insert(list, place, { tonumber(from, 16), tonumber(to, 16) })
    end
  end
  return list
end

local function holds(piece)
  local turned = piece:reverse()
  for _, part in ipairs(HALVES) do
    local first, last = turned:find(part[1], 1, true)
    while first do
      if turned:sub(last + 1, last + #part[2]) == part[2] then return true end
      first, last = turned:find(part[1], last + 1, true)
    end
  end
  return false
end

-- Opened and listed before the key is used, so that nothing is made after it.
local function is_in_memory(memory, regions)
  for _, region in ipairs(regions) do
    for at = region[1], region[2] - 1, PIECE do
      memory:seek("set", at)
      local piece = memory:read(math.min(PIECE + OVERLAP, region[2] - at))
      if piece and holds(piece) then return true end
    end
  end
  return false
end

local uses = {}

-- A key that is there: without it the search would prove nothing.
function uses.held()
  local key = assert(core.secret.file(os.getenv "KEY"))
  return function() return key end
end

function uses.closed()
  local key <close> = assert(core.secret.file(os.getenv "KEY"))
  return tostring(key)
end

function uses.collected()
  local _ = assert(core.secret.file(os.getenv "KEY"))
end

-- Nobody listens there: the request is made and never sent, and libcurl makes
-- no copies of its own.
local function asked(auth, more)
  local engine <close> = assert(transfer.engine())
  local request = { url = "http://127.0.0.1:1/usage", auth = auth }
  for name, value in pairs(more or {}) do request[name] = value end
  local exchange <close> = assert(engine:open(request))
  local piece, state = exchange:read()
  while not piece and state == "wait" do
    engine:step(1)
    piece, state = exchange:read()
  end
  assert(state.sent == false, state.message)
end

local function with_key(use)
  return function()
    local key <close> = assert(core.secret.file(os.getenv "KEY"))
    local bound <close> = key:bind "http://127.0.0.1:1"
    use(bound)
  end
end

uses.bearer = with_key(function(key) asked { kind = "bearer", token = key } end)
uses.basic = with_key(function(key) asked { kind = "basic", username = "ada", password = key } end)
uses.header = with_key(function(key) asked { kind = "header", name = "X-Key", value = key } end)
uses.form = with_key(function(key)
  asked({ kind = "form", name = "client_secret", value = key }, { method = "POST", body = "a=b" })
end)

local memory <close> = assert(io.open("/proc/self/mem", "rb"))
memory:setvbuf "no"
asked(nil) -- what libcurl makes once
local regions = writable_regions()
local kept = uses[os.getenv "USE"]()
collectgarbage()
print(is_in_memory(memory, regions), kept ~= nil)
