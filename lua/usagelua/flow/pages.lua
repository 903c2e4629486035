-- How the pages of one window follow one another. Each kind is a function
-- that returns the query parameters of the next page, or nil after the last.

local errors = require "usagelua.errors"
local values = require "usagelua.flow.values"

local pages = {}

-- Rows moved while they were read, or the vendor miscounts: reading all of
-- them again may help.
local function moved(format, ...)
  return nil, errors.new { kind = "shape", code = "moved", message = format:format(...) }
end

---The code of errors after which the pages are to be read again from the first.
pages.MOVED = "moved"

-- A page that is shorter than asked for is the last one only where the vendor
-- does not say how many rows there are: some hand out less than one asks for.
local function is_last(described, reading)
  local last = reading.last
  if last.items == 0 then return true end
  if reading.total then return reading.items >= reading.total end
  return described.size ~= nil and last.items < described.size
end

local function page_number(described)
  local page = described.first - 1
  return {
    next_query = function(reading)
      if reading.last and is_last(described, reading) then return nil end
      page = page + 1
      local sent = { { described.send, page } }
      if described.size_send then sent[2] = { described.size_send, described.size } end
      return sent
    end,
    label = function() return ("page %d"):format(page) end,
  }
end

local KINDS <const> = { page = page_number }

-- A stated total is the same on every page, or rows came or went in between.
local function take_total(reading, described, answer)
  local total = described.total and answer.side[described.total]
  if total == nil then return true end
  if math.type(total) ~= "integer" then
    return values.mismatch(described.total, "an integer", total)
  end
  if reading.total and reading.total ~= total then
    return moved("%s was %d and is %d on a later page", described.total, reading.total, total)
  end
  reading.total = total
  return true
end

-- A key that comes twice means a page that was repeated, or rows that moved
-- between pages while they were read: either would be counted twice.
local function take_keys(reading, described, keys)
  for _, key in ipairs(keys) do
    if reading.seen[key] then
      return moved("%s '%s' came twice: a page was repeated, or the rows moved while they were "
        .. "read", described.unique, key)
    end
    reading.seen[key] = true
  end
  return true
end

local function take_page(reading, described, answer)
  local ok, err = take_keys(reading, described, answer.keys)
  if not ok then return nil, err end
  reading.items = reading.items + answer.items
  reading.is_partial = reading.is_partial or answer.is_partial
  reading.last = answer
  if answer.is_partial then return true end
  return take_total(reading, described, answer)
end

-- Whether the rows that came are as many as the vendor said there are.
local function check_total(reading, described)
  if reading.is_partial or not reading.total or reading.total == reading.items then return true end
  return moved("%s says %d rows, %d came", described.total, reading.total, reading.items)
end

---Asks for all pages; each is one transaction of its own.
---@param described table? the dataset's `pages`
---@param ask fun(extra: table, label: string?): usagelua.answer?, usagelua.error?
---@return boolean? ok
---@return usagelua.error? err with the code `pages.MOVED` where reading them all
---again may help
function pages.each(described, ask)
  if not described then
    local answer, err = ask({})
    return answer and true, err
  end
  local kind = KINDS[described.kind](described)
  local reading = { seen = {}, items = 0, is_partial = false }
  local extra = kind.next_query(reading)
  while extra do
    local answer, err = ask(extra, kind.label())
    if not answer then return nil, err end
    local ok, page_err = take_page(reading, described, answer)
    if not ok then return nil, page_err end
    extra = kind.next_query(reading)
  end
  return check_total(reading, described)
end

return pages
