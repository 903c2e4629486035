-- Text from anywhere as content of XML and HTML: what stands in a name never
-- becomes an element, an attribute or a control character.

local safe = require "usagelua.formats.safe"

local markup = {}

local ENTITIES <const> = {
  ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;",
}

-- U+FFFE and U+FFFF are valid UTF-8 and no characters of XML 1.0 (section 2.2).
local NO_CHARACTER <const> = "\u{FFFD}"

---@param text string anything
---@return string for element content and for attributes in double quotes
function markup.text(text)
  local shown = safe.shown(text):gsub("\u{FFFE}", NO_CHARACTER):gsub("\u{FFFF}", NO_CHARACTER)
  return (shown:gsub("[&<>\"']", ENTITIES))
end

---An element's opening tag; attributes that are nil are left out.
---@param name string
---@param attributes { [1]: string, [2]: any }[] in this order
---@return string for example `<testcase name="a">`
function markup.open(name, attributes)
  local parts = { name }
  for _, one in ipairs(attributes) do
    if one[2] ~= nil then
      parts[#parts + 1] = ('%s="%s"'):format(one[1], markup.text(tostring(one[2])))
    end
  end
  return ("<%s>"):format(table.concat(parts, " "))
end

return markup
