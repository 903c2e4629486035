local core = require "usagelua.core"
local simulated = require "support.simulated"
local spool = require "usagelua.flow.spool"
local tmp = require "support.tmp"

local function reader() return core.json.reader { rows = "data[]", side = { total = "total" } } end

-- What `fn` makes of a held answer with this body.
local function hold(body, fn, options)
  local parts = simulated { answer = function()
    return { headers = { ["content-type"] = "application/json" }, body = body }
  end, piece_bytes = options and options.piece_bytes }
  return parts.scheduler:run(function()
    return parts.client:call({ url = "https://api.acme.test/u", attempts = 1 }, function(response)
      local held <close>, err = spool.hold(response, reader, options)
      if not held then return nil, err end
      return fn(held)
    end)
  end)
end

local function items(held)
  local list = {}
  for item in held:items() do list[#list + 1] = item end
  return list
end

local function many(count)
  local list = {}
  for i = 1, count do list[i] = ('{"id":%d,"name":"%s"}'):format(i, ("x"):rep(100)) end
  return ('{"data":[%s],"total":%d}'):format(table.concat(list, ","), count)
end

describe("spool.hold", function()
  it("gives the items of a whole answer, as often as wanted", function()
    local first, second, held = hold('{"data":[1,2,3],"total":3}', function(held)
      return items(held), items(held), held
    end)
    assert.are.same({ 1, 2, 3 }, first)
    assert.are.same(first, second)
    assert.are.same({ 3, 3, true, false, false }, { held.count, held.side.total, held.found, held.is_null,
      held.on_disk })
  end)

  it("says where there are no items", function()
    for body, expected in pairs { ["{}"] = { false, false }, ['{"data":null}'] = { true, true } } do
      assert.are.same(expected, (hold(body, function(held) return { held.found, held.is_null } end)))
    end
  end)

  it("moves to a file without a name when it is large, and reads the same", function()
    local folder <close> = tmp.folder()
    local body = many(2000)
    for _, memory_bytes in ipairs { 0, 1, 70000, #body - 1 } do
      local list, names = hold(body, function(held)
        assert.is_true(held.on_disk)
        return items(held), core.file.list(folder.path)
      end, { memory_bytes = memory_bytes, folder = folder.path })
      assert.are.equal(2000, #list)
      assert.are.same({ 2000, ("x"):rep(100) }, { list[2000].id, list[2000].name })
      assert.are.same({}, names)
    end
    assert.is_false(hold(body, function(held) return held.on_disk end, { memory_bytes = #body }))
  end)

  it("gives nothing of an answer that is cut, at whatever byte", function()
    local body = '{"data":[{"a":"\\u00e9é"},-1.5e3,true],"total":1}'
    for length = 0, #body - 1 do
      local held, err = hold(body:sub(1, length), function() error "held what is not whole" end)
      assert.is_nil(held)
      assert.are.equal("json", err.kind)
    end
  end)

  it("gives nothing where an item late in the answer is wrong", function()
    local held, err = hold('{"data":[{"a":1},{"a":1,"a":2}]}', function() error "held" end)
    assert.is_nil(held)
    assert.are.equal("duplicate", err.code)
  end)

  it("says where the file could not be written", function()
    local held, err = hold(many(10), function() error "held" end,
      { memory_bytes = 10, folder = "/nowhere/at/all" })
    assert.is_nil(held)
    assert.are.same({ "io", "ENOENT" }, { err.kind, err.code })
    assert.truthy(err.message:find("cannot hold the answer in /nowhere/at/all", 1, true), err.message)
  end)
end)

describe("core.spool", function()
  it("takes and gives pieces of any size", function()
    for _, memory_bytes in ipairs { 0, 5, 1000 } do
      local one <close> = core.spool.new { memory_bytes = memory_bytes }
      for _, piece in ipairs { "", "ab", "c", ("d"):rep(7) } do assert(one:feed(piece)) end
      for _ = 1, 2 do
        assert(one:rewind())
        assert.are.equal("abcddddddd", one:read())
        assert.is_nil(one:read())
      end
      assert.are.equal(10, one:size())
      assert.are.equal(memory_bytes < 10, one:on_disk())
    end
  end)

  it("gives its pieces to a reader", function()
    local one <close> = core.spool.new { memory_bytes = 3 }
    assert(one:feed("[" .. ("1,"):rep(100000) .. "2]"))
    assert(one:rewind())
    local json = core.json.reader { rows = "[]" }
    local pieces = 0
    while assert(one:give(json) ~= nil) and json:count() < 100001 do pieces = pieces + 1 end
    assert.is_true(pieces >= 3)
    assert(json:finish())
    assert.is_false(one:give(json))
  end)

  it("hands on the error of what checks it, and of what it gives to", function()
    local check = core.json.reader { rows = "[]" }
    local one <close> = core.spool.new { check = check }
    local ok, err = one:feed "[1,}"
    assert.is_nil(ok)
    assert.are.equal("json", err.kind)
    assert.are.same({ nil, err }, { one:feed "1" })
    local other <close> = core.spool.new()
    assert(other:feed "[1,}")
    assert(other:rewind())
    ok, err = other:give(core.json.reader { rows = "[]" })
    assert.is_nil(ok)
    assert.are.equal("sink", err.kind)
  end)

  it("keeps its file to the user alone, and ends it with the handle", function()
    local folder <close> = tmp.folder()
    local one = core.spool.new { memory_bytes = 1, folder = folder.path }
    assert(one:feed "secret")
    local found = {}
    for _, number in ipairs(core.file.list "/proc/self/fd") do
      local path = "/proc/self/fd/" .. number
      local target = core.file.realpath(path) or ""
      local stat = core.file.stat(path)
      if stat and stat.kind == "file" and stat.size == 6 and stat.mode == 384 then found[#found + 1] = target end
    end
    assert.are.equal(1, #found)
    assert.are.same({}, core.file.list(folder.path))
    one:close()
    one:close()
    assert.has_error(function() one:read() end)
    assert.are.equal("usagelua.spool (closed)", tostring(one))
  end)

  it("refuses what it cannot use", function()
    local one <close> = core.spool.new()
    assert.has_error(function() one:read() end)
    assert.has_error(function() one:give "text" end)
    assert(one:rewind())
    assert.has_error(function() one:feed "late" end)
    assert.has_error(function() core.spool.new { check = {} } end)
    assert.has_error(function() core.spool.new { memory_bytes = -1 } end)
  end)
end)
