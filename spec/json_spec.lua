-- usage.json: decoding, items of a source, and the law of both ways.

local cjson = require "cjson"
local errors = require "usagelua.errors"
local json = require "usagelua.json"

-- A generator of values with every kind of thing in them; the same seed gives
-- the same values.
local function generator(seed)
  math.randomseed(seed)
  local alphabet = { "a", "Z", "0", " ", '"', "\\", "/", "\0", "\n", "\x1f", "\x7f",
    "é", "€", "😀", "\u{2028}", "\u{ffff}" }

  local function text()
    local parts = {}
    for i = 1, math.random(0, 40) do parts[i] = alphabet[math.random(#alphabet)] end
    return table.concat(parts)
  end

  local function real()
    local float = string.unpack("d", string.pack("i8", math.random(0)))
    if float ~= float or float == math.huge or float == -math.huge then return 0.5 end
    return float
  end

  local scalars = {
    text,
    function() return math.random(0) end,
    function() return math.random(-1000, 1000) end,
    real,
    function() return math.random(-100000, 100000) / 100 end,
    function() return math.random(2) == 1 end,
    function() return json.null end,
  }
  local function scalar() return scalars[math.random(#scalars)]() end

  local value
  local function array(depth)
    local list = json.array {}
    for i = 1, math.random(0, 5) do list[i] = value(depth - 1) end
    return list
  end
  local function object(depth)
    local map = {}
    for _ = 1, math.random(0, 12) do map[text()] = value(depth - 1) end
    return map
  end

  function value(depth)
    local choice = depth > 0 and math.random(3) or 1
    if choice == 1 then return scalar() end
    return choice == 2 and array(depth) or object(depth)
  end
  return value
end

-- Equal to the bit: 1 is not 1.0, -0.0 is not 0.0, [] is not {}.
local function assert_identical(expected, actual)
  if type(expected) ~= "table" then
    assert.equal(math.type(expected) or type(expected), math.type(actual) or type(actual))
    if math.type(expected) == "float" then
      return assert.equal(string.pack("d", expected), string.pack("d", actual))
    end
    return assert.equal(expected, actual)
  end
  assert.equal("table", type(actual))
  assert.equal(getmetatable(expected), getmetatable(actual))
  for key, item in pairs(expected) do assert_identical(item, actual[key]) end
  for key in pairs(actual) do assert.is_not_nil(expected[key]) end
end

describe("decode of encode", function()
  it("is identity", function()
    local value = generator(1)
    for _ = 1, 300 do
      local expected = value(4)
      assert_identical(expected, (json.decode(json.encode(expected))))
      assert_identical(expected, (json.decode(json.encode(expected, { indent = 2 }))))
    end
  end)

  it("is what lua-cjson reads, too", function()
    -- cjson makes floats of all numbers, so these are no integers beyond 2^53.
    local value = generator(2)
    local function simplify(item)
      if math.type(item) == "integer" and (item > 2 ^ 53 or item < -2 ^ 53) then return 1 end
      if type(item) ~= "table" then return item end
      local copy = {}
      for key, inner in pairs(item) do copy[key] = simplify(inner) end
      return setmetatable(copy, getmetatable(item))
    end
    for _ = 1, 200 do
      local expected = simplify(value(3))
      assert.same(cjson.decode(json.encode { expected }), json.decode(json.encode { expected }))
    end
  end)
end)

describe("decode", function()
  it("reads what lua-cjson writes", function()
    local value = generator(3)
    cjson.encode_number_precision(14)
    for _ = 1, 200 do
      local text = cjson.encode { value(3) }
      assert.same(cjson.decode(text), json.decode(text))
    end
  end)

  it("keeps integers and floats apart", function()
    assert_identical(json.array { 1, 1.0, 100.0, 0, 0.0, -0.0, 0.1 },
      json.decode "[1,1.0,1e2,-0,0e0,-0.0,0.1]")
    assert.equal(math.maxinteger, json.decode "9223372036854775807")
    assert.equal(math.mininteger, json.decode "-9223372036854775808")
    assert.equal(9007199254740993, json.decode "9007199254740993")
  end)

  it("keeps NUL and every character", function()
    assert.equal("a\0b", json.decode [["a\u0000b"]])
    assert.equal("é€😀\u{10ffff}", json.decode [["\u00e9\u20AC\ud83d\uDE00\udbff\udfff"]])
    assert.same({ ["\0"] = 1 }, json.decode [[{"\u0000":1}]])
  end)

  it("gives null as cjson does", function()
    assert.equal(cjson.null, json.decode "null")
    assert.equal(cjson.null, json.null)
    assert.same({ json.null, false }, json.decode "[null,false]")
  end)

  it("gives nil and an error object", function()
    local value, err = json.decode '{"users":[{"tests":12,}]}'
    assert.is_nil(value)
    assert.is_true(errors.is(err))
    assert.equal("json", err.kind)
    assert.equal("users[0]", err.path)
    assert.equal("unexpected '}', expected a key at line 1, column 23 (byte 22), in users[0]", tostring(err))
  end)

  it("is ready again after an error", function()
    for _ = 1, 3 do
      assert.is_nil((json.decode '{"a":["\\u00'))
      assert.same({ a = { 1 } }, json.decode '{"a":[1]}')
    end
  end)

  it("raises on what is no text, and on unknown options", function()
    assert.has_error(function() json.decode(nil) end)
    assert.has_error(function() json.decode({}) end)
    assert.has_error(function() json.decode("1", { depth = 1 }) end)
  end)

  it("takes a depth limit", function()
    assert.is_nil((json.decode("[[1]]", { max_depth = 1 })))
    assert.same({ { 1 } }, json.decode("[[1]]", { max_depth = 2 }))
    local deep = ("["):rep(1000) .. ("]"):rep(1000)
    assert.is_table(json.decode(deep, { max_depth = 1000 }))
    assert.is_nil((json.decode("[" .. deep .. "]", { max_depth = 1000 })))
    assert.is_nil((json.decode(deep)))
  end)

  it("reads long keys and strings, many keys, wide arrays", function()
    local long = ("x"):rep(100000)
    assert.same({ [long] = long }, json.decode(('{"%s":"%s"}'):format(long, long)))
    local members, expected = {}, {}
    for i = 1, 3000 do
      members[i] = ('"key%d":%d'):format(i, i)
      expected["key" .. i] = i
    end
    local text = "{" .. table.concat(members, ",") .. "}"
    assert.same(expected, json.decode(text))
    assert.same({ expected, expected }, json.decode("[" .. text .. "," .. text .. "]"))
  end)
end)

describe("items", function()
  local function collect(...)
    local all = {}
    for item, key in json.items(...) do all[#all + 1] = key and { key, item } or item end
    return all
  end

  local function caught(...)
    local _, err = pcall(collect, ...)
    assert.is_true(errors.is(err))
    return err
  end

  it("reads a string", function()
    assert.same({ 1, 2 }, collect('{"a":[1,2]}', "a[]"))
    assert.same({ { "a", 1 }, { "b", json.null } }, collect('{"a":1,"b":null}', "{}"))
    local many = {}
    for i = 1, 30000 do many[i] = i end
    assert.same(many, collect(json.encode(many), "[]"))
  end)

  it("reads a function's pieces", function()
    local pieces, at = { '{"a"', ":[1,", "", "2]}" }, 0
    assert.same({ 1, 2 }, collect(function()
      at = at + 1
      return pieces[at]
    end, "a[]"))
  end)

  it("reads a file", function()
    local file <close> = assert(io.tmpfile())
    file:write('{"a":[', ("12,"):rep(50000), "12]}")
    file:seek "set"
    assert.equal(50001, #collect(file, "a[]"))
  end)

  it("reads what has read or items", function()
    local source = { pieces = { "[1", ",2]" } }
    function source:read() return table.remove(self.pieces, 1) end
    assert.same({ 1, 2 }, collect(source, "[]"))
    local response = {}
    function response.items(_, path, options)
      return json.items("[3]", path, options)
    end
    assert.same({ 3 }, collect(response, "[]"))
  end)

  it("takes fields and lines", function()
    assert.same({ { a = 1 } }, collect('[{"a":1,"b":2}]', "[]", { fields = { "a" } }))
    assert.same({ 1, 2 }, collect("1\n2\n", ".", { lines = true }))
  end)

  it("raises what is wrong with the document", function()
    assert.equal("json", caught("[1,2", "[]").kind)
    assert.equal("shape", caught('{"a":1}', "[]").kind)
  end)

  it("raises where the path leads nowhere, unless that may be", function()
    local err = caught('{"b":[]}', "a[]")
    assert.same({ "shape", "no a[] in the document" }, { err.kind, err.message })
    assert.same({}, collect('{"b":[]}', "a[]", { optional = true }))
    assert.same({}, collect('{"a":null}', "a[]"))
  end)

  it("raises what the source gives", function()
    local cut = errors.new { kind = "cut", message = "the answer ended early" }
    assert.equal("cut", caught(function() return nil, cut end, ".").kind)
    local file <close> = assert(io.open("spec"))
    assert.equal("io", caught(file, ".").kind)
  end)

  it("raises the caller's mistakes", function()
    assert.equal("usage", caught(7, ".").kind)
    assert.equal("usage", caught(print, ".", { optional = true }) and "usage")
    local ok, err = pcall(json.items, "[]", "a..b")
    assert.is_false(ok)
    assert.are.equal("usage", err.kind)
    assert.truthy(err.message:find("json.items: path 'a..b' of rows: not a path", 1, true), err.message)
  end)
end)
