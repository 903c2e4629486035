-- Lack of memory: every allocation of the reader of CSV and of a held answer may fail.
local short_of_memory = require "support.short_of_memory"

describe("with the n-th allocation failing", function()
  it("CSV and held answers end well or raise, and are ready again", function()
    local result = short_of_memory.run "spec/support/answers_scarce.lua"
    assert.equal("", result.stderr)
    assert.equal(0, result.status)
    local jobs = 0
    for _, runs, raised in result.stdout:gmatch "(%a[%a_\t]+)(%d+)\t(%d+)\n" do
      jobs = jobs + 1
      assert.is_true(tonumber(runs) > tonumber(raised))
      assert.is_true(tonumber(raised) > 0)
    end
    assert.equal(10, jobs)
  end)
end)
