-- A binary heap of timers. An item is a table that the caller owns; its time
-- stands in `at`, its place in the heap in `place`, so that one which is no
-- longer wanted leaves at once and leaves nothing behind. Items of the same
-- time come in the order in which they were added.

local methods = {}
local metatable = { __name = "usagelua.timers", __index = methods }

local timers = {}

---@class usagelua.timers
function timers.new()
  return setmetatable({ count = 0, added = 0 }, metatable)
end

local function before(a, b)
  if a.at ~= b.at then return a.at < b.at end
  return a.order < b.order
end

local function put(heap, place, item)
  heap[place] = item
  item.place = place
end

local function rise(heap, place, item)
  while place > 1 do
    local above = heap[place // 2]
    if not before(item, above) then break end
    put(heap, place, above)
    place = place // 2
  end
  put(heap, place, item)
end

local function sink(heap, place, item)
  while true do
    local child = place * 2
    if child > heap.count then break end
    if child < heap.count and before(heap[child + 1], heap[child]) then child = child + 1 end
    if not before(heap[child], item) then break end
    put(heap, place, heap[child])
    place = child
  end
  put(heap, place, item)
end

---@param item table not in any heap yet
---@param at number when it is due, seconds of the caller's clock
function methods:add(item, at)
  local place = self.count + 1
  item.at, item.order, item.place = at, self.added + 1, false
  self[place] = item -- from here on memory cannot lack, so the heap is never half
  self.count, self.added = place, self.added + 1
  rise(self, place, item)
end

---Takes an item out; one that is not in has no `place` and is left alone.
function methods:remove(item)
  local place = item.place
  if not place then return end
  item.place = nil
  local last = self[self.count]
  self[self.count] = nil
  self.count = self.count - 1
  if last == item then return end
  if place > 1 and before(last, self[place // 2]) then
    rise(self, place, last)
  else
    sink(self, place, last)
  end
end

---@return table? item the one that is due first
function methods:first()
  return self[1]
end

---Takes out the first item that is due by then.
---@param now number
---@return table? item
function methods:due(now)
  local item = self[1]
  if item and item.at <= now then
    self:remove(item)
    return item
  end
end

return timers
