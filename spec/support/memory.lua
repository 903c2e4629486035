-- Looks into the writable memory of another process of ours, as whoever may trace it can.
local memory = {}

local PIECE_BYTES <const> = 1 << 20

local function regions(pid)
  local list = {}
  for line in io.lines(("/proc/%d/maps"):format(pid)) do
    local first, last, name = line:match "^(%x+)%-(%x+) rw%S+ %S+ %S+ %S+%s*(.*)$"
    if first then
      list[#list + 1] = { first = tonumber(first, 16), last = tonumber(last, 16), name = name }
    end
  end
  return list
end

local function open(pid)
  return io.open(("/proc/%d/mem"):format(pid), "rb")
end

---Whether this process may look into others that it has started.
---@param pid integer
---@return boolean
function memory.is_open(pid)
  local file <close> = open(pid)
  return file ~= nil and file:seek("set", regions(pid)[1].first) ~= nil and file:read(1) ~= nil
end

local function count_in(text, needle, until_at)
  local count, at = 0, text:find(needle, 1, true)
  while at and at <= until_at do
    count, at = count + 1, text:find(needle, at + 1, true)
  end
  return count
end

-- Piece by piece, each with the beginning of the next.
local function search(file, region, needles, overlap, found)
  for at = region.first, region.last - 1, PIECE_BYTES do
    local text = file:seek("set", at) and file:read(math.min(PIECE_BYTES + overlap, region.last - at))
    for name, needle in pairs(text and needles or {}) do
      found[name] = (found[name] or 0) + count_in(text, needle, PIECE_BYTES)
    end
  end
end

---How often each of the texts stands in the process's memory.
---@param pid integer
---@param needles table<string, string> by a name for each
---@return table<string, integer>
function memory.count(pid, needles)
  local overlap, found = 0, {}
  for _, needle in pairs(needles) do overlap = math.max(overlap, #needle - 1) end
  local file <close> = assert(open(pid))
  file:setvbuf "no"
  for _, region in ipairs(regions(pid)) do search(file, region, needles, overlap, found) end
  return found
end

return memory
