local hostile = require "support.hostile"
local order = require "usagelua.order"
local safe = require "usagelua.formats.safe"

local UNSEEN <const> = {
  "[\0-\31\127]", "\u{9B}", "\u{202E}", "\u{2066}", "\u{2028}", "\u{2029}", "\u{85}", "\u{200B}", "\u{FEFF}",
}

describe("safe.text", function()
  local CASES <const> = {
    { "plain text", "plain text" },
    { "␛[31mred␛[0m␛]0;title␇", hostile.escape },
    { "<U+009B>31mred", hostile.c1_escape },
    { ": :set-env name=x::y", hostile.command },
    { " \u{A0}\u{3000}: :error::x", hostile.indented_command },
    { "# #[group]x", hostile.group },
    { "a # #vso[task.setvariable variable=x]y", hostile.azure },
    { "# #teamcity[buildStop]", hostile.teamcity },
    { "## #[x", "###[x" },
    { ": ::: :x", ":::: :x" },
    { "<U+202E>gnp.exe", hostile.override },
    { "a␀b", hostile.nul },
    { "first␊::error::second␍␊third", hostile.lines },
    { "a\u{FFFD}b\u{FFFD}", hostile.bad_utf8 },
    { "a<U+200B>b<U+FEFF>c<U+E0041>d", hostile.invisible },
    { hostile.wide, hostile.wide },
    { hostile.emoji, hostile.emoji },
    { hostile.combining, hostile.combining },
  }
  for i, case in ipairs(CASES) do
    it(("shows what it cannot hold, case %d"):format(i), function()
      assert.equal(case[1], safe.text(case[2]))
    end)
  end

  it("leaves nothing unseen of any hostile name", function()
    for _, what in ipairs(order.keys(hostile)) do
      local text = safe.text(hostile[what])
      assert.truthy(utf8.len(text), what)
      for _, pattern in ipairs(UNSEEN) do assert.is_nil(text:find(pattern), what) end
    end
  end)

  it("is the same on what is safe already", function()
    for _, name in pairs(hostile) do
      local text = safe.text(name)
      assert.equal(text, safe.text(text))
    end
  end)
end)

describe("safe.json", function()
  it("keeps the value and writes what could act as \\u escapes", function()
    local json = safe.json('"\u{202E}##vso[x]\u{9B}\u{E0041}\127"')
    assert.equal([["\u202e#\u0023vso[x]\u009b\udb40\udc41\u007f"]], json)
    assert.equal("\u{202E}##vso[x]\u{9B}\u{E0041}\127", require("cjson").decode("[" .. json .. "]")[1])
  end)

  it("leaves other text as it is", function()
    local json = '{"name": "日本語 👩‍👩‍👧 é"}'
    assert.equal(json, safe.json(json))
  end)
end)
