local core = require "usagelua.core"
local terminal = core.terminal

describe("terminal.width", function()
  it("counts cells, not bytes", function()
    local cases = {
      { 0, "" }, { 5, "hello" }, { 5, "héllo" }, { 5, "he\u{301}llo" }, { 4, "日本" }, { 2, "한" },
      { 2, "\u{1112}\u{1161}\u{11ab}" }, { 2, "😀" }, { 3, "≥–?" }, { 2, "Ａ" }, { 1, "ｱ" },
      { 0, "\u{200b}" },
      { 0, "\u{feff}" }, { 1, "\u{ad}" }, { 0, "\27\r\n\127\u{9b}" }, { 1, "\u{10ffff}" },
      { 2, "\u{20000}" },
      { 1, "…" }, { 1, "█" }, { 0, "\u{e0101}" }, { 3, "ไทย" }, { 1, "ก\u{e31}" },
    }
    for _, case in ipairs(cases) do assert.are.equal(case[1], terminal.width(case[2]), case[2]) end
  end)

  it("counts each stray byte as one cell", function()
    assert.are.equal(1, terminal.width "\xff")
    assert.are.equal(3, terminal.width "a\xe6b")
    assert.are.equal(2, terminal.width "\xe6\x97")
    assert.are.equal(2, terminal.width "\xc0\xaf")
    assert.are.equal(1, terminal.width "\x80")
  end)

  it("is the same in every locale", function()
    local old = os.setlocale()
    for _, name in ipairs { "C", "C.UTF-8", "en_US.UTF-8" } do
      if os.setlocale(name) then assert.are.equal(4, terminal.width "日本") end
    end
    os.setlocale(old)
  end)

  it("has its ranges in order, so that the search finds each", function()
    for code, expected in pairs {
      [0x1100] = 2, [0x115f] = 2, [0x1160] = 0, [0x11ff] = 0, [0x1200] = 1, [0x2e80] = 2,
      [0x302a] = 0, [0xa4c6] = 2, [0xa4d0] = 1, [0xac00] = 2, [0xd7a3] = 2, [0xfe0f] = 0,
      [0xff01] = 2, [0xff61] = 1, [0x1f600] = 2, [0x1f64f] = 2, [0x3fffd] = 2, [0x300] = 0,
      [0x2ff] = 1, [0x36f] = 0, [0x370] = 1,
    } do
      assert.are.equal(expected, terminal.width(utf8.char(code)), ("U+%04X"):format(code))
    end
  end)
end)

describe("terminal.cut", function()
  it("keeps the longest beginning that fits", function()
    assert.are.equal("hel", terminal.cut("hello", 3))
    assert.are.equal("日", terminal.cut("日本", 3))
    assert.are.equal("", terminal.cut("日本", 1))
    assert.are.equal("", terminal.cut("abc", 0))
  end)

  it("keeps marks with their character", function()
    assert.are.equal("he\u{301}", terminal.cut("he\u{301}llo", 2))
    assert.are.equal("h", terminal.cut("he\u{301}llo", 1))
  end)

  it("gives back what fits as it is", function()
    assert.are.equal("héllo", terminal.cut("héllo", 5))
    assert.are.equal("héllo", terminal.cut("héllo", 500))
  end)

  it("never exceeds the cells and never splits a character", function()
    local text = "aé日\u{301}😀b\xffc한\u{200d}x"
    for cells = 0, 20 do
      local cut = terminal.cut(text, cells)
      assert.are.equal(cut, text:sub(1, #cut))
      assert(terminal.width(cut) <= cells)
      assert(utf8.len((cut:gsub("\xff", "?"))))
    end
  end)

  it("raises on less than no cells", function()
    assert.has_error(function() terminal.cut("a", -1) end)
  end)
end)

describe("terminal.columns", function()
  local child = require "support.child"
  local PRINT <const> = "io.write(tostring(core.terminal.columns(1)))"

  it("takes COLUMNS where there is no terminal", function()
    assert.are.equal("132", (child.run({ COLUMNS = "132" }, PRINT)))
  end)

  it("is nil where nobody says", function()
    for _, value in ipairs { "", "0", "-5", "wide", "99999", "1e3", "123456" } do
      assert.are.equal("nil", (child.run({ COLUMNS = value }, PRINT)), value)
    end
  end)
end)

describe("terminal.rows", function()
  local child = require "support.child"
  local pty = require "support.pty"
  local shell = require "support.shell"

  it("takes LINES where there is no terminal, and is nil where nobody says", function()
    local PRINT <const> = "io.write(tostring(core.terminal.rows(1)))"
    assert.are.equal("50", (child.run({ LINES = "50" }, PRINT)))
    assert.are.equal("nil", (child.run({ LINES = "many" }, PRINT)))
    assert.are.equal("nil", (child.run({ LINES = "" }, PRINT)))
  end)

  it("is the terminal's own, as its columns are", function()
    local result = pty.run({ shell.usagelua(), "-e", "local terminal = require('usagelua.core').terminal "
      .. "print(terminal.rows(2), terminal.columns(2), terminal.isatty(2))" },
      { rows = 13, columns = 57, keeps_stdout = true })
    assert.are.equal("13\t57\ttrue\n", result.stdout)
  end)
end)

describe("terminal.isatty", function()
  it("is false for a file and for a closed stream", function()
    local child = require "support.child"
    assert.are.equal("false", (child.run({}, "io.write(tostring(core.terminal.isatty(1)))")))
    assert.is_false(core.terminal.isatty(999))
  end)
end)

describe("digest.sha256", function()
  it("gives the published values", function()
    assert.are.equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      core.digest.sha256 "")
    assert.are.equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      core.digest.sha256 "abc")
    assert.are.equal("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
      core.digest.sha256(("a"):rep(1000000)))
    assert.are_not.equal(core.digest.sha256 "a", core.digest.sha256 "a\0")
  end)
end)
