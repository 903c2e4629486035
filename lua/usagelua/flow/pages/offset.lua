-- Pages by the number of rows before them: those that came, for a vendor may
-- hand out fewer than it was asked for.

local ending = require "usagelua.flow.pages.ending"

---@param described table a dataset's `pages`
return function(described)
  local first = described.first or 0
  return { following = function(reading)
    if reading.last then
      local is_last, err = ending.has_come(described, reading)
      if is_last ~= false then return nil, err end
    end
    local offset = first + reading.items
    return { { described.send or "offset", offset }, label = ("offset %d"):format(offset) }
  end }
end
