-- The long plays of spec/long are there and end with their figures; at length they are `make weather`,
-- `make stops` and `make soak`.
local shell = require "support.shell"

local function play(name, words)
  return shell.run({ shell.lua(), ("spec/long/%s.lua"):format(name), table.unpack(words) }, { timeout_s = 300 })
end

describe("the long plays", function()
  it("tell seeds, exact, marked and wrong runs in weather", function()
    local result = play("weather", { "SEEDS=0", "SIMULATED=6" })
    assert.are.equal(0, result.status, result.stdout .. result.stderr)
    assert.truthy(result.stdout:find("simulator: 6 seeds, %d exact, %d marked, 0 wrong, %d+ s; of 3 with faults that "
      .. "pass %d were exact\n"))
    assert.truthy(result.stdout:find "weather: no figure was wrong\n$")
  end)

  it("soak in no time, and end with nothing broken", function()
    local result = play("soak", { "MINUTES=0" })
    assert.are.equal(0, result.status, result.stdout .. result.stderr)
    assert.truthy(result.stdout:find "resident: 1 runs in one process, 1 exact, 0 marked, 0 wrong")
    assert.truthy(result.stdout:find "nothing broke\n$")
  end)

  it("refuse words that they do not know", function()
    for _, name in ipairs { "weather", "stops", "soak" } do
      assert.are.equal(2, play(name, { "SEED=1" }).status)
    end
  end)
end)
