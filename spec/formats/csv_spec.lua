local asked = require "support.asked"
local cjson = require "cjson"
local hostile = require "support.hostile"
local order = require "usagelua.order"
local python = require "support.python"
local report = require "usagelua.report"
local sample = require "support.sample"
local section = require "usagelua.report.section"

local function lines(text)
  local list = {}
  for line in text:gmatch "(.-)\r\n" do list[#list + 1] = line end
  return list
end

local function of_frame(frame, options)
  return asked.written(report.new { section.table { frame } }, "csv", options)
end

local READ_BACK <const> = [[
import csv, json, sys
print(json.dumps(list(csv.reader(open(sys.argv[1], newline="", encoding="utf-8", errors="replace")))))
]]

local function read_back(text)
  return cjson.decode(python.run(READ_BACK, text))
end

-- The names in the order of their keys, as Python reads them from the file.
local function names_read_back(options)
  local keys, rows = order.keys(hostile), {}
  for i, key in ipairs(keys) do rows[i] = { product = key, user_name = hostile[key], tests = i } end
  local text = of_frame(asked.records { dataset = "testmu.summary", rows = rows }, options)
  local read, names = read_back(text), {}
  local at = {}
  for i, name in ipairs(read[1]) do at[name] = i end
  for i = 2, #read do
    assert.equal(#read[1], #read[i])
    names[read[i][at.product]] = read[i][at.user_name]
  end
  return names, text
end

describe("csv", function()
  it("writes the columns in the contract's order, then complete and marks", function()
    local frame = asked.records {
      dataset = "testmu.summary",
      rows = { { tests = 3, product = "web" }, { duration_s = 312.54, product = "app" } },
    }
    assert.same({
      "vendor,dataset,product,period,period_start,period_end,tests,duration_s,complete,marks",
      "testmu,testmu.summary,app,2026-06,2026-06-01T00:00:00+00:00,2026-07-01T00:00:00+00:00,,312.54,true,",
      "testmu,testmu.summary,web,2026-06,2026-06-01T00:00:00+00:00,2026-07-01T00:00:00+00:00,3,,true,",
    }, lines(of_frame(frame)))
  end)

  it("leaves unknown figures empty and names them in marks", function()
    local frame = asked.records {
      dataset = "testmu.summary", partial = "cut",
      rows = { { product = "web", tests = 8450, users = 3 } },
      marks = { {
        tests = { state = "at_least", reason = "a" }, users = { state = "unknown", reason = "b" },
      } },
    }
    local rule = { group_by = "product", measures = { "tests", "users" } }
    assert.same({ "product,tests,users,complete,marks", "web,8450,,false,tests:at_least users:unknown" },
      lines(of_frame(frame:aggregate(rule))))
  end)

  it("tells zero from absent, and keeps every digit", function()
    local frame = asked.records { dataset = "testmu.summary", rows = {
      { product = "a", tests = 0 }, { product = "b", tests = math.maxinteger },
      { product = "c", tests = 0.1 }, { product = "d", duration_s = 1 },
    } }
    local text = of_frame(frame:aggregate { group_by = "product", measures = { "tests", "duration_s" } })
    assert.same({ "a,0,,true,", "b,9223372036854775807,,true,", "c,0.1,,true,", "d,,1,true," },
      { table.unpack(lines(text), 2) })
  end)

  it("marks rows of an assumed period, which stay complete", function()
    local frame = asked.records {
      dataset = "browserstack.users", period = "assumed", rows = { { tests = 1 } },
    }
    assert.same({ "tests,complete,marks", "1,true,period:assumed" },
      lines(of_frame(frame:aggregate { measures = "tests" })))
  end)

  it("writes a line for rows that are missing since their source failed", function()
    local failed = asked.records { dataset = "browserstack.users", failed = "HTTP 503" }
    assert.same({
      "vendor,dataset,period,period_start,period_end,complete,marks",
      "browserstack,browserstack.users,2026-06,2026-06-01T00:00:00+00:00,2026-07-01T00:00:00+00:00,"
        .. "false,rows:unknown",
    }, lines(of_frame(failed)))
    local both = asked.records({ dataset = "testmu.summary", rows = { { tests = 1 } } },
      { dataset = "browserstack.users", failed = "HTTP 503" })
    local read = lines(of_frame(both))
    assert.equal(3, #read)
    assert.truthy(read[3]:find("^browserstack,browserstack.users,.*,,false,rows:unknown$"))
  end)

  it("writes the header alone where there is nothing and nothing failed", function()
    local frame = asked.records({ dataset = "testmu.summary", rows = {} })
      :aggregate { group_by = "product", measures = "tests" }
    assert.equal("product,tests,complete,marks\r\n", of_frame(frame))
  end)

  it("makes formulas harmless in texts and leaves numbers as they are", function()
    local names = names_read_back()
    assert.equal("'" .. hostile.formula, names.formula)
    assert.equal("'" .. hostile.plus, names.plus)
    assert.equal("'" .. hostile.minus, names.minus)
    assert.equal("'" .. hostile.at, names.at)
    assert.equal("'" .. hostile.tab, names.tab)
    assert.equal("'" .. hostile.full_width, names.full_width)
    local below_zero = asked.records { dataset = "testmu.summary", rows = { { balance = -5 } } }
    assert.equal("-5,true,", lines(of_frame(below_zero:aggregate { measures = "balance" }))[2])
  end)

  it("is read back by another reader, quotes and line breaks kept", function()
    local names = names_read_back()
    for key in ("quotes backslash markup combining wide emoji spaces long"):gmatch "%a+" do
      assert.equal(hostile[key], names[key])
    end
    assert.equal("first\n: :error::second\r\nthird", names.lines)
    assert.equal("␛[31mred␛[0m␛]0;title␇", names.escape)
    assert.equal("<U+202E>gnp.exe", names.override)
  end)

  it("starts no line with a command of a CI log", function()
    local _, text = names_read_back()
    for line in text:gmatch "[^\r\n]+" do
      assert.is_nil(line:find "^%s*::")
      assert.is_nil(line:find "##%a*%[")
    end
  end)

  it("keeps the exact names where neutralising is switched off", function()
    local names = names_read_back { neutralise = false }
    for key, name in pairs(hostile) do
      if utf8.len(name) then assert.equal(name, names[key]) end
    end
  end)

  it("is a file for each table", function()
    local texts = asked.written(sample.report(), "csv")
    assert.same({ "by-name", "by-product", "failed", "none" }, order.keys(texts))
    assert.truthy(texts["by-product"]:find "^vendor,product,tests,hours,duration_s,users,")
  end)
end)
