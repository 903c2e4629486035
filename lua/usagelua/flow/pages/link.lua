-- Pages by the header field Link, relation `next` (RFC 8288).

local errors = require "usagelua.errors"
local following = require "usagelua.flow.pages.following"
local link_header = require "usagelua.client.link_header"
local values = require "usagelua.flow.values"

return function()
  return following.by(function(answer)
    local target, unread = link_header.target(answer.headers.link or "", "next")
    if not unread then return target end
    return nil, errors.new { kind = "shape", code = "link",
      message = ("the header field Link cannot be read from %s on"):format(values.shown(unread)) }
  end)
end
