-- Numbered partitions: the first answer says how many there are. It is asked
-- for without a number.

local ending = require "usagelua.flow.pages.ending"

---@param described table a dataset's `pages`
return function(described)
  local first, count = described.first or 0, nil
  return { following = function(reading)
    if not reading.last then return { label = ("partition %d"):format(first) } end
    if not count then
      local err
      count, err = ending.count(described, reading.last)
      if not count then return nil, err end
    end
    if reading.number >= count then return nil end
    local number = first + reading.number
    return { { described.send or "partition", number }, label = ("partition %d"):format(number) }
  end }
end
