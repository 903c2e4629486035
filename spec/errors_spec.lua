local errors = require "usagelua.errors"

local SHORT <const> = "not enough memory"

describe("errors.try", function()
  it("gives what the function gives, and what it raises", function()
    assert.are.same({ true, 1, 2, n = 3 }, table.pack(errors.try(function(...) return ... end, 1, 2)))
    assert.are.same({ false, "no", n = 2 }, table.pack(errors.try(error, "no", 0)))
  end)

  it("lets lack of memory go on", function()
    for _, err in ipairs { SHORT, errors.from(SHORT) } do
      assert.is_true(errors.is_memory(err))
      local ok, raised = pcall(errors.try, error, err, 0)
      assert.is_false(ok)
      assert.are.equal(err, raised)
    end
    assert.is_false(errors.is_memory "not enough memory for it")
  end)
end)
