-- What the keys of `pages` need of one another and of the request.

local errors = require "usagelua.errors"

local paging = {}

-- Keys by the kinds of pages that know them; a key that is not named is
-- every kind's.
local KINDS_OF <const> = {
  send = { page = true, offset = true, cursor = true, partition = true },
  first = { page = true, offset = true, partition = true },
  next = { cursor = true, next = true },
  next_header = { cursor = true },
  more = { page = true, offset = true, cursor = true, next = true },
  count = { page = true, offset = true, partition = true },
}

local function check_keys(pages, place)
  for key, kinds in pairs(KINDS_OF) do
    if pages[key] ~= nil and not kinds[pages.kind] then
      errors.raise_usage("%s: the key '%s' means nothing for pages of kind '%s'", place, key,
        pages.kind)
    end
  end
end

local function check_next(pages, place)
  local is_named = pages.next ~= nil or pages.next_header ~= nil
  if KINDS_OF.next[pages.kind] and not is_named then
    errors.raise_usage("%s: kind '%s' needs the key 'next'", place, pages.kind)
  elseif pages.next and pages.next_header then
    errors.raise_usage("%s: the keys 'next' and 'next_header' name the same thing; give one", place)
  elseif pages.kind == "partition" and not pages.count then
    errors.raise_usage("%s: kind 'partition' needs the key 'count'", place)
  elseif pages.total and pages.total_header then
    errors.raise_usage("%s: the keys 'total' and 'total_header' name the same thing; give one", place)
  end
end

local function check_size(pages, place)
  if pages.size_send and not pages.size then
    errors.raise_usage("%s: 'size_send' needs the key 'size'", place)
  elseif pages.ends == "short" and not pages.size then
    errors.raise_usage("%s: ends = \"short\" needs the key 'size'", place)
  end
end

local function check_body(pages, request, place)
  local body = pages.send_in
  if (body == "json" or body == "form") and not request[body] then
    errors.raise_usage("%s: send_in = \"%s\" needs a request with a %s body", place, body, body)
  end
end

---Raises a usage error that names the place.
---@param pages table? of a dataset, its keys checked
---@param request table
---@param place string
function paging.check(pages, request, place)
  if not pages then return end
  check_keys(pages, place)
  check_next(pages, place)
  check_size(pages, place)
  check_body(pages, request, place)
end

return paging
