-- core.json.encode, array and object: JSON text from Lua values.

local core = require "usagelua.core"
local json = require "usagelua.json"
local tmp = require "support.tmp"

local function assert_text(expected, value, options)
  assert.equal(expected, json.encode(value, options))
end

local function assert_raises(expected, value, options)
  local ok, message = pcall(json.encode, value, options)
  assert.is_false(ok)
  assert.equal(expected, (tostring(message):gsub("^.-:%d+: ", "")))
end

describe("encode", function()
  it("writes scalars", function()
    assert_text("null", json.null)
    assert_text("true", true)
    assert_text("false", false)
    assert_text("-12", -12)
    assert_text('"a"', "a")
  end)

  it("writes integers exactly", function()
    assert_text("0", 0)
    assert_text("9007199254740993", 9007199254740993)
    assert_text("9223372036854775807", math.maxinteger)
    assert_text("-9223372036854775808", math.mininteger)
  end)

  it("escapes what has to be escaped, and no more", function()
    assert_text([["\"\\/\b\f\n\r\t\u0000\u001f]] .. '\x7fé€😀\u{2028}"', '"\\/\b\f\n\r\t\0\x1f\x7fé€😀\u{2028}')
  end)

  it("writes keys sorted bytewise", function()
    assert_text('{"":0,"A":1,"a":2,"a\\u0000":3,"ab":4,"b":5,"é":6}',
      { b = 5, a = 2, A = 1, ab = 4, ["a\0"] = 3, [""] = 0, ["é"] = 6 })
  end)

  it("writes arrays, nested and empty", function()
    assert_text("[1,[2,[]],{}]", { 1, { 2, json.array() }, {} })
    assert_text("{}", {})
    assert_text("[]", json.array {})
    assert_text("[1]", json.array { 1 })
    assert_text("[null,1]", { json.null, 1 })
  end)

  it("keeps the order of object", function()
    local object = json.object { { "z", 1 }, { "a", 2 }, { "none", nil }, { "m", json.array() } }
    assert_text('{"z":1,"a":2,"m":[]}', object)
    assert.equal(2, object.a)
    object.b, object.z = 3, nil
    assert_text('{"a":2,"m":[],"b":3}', object)
    assert_text("{}", json.object {})
  end)

  it("keeps the order that is asked for", function()
    local value = { z = 3, a = 2, schema = { a = 5, title = 4 }, title = 1 }
    assert_text('{"title":1,"schema":{"title":4,"a":5},"a":2,"z":3}', value,
      { key_order = { "title", "none", "schema" } })
  end)

  it("writes a secret as ***", function()
    local folder <close> = tmp.folder()
    folder:write("token", "correct horse battery")
    local token = assert(core.secret.file(folder.path .. "/token"))
    assert_text('{"token":"***"}', { token = token })
  end)

  it("indents", function()
    assert_text('{\n  "a": [\n    1,\n    {}\n  ],\n  "b": []\n}',
      { a = { 1, {} }, b = json.array() }, { indent = 2 })
    assert_text("[\n 1\n]", { 1 }, { indent = 1 })
    assert_text("[1]", { 1 }, { indent = 0 })
  end)

  it("raises on what JSON has no form for, with the path", function()
    assert_raises("cannot encode nan", 0 / 0)
    assert_raises("cannot encode inf at [1]", { 1, math.huge })
    assert_raises("cannot encode -inf at a", { a = -math.huge })
    assert_raises("cannot encode a function at a.b[0]", { a = { b = { print } } })
    assert_raises("cannot encode a thread at [0]", { coroutine.create(print) })
    assert_raises("cannot encode a userdata at f", { f = io.stdout })
    assert_raises("cannot encode nil (write json.null)", nil)
    assert_raises('cannot encode a string that is not UTF-8 at ["a.b"]', { ["a.b"] = "\xff" })
    assert_raises("cannot encode a string that is not UTF-8 at [0]", { "\xed\xa0\x80" })
    assert_raises("cannot encode a string that is not UTF-8 at x", { x = "\xc3" })
  end)

  it("raises on keys that are not UTF-8", function()
    assert_raises("cannot encode a key that is not UTF-8", { ["\xc3"] = 1 })
    assert_raises("cannot encode a key that is not UTF-8 at a[0]", { a = { { ["\xff"] = 1 } } })
  end)

  it("raises on tables that are neither list nor map", function()
    local holes = "cannot encode a table with holes, or with names beside positions"
    assert_raises(holes .. " at a", { a = { 1, 2, n = 2 } })
    assert_raises(holes, { 1, nil, 3, nil, nil, 6 })
    assert_raises(holes, { [2] = 1 })
    assert_raises(holes, { [0] = 1 })
    assert_raises(holes, { [1.5] = 1 })
    assert_raises(holes, json.array { a = 1 })
    assert.has_error(function() json.encode { [true] = 1 } end)
    assert.has_error(function() json.encode(json.object { { "a", 1 } }, { key_order = { 1 } }) end)
  end)

  it("raises on cycles, and writes 128 levels", function()
    local cycle = {}
    cycle.self = cycle
    assert.has_error(function() json.encode(cycle) end)
    local function nested(levels)
      local value = json.array()
      for _ = 2, levels do value = { value } end
      return value
    end
    assert_text(("["):rep(128) .. ("]"):rep(128), nested(128))
    assert.has_error(function() json.encode(nested(129)) end)
  end)

  it("is ready again after it raised", function()
    local bad = { a = { b = { 1, 2, print } } }
    for _ = 1, 3 do
      assert.is_false((pcall(json.encode, bad, { indent = 4 })))
      assert_text('{"a":[1]}', { a = { 1 } })
    end
  end)

  it("runs no metamethods", function()
    local called = false
    local function call() called = true end
    local value = setmetatable({ 1 }, { __index = call, __len = call, __pairs = call, __tostring = call })
    assert_text("[1]", value)
    assert.is_false(called)
  end)

  it("names the option that is wrong", function()
    assert.has_error(function() json.encode(1, { indent = 17 }) end)
    assert.has_error(function() json.encode(1, { indent = -1 }) end)
    assert.has_error(function() json.encode(1, { key_order = "a" }) end)
    assert.has_error(function() json.encode(1, 2) end)
  end)
end)

describe("array", function()
  it("marks a table, and leaves other metatables alone", function()
    local list = { 1 }
    assert.equal(list, json.array(list))
    assert.equal(list, json.array(list))
    assert.has_error(function() json.array(setmetatable({}, {})) end)
    assert.has_error(function() json.array "a" end)
  end)
end)

describe("object", function()
  it("raises on what are no pairs of name and value", function()
    assert.has_error(function() json.object { { 1, 2 } } end)
    assert.has_error(function() json.object { "a" } end)
    assert.has_error(function() json.object { { "a", 1 }, { "a", 2 } } end)
    assert.has_error(function() json.object() end)
  end)
end)
