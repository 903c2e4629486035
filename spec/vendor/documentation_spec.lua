-- docs/vendor-description.md is printed from the checker's own rows, and its example works.
local description = require "usagelua.vendor.description"
local kit = require "usagelua.vendor.kit"
local loader = require "usagelua.vendor.loader"
local rows = require "usagelua.vendor.rows"

local function read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

describe("docs/vendor-description.md", function()
  local text = dofile("docs/printed/vendor_description.lua")["docs/vendor-description.md"]

  it("shows a vendor that can be loaded", function()
    local acme = loader.new({ folders = "examples/vendors", kit = kit }):load "acme"
    assert.are.equal("user", acme.origin)
    assert.truthy(text:find(read "examples/vendors/acme.lua", 1, true))
  end)

  it("has every key of every table", function()
    for _, section in ipairs(description.SECTIONS) do
      for _, row in ipairs(section[2]) do
        if row[1] ~= 1 then assert.truthy(text:find(("| `%s` |"):format(row[1]), 1, true)) end
      end
    end
  end)
end)

-- Parts that need one another are checked elsewhere; here each key stands alone.
local function alone(row)
  local copy = {}
  for name, value in pairs(row) do copy[name] = value end
  copy.required = nil
  return copy
end

describe("the example of", function()
  for _, section in ipairs(description.SECTIONS) do
    for _, row in ipairs(section[2]) do
      it(("%s.%s is one that passes the check"):format(section[1], tostring(row[1])), function()
        local value = assert(load("return " .. row.example, "example", "t", {}))()
        assert.is_not_nil(value)
        assert.is_not_nil(rows.check({ [row[1]] = value }, { alone(row) }, "x")[row[1]])
        assert.truthy(#row.help > 5)
      end)
    end
  end
end)
