-- Pages by their number.

local ending = require "usagelua.flow.pages.ending"

---@param described table a dataset's `pages`
return function(described)
  local page = (described.first or 1) - 1
  return { following = function(reading)
    if reading.last then
      local is_last, err = ending.has_come(described, reading)
      if is_last ~= false then return nil, err end
    end
    page = page + 1
    return { { described.send or "page", page }, label = ("page %d"):format(page) }
  end }
end
