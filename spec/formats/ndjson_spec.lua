local asked = require "support.asked"
local cjson = require "cjson"
local hostile = require "support.hostile"
local report = require "usagelua.report"
local sample = require "support.sample"

local function rows_of(text)
  local rows = {}
  for line in text:gmatch "(.-)\n" do rows[#rows + 1] = cjson.decode(line) end
  return rows
end

describe("ndjson", function()
  it("is one object a row, keys in the contract's order", function()
    local frame = asked.records { dataset = "testmu.summary", rows = { { tests = 3, product = "web" } } }
    local text = asked.written(report.of_records(frame), "ndjson")
    assert.equal('{"vendor":"testmu","dataset":"testmu.summary","product":"web","period":"2026-06",'
      .. '"period_start":"2026-06-01T00:00:00+00:00","period_end":"2026-07-01T00:00:00+00:00",'
      .. '"tests":3,"complete":true,"marks":{}}\n', text)
  end)

  it("keeps hostile names exactly, each on one line", function()
    local text = asked.written(report.of_records(sample.records()), "ndjson")
    local names, count = {}, 0
    for _, row in ipairs(rows_of(text)) do
      names[row.product] = row.user_name
      count = count + 1
    end
    for key, name in pairs(hostile) do
      if utf8.len(name) then assert.equal(name, names[key]) end
    end
    assert.equal(#sample.records():result().rows, count)
  end)

  it("writes an object for rows that are missing since their source failed", function()
    local failed = asked.records { dataset = "browserstack.users", failed = "HTTP 503" }
    local rows = rows_of(asked.written(report.of_records(failed), "ndjson"))
    assert.equal(1, #rows)
    assert.is_false(rows[1].complete)
    assert.equal("browserstack.users", rows[1].dataset)
    assert.equal("unknown", rows[1].marks.rows.state)
    assert.truthy(rows[1].marks.rows.reason:find("HTTP 503", 1, true))
  end)

  it("is empty where there is nothing and nothing failed", function()
    local frame = asked.records { dataset = "testmu.summary", rows = {} }
    assert.is_nil(next(rows_of(asked.written(report.of_records(frame), "ndjson"))))
  end)
end)
