local asked = require "support.asked"
local cjson = require "cjson"
local hostile = require "support.hostile"
local order = require "usagelua.order"
local prices = require "usagelua.report.prices"
local python = require "support.python"
local report = require "usagelua.report"
local sample = require "support.sample"
local section = require "usagelua.report.section"

-- The column rules of FOCUS 1.2 that a file can be held against: which columns,
-- which may be null, date-times in UTC, half-open periods, decimals, units,
-- tags as a JSON object of texts.
local CHECK <const> = [[
import csv, json, re, sys
from datetime import datetime
MANDATORY = """BilledCost BillingAccountId BillingAccountName BillingCurrency BillingPeriodEnd
BillingPeriodStart ChargeCategory ChargeClass ChargeDescription ChargePeriodEnd ChargePeriodStart
ContractedCost EffectiveCost InvoiceIssuerName ListCost PricingQuantity PricingUnit ProviderName
PublisherName ServiceCategory ServiceName""".split()
COSTS = "BilledCost ContractedCost EffectiveCost ListCost".split()
NOT_NULL = """BillingPeriodEnd BillingPeriodStart ChargeCategory ChargePeriodEnd ChargePeriodStart
InvoiceIssuerName ProviderName PublisherName ServiceCategory ServiceName""".split()
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
DECIMAL = re.compile(r"^-?\d+(\.\d+)?([eE][+-]?\d+)?$")
CATEGORIES = {"Usage", "Purchase", "Tax", "Credit", "Adjustment"}
faults = []
def fault(line, text): faults.append("%d: %s" % (line, text))
rows = list(csv.DictReader(open(sys.argv[1], newline="", encoding="utf-8")))
def time(row, name): return datetime.strptime(row[name], "%Y-%m-%dT%H:%M:%SZ")
for line, row in enumerate(rows, 2):
    if None in row or None in row.values(): fault(line, "cells")
    for name in MANDATORY:
        if name not in row: fault(line, "no column " + name)
    for name in row:
        if not re.match(r"^(x_)?[A-Z][A-Za-z0-9]*$", name): fault(line, "name " + name)
    for name in NOT_NULL:
        if row[name] == "": fault(line, name + " is null")
    for name in row:
        if name.endswith(("PeriodStart", "PeriodEnd")) and not TIME.match(row[name]): fault(line, name)
        if name.endswith(("Cost", "Quantity", "UnitPrice")) and row[name] and not DECIMAL.match(row[name]):
            fault(line, name + " " + row[name])
    if row["ChargeCategory"] not in CATEGORIES: fault(line, "category")
    if not time(row, "BillingPeriodStart") <= time(row, "ChargePeriodStart") < time(row, "ChargePeriodEnd") \
            <= time(row, "BillingPeriodEnd"): fault(line, "periods")
    if bool(row["ConsumedQuantity"]) != bool(row["ConsumedUnit"]): fault(line, "unit of consumption")
    if bool(row["PricingQuantity"]) != bool(row["PricingUnit"]): fault(line, "unit of pricing")
    if any(row[name] for name in COSTS) != bool(row["BillingCurrency"]): fault(line, "currency")
    tags = json.loads(row["Tags"].lstrip("'"))
    if not isinstance(tags, dict) or any(not isinstance(v, str) for v in tags.values()): fault(line, "tags")
print(json.dumps({"faults": faults, "rows": rows}))
]]

local function checked(text)
  local result = cjson.decode(python.run(CHECK, text))
  assert.same({}, result.faults)
  return result.rows
end

local function charges(frame, card, run)
  return checked(asked.written(report.new({ section.table { frame }, prices = card },
    run or { provenance = sample.provenance }), "focus"))
end

local function records(rows, marks)
  return asked.records { dataset = "testmu.summary", account = "Acme", rows = rows, marks = marks }
end

describe("focus", function()
  it("writes a charge per row and figure that adds up, half-open and in UTC", function()
    local rows = charges(records { { product = "automation", tests = 8450, duration_s = 312.54, users = 3 } })
    assert.equal(2, #rows)
    local tests, duration = rows[1], rows[2]
    assert.same({ "8450", "Tests", "312.54", "Seconds" }, { tests.ConsumedQuantity, tests.ConsumedUnit,
      duration.ConsumedQuantity, duration.ConsumedUnit })
    assert.same({ "2026-06-01T00:00:00Z", "2026-07-01T00:00:00Z" },
      { tests.ChargePeriodStart, tests.ChargePeriodEnd })
    assert.same({ "testmu", "automation", "Usage", "" },
      { tests.ProviderName, tests.ServiceName, tests.ChargeCategory, tests.BilledCost })
  end)

  it("fills the costs exactly from a rate card, and leaves others null", function()
    local card = prices.new { currency = "EUR", { measure = "tests", price = "0.1" } }
    local rows = charges(records { { product = "automation", tests = 3, duration_s = 7 } }, card)
    assert.same({ "0.3", "0.3", "EUR", "3", "Tests", "0.1" }, { rows[1].BilledCost, rows[1].ListCost,
      rows[1].BillingCurrency, rows[1].PricingQuantity, rows[1].PricingUnit, rows[1].ListUnitPrice })
    assert.same({ "", "" }, { rows[2].BilledCost, rows[2].BillingCurrency })
  end)

  it("says what is incomplete, and an unknown figure has no quantity", function()
    local rows = charges(records({ { product = "a", tests = 5 }, { product = "b" } }, {
      [1] = { tests = { state = "at_least", reason = "cut" } },
      [2] = { tests = { state = "unknown", reason = "cut" } },
    }))
    assert.same({ "5", "false", "tests:at_least" },
      { rows[1].ConsumedQuantity, rows[1].x_Complete, rows[1].x_Marks })
    assert.same({ "", "false", "tests:unknown" },
      { rows[2].ConsumedQuantity, rows[2].x_Complete, rows[2].x_Marks })
  end)

  it("takes the report's period where the table has none, and the only vendor", function()
    local frame = records({ { product = "a", tests = 5 } })
      :aggregate { group_by = "product", measures = "tests" }
    local rows = charges(frame)
    assert.same({ "2026-06-01T00:00:00Z", "testmu" }, { rows[1].ChargePeriodStart, rows[1].ProviderName })
  end)

  it("takes the period that the table's own queries asked for, not the report's", function()
    local function asked_for(month)
      return { dataset = "testmu.summary", month = month, rows = { { product = "a", tests = 5 } } }
    end
    local rule = { group_by = "product", measures = "tests" }
    local may = charges(asked.records(asked_for "2026-05"):aggregate(rule))[1]
    assert.same({ "2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z" },
      { may.ChargePeriodStart, may.ChargePeriodEnd })
    local both = charges(asked.records(asked_for "2026-05", asked_for "2026-06"):aggregate(rule))[1]
    assert.same({ "10", "2026-05-01T00:00:00Z", "2026-07-01T00:00:00Z" },
      { both.ConsumedQuantity, both.ChargePeriodStart, both.ChargePeriodEnd })
  end)

  it("takes the period that a row names, of those asked for", function()
    local JUNE <const>, DAY <const> = 1780272000, 86400
    local frame = asked.records { dataset = "testmu.summary", windows = {
      { from = JUNE - 7200, to = JUNE + 7 * DAY, label = "2026-W23", rows = { { product = "a", tests = 5 } } },
      { from = JUNE + 7 * DAY, to = JUNE + 8 * DAY, label = "2026-06-08", rows = { { product = "a", tests = 7 } } } } }
    local rule = { group_by = { "period", "product" }, measures = "tests" }
    local spans = {}
    for _, row in ipairs(charges(frame:aggregate(rule))) do
      spans[row.ConsumedQuantity] = row.ChargePeriodStart .. " " .. row.ChargePeriodEnd
    end
    assert.same({ ["5"] = "2026-05-31T22:00:00Z 2026-06-08T00:00:00Z",
      ["7"] = "2026-06-08T00:00:00Z 2026-06-09T00:00:00Z" }, spans)
  end)

  it("takes the period that a row of the vendor's names, where none such was asked for", function()
    local frame = asked.records { dataset = "testmu.summary", windows = {
      { from = 1775001600, to = 1782864000, label = "2026-Q2", rows = {
        { product = "a", tests = 5, user_name = "2026-05" } } } } }
    local rule = { group_by = { { "period", function(row) return row.user_name end } }, measures = "tests" }
    local row = charges(frame:aggregate(rule))[1]
    assert.same({ "2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z", "2026-05-01T00:00:00Z" },
      { row.ChargePeriodStart, row.ChargePeriodEnd, row.BillingPeriodStart })
  end)

  it("names all vendors where a table does not tell whose its rows are", function()
    local both = asked.records({ dataset = "testmu.summary", rows = { { tests = 1 } } },
      { dataset = "browserstack.users", rows = { { tests = 1 } } })
    local frame = both:aggregate { group_by = "product", measures = "tests" }
    assert.equal("browserstack, testmu", charges(frame)[1].ProviderName)
  end)

  it("keeps to the rules with hostile names", function()
    local rows = {}
    for i, key in ipairs(order.keys(hostile)) do
      rows[i] = { product = hostile[key], user_name = hostile[key], team = hostile[key], tests = i }
    end
    assert.equal(#rows, #charges(records(rows)))
  end)
end)
