local description = require "usagelua.vendor.description"
local json = require "usagelua.json"
local records = require "usagelua.flow.records"

local function dataset(fields, more)
  local described = { request = { path = "/x" }, rows = "data[]", fields = fields,
    params = { team = {}, u = { one_of = { "ms", "s" } } } }
  for key, value in pairs(more or {}) do described[key] = value end
  return description.check({
    name = "acme", version = 1, base_url = "https://acme.test",
    auth = { kind = "bearer", token_env = "ACME_TOKEN" }, datasets = { usage = described },
  }, "acme.lua").datasets.usage
end

local function map(fields, item, more, key, side)
  return records.mapper(dataset(fields, more), { team = "QA", u = "ms" }):map(item, key, side or {})
end

local function assert_shape(expected, ...)
  local rows, err = map(...)
  assert.is_nil(rows)
  assert.are.equal("shape", err.kind)
  assert.are.equal(expected, err.message)
end

describe("records.mapper", function()
  it("reads columns and measures, constants and parameters", function()
    local rows = map({ user_id = { "email", lower = true }, product = { value = "cloud" },
      team = { param = "team" }, tests = "n" }, { email = "A@B.C", n = 3 })
    assert.are.same({ { user_id = "a@b.c", product = "cloud", team = "QA", tests = 3 } }, rows)
  end)

  it("keeps what is missing missing", function()
    assert.are.same({ {} }, (map({ user_id = "email", tests = "n" }, { email = json.null })))
  end)

  it("takes the other path where the first one holds nothing", function()
    local fields = { account = { "$.org.name", else_path = "$.org.id" } }
    assert.are.equal("Acme", map(fields, {}, nil, nil, { ["org.name"] = "Acme" })[1].account)
    assert.are.equal("12", map(fields, {}, nil, nil, { ["org.id"] = "12" })[1].account)
    local user = { user_id = { "email", else_path = "id" } }
    assert.are.equal("7", map(user, { email = "", id = "7" })[1].user_id)
    assert.are.equal("7", map(user, { email = json.null, id = 7 })[1].user_id)
  end)

  it("names path and value of what has another shape", function()
    local products = { rows = "data.products{}" }
    assert_shape("data.products.automation.n: expected an integer of zero or more, got -1",
      { tests = "n" }, { n = -1 }, products, "automation")
    assert_shape("data[].a.n: expected a value inside an object, got 5", { tests = "a.n" }, { a = 5 })
    assert_shape("org.name: expected text, got true", { account = "$.org.name" }, {}, nil, nil,
      { ["org.name"] = true })
    assert_shape("data.products.automation: expected an object, got null", { tests = "n" }, json.null,
      products, "automation")
    assert_shape("data[]: expected an object, got 'x'", { tests = "n" }, "x")
  end)

  it("takes items that are values where a field reads them", function()
    assert.are.same({ { product = "a", tests = 4 } },
      (map({ product = "@key", tests = "." }, 4, { rows = "data{}" }, "a")))
    assert_shape("data.a: expected an integer of zero or more, got 'x'",
      { product = "@key", tests = "." }, "x", { rows = "data{}" }, "a")
  end)

  it("says in which unit the figures stand", function()
    local mapper = records.mapper(dataset({ duration_s = { "d", unit = "{u}" } }), { u = "ms" })
    assert.are.same({ duration_s = "ms" }, mapper.units)
  end)

  it("leaves out records that the description leaves out, and takes what it changes", function()
    local more = { record = function(record, item, sent)
      record.team = sent.team .. item.x
      return record.tests > 1
    end }
    assert.are.same({}, (map({ tests = "n" }, { n = 1, x = "" }, more)))
    assert.are.same({ { tests = 2, team = "QA!" } }, (map({ tests = "n" }, { n = 2, x = "!" }, more)))
  end)
end)

describe("a description's own function", function()
  local kit = require "usagelua.vendor.kit"

  it("may refuse what the vendor sent", function()
    local more = { record = function(record) record.period = kit.at_offset(record.period, "+02:00") end }
    assert.are.equal("2026-06-01T02:00:00+02:00",
      map({ period = "at" }, { at = "2026-06-01T00:00:00Z" }, more)[1].period)
    local rows, err = map({ period = "at" }, { at = "yesterday" }, more)
    assert.is_nil(rows)
    assert.are.equal("shape", err.kind)
    assert.truthy(err.message:find("'yesterday' is not a time", 1, true), err.message)
    assert.are.equal("shape", select(2, map({ period = "at" }, {}, more)).kind)
  end)

  it("has mistakes of its own, which are none of the vendor's", function()
    assert.has_error(function() map({ tests = "n" }, { n = 1 }, { record = function() error "mine" end }) end)
  end)
end)

describe("numbers that no field names", function()
  it("are kept under their own name", function()
    assert.are.same({ { tests = 1, flaky = 2 } }, (map({ tests = "n" }, { n = 1, flaky = 2, label = "x" })))
  end)

  it("bear raw_ where they would meet ours or the dataset's own", function()
    assert.are.same({ { tests = 1, raw_tests = 9, raw_users = 3, raw_complete = 4, raw_team = 5 } },
      (map({ tests = "n" }, { n = 1, tests = 9, users = 3, complete = 4, team = 5 })))
    assert.are.same({ { seats = 1, raw_seats = 7 } },
      (map({ seats = { "bought", kind = "sum", unit = "1" } }, { bought = 1, seats = 7 })))
  end)

  it("are kept of each member, and not of the item around it", function()
    local item = { logins = 3, usage = { live = { n = 4, minutes = 9 } }, extra = { live = { rank = 1 } } }
    assert.are.same({ { product = "live", tests = 4, minutes = 9, rank = 1 } },
      (map({ product = "@key", tests = "usage.{key}.n" }, item, { each = { "usage{}", "extra{}" } })))
  end)
end)

describe("each", function()
  local FIELDS = { product = "@key", has_access = "access.{key}", tests = "usage.{key}.n" }
  local MORE = { each = { "usage{}", "access{}" }, each_optional = true }

  it("makes one record per key of any of the objects", function()
    local item = { access = { live = true, app = false }, usage = { live = { n = 4 } } }
    assert.are.same({ { product = "app", has_access = false },
      { product = "live", has_access = true, tests = 4 } }, (map(FIELDS, item, MORE)))
  end)

  it("keeps an item without any only where told so", function()
    assert.are.same({ {} }, (map(FIELDS, {}, MORE)))
    assert.are.same({ {} }, (map(FIELDS, { usage = json.null }, MORE)))
    assert.are.same({}, (map(FIELDS, {}, { each = "usage{}" })))
  end)

  it("makes one record per item of a list, which sees what encloses it", function()
    local item = { name = "QA", users = { { mail = "a", n = 1 }, { mail = "b", n = 2 } } }
    assert.are.same({ { team = "QA", user_id = "a", tests = 1 }, { team = "QA", user_id = "b", tests = 2 } },
      (map({ team = "^.name", user_id = "mail", tests = "n" }, item, { each = "users[]" })))
  end)

  it("refuses what is neither", function()
    assert_shape("data[].usage{}: expected an object, got 5", FIELDS, { usage = 5 }, MORE)
    assert_shape("data[].usage{}: expected an object, got an object or a list", FIELDS,
      { usage = { 1 } }, MORE)
    assert_shape("data[].users[]: expected a list, got an object or a list", { tests = "n" },
      { users = { a = {} } }, { each = "users[]" })
  end)
end)

describe("further records of an answer", function()
  local FIELDS = { fields = { users = "$.meta.users", user_type = { param = "team" } } }

  local function also(side)
    return records.mapper(dataset({ tests = "n" }, { also = { FIELDS } }), { team = "QA" }):also(side)
  end

  it("are read from the document's root", function()
    assert.are.same({ { users = 12, user_type = "QA" } }, (also { ["meta.users"] = 12 }))
  end)

  it("are not there without a figure", function()
    assert.are.same({}, (also {}))
  end)

  it("have measures of their own, told apart from those of the rows", function()
    local _, measures = records.schema(dataset({ tests = "n" }, { also = { FIELDS } }))
    assert.are.same({ nil, 1 }, { measures.tests.part, measures.users.part })
    _, measures = records.schema(dataset({ tests = "n", users = "m" }, { also = { FIELDS } }))
    assert.is_nil(measures.users.part)
  end)

  it("are checked as all are", function()
    local rows, err = also { ["meta.users"] = -1 }
    assert.is_nil(rows)
    assert.are.equal("meta.users: expected an integer of zero or more, got -1", err.message)
  end)
end)

describe("records.schema", function()
  it("lists columns and measures, the dataset's own with kind and unit", function()
    local columns, measured = records.schema(dataset({ user_id = "e", project = { "p", column = true },
      tests = { "n", negative = true }, licences = { "l", kind = "last", of = "team", unit = "1" } }))
    assert.are.same({ "project", "user_id" }, columns)
    assert.are.same({ unit = "1", kind = "sum", negative = true }, measured.tests)
    assert.are.same({ unit = "1", kind = "last", of = "team" }, measured.licences)
  end)
end)

describe("records.selection", function()
  local FIELDS = { user_id = { "user.mail", else_path = "id" }, team = "team.name", tests = "usage.n",
    account = "$.org", product = { value = "x" } }

  local function selection(columns, more)
    local set = {}
    for _, name in ipairs(columns) do set[name] = true end
    return records.selection(dataset(FIELDS, more), set)
  end

  it("names what the columns come from", function()
    assert.are.same({ "id", "usage.n", "user.mail" }, selection { "user_id", "tests", "account" })
    assert.are.same({ "team.name" }, selection { "team", "product" })
  end)

  it("names what pages and members need", function()
    assert.are.same({ "team.name", "uid" },
      selection({ "team" }, { pages = { kind = "page", unique = "uid" } }))
    assert.are.same({ "access{}", "team.name" }, selection({ "team" }, { each = "access{}" }))
  end)

  it("names numbers that no field names, also where they bear raw_", function()
    assert.are.same({ '["a b"]', "flaky", "tests" }, selection { "flaky", "raw_tests", "a b" })
  end)

  it("is everything where nobody says what is read, or a function may read anything", function()
    assert.is_nil(records.selection(dataset(FIELDS), nil))
    assert.is_nil(selection { "account" })
    assert.is_nil(selection({ "tests" }, { record = function() end }))
  end)
end)
