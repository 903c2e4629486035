-- Bodies that are packed files: masked is what is in them. What comes packed by
-- a Content-Encoding, or as `packed` says, is unpacked before it gets here.

local packing = {}

local MOST_BYTES <const> = 64 << 20
local MOST_LEVELS <const> = 3
local GZIP <const> = "^\x1F\x8B"
-- What this program cannot look into.
local OTHER <const> = { zip = "^PK\3\4", zstd = "^\x28\xB5\x2F\xFD", bzip2 = "^BZh%d1AY&SY",
  xz = "^\xFD7zXZ\0", ["7z"] = "^7z\xBC\xAF\x27\x1C" }

local function unread(body)
  for name, magic in pairs(OTHER) do
    if body:find(magic) then return ("it is a %s file, into which the mask cannot look"):format(name) end
  end
end

local function masked_gzip(body, hide, is_strict, level)
  local transfer = require "usagelua.transfer"
  if level > MOST_LEVELS then return nil, "it is packed too many times over for the mask to look into it" end
  local text, problem = transfer.unpack(body, MOST_BYTES)
  if not text then return nil, ("it is a gzip file into which the mask cannot look (%s)"):format(problem) end
  local masked
  masked, problem = packing.masked(text, hide, is_strict, level + 1)
  if not masked then return nil, problem end
  return masked == text and body or transfer.pack(masked)
end

---A body in which what is secret is hidden, in the form that it had.
---@param body string
---@param hide fun(text: string): string
---@param is_strict boolean whether a packed file that cannot be read is none to be kept
---@param level integer? for itself
---@return string? masked
---@return string? reason why there is none
function packing.masked(body, hide, is_strict, level)
  if body:find(GZIP) then return masked_gzip(body, hide, is_strict, level or 1) end
  local reason = is_strict and unread(body)
  if reason then return nil, reason end
  return hide(body)
end

return packing
