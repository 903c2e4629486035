-- A page that comes again would be counted twice. It is told by its token, by
-- a key that comes twice, or, where rows have no key, by being the page before.

local errors = require "usagelua.errors"
local total = require "usagelua.flow.pages.total"
local values = require "usagelua.flow.values"

local repeated = {}

---@param reading usagelua.pages_reading
---@return usagelua.pages_reading reading which remembers tokens and keys from now on
function repeated.remember(reading)
  reading.tokens, reading.keys = {}, {}
  return reading
end

---@param reading usagelua.pages_reading
---@param token string? cursor or URL of the next page
---@return boolean? ok
---@return usagelua.error? err
function repeated.check_token(reading, token)
  if not token then return true end
  if reading.tokens[token] then
    return nil, errors.new { kind = "shape", code = "repeated",
      message = ("page %d names %s as the next page, as an earlier page did: its pages do not end")
        :format(reading.number, values.shown(token)) }
  end
  reading.tokens[token] = true
  return true
end

-- A key that comes twice means a page that was repeated, or rows that moved
-- between pages while they were read.
local function check_keys(reading, described, keys)
  for _, key in ipairs(keys) do
    if reading.keys[key] then
      return total.moved("%s '%s' came twice: a page was repeated, or the rows moved while they "
        .. "were read", described.unique, key)
    end
    reading.keys[key] = true
  end
  return true
end

local function is_same_row(a, b)
  for name, value in pairs(a) do
    if b[name] ~= value then return false end
  end
  for name in pairs(b) do
    if a[name] == nil then return false end
  end
  return true
end

local function are_same_rows(a, b)
  if #a ~= #b then return false end
  for index, row in ipairs(a) do
    if not is_same_row(row, b[index]) then return false end
  end
  return true
end

-- Rows alone may look alike, since only what somebody reads is built of them;
-- the beginning of the document tells.
local function is_page_before(last, answer)
  return last ~= nil and answer.items > 0 and answer.head ~= nil and last.head == answer.head
    and last.items == answer.items and are_same_rows(last.batch.rows, answer.batch.rows)
end

---@param reading usagelua.pages_reading
---@param described table
---@param answer usagelua.answer
---@return boolean? ok
---@return usagelua.error? err
function repeated.check_page(reading, described, answer)
  if described.unique then return check_keys(reading, described, answer.keys) end
  if not is_page_before(reading.last, answer) then return true end
  return nil, errors.new { kind = "shape", code = "repeated",
    message = ("page %d is page %d once more"):format(reading.number + 1, reading.number) }
end

return repeated
