-- The output of a test run: what failed, errored, was skipped or did not even load is said
-- and counted, and the exit status tells.
local shell = require "support.shell"
local tmp = require "support.tmp"

local function run(texts, options)
  local folder <close> = tmp.folder()
  for name, text in pairs(texts) do folder:write(name .. "_spec.lua", text) end
  local words = table.move(options or {}, 1, #(options or {}), 3, { "lua5.4", "spec/run.lua" })
  table.insert(words, folder.path)
  return shell.run(words)
end

local function assert_closing_line(expected, texts)
  local result = run(texts)
  assert.equal(expected, result.stdout:match "([^\n]*)\n$")
  return result
end

local PASSING = 'it("passes", function() end)'

describe("a test run", function()
  it("ends with status 0 when all pass or are pending", function()
    local result = assert_closing_line("1 passed, 0 failed, 2 skipped",
      { a = PASSING .. ' pending("later") it("waits", function() pending "for b" end)' })
    assert.equal(0, result.status)
    assert.matches("SKIPPED: waits", result.stdout)
  end)

  it("counts failures and errors, with place and message", function()
    local result = assert_closing_line("1 passed, 2 failed, 0 skipped", { a = PASSING .. [[
      it("fails", function() assert.equal(1, 2) end)
      it("breaks", function() error { kind = "x" } end)]] })
    assert.equal(1, result.status)
    assert.matches("FAILED: fails\n  [^\n]*a_spec.lua:1\n", result.stdout)
    assert.matches("ERROR: breaks\n", result.stdout)
    assert.matches('kind = "x"', result.stdout)
  end)

  for name, text in pairs {
    ["does not parse"] = "describe(",
    ["fails while it loads"] = 'error "no"',
    ["fails in setup"] = 'describe("a", function() setup(error) it("b", error) end)',
  } do
    it("counts a file that " .. name .. " as failed, beside others that pass", function()
      assert.equal(1, assert_closing_line("1 passed, 1 failed, 0 skipped", { a = PASSING, b = text }).status)
    end)
  end

  it("fails when there is nothing to run", function()
    assert.equal(1, assert_closing_line("0 passed, 1 failed, 0 skipped", {}).status)
  end)
end)

describe("a test run by several processes", function()
  local function closing(texts)
    local result = run(texts, { "-j", "2" })
    return result, result.stdout:match "\nWhat failed:\n\n(.*)$"
  end

  it("says what failed once more at its end, with place and message", function()
    local result, last = closing { a = PASSING .. [[
      it("fails", function() assert.equal(1, 2) end) pending "later"
      it("breaks", function() error { kind = "x" } end)]], b = PASSING, c = PASSING }
    assert.equal(1, result.status)
    assert.matches("^FAILED: fails\n  [^\n]*a_spec.lua:1\n.*\nERROR: breaks\n.*kind = \"x\"", last)
    assert.matches("\n3 passed, 2 failed, 1 skipped\n$", last)
    assert.not_matches("SKIPPED", last)
  end)

  it("counts a process that dies as failed, and names its files", function()
    local result, last = closing { a = 'it("dies", function() print "so far" os.exit(0) end)' }
    assert.equal(1, result.status)
    assert.matches("^DIED: with status 0, running [^\n]*a_spec.lua\nso far\n\n0 passed, 1 failed, 0 skipped\n$", last)
  end)

  it("ends with the counts alone when nothing failed", function()
    local result, last = closing { a = PASSING, b = PASSING, c = PASSING }
    assert.equal(0, result.status)
    assert.is_nil(last)
    assert.matches("\n3 passed, 0 failed, 0 skipped\n$", result.stdout)
  end)
end)
