-- Ids in batches, against a vendor that takes only so many at once and counts
-- what it was asked for.
local acme = require "support.acme"
local batches = require "usagelua.flow.batches"
local collect = require "usagelua.collect"
local forecast = require "usagelua.flow.forecast"
local json = require "usagelua.json"
local random = require "usagelua.transport.random"
local simulated_run = require "support.simulated_run"

local function dataset(batch, changes)
  local described = {
    params = { ids = { list = true }, team = { list = true } }, fan_out = { "team" },
    request = { path = "/usage", method = "POST", json = { ids = { "{ids}" }, team = "{team}" } },
    idempotent = true, batch = batch, fields = { user_id = "id", team = { param = "team" }, tests = "n" },
  }
  for key, value in pairs(changes or {}) do described[key] = value end
  return described
end

local function rows_of(ids)
  local rows = json.array {}
  for index, id in ipairs(ids) do rows[index] = { id = id, n = tonumber(id) } end
  return acme.answer { data = rows }
end

-- A run whose vendor refuses more than `limit` ids; `sizes` lists what it was
-- asked for, `served` counts how often it answered for each id.
local function world(described, limit, refuse, options)
  local sizes, served = {}, {}
  local settings = { loader = acme.loader(acme.vendor(described, options and options.vendor)),
    answer = function(request)
      local ids = json.decode(request.body or "{}").ids or {}
      sizes[#sizes + 1] = #ids
      if #ids > limit then return refuse(ids) end
      for _, id in ipairs(ids) do served[id] = (served[id] or 0) + 1 end
      return rows_of(ids)
    end }
  for key, value in pairs(options or {}) do settings[key] = value end
  return simulated_run.new(settings), sizes, served
end

local function ids_to(count)
  local ids = {}
  for id = 1, count do ids[id] = tostring(id) end
  return ids
end

local function asked(run, ids, spec)
  local one = { "acme.usage", ids = ids }
  for key, value in pairs(spec or {}) do one[key] = value end
  return collect.new(run, { one })
end

local function refusing(status, body)
  return function() return { status = status, headers = {}, body = body or "too many" } end
end

local REFUSALS <const> = {
  ["413"] = { refusing(413) }, ["414"] = { refusing(414) }, ["504"] = { refusing(504) },
  ["408"] = { refusing(408) },
  ["a rule"] = { refusing(400, "ids: too long"),
    vendor = { errors = { { status = 400, body = "too long", kind = "too_large" } } } },
}

local function sum_to(count) return count * (count + 1) // 2 end

describe("batches", function()
  for name, case in pairs(REFUSALS) do
    it("of any size bring every id once, halved by " .. name, function()
      local draw = random.new(7)
      for _ = 1, 40 do
        local count, most, limit = draw(1, 60), draw(1, 40), draw(1, 40)
        local run, sizes, served = world(dataset { param = "ids", most = most }, limit, case[1],
          { vendor = case.vendor, seed = count })
        assert.are.equal(sum_to(count), (asked(run, ids_to(count)):value "tests"))
        for id = 1, count do assert.are.equal(1, served[tostring(id)]) end
        for _, size in ipairs(sizes) do assert.is_true(size <= most) end
        run:close(true)
      end
    end)
  end

  it("are as few as can be where the vendor keeps its word", function()
    local run, sizes = world(dataset { param = "ids", most = 500 }, 500, refusing(413))
    local frame = asked(run, ids_to(1001))
    assert.are.same({ least = 3, exact = false }, forecast.of(run.queries).calls)
    assert.are.equal(sum_to(1001), (frame:value "tests"))
    table.sort(sizes)
    assert.are.same({ 1, 500, 500 }, sizes)
  end)

  it("learn from a refusal", function()
    local run, sizes = world(dataset { param = "ids", most = 16 }, 4, refusing(413),
      { vendor = { rate = { in_flight = 1 } } })
    assert.are.equal(sum_to(64), (asked(run, ids_to(64)):value "tests"))
    assert.are.same({ 16, 8, 4, 4 }, { table.unpack(sizes, 1, 4) })
    assert.are.equal(2 + 16, #sizes)
  end)

  it("go at the same time as far as the credential may", function()
    local run = world(dataset { param = "ids", most = 2 }, 2, refusing(413))
    asked(run, ids_to(40), { in_flight = 6 }):value "tests"
    assert.are.equal(6, run.transport.most_in_flight)
  end)

  it("are one request where the vendor names no limit, and none is given", function()
    local run, sizes = world(dataset { param = "ids" }, 99, refusing(413))
    assert.are.equal(sum_to(50), (asked(run, ids_to(50)):value "tests"))
    assert.are.same({ 50 }, sizes)
    run, sizes = world(dataset { param = "ids" }, 99, refusing(413))
    local frame = asked(run, nil)
    assert.are.same({ least = 1, exact = true }, forecast.of(run.queries).calls)
    assert.is_nil((frame:value "tests"))
    assert.are.same({ 0 }, sizes)
  end)

  it("join as one with their part, or leave nothing of it", function()
    local run = world(dataset { param = "ids", most = 4 }, 0, refusing(413), {
      answer = function(request)
        local body = json.decode(request.body)
        for _, id in ipairs(body.ids) do
          if id == "9" and body.team == "b" then return { status = 400, headers = {}, body = "no" } end
        end
        return rows_of(body.ids)
      end })
    local frame = asked(run, ids_to(12), { team = { "a", "b" } })
    assert.are.equal(sum_to(12), (frame:value("tests", { team = "a" })))
    local value, reason = frame:value("tests", { team = "b" })
    assert.is_nil(value)
    assert.truthy(tostring(reason):find("ids 9 to 12 of 12", 1, true), tostring(reason))
    local entry = frame:coverage()[1]
    assert.are.same({ 2, 1, 1 }, { entry.asked, entry.answered, entry.failed })
  end)

  it("of one value are no smaller: the error is the answer", function()
    local run, sizes = world(dataset { param = "ids", most = 4 }, 0, refusing(413))
    local frame = asked(run, ids_to(4))
    assert.is_nil((frame:value "tests"))
    assert.truthy(frame:coverage()[1].reasons[1]:find("answered 413", 1, true))
    assert.are.equal(1, sizes[#sizes])
  end)

  it("ask again for what passes, and do not halve it", function()
    for _, fault in ipairs { "throttled_bare", "busy", "refused" } do
      local run, sizes = world(dataset { param = "ids", most = 4 }, 9, nil,
        { weather = function(_, count) return count == 1 and fault or nil end })
      assert.are.equal(sum_to(4), (asked(run, ids_to(4)):value "tests"))
      assert.are.equal(4, sizes[#sizes], fault)
      assert.are.equal(2, run.transport.requests)
    end
  end)

  it("are halved where no answer comes, and asked again at one", function()
    local run, sizes = world(dataset { param = "ids", most = 4 }, 9, nil,
      { weather = function(_, count) return count <= 2 and "stall_first" or nil end })
    assert.are.equal(sum_to(4), (asked(run, ids_to(4), { in_flight = 1 }):value "tests"))
    assert.are.same({ 1, 1, 1, 1 }, { table.unpack(sizes, #sizes - 3) })
    assert.are.equal(2 + 4, run.transport.requests)
    run = world(dataset { param = "ids", most = 1 }, 9, nil,
      { weather = function(_, count) return count == 1 and "stall_first" or nil end })
    assert.are.equal(1, (asked(run, { "1" }):value "tests"))
    assert.are.equal(2, run.transport.requests)
  end)

  it("may be halved on further statuses where the description says so", function()
    local run, sizes = world(dataset { param = "ids", halve_on = { 500 } }, 2, refusing(500))
    assert.are.equal(sum_to(4), (asked(run, ids_to(4)):value "tests"))
    table.sort(sizes)
    assert.are.same({ 2, 2, 4 }, sizes)
  end)

  it("count in the plan for every part", function()
    local run = world(dataset { param = "ids", most = 5 }, 5)
    asked(run, ids_to(11), { team = { "a", "b" } })
    assert.are.same({ least = 6, exact = false }, forecast.of(run.queries).calls)
    assert.are.equal(3, (batches.count(run.queries[1])))
  end)

  for _, case in ipairs {
    { "'idz' is not a list parameter", { param = "idz" } },
    { "'team' is asked value by value already", { param = "team" } },
    { "a flow function divides its lists itself", { param = "ids" }, { flow = function() end } },
    { "must only read: say idempotent = true", { param = "ids" }, { idempotent = false } },
    { "'ids' is asked in batches and is no column", { param = "ids" },
      { fields = { tests = "n", user_id = { param = "ids" } } } },
    { "every batch would bring these records again", { param = "ids" },
      { also = { { fields = { users = "$.users" } } } } },
    { "is a list of HTTP statuses", { param = "ids", halve_on = { "500" } } },
    { "does not name {ids}", { param = "ids" }, { request = { path = "/u", query = { t = "{team}" } } } },
    { "'ids' has omit_default", { param = "ids" },
      { params = { team = { list = true }, ids = { list = true, default = { "1" }, omit_default = true } } } },
  } do
    it("are refused in a description: " .. case[1], function()
      local ok, err = pcall(acme.vendor, dataset(case[2], case[3]))
      assert.is_false(ok)
      assert.truthy(err.message:find(case[1], 1, true), err.message)
    end)
  end
end)
