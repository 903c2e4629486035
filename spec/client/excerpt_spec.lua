local excerpt = require "usagelua.client.excerpt"

describe("excerpt.of", function()
  local function assert_excerpt(expected, text, most) assert.equal(expected, excerpt.of(text, most)) end

  it("is one line without what a terminal obeys", function()
    assert_excerpt("[31mred a b", "\27[31mred\r\n\ta\0b ")
    assert_excerpt("a b", "a\u{202e}\u{200b}b\u{feff}")
    assert_excerpt("x", "x\u{9b}")
  end)

  it("replaces what is not UTF-8", function()
    assert_excerpt("a?b?", "a\255b\xc3")
    assert_excerpt("??", "\xed\xa0")
  end)

  it("is cut by characters, and says so", function()
    assert_excerpt(("ä"):rep(80), ("ä"):rep(80))
    assert_excerpt(("ä"):rep(80) .. "…", ("ä"):rep(81))
    assert_excerpt("😀😀…", "😀😀😀", 2)
    assert_excerpt("", "")
  end)

  it("takes any bytes", function()
    for byte = 0, 255 do
      local line = excerpt.of("a" .. string.char(byte) .. "b")
      assert.truthy(utf8.len(line))
      assert.is_nil(line:find "%c")
    end
  end)
end)
