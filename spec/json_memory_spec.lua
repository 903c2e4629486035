-- Lack of memory: every allocation of the JSON core may fail.
local short_of_memory = require "support.short_of_memory"

describe("with the n-th allocation failing", function()
  it("the JSON core ends well or raises, and is ready again", function()
    local result = short_of_memory.run "spec/support/json_scarce.lua"
    assert.equal("", result.stderr)
    assert.equal(0, result.status)
    local jobs = 0
    for _, runs, raised in result.stdout:gmatch "(%a[%a_\t]+)(%d+)\t(%d+)\n" do
      jobs = jobs + 1
      assert.is_true(tonumber(runs) > tonumber(raised))
    end
    assert.equal(14, jobs)
    assert.is_truthy(result.stdout:find "read\tonce\t%d+\t[1-9]")
  end)
end)
