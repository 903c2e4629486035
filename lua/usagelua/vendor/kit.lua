-- What vendor scripts have in hand beside their own tables and Lua's plain
-- functions. Everything here is safe to give away: no files, no network.

local core = require "usagelua.core"
local timestamp = require "usagelua.timestamp"

local kit = {}

---JSON's null, as it stands in items.
kit.null = core.json.null

---"2026-03-01T00:00:00Z", 600 → "2026-03-01T00:10:00Z"
---@param text string RFC 3339
---@param seconds integer
---@return string
function kit.add_seconds(text, seconds)
  local epoch = assert(timestamp.parse_rfc3339(text))
  return timestamp.format_rfc3339(epoch + seconds)
end

return kit
