-- The header fields of an answer as a recording may hold them. Cookies are left
-- out. Fields that are by their name a credential are starred, but for those
-- that the description reads, which a replay needs, and tokens that lead to the
-- next page; what such a field holds is told to the mask, and so are the
-- signatures of links, so that neither is seen in a body or a later URL.

local core = require "usagelua.core"
local signed = require "usagelua.client.signed"

local answer_fields = {}

-- Parts of names.
local SENSITIVE <const> = { "auth", "cookie", "token", "secret", "password", "session", "signature",
  "credential", "api-key", "apikey", "access-key" }
local HARMLESS <const> = { "next", "page", "continuation", "cursor", "authenticate" }
-- A word that may be somebody's name of something is not hidden elsewhere.
local TOKEN_CHARACTERS <const> = 16

local function names_any(name, parts)
  for _, part in ipairs(parts) do
    if name:find(part, 1, true) then return true end
  end
  return false
end

local function is_read(name, reads)
  for _, each in ipairs(reads or {}) do
    if each:lower() == name then return true end
  end
  return false
end

local function is_sensitive(name, reads)
  return names_any(name, SENSITIVE) and not names_any(name, HARMLESS) and not is_read(name, reads)
end

local function learn_token(value)
  for word in value:gmatch "[^%s,;\"]+" do
    if #word >= TOKEN_CHARACTERS and word:find "%d" then core.mask.add(word) end
  end
end

---Tells the mask the signatures of the links in a text. A short word of letters is none, and may be
---somebody's name of something.
---@param text string
function answer_fields.learn_links(text)
  for _, value in ipairs(signed.values(text)) do
    if #value >= TOKEN_CHARACTERS or value:find "%d" then core.mask.add(value) end
  end
end

---Tells the mask what the header fields hold that lets somebody in.
---@param headers table<string, string> names in lower case
---@param reads string[]? fields that the description reads
function answer_fields.learn(headers, reads)
  for name, value in pairs(headers) do
    if is_sensitive(name, reads) then learn_token(value) end
    answer_fields.learn_links(value)
  end
end

---@param headers table<string, string>
---@param reads string[]?
---@param mask fun(text: string): string
---@return string[][] list of { name, value }, by name
function answer_fields.written(headers, reads, mask)
  local list = {}
  for name, value in pairs(headers) do
    if name ~= "set-cookie" then
      list[#list + 1] = { name, is_sensitive(name, reads) and "***" or mask(value) }
    end
  end
  table.sort(list, function(a, b) return a[1] < b[1] end)
  return list
end

return answer_fields
