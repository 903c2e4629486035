local base64 = require "usagelua.cassette.base64"
local random = require "usagelua.transport.random"

describe("base64", function()
  it("writes the examples of RFC 4648", function()
    local rows = { [""] = "", f = "Zg==", fo = "Zm8=", foo = "Zm9v", foob = "Zm9vYg==",
      fooba = "Zm9vYmE=", foobar = "Zm9vYmFy", ["\255\255\254"] = "///+" }
    for bytes, text in pairs(rows) do
      assert.equal(text, base64.encode(bytes))
      assert.equal(bytes, base64.decode(text))
    end
  end)

  it("is undone by decode", function()
    local draw = random.new(2)
    for length = 0, 200 do
      local bytes = {}
      for i = 1, length do bytes[i] = string.char(draw(0, 255)) end
      local text = table.concat(bytes)
      assert.equal(text, base64.decode(base64.encode(text)))
    end
  end)

  it("reads over line breaks and refuses what is none", function()
    assert.equal("foobar", base64.decode "Zm9v\r\nYmFy\n")
    for _, text in ipairs { "Zg", "Zg=", "Z===", "Zm9-", "=Zm9v", "Zm=9v" } do
      assert.is_nil(base64.decode(text), text)
    end
  end)
end)
