-- core.json.reader: items at a path, fields, side values, in one pass.

local core = require "usagelua.core".json
local null = core.null

-- Feeds the text in pieces, taking items as they come. Gives the items (each
-- with its keys as a list), the reader, and the error where there is one.
local function read(plan, text, size)
  local reader = core.reader(plan)
  local rows = {}
  local function take(item, ...)
    if item == nil then return false end
    rows[#rows + 1] = select("#", ...) > 0 and { item, ... } or item
    return true
  end
  size = size or #text + 1
  for from = 1, #text, size do
    local ok, err = reader:feed(text:sub(from, from + size - 1))
    if not ok then return rows, reader, err end
    while take(reader:next()) do end
  end
  local ok, err = reader:finish()
  while take(reader:next()) do end
  return rows, reader, not ok and err or nil
end

local sizes = { 1, 3, 16, 1000 }

local function assert_rows(expected, plan, text)
  for _, size in ipairs(sizes) do
    local rows, reader, err = read(plan, text, size)
    assert.is_nil(err)
    assert.same(expected, rows)
    assert.equal(#expected, reader:count())
    assert.is_true(reader:found())
  end
end

local function assert_error(kind, code, path, plan, text)
  for _, size in ipairs(sizes) do
    local _, _, err = read(plan, text, size)
    assert.is_table(err)
    assert.same({ kind, code, path }, { err.kind, err.code, err.path })
  end
end

local function seconds(fn)
  collectgarbage()
  local from = os.clock()
  fn()
  return os.clock() - from
end

-- Ten times the work costs about ten times the time: what is quadratic
-- costs a hundred times. The least of three, for noisy machines; what leaves
-- the processor's cache on its way may cost more (`most`, 40 unless given).
local function assert_linear(run, small, most)
  local ratio = math.huge
  for _ = 1, 3 do
    local few = seconds(function() run(small) end)
    ratio = math.min(ratio, seconds(function() run(small * 10) end) / few)
  end
  assert.is_true(ratio < (most or 40), ("ten times the work took %.0f times as long"):format(ratio))
end

describe("rows", function()
  it("are the items of an array", function()
    assert_rows({ { a = 1 }, 2, "x", null, {}, false },
      { rows = "data.users[]" }, '{"data":{"users":[{"a":1},2,"x",null,[],false]}}')
  end)

  it("are the members of an object, with their keys", function()
    assert_rows({ { 1, "a" }, { { x = 2 }, "b\0c" }, { null, "" } },
      { rows = "data{}" }, [[{"data":{"a":1,"b\u0000c":{"x":2},"":null}}]])
  end)

  it("are the whole document", function()
    assert_rows({ { a = { 1, 2 } } }, { rows = "." }, '{"a":[1,2]}')
    assert_rows({ null }, { rows = "." }, "null")
    assert_rows({ 12 }, { rows = "." }, "12")
    assert_rows({ 1, 2 }, { rows = "[]" }, "[1,2]")
    assert_rows({ { 1, "a" } }, { rows = "{}" }, '{"a":1}')
  end)

  it("are the one value that a path of names leads to", function()
    assert_rows({ { b = 1 } }, { rows = "a" }, '{"x":0,"a":{"b":1}}')
    assert_rows({}, { rows = "a" }, '{"a":null}')
  end)

  it("go through several levels, with the keys of all {} above", function()
    assert_rows({ { 1, "k1", "m" }, { 2, "k1", "m" }, { 3, "k2", "n" } }, { rows = "a{}.b{}.c[]" },
      '{"a":{"k1":{"b":{"m":{"c":[1,2]}}},"k2":{"z":{},"b":{"n":{"c":[3]},"o":{"c":[]}}}}}')
    assert_rows({ 1, 2, 3 }, { rows = "[][]" }, "[[1],[],[2,3]]")
    assert_rows({ 1, 2 }, { rows = "a[].b[]" }, '{"a":[{"b":[1]},{"c":0},{"b":null},null,{"b":[2]}]}')
  end)

  it("may have names in quotes, and empty ones", function()
    assert_rows({ 1 }, { rows = '["a.b"]["c\\"[]"].d[]' }, [[{"a.b":{"c\"[]":{"d":[1]}}}]])
    assert_rows({ 1 }, { rows = 'a[""][]' }, '{"a":{"":[1]}}')
    assert_rows({ 7 }, { rows = "naïve.ключ[]" }, [[{"na\u00efve":{"ключ":[7]}}]])
  end)

  it("may stand on null, then there are none", function()
    assert_rows({}, { rows = "data.users[]" }, '{"data":null}')
    assert_rows({}, { rows = "data.users[]" }, '{"data":{"users":null}}')
    for text, expected in pairs { ['{"data":null}'] = true, ['{"data":{"users":[]}}'] = false,
      ['{"x":null}'] = false } do
      local _, reader = read({ rows = "data.users[]" }, text)
      assert.equal(expected, select(2, reader:found()))
    end
  end)

  it("may not be a document of null alone, where they have a name in it", function()
    for rows, expected in pairs { ["data.users[]"] = false, ["data{}"] = false, ["[]"] = true, ["{}"] = true } do
      local _, reader = read({ rows = rows }, "null")
      assert.equal(expected, (reader:found()), rows)
    end
  end)

  it("are not none where there is no document", function()
    for _, text in ipairs { "", " ", "\n\t" } do
      assert_error("json", "incomplete", nil, { rows = "data[]" }, text)
      assert_error("json", "incomplete", nil, { rows = "[]" }, text)
    end
  end)

  it("are not found where the path never appeared", function()
    local function found(rows, text)
      local _, reader, err = read({ rows = rows }, text)
      assert.is_nil(err)
      return reader:found()
    end
    assert.is_false(found("data.users[]", "{}"))
    assert.is_false(found("data.users[]", '{"data":{"user":[]}}'))
    assert.is_true(found("data.users[]", '{"data":{"users":[]}}'))
    assert.is_true(found("a[].b[]", '{"a":[]}'))
    assert.is_false(found("a[].b[]", '{"a":[{"c":[]}]}'))
    assert.is_true(found("a[].b[]", '{"a":[{"c":[]},{"b":[]}]}'))
    assert.is_true(found("a{}.b", '{"a":{}}'))
    assert.is_false(found("a{}.b", '{"a":{"x":{}}}'))
    assert.is_false(core.reader {}:found())
  end)

  it("on a value of another shape are a shape error", function()
    assert_error("shape", "shape", "data.users", { rows = "data.users[]" }, '{"data":{"users":{"a":1}}}')
    assert_error("shape", "shape", "data.users", { rows = "data.users[]" }, '{"data":{"users":"no"}}')
    assert_error("shape", "shape", "data", { rows = "data.users[]" }, '{"data":[1]}')
    assert_error("shape", "shape", nil, { rows = "data.users[]" }, "[]")
    assert_error("shape", "shape", "a[1].b", { rows = "a[].b{}" }, '{"a":[{"b":{}},{"b":[]}]}')
    assert_error("shape", "shape", "a[1]", { rows = "a[].b{}" }, '{"a":[{"b":{}},7]}')
    assert_error("shape", "shape", "a", { rows = "a[]" }, '{"a":99999999999999999999}')
    local _, _, err = read({ rows = "a[]" }, '{"a":{}}')
    assert.equal("expected an array, found an object at line 1, column 6 (byte 5), in a", err.message)
  end)

  it("that were whole before an error are there", function()
    local rows, reader, err = read({ rows = "[]" }, "[1,2,[3],[4,x]]")
    assert.equal("syntax", err.code)
    assert.same({}, rows)
    assert.equal(3, reader:count())
    assert.same({ 1, 2, { 3 } }, { reader:next(), reader:next(), reader:next() })
    assert.is_nil(reader:next())
  end)
end)

describe("fields", function()
  local text = [[{"users":[
    {"email":"a","junk":[1,{"email":"x"}],"usage":{"last":3,"more":{}},
     "access":{"live":true,"web":null},"deep":{"x":{"n":1,"m":2},"y":{"n":3}},"list":[{"a":1,"b":2},{"a":3}]},
    {"usage":{"last":null},"email":"b"}]}]]

  local function assert_fields(expected, fields)
    assert_rows(expected, { rows = "users[]", fields = fields }, text)
  end

  it("are all that is built, nested as in the source", function()
    assert_fields({ { email = "a", usage = { last = 3 } }, { email = "b", usage = { last = null } } },
      { "email", "usage.last" })
    assert_fields({ {}, {} }, { "nothing", "usage_" })
  end)

  it("go into members and items", function()
    assert_fields({ { access = { live = true, web = null } }, {} }, { "access{}" })
    assert_fields({ { deep = { x = { n = 1 }, y = { n = 3 } } }, {} }, { "deep{}.n" })
    assert_fields({ { list = { { a = 1 }, { a = 3 } } }, {} }, { "list[].a" })
    assert_fields({ { list = { { a = 1, b = 2 }, { a = 3 } } }, {} }, { "list[]" })
  end)

  it("take all where one path ends on the way of another", function()
    local whole = { { usage = { last = 3, more = {} } }, { usage = { last = null } } }
    assert_fields(whole, { "usage", "usage.last" })
    assert_fields(whole, { "usage.last", "usage" })
  end)

  it("of another shape are given as they stand", function()
    local plan = { rows = "[]", fields = { "a.b", "c[]", "d{}.x" } }
    assert_rows({
      { a = 1, c = "s", d = null },
      { a = { 1, 2 }, c = { q = 1 }, d = { { x = 1, y = 2 } } },
      7,
    }, plan,
      '[{"a":1,"c":"s","d":null},{"a":[1,2],"c":{"q":1},"d":[{"x":1,"y":2}]},7]')
  end)

  it("leave the rest checked", function()
    local plan = { rows = "users[]", fields = { "email" } }
    assert_error("json", "syntax", "users[0]", plan, '{"users":[{"email":1,"x":[01]}]}')
    assert_error("json", "utf8", "users[0]", plan, '{"users":[{"email":1,"x":{"\xff":1}}]}')
    assert_error("json", "utf8", "users[0]", plan, [[{"users":[{"x":"\ud800"}]}]])
    assert_rows({ { email = 1 } }, plan, '{"users":[{"x":9999999999999999999,"y":1e999,"email":1}]}')
  end)

  it("tell where a value is wrong", function()
    assert_error("json", "range", "users[1].usage.last", { rows = "users[]", fields = { "usage.last" } },
      '{"users":[{},{"usage":{"last":9999999999999999999}}]}')
  end)
end)

describe("side values", function()
  local side = { partial = "data.metadata.partial", total = "data.total", next = "meta.next" }

  local function assert_side(expected, text, sides)
    for _, size in ipairs(sizes) do
      local rows, reader, err = read({ rows = "data.users[]", side = sides or side }, text, size)
      assert.is_nil(err)
      assert.same({ 1, 2 }, rows)
      assert.same(expected, reader:side())
    end
  end

  it("stand before or after the rows", function()
    local expected = { partial = true, total = { n = 2 }, next = null }
    assert_side(expected,
      '{"meta":{"next":null},"data":{"metadata":{"partial":true},"total":{"n":2},"users":[1,2]}}')
    assert_side(expected,
      '{"data":{"users":[1,2],"total":{"n":2},"metadata":{"partial":true}},"meta":{"next":null}}')
  end)

  it("are absent where the document has none, or another shape", function()
    assert_side({}, '{"data":{"users":[1,2],"metadata":[{"partial":1}]},"meta":"x"}')
  end)

  it("may lie in another, or be the same", function()
    assert_side({ all = { x = { y = 1 } }, x = { y = 1 }, y = 1, again = 1 },
      '{"data":{"users":[1,2]},"meta":{"x":{"y":1}}}',
      { y = "meta.x.y", all = "meta", x = "meta.x", again = "meta.x.y", none = "meta.z", no = "meta.x.y.z" })
  end)

  it("are there as soon as they are complete", function()
    local reader <close> = core.reader { rows = "rows[]", side = { a = "a", b = "b" } }
    assert.same({}, reader:side())
    assert(reader:feed '{"a":[1')
    assert.same({}, reader:side())
    assert(reader:feed '],"rows":[')
    assert.same({ a = { 1 } }, reader:side())
    assert.equal(reader:side(), reader:side())
    assert(reader:feed '],"b":2}')
    assert.same({ a = { 1 }, b = 2 }, reader:side())
  end)

  it("need no rows", function()
    local rows, reader, err = read({ side = { a = "a.b", all = "c" } }, '{"a":{"b":1},"c":[{}]}')
    assert.is_nil(err)
    assert.same({}, rows)
    assert.same({ a = 1, all = { {} } }, reader:side())
  end)
end)

-- The same by other means: the document is decoded whole, and the paths are
-- followed in Lua.
local reference = {}

-- Steps of a path as a list: names, "[]", "{}".
local function steps_of(path)
  local steps = {}
  for name, mark in path:gmatch "([^.%[%]{}]*)([%[{]?[%]}]?)%.?" do
    if name ~= "" then steps[#steps + 1] = name end
    if mark ~= "" then steps[#steps + 1] = mark end
  end
  return steps
end

local function is_array(value) return getmetatable(value) == getmetatable(core.array()) end
local function is_object(value) return type(value) == "table" and not is_array(value) end

local expand = {}

expand["[]"] = function(value, found)
  assert(is_array(value), "shape")
  for _, item in ipairs(value) do found(item) end
end

expand["{}"] = function(value, found)
  assert(is_object(value), "shape")
  for key, item in pairs(value) do found(item, key) end
end

local function member(name)
  return function(value, found)
    assert(is_object(value), "shape")
    if value[name] ~= nil then found(value[name]) end
  end
end

-- Order of members is not that of the document: rows are compared sorted.
function reference.rows(value, path)
  local rows, steps = {}, steps_of(path)
  local function follow(current, at, keys)
    local step = steps[at]
    local last_is_name = #steps > 0 and not expand[steps[#steps]]
    if current == null and (step or last_is_name) then return end
    if not step then
      rows[#rows + 1] = core.encode { current, table.unpack(keys) }
      return
    end
    (expand[step] or member(step))(current, function(inner, key)
      local more = table.move(keys, 1, #keys, 1, {})
      more[#more + 1] = key
      follow(inner, at + 1, more)
    end)
  end
  follow(value, 1, {})
  table.sort(rows)
  return rows
end

function reference.side(value, path)
  for _, name in ipairs(steps_of(path)) do
    if not is_object(value) then return nil end
    value = value[name]
  end
  return value
end

describe("a plan over generated documents", function()
  local names = { "a", "b", "c", "é" }
  local paths = { ".", "[]", "{}", "a", "a[]", "a.b[]", "a{}", "a{}.b", "a[].b[]", "{}{}", "[][]",
    "a.b{}.c[]" }
  local sides = { "b", "b.c", "c.é.a", "é" }

  local function generate(depth)
    local kind = depth == 0 and 1 or math.random(3)
    if kind == 1 then return ({ null, 1, "x", false, 2.5 })[math.random(5)] end
    local value = kind == 2 and core.array() or {}
    for i = 1, math.random(0, 4) do
      value[kind == 2 and i or names[math.random(#names)]] = generate(depth - 1)
    end
    return value
  end

  local function random_plan()
    local plan = { rows = paths[math.random(#paths)], side = { s = sides[math.random(#sides)] } }
    if not pcall(core.reader, plan) then plan.side = nil end
    return plan
  end

  -- As reference.rows gives them.
  local function texts(rows, path)
    local has_keys = path:find("{}", 1, true)
    for i, row in ipairs(rows) do rows[i] = core.encode(has_keys and row or { row }) end
    table.sort(rows)
    return rows
  end

  local function assert_as_reference(value, plan)
    local rows, reader, err = read(plan, core.encode(value), math.random(40))
    local fits, expected = pcall(reference.rows, value, plan.rows)
    if not fits then
      assert.equal("shape", err.kind)
      return "shape"
    end
    assert.is_nil(err)
    assert.same(expected, texts(rows, plan.rows))
    assert.same(plan.side and reference.side(value, plan.side.s), reader:side().s)
    return #rows > 0 and "rows" or "none"
  end

  it("gives what following the paths gives, in pieces too", function()
    math.randomseed(21)
    local seen = { shape = 0, rows = 0, none = 0 }
    for _ = 1, 3000 do
      local outcome = assert_as_reference(generate(5), random_plan())
      seen[outcome] = seen[outcome] + 1
    end
    assert.is_true(seen.shape > 300 and seen.rows > 300 and seen.none > 300)
  end)
end)

describe("duplicate keys", function()
  local plan = {
    rows = "data.users[]",
    fields = { "email", "usage.last", "access{}.x" },
    side = { n = "meta.n" },
  }

  local function assert_duplicate(path, text)
    assert_error("json", "duplicate", path, plan, text)
  end

  it("are refused among the names on the way", function()
    assert_duplicate("data", '{"data":{},"data":{}}')
    assert_duplicate("data.users", '{"data":{"users":[],"z":1,"users":[]}}')
    assert_duplicate("meta", '{"meta":1,"meta":2}')
    assert_duplicate("meta.n", '{"meta":{"n":1,"n":1}}')
    assert_duplicate("data", [[{"data":{},"d\u0061ta":{}}]])
  end)

  it("are refused among the fields of an item", function()
    assert_duplicate("data.users[1].email", [[{"data":{"users":[{"email":1},{"email":1,"\u0065mail":2}]}}]])
    assert_duplicate("data.users[0].usage", '{"data":{"users":[{"usage":null,"usage":1}]}}')
    assert_duplicate("data.users[0].usage.last", '{"data":{"users":[{"usage":{"last":1,"a":1,"last":1}}]}}')
    assert_duplicate("data.users[0].access.p", '{"data":{"users":[{"access":{"p":{},"q":{},"p":{}}}]}}')
    assert_duplicate("data.users[0].access.p.x", '{"data":{"users":[{"access":{"p":{"x":1,"x":1}}}]}}')
  end)

  it("are looked for in time that grows with their number", function()
    local function text(count)
      local members = {}
      for i = 1, count do members[i] = ('"k%d":1'):format(i) end
      return "{" .. table.concat(members, ",") .. "}"
    end
    local texts = { [30000] = text(30000), [300000] = text(300000) }
    assert_linear(function(count) assert(core.decode(texts[count])) end, 30000, 70)
  end)

  it("are refused in what is built whole", function()
    assert_error("json", "duplicate", "[1].a.b", { rows = "[]" }, '[0,{"a":{"b":1,"b":2}}]')
    assert_error("json", "duplicate", "m.x[1].a", { side = { m = "m" } },
      '{"m":{"x":[{"a":1},{"a":1,"a":1}]}}')
  end)

  it("are refused among the members of {}", function()
    assert_error("json", "duplicate", "data.a", { rows = "data{}" }, [[{"data":{"a":1,"b":2,"\u0061":3}}]])
    assert_error("json", "duplicate", "a.x.y", { rows = "a{}{}" }, '{"a":{"w":{"y":1},"x":{"y":1,"y":2}}}')
  end)

  it("are found among few and many, wherever they stand", function()
    for _, count in ipairs { 2, 7, 8, 9, 10, 31, 32, 33, 64, 500 } do
      for _, again in ipairs { 1, (count + 1) // 2, count - 1 } do
        local members = {}
        for i = 1, count do members[i] = ('"k%d":{"k1":0,"k2":0}'):format(i == count and again or i) end
        local text = "{" .. table.concat(members, ",") .. "}"
        assert_error("json", "duplicate", "k" .. again, { rows = "{}" }, text)
        local _, err = core.decode(text)
        assert.equal("k" .. again, err.path)
      end
    end
  end)

  it("are no matter in what is only checked", function()
    assert_rows({}, plan, '{"data":{"users":[],"x":1,"x":{"a":1,"a":1}},"y":1,"y":2}')
  end)

  it("are none where the same name stands in different objects", function()
    assert_rows({ { a = { a = 1 } }, { a = { a = 1 } } }, { rows = "[]" }, '[{"a":{"a":1}},{"a":{"a":1}}]')
  end)
end)

describe("lines", function()
  it("are documents of their own", function()
    assert_rows({ 1, {}, "x", { 2 } }, { rows = ".", lines = true }, '1\n{}\r\n\n "x" \n[2]')
    assert_rows({ 1, 2, 3 }, { rows = "a[]", lines = true }, '{"a":[1]}\n{"b":1}\n{"a":[2,3]}\n')
  end)

  it("hold one whole document each", function()
    local plan = { rows = ".", lines = true }
    assert_error("json", "syntax", nil, plan, "1 2\n")
    assert_error("json", "incomplete", "a", plan, '{"a":\n1}')
    assert_error("json", "incomplete", "a", plan, '1\n{"a"')
  end)

  it("may be none at all", function()
    local rows, reader, err = read({ rows = ".", lines = true }, "\n")
    assert.is_nil(err)
    assert.same({}, rows)
    assert.is_false(reader:found())
  end)
end)

describe("a wrong plan", function()
  local function assert_raises(part, plan)
    local ok, message = pcall(core.reader, plan)
    assert.is_false(ok)
    assert.is_truthy(tostring(message):find(part, 1, true), message)
  end

  it("is refused with the path and the reason", function()
    local wrong = { "", "a.", ".a", "a..b", "a[", "a[0]", "a]", "a{", "a{x}", '["a]', '["\\x"]', "a[]b" }
    for _, path in ipairs(wrong) do
      assert_raises(("path '%s' of rows: not a path"):format(path), { rows = path })
    end
    assert_raises("it holds the rows", { rows = "data.users[]", side = { a = "data" } })
    assert_raises("it holds the rows", { rows = "data.users[]", side = { a = "data.users" } })
    assert_raises("it lies inside the rows", { rows = "data", side = { a = "data.b" } })
    assert_raises("it lies inside the rows", { rows = "data{}", side = { a = "data.b" } })
    assert_raises("[] and {} are for rows", { rows = "a[]", side = { a = "b[]" } })
    assert_raises("fields need rows", { fields = { "a" } })
    assert_raises("not the path of a field", { rows = "[]", fields = { "." } })
    assert_raises("{} and a name at the same place", { rows = "[]", fields = { "a{}.b", "a.c" } })
    assert_raises("{} and a name at the same place", { rows = "[]", fields = { "a.c", "a{}.b" } })
    assert_raises("more than 8 times", { rows = ("[]"):rep(9) })
    assert_raises("unknown option 'row'", { row = "." })
    assert_raises("max_depth has to be", { rows = ".", max_depth = 0 })
    assert_raises("lines have no side values", { rows = ".", lines = true, side = { a = "a" } })
    assert_raises("has to be a string", { rows = 7 })
  end)
end)

describe("a reader", function()
  it("gives the same error for ever", function()
    local reader <close> = core.reader { rows = "." }
    local _, first = reader:feed "[1,"
    assert.is_nil(first)
    local ok, err = reader:feed "}"
    assert.is_nil(ok)
    assert.equal(err, select(2, reader:feed "]"))
    assert.equal(err, select(2, reader:feed ""))
    assert.equal(err, select(2, reader:finish()))
  end)

  it("keeps to its depth", function()
    assert_rows({ { { 1 } } }, { rows = ".", max_depth = 2 }, "[[1]]")
    assert_error("json", "depth", "[0]", { rows = ".", max_depth = 1 }, "[[1]]")
    local deep = ("["):rep(999) .. ("]"):rep(999)
    assert_rows({}, { rows = "a", max_depth = 1000 }, '{"a":null,"b":' .. deep .. "}")
  end)

  it("may be finished twice but not fed again", function()
    local reader <close> = core.reader {}
    assert(reader:feed "{}")
    assert.is_true(reader:finish())
    assert.is_true(reader:finish())
    assert.has_error(function() reader:feed " " end)
  end)

  it("closes twice, and then raises", function()
    local reader = core.reader { rows = "." }
    assert(reader:feed '{"a":"')
    reader:close()
    reader:close()
    assert.has_error(function() reader:feed "" end)
    assert.has_error(function() reader:next() end)
    assert.equal("usagelua.json.reader (closed)", tostring(reader))
  end)

  it("may be taken from late, in the middle, or not at all", function()
    local reader <close> = core.reader { rows = "[]" }
    assert(reader:feed '["a",{"b":["c"')
    assert.equal("a", reader:next())
    assert.is_nil(reader:next())
    assert(reader:feed ']},"d","e"')
    assert.same({ b = { "c" } }, (reader:next()))
    assert(reader:feed ',"f"]')
    assert(reader:finish())
    assert.same({ "d", "e", "f" }, { reader:next(), reader:next(), reader:next() })
    assert.equal(5, reader:count())
  end)

  it("carries the sink's mark for the transfer module", function()
    assert.is_true(getmetatable(core.reader {}).__sink)
  end)
end)

describe("time", function()
  it("grows with the number of items alone", function()
    assert_linear(function(count)
      local reader <close> = core.reader { rows = "[]" }
      local piece = ("1,"):rep(1000)
      assert(reader:feed "[")
      for _ = 1, count // 1000 do
        assert(reader:feed(piece))
        while reader:next() do end
      end
      assert(reader:feed "1]")
      assert(reader:finish())
    end, 20000)
  end)

  it("grows with the number of keys alone", function()
    assert_linear(function(count)
      local reader <close> = core.reader { rows = "{}" }
      assert(reader:feed "{")
      for i = 1, count do assert(reader:feed(('"key%d":0,'):format(i))) end
      assert(reader:feed '"":1}')
      while reader:next() do end
    end, 5000)
  end)

  it("grows with the length of a string alone, in pieces of one byte too", function()
    assert_linear(function(length)
      local reader <close> = core.reader { rows = "." }
      assert(reader:feed '"')
      for _ = 1, length do assert(reader:feed "x") end
      assert(reader:feed '"')
      assert.equal(length, #reader:next())
    end, 10000)
    assert_linear(function(length)
      local reader <close> = core.reader { rows = "." }
      local piece = ("é\\n"):rep(4096)
      assert(reader:feed '"')
      for _ = 1, length // #piece do assert(reader:feed(piece)) end
      assert(reader:feed '"')
    end, 200000)
  end)
end)

describe("memory", function()
  -- What has a finalizer goes with the second collection.
  local function kilobytes()
    collectgarbage()
    collectgarbage()
    return collectgarbage "count"
  end

  local function kilobytes_after(rounds, fn)
    for _ = 1, 3 do fn() end
    local before = kilobytes()
    for _ = 1, rounds do fn() end
    return kilobytes() - before
  end

  it("is given back by readers in any state", function()
    local grown = kilobytes_after(200, function()
      core.reader { rows = "." }:feed '{"a":"' -- not closed, in a string
      core.reader { rows = "[]" }:feed "[1,}"
      local reader = core.reader { rows = "[]", side = { a = "b" } }
      reader:feed(("[%s]"):format(("0,"):rep(100) .. "0"))
      reader:finish()
    end)
    assert.is_true(grown < 64, ("%.0f KB more"):format(grown))
  end)
end)
