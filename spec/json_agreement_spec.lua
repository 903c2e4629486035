-- Our reader against Python's json and lua-cjson on generated documents;
-- `make fuzz` reads a million of them.
local agreement = dofile "fuzz/agreement.lua"

local SEED <const>, DOCUMENTS <const> = 7, 4000

describe("generated documents", function()
  it("mean the same to us, to Python's json and to lua-cjson", function()
    local accepted = agreement.check(DOCUMENTS, SEED)
    -- Both right and wrong ones have to be among them.
    assert.is_true(accepted > DOCUMENTS // 3 and accepted < DOCUMENTS * 2 // 3 + DOCUMENTS // 10, accepted)
  end)
end)
