-- A link to the next page is followed within the origin that gave it. It is
-- the whole address: nothing of the first request's query goes with it.

local errors = require "usagelua.errors"
local url = require "usagelua.client.url"
local values = require "usagelua.flow.values"

local following = {}

local function refused(format, ...)
  return nil, errors.new { kind = "refused", code = "next", message = format:format(...) }
end

---Where a link leads, seen from the answer that holds it.
---@param answer usagelua.answer
---@param link string
---@return string? target absolute
---@return usagelua.error? err kind "refused", naming the other origin
function following.target(answer, link)
  local target, reason = url.resolve(answer.url, link)
  if not target then
    return refused("the link to the next page, %s, is not followed: %s", values.shown(link), reason)
  end
  local here, there = url.origin(answer.url), url.origin(target)
  if here ~= there then
    return refused("the next page is said to be at %s, which is not asked: %s", there,
      url.misprint(target) or "this is asked of " .. here .. " only")
  end
  return target
end

local function next_page(answer, find_link)
  local link, err = find_link(answer)
  if not link then return nil, err end
  local target
  target, err = following.target(answer, link)
  return target and { url = target, token = target }, err
end

---A kind of pages that goes on by links.
---@param find_link fun(answer: usagelua.answer): string?, usagelua.error? nil on the last page
function following.by(find_link)
  return { following = function(reading)
    local wanted, err = {}, nil
    if reading.last then wanted, err = next_page(reading.last, find_link) end
    if not wanted then return nil, err end
    wanted.label = ("page %d"):format(reading.number + 1)
    return wanted
  end }
end

return following
