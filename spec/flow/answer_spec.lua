local acme = require "support.acme"
local answer = require "usagelua.flow.answer"
local json = require "usagelua.json"
local simulated = require "support.simulated"

local DATASET = {
  window = { max_days = 31, format = "%Y-%m-%d" },
  request = { path = "/u", query = { from = "{from}", to = "{to}" } },
  ok = { status = "success" }, echo = { from = "meta.from", to = "meta.to" }, partial = "meta.partial",
  fields = { user_id = "email", account = "$.meta.org", tests = "n", screenshots = "shots" },
}

local function dataset(changes)
  local described = {}
  for key, value in pairs(DATASET) do described[key] = value end
  for key, value in pairs(changes or {}) do described[key] = value end
  return described
end

local SENT = { from = "2026-06-01", to = "2026-07-01" }

-- What the dataset makes of a body; `columns` are those that rules read.
local function read(body, changes, columns, given)
  local planned = acme.plan(acme.vendor(dataset(changes)), {},
    { period = require("usagelua.time.period").parse("2026-06", "UTC") })
  local status, asked = given and given.status or { 200 }, 0
  local parts = simulated { answer = function()
    asked = asked + 1
    return { status = status[asked] or status[#status],
      headers = { ["content-type"] = "application/json" }, body = body }
  end }
  return parts.scheduler:run(function()
    return parts.client:call({ url = "https://api.acme.test/u", attempts = given and given.attempts or 1,
      rules = planned.vendor.errors }, function(response)
      return answer.read(response, planned, SENT, columns)
    end)
  end)
end

local function document(changes, rows)
  local meta = { from = "2026-06-01", to = "2026-07-01", org = "Acme" }
  for name, value in pairs(changes or {}) do meta[name] = value end
  return json.encode { status = "success", meta = meta,
    data = rows or json.array { { email = "a", n = 1, shots = 2 }, { email = "b", n = 0, shots = 3 } } }
end

local function assert_shape(expected, ...)
  local got, err = read(...)
  assert.is_nil(got)
  assert.are.equal("shape", err.kind, err.message)
  assert.truthy(err.message:find(expected, 1, true), err.message)
end

describe("answer.read", function()
  it("takes one of several values for a good answer", function()
    assert.truthy(read(document(), { ok = { status = { "fine", "success" } } }))
    assert_shape("status: expected true or 'true', got 'success'", document(),
      { ok = { status = { true, "true" } } })
  end)

  it("takes nothing of an answer whose status says that it is not all of it", function()
    local got, err = read(document(), nil, nil, { status = { 206 } })
    assert.is_nil(got)
    assert.are.same({ "shape", 206 }, { err.kind, err.status })
    assert.truthy(err.message:find("answered 206 (Partial Content)", 1, true), err.message)
    got, err = read(document(nil, json.array {}), nil, nil, { status = { 202 }, attempts = 3 })
    assert.is_nil(got)
    assert.are.same({ "not_ready", 202 }, { err.kind, err.status })
    assert.truthy(err.message:find("still being made (after 3 attempts)", 1, true), err.message)
    for _, status in ipairs { 201, 203 } do
      assert.truthy(read(document(), nil, nil, { status = { status } }))
    end
  end)

  it("asks again for an answer that is still being made", function()
    local got = read(document(), nil, nil, { status = { 202, 202, 200 }, attempts = 5 })
    assert.are.equal(2, #got.batch.rows)
  end)

  it("compares what is repeated with the words that were sent", function()
    local params = { product = { words = { live = "Live", app = "App" }, default = "live" } }
    local function of(echoed)
      return read(document { product = echoed }, { params = params,
        echo = { product = "meta.product" } })
    end
    assert.truthy(of(nil))
    local sent = SENT.product
    SENT.product = "live"
    finally(function() SENT.product = sent end)
    assert.truthy(of "Live")
    assert.is_nil((of "live"))
    assert.is_nil((of "App"))
  end)

  it("leaves a figure unknown that is no number at all, where the field says so", function()
    local fields = { user_id = "email", tests = { "n", other_type = "unknown" }, screenshots = "shots" }
    local rows = json.array { { email = "a", n = { value = 3 }, shots = 1 },
      { email = "b", n = 2, shots = 1 }, { email = "c", n = json.null, shots = 1 } }
    local got = assert(read(document(nil, rows), { fields = fields }))
    assert.are.same({ { user_id = "a", screenshots = 1 }, { user_id = "b", tests = 2, screenshots = 1 },
      { user_id = "c", screenshots = 1 } }, got.batch.rows)
    assert.are.same({
      [1] = { tests = { state = "unknown",
        reason = "data[].n: expected an integer of zero or more, got an object or a list" } },
      [3] = { tests = { state = "unknown",
        reason = "data[].n: expected an integer of zero or more, got null" } },
    }, got.batch.marks)
    assert_shape("data[].n: expected an integer of zero or more, got -1",
      document(nil, json.array { { email = "a", n = -1 } }), { fields = fields })
    assert_shape("data[].shots", document(nil, json.array { { email = "a", shots = { 1 } } }),
      { fields = fields })
  end)

  it("gives rows and what the answer says about itself", function()
    local got = assert(read(document()))
    assert.are.same({ { user_id = "a", account = "Acme", tests = 1, screenshots = 2 },
      { user_id = "b", account = "Acme", tests = 0, screenshots = 3 } }, got.batch.rows)
    assert.are.equal("Acme", got.account)
    assert.is_true(got.echoed)
    assert.is_false(got.is_partial)
    assert.are.equal(2, got.items)
  end)

  it("knows the account of an answer without rows", function()
    assert.are.equal("Acme", assert(read(document({}, json.array {}))).account)
  end)

  it("reads side values that stand behind the rows where the answer is taken whole", function()
    local body = [[{"data":[{"email":"a","n":1}],"status":"success","meta":{"org":"Acme"}}]]
    assert.are.equal("Acme", read(body, { answer = "whole" }).batch.rows[1].account)
  end)

  it("gives the key of the innermost object", function()
    local body = '{"status":"success","data":{"qa":{"users":{"a":{"n":1}}},"dev":{"users":{"b":{"n":2}}}}}'
    local got = assert(read(body, { rows = "data{}.users{}", fields = { user_id = "@key", tests = "n" } }))
    assert.are.same({ { user_id = "a", tests = 1 }, { user_id = "b", tests = 2 } }, got.batch.rows)
  end)

  it("refuses an answer that is about something else", function()
    assert_shape("meta.from: asked for '2026-06-01', the answer is about '2026-05-01'",
      document { from = "2026-05-01" })
    assert_shape("meta.to: asked for '2026-07-01', the answer is about null", document { to = json.null })
    assert_shape("meta.to: asked for '2026-07-01', the answer is about 5", document { to = 5 })
    assert_shape("status: expected 'success', got 'error'", '{"status":"error","data":[]}')
    assert_shape("status: expected 'success', got nothing", '{"data":[]}')
    assert_shape("no data[] in the answer", '{"status":"success"}')
  end)

  it("takes null for no rows only where the dataset says so", function()
    assert_shape("no data[] in the answer, null stands there", '{"status":"success","data":null}')
    assert_shape("no data.rows[] in the answer, null", '{"status":"success","data":null}',
      { rows = "data.rows[]" })
    for _, body in ipairs { '{"status":"success","data":null}',
      '{"status":"success","data":{"rows":null}}' } do
      local rows = body:find "rows" and "data.rows[]" or "data[]"
      assert.are.same({}, assert(read(body, { rows = rows, null_rows = true })).batch.rows)
    end
  end)

  it("takes a period for echoed only where both ends are", function()
    local function echoed(meta) return read(json.encode { status = "success", meta = meta,
      data = json.array {} }).echoed end
    assert.is_true(echoed { from = "2026-06-01", to = "2026-07-01" })
    assert.is_false(echoed { from = "2026-06-01" })
    assert.is_false(echoed {})
  end)

  it("compares nothing with what was not sent", function()
    local got = assert(read(document { zone = "UTC" }, { echo = { zone = "meta.zone" } }))
    assert.is_false(got.echoed)
  end)

  it("says what is wrong with the JSON, and whether it would come again", function()
    local _, err = read '{"status":"success","data":[{"n":1}'
    assert.are.equal("json", err.kind)
    for body, expected in pairs {
      ['{"status":"success","data":[{"n":1,"n":2}]}'] = "duplicate",
      ['{"status":"success","data":[{"n":9223372036854775808}]}'] = "range",
    } do
      _, err = read(body)
      assert.are.same({ "shape", expected }, { err.kind, err.code })
    end
    _, err = read "<html>Sorry</html>"
    assert.are.equal("json", err.kind)
    assert.truthy(err.message:find("<html>Sorry</html>", 1, true), err.message)
  end)

  it("wants the key of every row where pages are told apart by it", function()
    local paged = { pages = { kind = "page", unique = "who.id" } }
    local function keys(...)
      local got, err = read(document({}, json.array { ... }), paged)
      return got and got.keys, err
    end
    assert.are.same({ "7", "x" }, (keys({ who = { id = 7 } }, { who = { id = "x" } })))
    for _, row in ipairs { {}, { who = {} }, { who = { id = json.null } }, { who = 5 },
      { who = { id = 1.5 } } } do
      local got, err = keys({ who = { id = 1 } }, row)
      assert.is_nil(got)
      assert.truthy(err.message:find("data[].who.id: expected text or an integer", 1, true), err.message)
    end
  end)
end)

describe("a partial answer", function()
  local function partial(rows, changes, flag)
    local value = flag
    if value == nil then value = true end
    return assert(read(document({ partial = value }, rows), changes))
  end

  it("makes every zero unknown, and leaves other figures known", function()
    local got = partial()
    assert.is_true(got.is_partial)
    assert.is_false(got.rows_missing)
    assert.is_nil(got.batch.rows[2].tests)
    assert.are.equal("unknown", got.batch.marks[2].tests.state)
    assert.are.equal(3, got.batch.rows[2].screenshots)
    assert.is_nil(got.batch.marks[1])
  end)

  it("makes zeros unknown that no field names", function()
    local got = partial(json.array { { email = "a", n = 4, retries = 0 } })
    assert.is_nil(got.batch.rows[1].retries)
    assert.are.equal("unknown", got.batch.marks[1].retries.state)
  end)

  it("makes counts of different things at least so much", function()
    local got = partial(nil, { also = { { fields = { users = "$.meta.users" } } } })
    assert.is_nil(got.batch.rows[3])
    got = assert(read(document { partial = true, users = 9 },
      { also = { { fields = { users = "$.meta.users" } } } }))
    assert.are.equal(9, got.batch.rows[3].users)
    assert.are.equal("at_least", got.batch.marks[3].users.state)
  end)

  it("may lack rows where no zero shows what failed, or where it comes in pages", function()
    assert.is_true(partial(json.array { { email = "a", n = 4 } }).rows_missing)
    assert.is_true(partial(json.array {}).rows_missing)
    assert.is_true(partial(json.array { { email = "a", n = 0 } },
      { pages = { kind = "page" } }).rows_missing)
  end)

  it("is one unless the flag is absent, null or false", function()
    for _, flag in ipairs { false, json.null } do
      assert.is_false(partial(nil, nil, flag).is_partial)
    end
    for _, flag in ipairs { true, "true", 1, { "smartui" }, "" } do
      assert.is_true(partial(nil, nil, flag).is_partial)
    end
  end)
end)

describe("an answer of which little is read", function()
  local function set(...)
    local names = {}
    for _, name in ipairs { ... } do names[name] = true end
    return names
  end

  it("builds only what is named", function()
    local got = assert(read(document(), nil, set("tests")))
    assert.are.same({ { account = "Acme", tests = 1 }, { account = "Acme", tests = 0 } }, got.batch.rows)
  end)

  it("reads all of it where all is read, numbers without a field too", function()
    local rows = json.array { { email = "a", n = 1, extra = 5 } }
    assert.are.equal(5, read(document({}, rows)).batch.rows[1].extra)
    assert.are.equal(5, read(document({}, rows), nil, set("extra")).batch.rows[1].extra)
    assert.is_nil(read(document({}, rows), nil, set("tests")).batch.rows[1].extra)
  end)

  it("still tells pages apart, and counts them", function()
    local got = assert(read(document({}, json.array { { id = "x", n = 1 } }),
      { pages = { kind = "page", unique = "id" } }, set("tests")))
    assert.are.same({ "x" }, got.keys)
  end)

  it("does not mind the shape of what nobody reads", function()
    local rows = json.array { { n = 1, shots = -5 } }
    assert.is_nil((read(document({}, rows))))
    assert.are.equal(1, read(document({}, rows), nil, set("tests")).batch.rows[1].tests)
  end)
end)

describe("fields that must appear", function()
  local MUST = { must_appear = true, fields = { user_id = { "email", else_path = "id" }, tests = "n",
    screenshots = "shots", account = "$.meta.org", product = { value = "x" } } }

  it("do so in one row at least, null or not", function()
    assert.is_table(read(document({}, json.array { { email = "a", n = 1 }, { shots = 2 } }), MUST))
    assert.is_table(read([[{"status":"success","meta":{"from":"2026-06-01","to":"2026-07-01"},
      "data":[{"id":7,"n":1,"shots":null}]}]], { must_appear = true,
      fields = { user_id = MUST.fields.user_id, tests = "n", screenshots = { "shots", null = true } } }))
  end)

  it("are an error that lists what did where they do not", function()
    local rows = json.array { { email = "a", runs = 1, ["Sh"] = 2 } }
    assert_shape("no row of data[] has 'shots' (screenshots), 'n' (tests); the rows have Sh, email, "
      .. "runs", document({}, rows), MUST)
    local _, err = read(document({}, rows), MUST)
    assert.truthy(err.hint:find("fields=screenshots:", 1, true), err.hint)
  end)

  it("are missed too where no rule reads them", function()
    assert_shape("'shots' (screenshots)", document({}, json.array { { email = "a", n = 1 } }), MUST,
      { tests = true })
  end)

  it("are missed by nobody where there are no rows", function()
    assert.are.equal(0, read(document({}, json.array {}), MUST).items)
  end)
end)

describe("rows that say their period", function()
  local SAID = { rows_say_period = true, record = function() end, echo = {},
    fields = { period_start = "from", period_end = "to", tests = "n" } }
  local ROW = { from = "2026-06-01T00:00:00Z", to = "2026-07-01T00:00:00Z", n = 1 }

  it("echo it, if there are any", function()
    assert.is_true(read(document({}, json.array { ROW }), SAID).echoed)
    assert.is_false(read(document({}, json.array {}), SAID).echoed)
  end)
end)
