-- One and the same item twice in one answer: it would count twice.
local cjson = require "cjson"
local core = require "usagelua.core"
local description = require "usagelua.vendor.description"
local errors = require "usagelua.errors"
local json = core.json
local shell = require "support.shell"
local tmp = require "support.tmp"

local VENDOR <const> = [[
local function dataset(more)
  local made = { request = { path = "/u" }, rows = "data[]", identity = { "user_id", "product" },
    fields = { user_id = "id", product = "product", tests = "n" } }
  for key, value in pairs(more or {}) do made[key] = value or nil end
  return made
end
return { name = "acme", version = 1, base_url = "https://acme.test",
  auth = { kind = "bearer", token_env = "ACME_TOKEN" },
  datasets = { folded = dataset(), tables = dataset { record = function() end },
    whole = dataset { answer = "whole" }, plain = dataset { identity = {} },
    csv = dataset { rows = false, format = "csv", request = { path = "/csv" }, ends = { mark = { id = "#" } } } } }]]

describe("an item that stands twice in one answer", function()
  local folder

  before_each(function()
    folder = tmp.folder()
    folder:write("acme.lua", VENDOR)
  end)
  after_each(function() folder:remove() end)

  local function fetch(dataset, body, ...)
    local path = dataset == "csv" and "/csv" or "/u"
    folder:write("run.har", cjson.encode { log = { _usagelua = { now = 1782900000, zone = "UTC" }, entries = { {
      request = { method = "GET", url = "https://acme.test" .. path },
      response = { status = 200, headers = { { name = "Content-Type", value = "application/json" },
        { name = "Content-Length", value = tostring(#body) } }, content = { text = body } } } } } })
    local result = shell.run({ shell.usagelua(), "fetch", "acme." .. dataset, "-f", "json", "--replay", "run.har", ... },
      { cwd = folder.path, env = { USAGELUA_VENDORS = folder.path, USAGELUA_STATE = folder.path } })
    return json.decode(result.stdout), result
  end

  local function items(...)
    return ('{"data":[%s]}'):format(table.concat({ ... }, ","))
  end

  local A <const>, B <const> = '{"id":"a","product":"x","n":1}', '{"id":"b","product":"x","n":2}'
  local WAYS <const> = { {}, { "--measures", "tests" }, { "--group-by", "product", "--measures", "tests" } }

  for _, dataset in ipairs { "folded", "tables", "whole" } do
    it("is refused: " .. dataset, function()
      for _, words in ipairs(WAYS) do
        local document, result = fetch(dataset, items(A, B, '{"id":"a","product":"y","n":4}', A), table.unpack(words))
        assert.equal(5, result.status, result.stdout)
        assert.truthy(document.coverage[1].reasons[1]:find(
          "data[]: item 4 has the user_id 'a', product 'x' of an item before it, and would count twice", 1, true),
          document.coverage[1].reasons[1])
      end
    end)

    it("is none where a value differs, or the first one is not there: " .. dataset, function()
      for _, words in ipairs(WAYS) do
        local document, result = fetch(dataset, items(A, B, '{"id":"a","product":"y","n":4}', '{"id":"a","n":8}',
          '{"product":"x","n":16}', '{"product":"x","n":32}', '{"id":null,"product":"x","n":64}',
          '{"id":"","product":"x","n":128}', '{"id":"","product":"x","n":256}'), table.unpack(words))
        assert.equal(0, result.status, result.stdout .. result.stderr)
        local sum = 0
        for _, record in ipairs(document.records) do sum = sum + record.tests end
        assert.equal(511, sum)
      end
    end)
  end

  it("is refused as a row of CSV", function()
    local rows = "id,product,n\na,x,1\nb,x,2\n%s#,,\n"
    for _, words in ipairs(WAYS) do
      local document = fetch("csv", rows:format "a,y,4\n", table.unpack(words))
      assert.same({}, document.coverage[1].reasons)
      document = fetch("csv", rows:format "a,x,4\n", table.unpack(words))
      assert.truthy(document.coverage[1].reasons[1]:find("rows: item 3 has the user_id 'a', product 'x' of an item",
        1, true), document.coverage[1].reasons[1])
    end
  end)

  it("is counted where the description does not tell items apart", function()
    local document = fetch("plain", items(A, A), "--measures", "tests")
    assert.equal(2, document.records[1].tests)
  end)

  it("takes an integer for its digits", function()
    local document = fetch("folded", items('{"id":7,"product":"x","n":1}', '{"id":"7","product":"x","n":1}'),
      "--measures", "tests")
    assert.truthy(document.coverage[1].reasons[1]:find("item 2 has the user_id '7'", 1, true))
  end)

  it("is found among very many", function()
    local list = {}
    for i = 1, 60000 do list[i] = ('{"id":"user-%d","product":"x","n":1}'):format(i) end
    local document = fetch("folded", items(table.unpack(list, 1, 60000)), "--measures", "tests")
    assert.equal(60000, document.records[1].tests)
    list[60001] = list[30000]
    document = fetch("folded", items(table.unpack(list, 1, 60001)), "--measures", "tests")
    assert.truthy(document.coverage[1].reasons[1]:find("item 60001 has the user_id 'user-30000'", 1, true))
  end)
end)

describe("identity", function()
  local function refusal(identity, more)
    local usage = { request = { path = "/u" }, rows = "data[]", identity = identity,
      fields = { user_id = "id", product = { value = "x" }, account = "$.org", tests = "n" } }
    for key, value in pairs(more or {}) do usage[key] = value end
    local ok, err = errors.try(description.check, { name = "acme", version = 1, base_url = "https://acme.test",
      auth = { kind = "bearer", token_env = "ACME_TOKEN" }, datasets = { usage = usage } }, "acme.lua")
    return not ok and errors.from(err).message or nil
  end

  it("names columns of the item itself, four at most", function()
    assert.is_nil(refusal { "user_id" })
    for _, name in ipairs { "product", "account" } do
      assert.matches("identity: '" .. name .. "' is no column that is read from the item itself", refusal { name })
    end
    assert.matches("identity: unknown field 'usr_id'; did you mean 'user_id'?", refusal { "usr_id" }, 1, true)
    assert.matches("identity: 4 columns at most", refusal { "a", "b", "c", "d", "e" })
    assert.matches("with the list 'uses%[%]'", refusal({ "user_id" }, { each = { "uses[]" } }))
  end)
end)
