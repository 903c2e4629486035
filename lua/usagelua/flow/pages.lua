-- How the pages of one window follow one another: asks for them in turn, and
-- refuses what would count a row twice or leave one out. What a page's request
-- needs is said by its kind (flow/pages/…).

local later = require "usagelua.later"
local repeated = require "usagelua.flow.pages.repeated"
local total = require "usagelua.flow.pages.total"

local pages = {}

---The code of errors after which the pages are to be read again from the first.
pages.MOVED = total.MOVED

local KINDS <const> = later {
  page = "usagelua.flow.pages.number",
  offset = "usagelua.flow.pages.offset",
  cursor = "usagelua.flow.pages.cursor",
  next = "usagelua.flow.pages.next",
  link = "usagelua.flow.pages.link",
  partition = "usagelua.flow.pages.partition",
}

---What is known of the pages so far.
---@class usagelua.pages_reading
---@field number integer pages that came
---@field items integer rows that came
---@field last usagelua.answer? the page before
---@field total integer? rows that the vendor says there are
---@field is_partial boolean

---What the request for a page has beside what all have.
---@class usagelua.page_extra
---@field query { [1]: string, [2]: any }[]? further parameters of the query
---@field form { [1]: string, [2]: any }[]? likewise of a form
---@field json { [1]: string, [2]: any }[]? likewise of a JSON body; a name is a path, `a.b`
---@field headers { [1]: string, [2]: any }[]? likewise of the header
---@field url string? in the place of the whole address

---What a kind wants sent for the next page: name and value pairs, or a URL.
---@class usagelua.page_wanted
---@field [integer] { [1]: string, [2]: any }
---@field url string?
---@field token string? what must not come twice
---@field label string for messages

---Paths beside the rows that an answer has to be read for.
---@param described table? a dataset's `pages`
---@return string[]
function pages.side_paths(described)
  local list = {}
  for _, key in ipairs { "total", "count", "more", "next" } do
    if described and described[key] then list[#list + 1] = described[key] end
  end
  return list
end

---Whether whole rows are needed to tell pages apart.
pages.needs_rows = repeated.needs_rows

---All of a row, as a text to compare.
pages.print = repeated.print

local function new_extra(described, wanted)
  if wanted.url then return { url = wanted.url } end
  local sent = table.move(wanted, 1, #wanted, 1, {})
  if described.size_send then sent[#sent + 1] = { described.size_send, described.size } end
  return { [described.send_in or "query"] = sent }
end

-- The next page's request, nil after the last, or nil and what is wrong.
local function next_extra(kind, described, reading)
  local wanted, err = kind.following(reading)
  if not wanted then return nil, err end
  local ok
  ok, err = repeated.check_token(reading, wanted.token)
  if not ok then return nil, err end
  return new_extra(described, wanted), nil, wanted.label
end

local function take_page(reading, described, answer)
  local ok, err = repeated.check_page(reading, described, answer)
  if not ok then return nil, err end
  reading.number = reading.number + 1
  reading.items = reading.items + answer.items
  reading.is_partial = reading.is_partial or answer.is_partial
  reading.last = answer
  if answer.is_partial then return true end
  return total.take(reading, described, answer)
end

---Asks for all pages; each is one transaction of its own.
---@param described table? the dataset's `pages`
---@param ask fun(extra: usagelua.page_extra, label: string?, reading: usagelua.pages_reading?):
---usagelua.answer?, usagelua.error?
---@return boolean? ok
---@return usagelua.error? err with the code `pages.MOVED` where reading them all
---again may help
function pages.each(described, ask)
  if not described then
    local answer, err = ask({})
    return answer and true, err
  end
  local kind = KINDS[described.kind](described)
  local reading = repeated.remember { number = 0, items = 0, is_partial = false }
  local extra, err, label = next_extra(kind, described, reading)
  while extra do
    local answer, ask_err = ask(extra, label, reading)
    if not answer then return nil, ask_err end
    local ok, page_err = take_page(reading, described, answer)
    if not ok then return nil, page_err end
    extra, err, label = next_extra(kind, described, reading)
  end
  if err then return nil, err end
  return total.check(reading, described)
end

return pages
