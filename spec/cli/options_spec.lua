local belonging = require "usagelua.cli.belonging"
local formats = require "usagelua.formats"
local options = require "usagelua.cli.options"

local function read(...) return options.read { ... } end

local function assert_refused(expected, ...)
  local ok, err = pcall(read, ...)
  assert.is_false(ok)
  assert.are.equal("usage", err.kind)
  assert.truthy(err.message:find(expected, 1, true), err.message)
end

describe("options.read", function()
  it("takes options before and after the script", function()
    local values, rest = read("--zone", "-08:00", "r.lua", "--period=2026-06", "-fjson", "word")
    assert.are.equal("-08:00", values.zone)
    assert.are.equal("2026-06", values.period)
    assert.are.equal("json", values.format)
    assert.are.same({ "r.lua", "word" }, rest)
  end)

  it("leaves a script its own options and all behind --", function()
    local values, rest = read("r.lua", "--team", "qa", "--", "--zone", "x")
    assert.are.same({ "r.lua", "--team", "qa", "--zone", "x" }, rest)
    assert.is_nil(values.zone)
  end)

  it("reads durations, sizes, lists and pairs", function()
    local values = read("fetch", "--deadline", "90s", "--max-memory", "64MiB", "--group-by", "a, b",
      "--set", "x=1=2", "--set", "y=", "-o", "a.csv", "-o", "json=b")
    assert.are.equal(90, values.deadline_s)
    assert.are.equal(64 << 20, values.max_memory)
    assert.are.same({ "a", "b" }, values.group_by)
    assert.are.same({ { "x", "1=2" }, { "y", "" } }, values.set)
    assert.are.same({ "a.csv", "json=b" }, values.outputs)
  end)

  it("names the nearest option", function()
    assert_refused("did you mean '--period'?", "--perod", "2026")
  end)

  it("refuses missing, superfluous and unreadable values", function()
    assert_refused("--zone needs a value: --zone Z", "--zone")
    assert_refused("--quiet takes no value", "--quiet=1", "r.lua")
    assert_refused("'soon' is not a duration", "--deadline", "soon")
    assert_refused("'big' is not a size", "--max-body", "big")
    for _, size in ipairs { "17179869184GiB", "17179869184G", "99999999999999999999", "9e9GiB" } do
      assert_refused(("'%s' is "):format(size), "--max-memory", size)
    end
    assert_refused("'x' is not NAME=VALUE", "--set", "x")
    assert_refused("is not a whole number from 1", "--limit", "0")
  end)

  it("says where an option of fetch goes in a script", function()
    local values, rest = read("r.lua", "--group-by", "team")
    local ok, err = pcall(belonging.check, values, "script", rest)
    assert.is_false(ok)
    assert.truthy(err.message:find("--group-by belongs to `usagelua fetch`; in a script", 1, true))
  end)

  it("name every format that there is", function()
    local help
    for _, row in ipairs(options.described()) do
      if row.name == "format" then help = row.help end
    end
    for _, name in ipairs(formats.names()) do assert.matches("%f[%a]" .. name:gsub("%-", "%%-") .. "%f[%A]", help) end
  end)
end)
