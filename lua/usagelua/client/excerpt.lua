-- A few characters of a body or header for a message: one line, nothing that a
-- terminal or a log would obey. Mask first, cut afterwards: a secret that was
-- cut in half is not found any more.

local excerpt = {}

-- Characters that change how text around them reads: bidi marks, line and
-- paragraph separators, the byte order mark.
local function is_hidden(code)
  return code < 0x20 or (code >= 0x7f and code < 0xa0) or code == 0xfeff or code == 0x061c
    or (code >= 0x200b and code <= 0x200f) or (code >= 0x2028 and code <= 0x202e)
    or (code >= 0x2060 and code <= 0x206f)
end

local function valid_utf8(text)
  local length, bad = utf8.len(text)
  while not length do
    text = text:sub(1, bad - 1) .. "?" .. text:sub(bad + 1)
    length, bad = utf8.len(text, bad + 1)
  end
  return text
end

---@param text string any bytes, already masked
---@param most integer? characters; 80 when absent
---@return string one line, at most that many characters
function excerpt.of(text, most)
  most = most or 80
  local kept = {}
  for _, code in utf8.codes(valid_utf8(text:sub(1, most * 8))) do
    kept[#kept + 1] = is_hidden(code) and " " or utf8.char(code)
  end
  local line = table.concat(kept):gsub("%s+", " "):gsub("^ ", ""):gsub(" $", "")
  local cut = utf8.offset(line, most + 1)
  if cut and cut <= #line then return line:sub(1, cut - 1) .. "…" end
  return line
end

return excerpt
