-- Values in URLs that let in whoever has them: the signatures of presigned
-- links, which vendors give for files of results. Names are those of the stores
-- that are in use (S3, Cloud Storage, Azure, CloudFront, OSS) and what OAuth
-- forbids and some vendors do all the same. A token of a page is none of them.

local url = require "usagelua.client.url"

local signed = {}

local NAMES <const> = {
  ["signature"] = true, ["sig"] = true, ["hmac"] = true, ["access_token"] = true,
  ["x-amz-signature"] = true, ["x-amz-security-token"] = true, ["x-goog-signature"] = true,
  ["x-oss-signature"] = true, ["x-oss-security-token"] = true, ["security-token"] = true,
}
local LONGEST_NAME <const> = 24

-- The name that ends before the `=` at this place.
local function name_before(text, place)
  return text:sub(math.max(1, place - LONGEST_NAME), place - 1):match "[%w_-]+$"
end

-- Where the next such value stands, from a place on; nil where there is none.
local function find(text, from)
  local place = text:find("=", from, true)
  while place do
    local name = name_before(text, place)
    local last = name and NAMES[name:lower()] and select(2, text:find("^[%w%%._~+/-]+", place + 1))
    if last then return place + 1, last end
    place = text:find("=", place + 1, true)
  end
end

---The values, wherever such a parameter stands in a text: in a URL alone, in a
---header field, in JSON.
---@param text string
---@return string[] values as they stand there, and decoded
function signed.values(text)
  local list = {}
  local first, last = find(text, 1)
  while first do
    local value = text:sub(first, last)
    local decoded = url.decode(value)
    list[#list + 1] = value
    if decoded ~= value then list[#list + 1] = decoded end
    first, last = find(text, last + 1)
  end
  return list
end

---The text with `***` in their place.
---@param text string
---@return string
function signed.hidden(text)
  local pieces, from = {}, 1
  local first, last = find(text, 1)
  while first do
    pieces[#pieces + 1] = text:sub(from, first - 1) .. "***"
    from = last + 1
    first, last = find(text, from)
  end
  return table.concat(pieces) .. text:sub(from)
end

return signed
