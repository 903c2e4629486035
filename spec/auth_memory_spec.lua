-- Lack of memory: every allocation on the way of a credential into a request may fail.
local short_of_memory = require "support.short_of_memory"

describe("with the n-th allocation failing", function()
  it("a credential is sent whole or not at all", function()
    local result = short_of_memory.run "spec/support/auth_scarce.lua"
    assert.equal("", result.stderr)
    assert.equal(0, result.status)
    local jobs = 0
    for _, runs, raised in result.stdout:gmatch "(%a[%a_\t]+)(%d+)\t(%d+)\n" do
      jobs = jobs + 1
      assert.is_true(tonumber(runs) > tonumber(raised) and tonumber(raised) > 0, result.stdout)
    end
    assert.equal(18, jobs)
  end)
end)
