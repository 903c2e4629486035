-- Pages by the link to the next one in the body, absolute or relative.

local core = require "usagelua.core"
local ending = require "usagelua.flow.pages.ending"
local following = require "usagelua.flow.pages.following"
local values = require "usagelua.flow.values"

local NULL <const> = core.json.null

---@param described table a dataset's `pages`
return function(described)
  return following.by(function(answer)
    local more, err = ending.more(described, answer)
    if err or more == false then return nil, err end
    local link = answer.side[described.next]
    if link == nil or link == NULL or link == "" then
      if more then return ending.no_way_on(described, described.next .. " names no link") end
      return nil
    end
    if type(link) ~= "string" then return values.mismatch(described.next, "a link", link) end
    return link
  end)
end
