-- Base64 (RFC 4648, 4) of bodies that are not text, for cassettes.

local base64 = {}

local ALPHABET <const> = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local CHAR, VALUE = {}, {}
for i = 1, 64 do
  local char = ALPHABET:sub(i, i)
  CHAR[i - 1], VALUE[char] = char, i - 1
end

local function encode_three(a, b, c)
  local bits = a:byte() << 16 | (b ~= "" and b:byte() or 0) << 8 | (c ~= "" and c:byte() or 0)
  return CHAR[bits >> 18] .. CHAR[bits >> 12 & 63]
    .. (b ~= "" and CHAR[bits >> 6 & 63] or "=") .. (c ~= "" and CHAR[bits & 63] or "=")
end

---@param bytes string
---@return string
function base64.encode(bytes)
  return (bytes:gsub("(.)(.?)(.?)", encode_three))
end

local function decode_four(a, b, c, d)
  local bits = VALUE[a] << 18 | VALUE[b] << 12 | (VALUE[c] or 0) << 6 | (VALUE[d] or 0)
  local bytes = string.char(bits >> 16, bits >> 8 & 255, bits & 255)
  return bytes:sub(1, c == "=" and 1 or d == "=" and 2 or 3)
end

---@param text string with or without line breaks
---@return string? bytes nil where it is not Base64
function base64.decode(text)
  text = text:gsub("%s+", "")
  local body, padding = text:match "^([%w+/]*)(=?=?)$"
  if not body or (#body + #padding) % 4 ~= 0 then return nil end
  return (text:gsub("(.)(.)(.)(.)", decode_four))
end

return base64
