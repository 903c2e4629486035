---@meta
-- core.mask, bound in C (csrc/core/mask.c).

---@class usagelua.core.mask
local mask = {}

---The text with every secret of this Lua state replaced by `***`: as it is,
---percent-, JSON- or HTML-escaped in any mix and up to three deep, with
---doubled quotes, all in capitals or in small letters, in hex, in Base64 of
---either alphabet at any offset. A text without any is returned as the same
---string. Mask before cutting a text short: half a secret is not known as one.
---@param text string
---@return string
function mask.text(text) end

---The same for a text that goes on: what may be the beginning of a secret is
---not in `masked`, but comes back as `rest`, to be put before the next piece.
---@param text string
---@return string masked
---@return string rest not masked
function mask.piece(text) end

---Masks this value from now on, as long as the Lua state lives. False for
---less than eight characters, which are not taken.
---@param text string
---@return boolean
function mask.add(text) end

return mask
