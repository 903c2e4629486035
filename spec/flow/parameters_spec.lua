local parameters = require "usagelua.flow.parameters"

local DESCRIBED = {
  team = { help = "team id", match = "^%d+$" },
  kind = { one_of = { "a", "b" }, default = "a" },
  ids = { list = true },
  types = { list = true, one_of = { "x", "y" }, default = { "x", "y" } },
}

local function check(spec, described)
  spec[1] = "acme.usage"
  return parameters.check(spec, described or DESCRIBED, "acme.usage")
end

local function assert_refused(expected, spec, described)
  local ok, err = pcall(check, spec, described)
  assert.is_false(ok)
  assert.are.equal("usage", err.kind)
  assert.truthy(err.message:find(expected, 1, true), err.message)
end

describe("parameters.check", function()
  it("fills in the defaults and leaves the caller's table as it was", function()
    local spec = { team = 12 }
    assert.are.same({ team = 12, kind = "a", types = { "x", "y" } }, check(spec))
    assert.is_nil(spec.kind)
  end)

  it("reads lists from tables, texts with commas, and single values", function()
    assert.are.same({ "1", "2" }, check({ ids = { "1", "2" } }).ids)
    assert.are.same({ "1", "2", "3" }, check({ ids = "1, 2,3" }).ids)
    assert.are.same({ 7 }, check({ ids = 7 }).ids)
  end)

  it("takes the keys that every query has", function()
    local spec = { period = "2026", grain = "month", account = "emea", region = "eu", in_flight = 2 }
    assert.are.equal("a", check(spec).kind)
  end)

  it("takes what only needs escaping", function()
    local value = ("#?&%/ +ü"):rep(500)
    assert.are.equal(value, check({ ids = { value } }).ids[1])
  end)

  local CASES = {
    { "did you mean 'team'?", { taem = 1 } },
    { "known: account, grain, ids, in_flight, kind, period, region, team, types", { nothing_like_it = 1 } },
    { "unknown value of 'kind' 'c'", { kind = "c" } },
    { "unknown value of 'types' 'z'", { types = { "x", "z" } } },
    { "parameter 'types' names 'x' twice", { types = "x,x" } },
    { "parameter 'ids' names '1' twice", { ids = { 1, "1" } } },
    { "parameter 'ids' names '1' twice", { ids = { "1", 1 } } },
    { "parameter 'ids' is an empty list", { ids = {} } },
    { "parameter 'ids' is an empty list", { ids = "" } },
    { "parameter 'ids' is empty", { ids = " , " } },
    { "parameter 'ids' is a list; 'a' is no place in it", { ids = { a = 1 } } },
    { "parameter 'ids' must be text or a number, not a table", { ids = { {} } } },
    { "parameter 'team' does not match ^%d+$: '12a'", { team = "12a" } },
    { "parameter 'team' does not match", { team = "a12" } },
    { "parameter 'team' must be text or a number, not a table", { team = { 1 } } },
    { "parameter 'team' must be text or a number, not a function", { team = print } },
    { "parameter 'team' is empty", { team = "" } },
    { "parameter 'ids' holds a control character", { ids = { "a\nb" } } },
    { "parameter 'ids' holds a control character", { ids = "a\0b" } },
    { "parameter 'ids' holds a control character", { ids = "a\r" } },
    { "parameter 'ids' holds a control character", { ids = "a\127" } },
  }
  for _, case in ipairs(CASES) do
    it("refuses: " .. case[1], function() assert_refused(case[1], case[2]) end)
  end

  it("counts characters, not bytes", function()
    local described = { pattern = { characters = 3 } }
    for _, value in ipairs { "ab", "äö", "é" } do
      assert_refused(("'pattern' must have 3 characters or more: '%s'"):format(value),
        { pattern = value }, described)
    end
    assert.are.equal("äöü", check({ pattern = "äöü" }, described).pattern)
  end)

  it("wants what is required, and says what for", function()
    assert_refused("the parameter 'team' is required (team id)", {},
      { team = { required = true, help = "team id" } })
  end)

  it("matches patterns from end to end, with and without anchors", function()
    for pattern, good in pairs { ["%d+"] = "12", ["^%d+"] = "12", ["%d+$"] = "12", ["%w-%d"] = "ab1",
      ["%d%%"] = "5%", ["%d%$"] = "5$" } do
      local described = { p = { match = pattern } }
      assert.are.equal(good, check({ p = good }, described).p)
      assert_refused("does not match", { p = good .. "!" }, described)
      assert_refused("does not match", { p = "!" .. good }, described)
    end
  end)

  it("reads values as their type, and refuses what is none", function()
    for kind, case in pairs {
      integer = { good = { ["5"] = 5, ["-7"] = -7, [12] = 12 }, bad = { "5.5", "x", "true", 1.5, "" },
        says = "a whole number" },
      number = { good = { ["1.5"] = 1.5, ["2"] = 2 }, bad = { "nan", "inf", "x", "1e999" }, says = "a number" },
      boolean = { good = { ["true"] = true, ["false"] = false, [true] = true }, bad = { "yes", "1", 0 },
        says = "true or false" },
      text = { good = { ["5"] = "5", [7] = "7" }, bad = {}, says = "" },
    } do
      local described = { p = { type = kind }, l = { type = kind, list = true } }
      for given, value in pairs(case.good) do
        assert.are.equal(value, check({ p = given }, described).p)
        assert.are.same({ value }, check({ l = { given } }, described).l)
      end
      for _, given in ipairs(case.bad) do
        assert_refused(given == "" and "is empty" or "parameter 'p' must be " .. case.says, { p = given }, described)
      end
    end
  end)
end)
