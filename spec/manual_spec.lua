-- man/usagelua.1: a page that typesetters take without a word, with all there is.
local commands = require "usagelua.cli.commands"
local options = require "usagelua.cli.options"
local shell = require "support.shell"

local PAGE <const> = "man/usagelua.1"

local function has(program)
  return shell.run { "sh", "-c", "command -v " .. program }.status == 0
end

local function typeset()
  local result = shell.run { "groff", "-ww", "-man", "-Tascii", "-P-cbou", PAGE }
  assert.are.equal(0, result.status, result.stderr)
  assert.are.equal("", result.stderr)
  return (result.stdout:gsub("%s+", " "))
end

describe("the manual page", function()
  it("is clean for groff, and has every command, option and exit status", function()
    if not has "groff" then return pending "groff is not installed" end
    local text = typeset()
    for _, row in ipairs(commands.rows) do
      assert.truthy(text:find("usagelua " .. row.usage, 1, true), row.usage)
      assert.truthy(text:find(row.example, 1, true), row.example)
    end
    for _, row in ipairs(options.described()) do
      local head = row.value and ("--%s %s "):format(row.name, row.value) or "--" .. row.name .. " "
      assert.truthy(text:find(head, 1, true), row.name)
      assert.truthy(text:find(row.help:sub(2), 1, true), row.help)
    end
    for _, row in ipairs(commands.statuses) do
      assert.truthy(text:find((" %s %s"):format(row[1], row[2]:gsub("^%l", string.upper)), 1, true), row[2])
    end
    assert.truthy(text:find("LT_USERNAME, LT_ACCESS_KEY", 1, true))
  end)

  it("is clean for mandoc", function()
    if not has "mandoc" then return pending "mandoc is not installed" end
    local result = shell.run { "mandoc", "-T", "lint", PAGE }
    assert.are.equal("", result.stdout .. result.stderr)
  end)
end)
