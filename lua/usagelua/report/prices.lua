-- A rate card: what a figure costs, by what its row says. Prices are exact
-- decimals; a cost is rounded once, at its end.

local decimal = require "usagelua.decimal"
local errors = require "usagelua.errors"
local measures = require "usagelua.measures"
local number = require "usagelua.report.number"
local order = require "usagelua.order"
local units = require "usagelua.units"

local prices = {}

local WHAT <const> = "usage.prices"
local KEYS <const> = { "measure", "price", "per", "unit", "where" }
local COST_PLACES <const> = 10
local UNIT_PRICE_PLACES <const> = 12

---@class usagelua.price
---@field measure string
---@field price string exact decimal: "0.05"
---@field per integer so many of the unit cost that much; 1 by default
---@field unit string? of the price; the figure's own by default
---@field where table<string, any> columns and the values they must have

---@class usagelua.price_card
---@field currency string ISO 4217
---@field [integer] usagelua.price the first that fits a row counts

local function check_currency(currency)
  if type(currency) == "string" and currency:find "^[A-Z][A-Z][A-Z]$" then return currency end
  errors.raise_usage("currency of %s is a code of ISO 4217 such as \"EUR\", not %s", WHAT,
    tostring(currency))
end

local function check_price(price, place)
  if math.type(price) == "integer" then price = ("%d"):format(price) end
  if type(price) == "number" then
    errors.raise_usage("%s: price %s is a float and may not be what was meant; write it as text: "
      .. "price = \"%s\"", place, number.exact(price), number.exact(price))
  end
  local value = type(price) == "string" and decimal.parse(price)
  if not value or value.negative then
    errors.raise_usage("%s: price has to be a decimal such as \"0.05\", not '%s'", place,
      tostring(price))
  end
  return price
end

local function check_per(per, place)
  if per == nil then return 1 end
  if math.type(per) == "integer" and per >= 1 and per <= 1000000000 then return per end
  errors.raise_usage("%s: per is a whole number from 1 to 1000000000, not %s", place, tostring(per))
end

-- Of our own measures it is known beforehand what their unit converts to.
local function check_unit(entry, place)
  if entry.unit == nil or not measures.is_known(entry.measure) then return entry.unit end
  local ok, err = errors.try(units.ratio, measures.resolve(entry.measure).unit, entry.unit)
  if not ok then error(errors.wrap(err, place), 0) end
  return entry.unit
end

local function check_where(where, place)
  for column, value in pairs(where or {}) do
    if type(column) ~= "string" or type(value) == "table" or type(value) == "function" then
      errors.raise_usage("%s: where holds columns with one value each: { product = \"automate\" }",
        place)
    end
  end
  return where or {}
end

local function check_keys(entry, place)
  if type(entry) ~= "table" then
    errors.raise_usage("%s is a table { measure =, price = }, not a %s", place, type(entry))
  end
  for key in pairs(entry) do
    local is_known = false
    for _, known in ipairs(KEYS) do is_known = is_known or key == known end
    if not is_known then
      errors.raise_usage("%s: %s", place, errors.unknown("key", tostring(key), KEYS))
    end
  end
end

local function checked(entry, index)
  local place = ("%s, entry %d"):format(WHAT, index)
  check_keys(entry, place)
  if type(entry.measure) ~= "string" then
    errors.raise_usage("%s needs measure, the figure that it prices", place)
  end
  return {
    measure = entry.measure, price = check_price(entry.price, place),
    per = check_per(entry.per, place), unit = check_unit(entry, place),
    where = check_where(entry.where, place),
  }
end

---Makes a rate card.
---
---    usage.prices { currency = "USD",
---      { measure = "duration_s", unit = "min", price = "0.02", where = { product = "automate" } },
---      { measure = "tasks", per = 1000, price = "12.50" } }
---
---    usage.prices "rates.csv"
---
---@param spec table|string a card, or the file that holds one (price_file.lua)
---@return usagelua.price_card
---Raises usage errors, naming the entry, or the file's line and column.
function prices.new(spec)
  local path = type(spec) == "string" and spec
  if path then spec = require("usagelua.report.price_file").read(path) end
  if path and #spec == 0 then errors.raise_usage("%s: it holds no price", path) end
  if type(spec) ~= "table" then
    errors.raise_usage("%s takes a table, not a %s", WHAT, type(spec))
  end
  local card = { currency = check_currency(spec.currency) }
  for index, entry in ipairs(spec) do card[index] = checked(entry, index) end
  if #card == 0 then errors.raise_usage("%s holds no price", WHAT) end
  return card
end

local function fits(price, row, measure)
  if price.measure ~= measure then return false end
  for column, value in pairs(price.where) do
    if row[column] ~= value then return false end
  end
  return true
end

local function fitting(card, row, measure)
  for index, price in ipairs(card) do
    if fits(price, row, measure) then return price, index end
  end
end

local ADDS <const> = { sum = true, count = true }

---Whether figures of a column are charges: those that add up.
---@param column usagelua.result_column
---@return boolean
function prices.is_charged(column)
  return column.measure and ADDS[column.kind] or false
end

local function words_of(price)
  local words = {}
  for _, column in ipairs(order.keys(price.where)) do
    words[#words + 1] = ("%s = %s"):format(column, tostring(price.where[column]))
  end
  return price.measure .. (#words > 0 and " where " .. table.concat(words, ", ") or "")
end

local function note_used(card, used, section)
  for _, row in ipairs(section.result.rows) do
    for _, column in ipairs(section.result.columns) do
      local _, index = fitting(card, row, column.name)
      if index and prices.is_charged(column) and not used[index] then
        used[index], used.count = true, used.count + 1
      end
    end
    if used.count == #card then return end
  end
end

---The prices that no figure of these tables has: misspelt perhaps, or behind one
---that fits the same rows.
---@param card usagelua.price_card
---@param sections usagelua.evaluated_section[]
---@return string[] in words
function prices.unused(card, sections)
  local used, list = { count = 0 }, {}
  for _, section in ipairs(sections) do
    if section.kind == "table" then note_used(card, used, section.plain or section) end
  end
  for index, price in ipairs(card) do
    if not used[index] then list[#list + 1] = words_of(price) end
  end
  return list
end

---@class usagelua.cost
---@field cost string exact to ten places
---@field unit_price string of one of the figure's own unit
---@field currency string

---What a row's figure costs; nil where the card has no price for it.
---@param card usagelua.price_card
---@param row table
---@param column usagelua.result_column the figure's
---@param value number
---@return usagelua.cost?
function prices.cost(card, row, column, value)
  local price = fitting(card, row, column.name)
  if not price then return nil end
  local unit = column.unit or "1"
  local numerator, denominator = units.ratio(unit, price.unit or unit)
  local each = decimal.multiply(decimal.parse(price.price), decimal.parse(("%d"):format(numerator)))
  local divisor = denominator * price.per
  return {
    cost = decimal.text(decimal.divide(
      decimal.multiply(each, decimal.parse(number.exact(value))), divisor, COST_PLACES)),
    unit_price = decimal.text(decimal.divide(each, divisor, UNIT_PRICE_PLACES)),
    currency = card.currency,
  }
end

return prices
