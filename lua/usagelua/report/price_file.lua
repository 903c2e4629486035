-- A rate card from a CSV file: the columns measure, price, per, unit and currency,
-- and any others as conditions. An empty condition lets every value in.

local csv = require "usagelua.csv"
local decimal = require "usagelua.decimal"
local measures = require "usagelua.measures"

local price_file = {}

local OWN <const> = { measure = true, price = true, per = true, unit = true, currency = true }
local NEEDED <const> = { "measure", "price", "currency" }
local MOST_PER <const> = 1000000000

local BOOLEANS <const> = { ["true"] = true, ["false"] = false }

local function condition(sheet, index, column, text)
  if measures.column_type(column) ~= "boolean" then return text end
  if BOOLEANS[text] == nil then sheet:refuse(index, column, "'%s' is not true or false", text) end
  return BOOLEANS[text]
end

local function where_of(sheet, index)
  local where = {}
  for column, text in pairs(sheet.rows[index]) do
    if not OWN[column] then where[column] = condition(sheet, index, column, text) end
  end
  return where
end

local function per_of(sheet, index)
  local text = sheet.rows[index].per
  if not text then return nil end
  local per = text:find "^%d+$" and math.tointeger(tonumber(text))
  if not per or per < 1 or per > MOST_PER then
    sheet:refuse(index, "per", "'%s' is not a whole number from 1 to %d", text, MOST_PER)
  end
  return per
end

local function check_price(sheet, index)
  local text = sheet.rows[index].price
  local value = decimal.parse(text)
  if not value or value.negative then
    sheet:refuse(index, "price", "'%s' is not a decimal such as 0.05, with a point", text)
  end
end

local function check_filled(sheet, index)
  for _, column in ipairs(NEEDED) do
    if not sheet.rows[index][column] then sheet:refuse(index, column, "it is empty") end
  end
end

local function check_currency(sheet, index)
  local row, first = sheet.rows[index], sheet.rows[1]
  if not row.currency:find "^[A-Z][A-Z][A-Z]$" then
    sheet:refuse(index, "currency", "'%s' is not a code of ISO 4217 such as EUR", row.currency)
  elseif row.currency ~= first.currency then
    sheet:refuse(index, "currency", "'%s', and '%s' on line %d; a card has one currency",
      row.currency, first.currency, sheet.lines[1])
  end
end

local function entry_of(sheet, index)
  check_filled(sheet, index)
  check_currency(sheet, index)
  check_price(sheet, index)
  local row = sheet.rows[index]
  return { measure = row.measure, price = row.price, unit = row.unit, per = per_of(sheet, index),
    where = where_of(sheet, index) }
end

---The spec of a rate card, as usage.prices takes it.
---@param path string
---@param separator string?
---@return table spec raises kind usage, naming file, line and column
function price_file.read(path, separator)
  local sheet = csv.read(path, { columns = NEEDED, separator = separator })
  local spec = { currency = #sheet > 0 and sheet.rows[1].currency or nil }
  for index = 1, #sheet do spec[index] = entry_of(sheet, index) end
  return spec
end

return price_file
