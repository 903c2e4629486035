local asked = require "support.asked"
local cjson = require "cjson"
local hostile = require "support.hostile"
local order = require "usagelua.order"
local python = require "support.python"
local report = require "usagelua.report"
local section = require "usagelua.report.section"

local MARK <const> = "\u{FEFF}"

local function written(frame, options, spec)
  local one = spec or {}
  one[1] = frame
  return asked.written(report.new { section.table(one) }, "csv-excel", options)
end

local function frame()
  return asked.records({ dataset = "testmu.summary", rows = {
    { product = "web", tests = 8450, duration_s = 312.54 },
    { product = "a;b,c", tests = 1, duration_s = 0.25 },
  } }):aggregate { group_by = "product", measures = { "tests", "duration_s" } }
end

local READ_BACK <const> = [[
import csv, json, sys
text = open(sys.argv[1], newline="", encoding="utf-8-sig")
print(json.dumps(list(csv.reader(text, delimiter='\x%02x'))))
]]

describe("csv-excel", function()
  it("begins with a byte order mark, and has headings with units", function()
    assert.are.equal(MARK .. 'product,tests,duration (s),complete,marks\r\n"a;b,c",1,0.25,true,\r\n'
      .. "web,8450,312.54,true,\r\n", written(frame()))
  end)

  it("has a decimal comma where the separator is a semicolon", function()
    assert.are.equal(MARK .. 'product;tests;duration (s);complete;marks\r\n"a;b,c";1;0,25;true;\r\n'
      .. "web;8450;312,54;true;\r\n", written(frame(), { separator = ";" }))
  end)

  it("takes the table's own headings, formulas in them made harmless", function()
    local text = written(frame(), {}, { columns = { "product", { "tests", heading = "=1+1" } } })
    assert.are.equal(MARK .. "product,'=1+1,complete,marks", text:match "^[^\r]*")
  end)

  it("leaves unknown figures empty, never zero", function()
    local one = asked.records { dataset = "testmu.summary", partial = "cut",
      rows = { { product = "web", tests = 5 }, { product = "app" } },
      marks = { [1] = { tests = { state = "at_least", reason = "cut" } },
        [2] = { tests = { state = "unknown", reason = "cut" } } } }
    local text = written(one:aggregate { group_by = "product", measures = "tests" }, { separator = ";" })
    assert.are.equal(MARK .. "product;tests;complete;marks\r\napp;;false;tests:unknown\r\n"
      .. "web;5;false;tests:at_least\r\n", text)
  end)

  for _, separator in ipairs { ",", ";", "\t", "|" } do
    it(("is read back by another reader, separator %q"):format(separator), function()
      local rows, keys = {}, order.keys(hostile)
      for i, key in ipairs(keys) do rows[i] = { product = key, user_name = hostile[key], tests = i } end
      local one = asked.records({ dataset = "testmu.summary", rows = rows })
        :aggregate { group_by = { "product", "user_name" }, measures = "tests" }
      local read = cjson.decode(python.run(READ_BACK:format(separator:byte()), written(one, { separator = separator })))
      assert.are.equal(#keys + 1, #read)
      for i = 2, #read do
        assert.are.equal(5, #read[i])
        assert.is_nil(read[i][2]:find "^[=+@\t\r-]")
        assert.are.equal(tostring(i - 1), read[i][3])
      end
    end)
  end

  it("is named by -o csv-excel=FILE and not by an ending", function()
    local format, path = require("usagelua.formats").target "csv-excel=out.csv"
    assert.same({ "csv-excel", "out.csv" }, { format.name, path })
  end)
end)
