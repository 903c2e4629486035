local timers = require "usagelua.client.timers"

local function drain(heap)
  local times = {}
  local item = heap:due(math.huge)
  while item do
    times[#times + 1] = item.at
    item = heap:due(math.huge)
  end
  return times
end

describe("timers", function()
  it("gives items by time, equal ones in the order of adding", function()
    local heap = timers.new()
    local a, b, c = {}, {}, {}
    heap:add(a, 2)
    heap:add(b, 1)
    heap:add(c, 2)
    assert.equal(b, heap:first())
    assert.equal(b, heap:due(5))
    assert.equal(a, heap:due(5))
    assert.equal(c, heap:due(5))
    assert.is_nil(heap:due(5))
  end)

  it("keeps what is not due yet", function()
    local heap = timers.new()
    heap:add({}, 10)
    assert.is_nil(heap:due(9.99))
    assert.equal(1, heap.count)
  end)

  it("stays sorted under random adding and removing", function()
    math.randomseed(7)
    for _ = 1, 50 do
      local heap, kept = timers.new(), {}
      local items = {}
      for i = 1, 60 do
        items[i] = {}
        heap:add(items[i], math.random(20))
      end
      for i, item in ipairs(items) do
        if i % 3 == 0 then heap:remove(item) else kept[#kept + 1] = item.at end
      end
      table.sort(kept)
      assert.same(kept, drain(heap))
      assert.equal(0, heap.count)
    end
  end)

  it("ignores removing an item twice", function()
    local heap, item = timers.new(), {}
    heap:add(item, 1)
    heap:remove(item)
    heap:remove(item)
    assert.equal(0, heap.count)
  end)
end)
