local items = require "usagelua.conformance.items"
local json = require "usagelua.json"

local function changed(body, rows)
  local text = items.changed(body, rows, function(item) item.x = 7 end)
  return text
end

describe("items.changed", function()
  for _, case in ipairs {
    { '{"data":[{"a":1},{"b":[]}]}', "data[]", '{"data":[{"a":1,"x":7},{"b":[],"x":7}]}' },
    { '{"d":{"p":{"k":{},"l":{}}}}', "d.p{}", '{"d":{"p":{"k":{"x":7},"l":{"x":7}}}}' },
    { '[{"u":[{"a":1}]}]', "[].u[]", '[{"u":[{"a":1,"x":7}]}]' },
    { '{"k":{}}', "{}", '{"k":{"x":7}}' },
    { '{"a":9223372036854775807}', ".", '{"a":9223372036854775807,"x":7}' },
  } do
    it("changes the items at " .. case[2], function()
      assert.are.equal(case[3], changed(case[1], case[2]))
      assert.are.same(json.decode(case[3]), json.decode(changed(case[1], case[2])))
    end)
  end

  for _, case in ipairs {
    { "<html>", "data[]" }, { '{"data":[]}', "data[]" }, { '{"data":[1,2]}', "data[]" },
    { '{"data":{"users":[{}]}}', "data[]" }, { "[{}]", "{}" }, { '{"data":null}', "data[]" },
    { "{}", "data.users[]" }, { '{"a.b":[{}]}', '["a.b"][]' },
  } do
    it(("finds no item in %s at %s"):format(case[1], case[2]), function()
      assert.is_nil(changed(case[1], case[2]))
    end)
  end
end)
