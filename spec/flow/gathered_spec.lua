local gathered = require "usagelua.flow.gathered"
local json = require "usagelua.json"

local function all(items)
  local list = {}
  for item, key in items:items() do list[#list + 1] = { item, key } end
  return list
end

describe("gathered items", function()
  it("come back as they were, with their keys", function()
    local items <close> = gathered.new()
    local list = { { { email = "a", n = 9007199254740993 }, "x" }, { json.null }, { false }, { 0.1 }, { "b\n\"c\"" },
      { json.array {} }, { {} }, { -0.0 } }
    for _, pair in ipairs(list) do assert(items:add(pair[1], pair[2])) end
    assert.are.equal(#list, items.count)
    local back = all(items)
    assert.are.same(list, back)
    assert.are.equal("integer", math.type(back[1][1].n))
    assert.are.equal("[[],{}]", json.encode { back[6][1], back[7][1] })
  end)

  it("are none where there are none", function()
    local items <close> = gathered.new()
    assert.are.same({}, all(items))
  end)

  it("wait in a file where there are many", function()
    local items <close> = gathered.new(1000)
    for index = 1, 5000 do assert(items:add({ n = index })) end
    assert.is_true(items.spool:on_disk())
    local count = 0
    for item in items:items() do
      count = count + 1
      assert.are.equal(count, item.n)
    end
    assert.are.equal(5000, count)
  end)

  it("are taken over from others, in order", function()
    local whole <close> = gathered.new(100)
    for page = 1, 3 do
      local part <close> = gathered.new(page == 2 and 10 or nil)
      for index = 1, 10 do assert(part:add(page * 100 + index)) end
      assert(whole:take(part))
      assert.are.equal(0, part.count)
    end
    local back = all(whole)
    assert.are.same({ 30, 101, 201, 310 }, { #back, back[1][1], back[11][1], back[30][1] })
  end)

  it("may be left early, and closed twice", function()
    local items = gathered.new()
    for index = 1, 10 do assert(items:add(index)) end
    local next_item = items:items()
    assert.are.equal(1, (next_item()))
    items:close()
    items:close()
    assert.is_false(pcall(items.add, items, 1))
  end)
end)
