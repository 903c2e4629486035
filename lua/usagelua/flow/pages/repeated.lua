-- A page that comes again would be counted twice. It is told by its token, by
-- a key that comes twice, or, where there is neither, by being as many rows as
-- an earlier page with the same first and last one.

local core = require "usagelua.core"
local errors = require "usagelua.errors"
local order = require "usagelua.order"
local total = require "usagelua.flow.pages.total"
local values = require "usagelua.flow.values"

local repeated = {}

---@param reading usagelua.pages_reading
---@return usagelua.pages_reading reading which remembers tokens and keys from now on
function repeated.remember(reading)
  reading.tokens, reading.keys, reading.likenesses = {}, {}, {}
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

-- Tokens and keys tell pages apart; numbers do not.
local NUMBERED <const> = { page = true, offset = true, partition = true }

---Whether pages can be told apart by their rows only, so that all of a row has
---to be read.
---@param described table? a dataset's `pages`
---@return boolean
function repeated.needs_rows(described)
  return described ~= nil and NUMBERED[described.kind] == true and not described.unique
end

-- All that a value holds, alike for alike values only.
local function print_of(value)
  if type(value) ~= "table" then return ("%s %s"):format(type(value), tostring(value)) end
  local pieces = {}
  for _, key in ipairs(order.keys(value)) do
    pieces[#pieces + 1] = ("s4s4"):pack(tostring(key), print_of(value[key]))
  end
  return "table " .. table.concat(pieces)
end

---What rows look like, for comparing them later.
---@param row any as the answer has it
---@return string
repeated.print = print_of

---@param reading usagelua.pages_reading
---@param described table
---@param answer usagelua.answer
---@return boolean? ok
---@return usagelua.error? err
function repeated.check_page(reading, described, answer)
  if described.unique then return check_keys(reading, described, answer.keys) end
  assert(answer.likeness or answer.items == 0 or not repeated.needs_rows(described))
  if not answer.likeness then return true end
  local number, digest = reading.number + 1, core.digest.sha256(answer.likeness)
  local earlier = reading.likenesses[digest]
  reading.likenesses[digest] = number
  if not earlier then return true end
  return nil, errors.new { kind = "shape", code = "repeated",
    message = ("page %d is page %d once more"):format(number, earlier) }
end

return repeated
