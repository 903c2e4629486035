local json = require "usagelua.json"
local words = require "usagelua.client.words"

local function document(text) return assert(json.decode(text)) end

describe("words.at", function()
  it("gives all values at a path, null left out", function()
    local root = document '{"a":{"b":1,"n":null},"list":[{"c":2},{"c":null},{"c":3},{}],"s":"x","deep":[[1],[2]]}'
    for path, expected in pairs { ["a.b"] = { 1 }, ["a.n"] = {}, ["list[].c"] = { 2, 3 }, ["s"] = { "x" }, ["s.t"] = {},
      ["a.b.c"] = {}, ["nowhere[].x"] = {}, ["s[]"] = {}, ["a.b[]"] = {} } do
      assert.are.same(expected, words.at(root, path), path)
    end
    assert.are.equal(2, #words.at(root, "deep[]"))
    assert.are.same({}, words.at("text", "a"))
    assert.are.same({}, words.at(json.null, "a.b"))
  end)
end)

describe("words.first", function()
  it("takes the first text of several places", function()
    local paths = { "message", "error", "error.message", "errors[].message" }
    for text, expected in pairs {
      ['{"status":"error","message":"to is required"}'] = "to is required",
      ['{"error":"no such test","status":"failed"}'] = "no such test",
      ['{"error":{"message":"inner","code":5}}'] = "inner",
      ['{"errors":[{},{"message":"second"}]}'] = "second",
      ['{"message":"  ","error":"other"}'] = "other",
      ['{"message":null,"error":17}'] = "17",
      ['{"message":{},"error":false}'] = false,
      ["[]"] = false,
    } do
      assert.are.equal(expected or nil, words.first(document(text), paths), text)
    end
    assert.is_nil(words.first(document '{"message":"x"}'))
  end)
end)

describe("words.says", function()
  it("compares with one value, with several, or asks for anything", function()
    local root = document [[{"status":"failed","code":42,"ok":false,"none":null,"list":[],"errors":[{"c":"A"},{"c":"B"}]}]]
    for _, rule in ipairs { { path = "status", value = "failed" }, { path = "code", value = 42 },
      { path = "ok", value = false }, { path = "status" }, { path = "errors" }, { path = "code" },
      { path = "errors[].c", value = "B" }, { path = "errors[].c", value = { "X", "A" } } } do
      assert.is_true(words.says(rule, root))
    end
    for _, rule in ipairs { { path = "status", value = "ok" }, { path = "code", value = "42" }, { path = "ok" },
      { path = "none" }, { path = "list" }, { path = "list[]" }, { path = "nowhere" },
      { path = "errors[].c", value = { "X" } } } do
      assert.is_false(words.says(rule, root))
    end
  end)
end)

describe("words.document", function()
  it("puts side values where they stood", function()
    local root = words.document { ["a.b"] = 1, ["a.c.d"] = "x", errors = { { code = "A" } } }
    assert.are.same({ a = { b = 1, c = { d = "x" } }, errors = { { code = "A" } } }, root)
    assert.are.equal("errors", words.head "errors[].extensions.code")
    assert.are.equal("a.b", words.head "a.b")
  end)
end)

describe("words.is_path", function()
  it("knows paths", function()
    for _, text in ipairs { "a", "a.b", "errors[].code", "a[].b[]", "a-b.c_d" } do
      assert.is_true(words.is_path(text), text)
    end
    for _, text in ipairs { "", "[]", "a..b", ".a", "a.", "a{}", "a[0]", "$.a b" } do
      assert.is_false(words.is_path(text), text)
    end
  end)
end)
