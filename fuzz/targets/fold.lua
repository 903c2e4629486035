-- A fold: items that stand whole in a piece come to the same as those that do
-- not. The first byte says which items are read.

local ways = dofile "fuzz/ways.lua"

local ROWS <const> = { "[]", "{}", "data[]", "a[].b[]", "data.users{}", "." }

-- Room behind the last item, so that it too is read at one go.
local BEHIND <const> = (" "):rep(200)

return function(bytes)
  if #bytes < 1 then return end
  local plan, text = bytes:byte(1), bytes:sub(2) .. BEHIND
  ways.check(text, ROWS[1 + plan % #ROWS], plan >= 128)
end
