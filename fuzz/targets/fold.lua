-- A fold: items that stand whole in a piece come to the same as those that do
-- not, wherever it ends. The first byte says which items are read.

local ways = dofile "fuzz/ways.lua"

local host = ...

local ROWS <const> = { "[]", "{}", "data[]", "a[].b[]", "data.users{}", "." }

-- Room behind the last item, so that it too is read at one go.
local BEHIND <const> = (" "):rep(200)

-- Pieces of so many bytes and some more hold whole items.
local LONG <const>, LONGER <const> = 130, 400

return function(bytes)
  if #bytes < 1 then return end
  local plan, text = bytes:byte(1), bytes:sub(2) .. BEHIND
  ways.check(text, ROWS[1 + plan % #ROWS], plan >= 128,
    { size = LONG + (#bytes * 31 + bytes:byte(-1)) % LONGER, feed = host.feed })
end
