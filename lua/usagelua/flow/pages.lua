-- How the pages of one window follow one another. Each kind is a function
-- that returns the query parameters of the next page, or nil after the last.

local errors = require "usagelua.errors"

local pages = {}

local function shape(format, ...)
  return nil, errors.new { kind = "shape", message = format:format(...) }
end

local function page_number(described)
  local page = described.first - 1
  local rows = 0
  return {
    next_query = function(last)
      if last and (last.items == 0 or described.size and last.items < described.size) then
        return nil
      end
      if last then rows = rows + last.items end
      local total = last and described.total and last.side[described.total]
      if total and rows >= total then return nil end
      page = page + 1
      local sent = { { described.send, page } }
      if described.size_send then sent[2] = { described.size_send, described.size } end
      return sent
    end,
    label = function() return ("page %d"):format(page) end,
  }
end

local KINDS = { page = page_number }

-- Whether the rows that came are as many as the vendor said there are.
local function check_total(described, last, items)
  local total = described.total and last.side[described.total]
  if total == nil or total == items then return true end
  return shape("%s says %s rows, %d came", described.total, tostring(total), items)
end

-- Adds the keys of a page to those seen. One that comes twice means a page
-- that was repeated, or rows that moved between pages while they were read:
-- either would be counted twice.
local function add_keys(seen, keys, described)
  for _, value in ipairs(keys) do
    if seen[value] then
      return shape("%s '%s' came twice: a page was repeated, or the rows moved while they were read",
        described.unique, tostring(value))
    end
    seen[value] = true
  end
  return true
end

local function take_page(state, answer, described)
  local ok, err = add_keys(state.seen, answer.keys, described)
  if not ok then return nil, err end
  state.items = state.items + answer.items
  state.is_partial = state.is_partial or answer.is_partial
  state.last = answer
  return true
end

---Asks for all pages; each is one transaction of its own.
---@param described table? the dataset's `pages`
---@param ask fun(extra: table, label: string?): usagelua.answer?, usagelua.error?
---@return boolean? ok
---@return usagelua.error? err
function pages.each(described, ask)
  if not described then
    local answer, err = ask({})
    return answer and true, err
  end
  local kind = KINDS[described.kind](described)
  local state = { seen = {}, items = 0, is_partial = false }
  local extra = kind.next_query(nil)
  while extra do
    local answer, err = ask(extra, kind.label())
    if not answer then return nil, err end
    local ok, key_err = take_page(state, answer, described)
    if not ok then return nil, key_err end
    extra = kind.next_query(answer)
  end
  if state.is_partial then return true end
  return check_total(described, state.last, state.items)
end

return pages
