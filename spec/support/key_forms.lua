-- The forms in which a key may be seen: as it is, and as the usual encodings write it.
local base64 = require "usagelua.cassette.base64"

local key_forms = {}

local function percent(text, format)
  return (text:gsub("[^%w%-._~]", function(c) return format:format(c:byte()) end))
end

local function json(text, slash)
  return (text:gsub('[\\"]', "\\%0"):gsub("/", slash))
end

local function json_unicode(text)
  return (json(text, "/"):gsub(utf8.charpattern, function(c)
    local code = utf8.codepoint(c)
    if code < 0x80 then return c end
    if code < 0x10000 then return ("\\u%04x"):format(code) end
    return ("\\u%04x\\u%04x"):format(0xd800 + (code - 0x10000 >> 10), 0xdc00 + (code & 0x3ff))
  end))
end

local NAMED <const> = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }

local function html(text, apostrophe)
  return (text:gsub('[&<>"]', NAMED):gsub("'", apostrophe))
end

-- Without what depends on the neighbours, by the place in a group of three.
local function base64_core(text, skip)
  local rest = text:sub(1 + skip)
  return base64.encode(rest:sub(1, #rest - #rest % 3))
end

local function url_safe(text)
  return (text:gsub("+", "-"):gsub("/", "_"))
end

local function hex(text, format)
  return (text:gsub(".", function(c) return format:format(c:byte()) end))
end

---By a name for each.
---@param key string UTF-8
---@return table<string, string>
function key_forms.of(key)
  local list = {
    raw = key, percent = percent(key, "%%%02X"), ["percent, lower case"] = percent(key, "%%%02x"),
    form = (percent(key, "%%%02X"):gsub("%%20", "+")), json = json(key, "/"),
    ["json, slashes escaped"] = json(key, "\\/"), ["json in ASCII"] = json_unicode(key),
    html = html(key, "'"), ["html, apostrophe"] = html(key, "&#39;"), xml = html(key, "&apos;"),
    csv = (key:gsub('"', '""')), shell = (key:gsub("'", "'\\''")), lua = ("%q"):format(key):sub(2, -2),
    markdown = (key:gsub("[%p]", "\\%0")), ["its first half"] = key:sub(1, #key // 2),
    ["its second half"] = key:sub(#key // 2 + 1), ["in capitals"] = key:upper(),
    ["in small letters"] = key:lower(), hex = hex(key, "%02x"), ["hex in capitals"] = hex(key, "%02X"),
  }
  for skip = 0, 2 do
    local core = base64_core(key, skip)
    list["base64 from " .. skip], list["base64url from " .. skip] = core, url_safe(core)
  end
  return list
end

---The form of the key that stands in the text, or nil.
---@param text string
---@param key string
---@return string? name
function key_forms.seen(text, key)
  for name, form in pairs(key_forms.of(key)) do
    if text:find(form, 1, true) then return name end
  end
end

return key_forms
