-- A table's consumption as charges in the columns of FOCUS 1.2, for FinOps tools:
-- a line per row and per figure that adds up. Costs are filled from the report's
-- rate card (`usage.prices`), and null where it has no price. What is incomplete
-- is said in x_Complete and x_Marks; figures that do not add up are no charges.
-- Source: FinOps Open Cost and Usage Specification 1.2, Cost and Usage dataset.

local calendar = require "usagelua.time.calendar"
local csv_cell = require "usagelua.formats.csv_cell"
local errors = require "usagelua.errors"
local figures = require "usagelua.report.figures"
local json_text = require "usagelua.formats.json_text"
local order = require "usagelua.order"
local period = require "usagelua.time.period"
local prices = require "usagelua.report.prices"
local timestamp = require "usagelua.time.timestamp"

local focus = { name = "focus", per_table = true }

local DAY_S <const> = 86400

-- Section "Unit Format": capitalised, plural.
local UNITS <const> = {
  ns = "Nanoseconds", us = "Microseconds", ms = "Milliseconds", s = "Seconds", min = "Minutes",
  h = "Hours", d = "Days", B = "Bytes", kB = "KB", MB = "MB", GB = "GB", TB = "TB",
  KiB = "KiB", MiB = "MiB", GiB = "GiB", TiB = "TiB",
}

local function capitalised(name)
  local words = {}
  for word in name:gmatch "[^_]+" do words[#words + 1] = word:sub(1, 1):upper() .. word:sub(2) end
  return table.concat(words, " ")
end

-- `duration_s` in s is "Duration".
local function words_of(column)
  local suffix = "_" .. (column.unit or "")
  local name = column.name
  if #name > #suffix and name:sub(-#suffix) == suffix then name = name:sub(1, -#suffix - 1) end
  return capitalised(name)
end

local function unit_of(column)
  if column.unit and column.unit ~= "1" then return UNITS[column.unit] or column.unit end
  return capitalised(column.name)
end

-- The charge ---------------------------------------------------------------

local function utc(text)
  if not text then return nil end
  local epoch = timestamp.parse_rfc3339(text)
  return timestamp.format_rfc3339(epoch)
end

-- Calendar months in UTC that hold the charge.
local function billing_period(from, to)
  local first = calendar.unit_start("month", timestamp.parse_rfc3339(from) // DAY_S)
  local last = calendar.unit_start("month", (timestamp.parse_rfc3339(to) - 1) // DAY_S)
  return timestamp.format_rfc3339(first * DAY_S),
    timestamp.format_rfc3339(calendar.add("month", last, 1) * DAY_S)
end

-- What the table's queries asked for, from the first edge to the last: a script
-- may name other periods than the report's.
local function asked_period(section, otherwise)
  local from, to
  for _, entry in ipairs(section.coverage or {}) do
    local first = entry.period_start and timestamp.parse_rfc3339(entry.period_start)
    local last = entry.period_end and timestamp.parse_rfc3339(entry.period_end)
    if first and last then
      from, to = math.min(from or first, first), math.max(to or last, last)
    end
  end
  if not from then return otherwise end
  return { from = timestamp.format_rfc3339(from), to = timestamp.format_rfc3339(to) }
end

-- What a row that names its period only is about: one that was asked for, or a
-- part of it that the vendor's answer has.
local function named_period(label, context)
  local span = context.spans[label]
  if not span then
    local ok, parsed = errors.try(period.parse, label, context.zone)
    span = ok and parsed.from and parsed
  end
  return span and { from = timestamp.format_rfc3339(span.from), to = timestamp.format_rfc3339(span.to) }
end

-- Of a row without a period of its own the table's; null where a vendor was
-- asked for a period that only it knows.
local function period_of(row, context)
  local whole = row.period and named_period(row.period, context) or context.period or {}
  return utc(row.period_start or whole.from), utc(row.period_end or whole.to)
end

local function vendor_of(row, context)
  return row.vendor or row.dataset and row.dataset:match "^[^.]*" or context.vendors
end

-- Columns of ours that have a place of their own; the others are tags.
local PLACED <const> = {
  vendor = true, account = true, region = true, product = true, period = true,
  period_start = true, period_end = true, workspace_id = true, workspace_name = true,
  recipe_id = true, recipe_name = true, user_id = true, user_name = true,
}

local function tags_of(row, columns)
  local members = {}
  for _, column in ipairs(columns) do
    local value = row[column.name]
    if not column.measure and not PLACED[column.name] and value ~= nil then
      members[#members + 1] = { column.name, tostring(value) }
    end
  end
  return json_text.encode(json_text.object(members))
end

-- Name in FOCUS, and where it comes from: a function of the charge, or one of
-- its fields. In the specification's order, which is the alphabet's.
local COLUMNS <const> = {
  { "BilledCost", "cost" }, { "BillingAccountId", "account" }, { "BillingAccountName", "account" },
  { "BillingCurrency", "currency" }, { "BillingPeriodEnd", "billing_to" },
  { "BillingPeriodStart", "billing_from" }, { "ChargeCategory", "category" },
  { "ChargeClass", "none" }, { "ChargeDescription", "description" },
  { "ChargeFrequency", "frequency" }, { "ChargePeriodEnd", "to" }, { "ChargePeriodStart", "from" },
  { "ConsumedQuantity", "quantity" }, { "ConsumedUnit", "unit" }, { "ContractedCost", "cost" },
  { "ContractedUnitPrice", "unit_price" }, { "EffectiveCost", "cost" },
  { "InvoiceIssuerName", "vendor" }, { "ListCost", "cost" }, { "ListUnitPrice", "unit_price" },
  { "PricingCategory", "pricing_category" }, { "PricingQuantity", "pricing_quantity" },
  { "PricingUnit", "pricing_unit" }, { "ProviderName", "vendor" }, { "PublisherName", "vendor" },
  { "RegionId", "region" }, { "RegionName", "region" }, { "ResourceId", "resource_id" },
  { "ResourceName", "resource_name" }, { "ResourceType", "resource_type" },
  { "ServiceCategory", "service_category" }, { "ServiceName", "service" }, { "SkuId", "sku" },
  { "SkuMeter", "measure" }, { "SubAccountId", "workspace_id" },
  { "SubAccountName", "workspace_name" }, { "SubAccountType", "sub_account_type" },
  { "Tags", "tags" }, { "x_Complete", "complete" }, { "x_Marks", "marks" },
}

local function add_resource(charge, row)
  if row.recipe_id or row.recipe_name then
    charge.resource_id, charge.resource_name = row.recipe_id, row.recipe_name
    charge.resource_type = "Recipe"
  elseif row.user_id or row.user_name then
    charge.resource_id, charge.resource_name = row.user_id, row.user_name
    charge.resource_type = "User"
  end
end

local function add_place(charge, row)
  charge.account, charge.region = row.account, row.region
  charge.workspace_id, charge.workspace_name = row.workspace_id, row.workspace_name
  charge.sub_account_type = (row.workspace_id or row.workspace_name) and "Workspace" or nil
  add_resource(charge, row)
end

local function add_cost(charge, row, column, card)
  if not (card and charge.quantity) then return end
  local cost = prices.cost(card, row, column, charge.quantity)
  if not cost then return end
  charge.cost, charge.unit_price, charge.currency = cost.cost, cost.unit_price, cost.currency
  charge.pricing_category = "Standard"
  charge.pricing_quantity, charge.pricing_unit = charge.quantity, charge.unit
end

local function charge_of(section, index, column, context)
  local row = section.result.rows[index]
  local value, state = figures.at(section.result, index, column.name)
  if value == nil and not state then return nil end
  local charge = {
    vendor = vendor_of(row, context), measure = column.name, quantity = value,
    unit = value and unit_of(column), category = "Usage", frequency = "Usage-Based",
    service_category = "Developer Tools", complete = state == nil,
    marks = state and ("%s:%s"):format(column.name, state) or nil,
    tags = tags_of(row, section.result.columns),
  }
  charge.service = row.product or charge.vendor
  charge.sku = ("%s/%s/%s"):format(charge.vendor, charge.service, column.name)
  charge.description = ("%s of %s"):format(words_of(column), charge.service)
  charge.from, charge.to = period_of(row, context)
  if charge.from and charge.to then
    charge.billing_from, charge.billing_to = billing_period(charge.from, charge.to)
  end
  add_place(charge, row)
  add_cost(charge, row, column, context.prices)
  return charge
end

-- Writing ------------------------------------------------------------------

-- A cost is a number already; text of ours is not a vendor's.
local NUMERIC <const> = { cost = true, unit_price = true }

local function charge_line(charge, neutralise)
  local cells = {}
  for i, column in ipairs(COLUMNS) do
    local value = charge[column[2]]
    cells[i] = NUMERIC[column[2]] and (value or "") or csv_cell.text(value, neutralise)
  end
  return csv_cell.line(cells)
end

local function header()
  local names = {}
  for i, column in ipairs(COLUMNS) do names[i] = column[1] end
  return csv_cell.line(names)
end

-- All that were asked, for rows that do not say whose they are.
local function vendors_of(coverage)
  local vendors = {}
  for _, entry in ipairs(coverage or {}) do vendors[entry.dataset:match "^[^.]*"] = true end
  return table.concat(order.keys(vendors), ", ")
end

---@param evaluated usagelua.evaluated
---@param out fun(text: string)
---@param options usagelua.format_options
---@param section usagelua.evaluated_section the table
function focus.write(evaluated, out, options, section)
  section = section.plain or section
  local context = { prices = evaluated.prices, spans = section.spans or {},
    zone = evaluated.provenance.zone,
    period = asked_period(section, evaluated.provenance.period), vendors = vendors_of(section.coverage) }
  out(header())
  for index = 1, #section.result.rows do
    for _, column in ipairs(section.result.columns) do
      local charge = prices.is_charged(column) and charge_of(section, index, column, context)
      if charge then out(charge_line(charge, options.neutralise ~= false)) end
    end
  end
end

return focus
