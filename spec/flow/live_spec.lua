local live = require "usagelua.flow.live"
local simulated = require "support.simulated"

describe("live.enter", function()
  it("lets so many in, in the order in which they came", function()
    local world = simulated { answer = function() return {} end }
    local lane, order, most = world.client:lane "acme", {}, 0
    world.scheduler:run(function()
      local tasks = {}
      for number = 1, 5 do
        tasks[number] = world.scheduler:spawn(function()
          local _ <close> = live.enter(lane, world.scheduler, 2)
          order[#order + 1] = number
          most = math.max(most, live.count(lane))
          world.scheduler:sleep(number)
        end)
      end
      world.scheduler:join(tasks)
    end)
    assert.are.same({ 1, 2, 3, 4, 5 }, order)
    assert.are.same({ 2, 0 }, { most, live.count(lane) })
  end)

  it("counts each credential by itself", function()
    local world = simulated { answer = function() return {} end }
    local one, other = world.client:lane "one", world.client:lane "other"
    local place = live.enter(one, world.scheduler, 1)
    local _ <close> = live.enter(other, world.scheduler, 1)
    assert.are.same({ 1, 1 }, { live.count(one), live.count(other) })
    place:close()
    place:close()
    assert.are.equal(0, live.count(one))
  end)
end)
