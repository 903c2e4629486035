-- Reads the header field Link (RFC 8288, 3): `<target>; rel="next"; title="a, b"`,
-- several with commas between them.

local link_header = {}

local SPACE <const> = "^[ \t]*()"

local function skip(text, at)
  return (text:match(SPACE, at))
end

-- A quoted text without its quotes and escapes, and the place behind it.
local function quoted(text, at)
  local pieces = {}
  while true do
    local plain, sign, after = text:match('^([^"\\]*)(["\\])()', at)
    if not sign then return nil end
    pieces[#pieces + 1] = plain
    if sign == '"' then return table.concat(pieces), after end
    pieces[#pieces + 1] = text:sub(after, after)
    at = after + 1
  end
end

local function parameter_value(text, at)
  if text:sub(at, at) == '"' then return quoted(text, at + 1) end
  return text:match("^([^%s;,\"]*)()", at)
end

-- One parameter behind its semicolon; the value is "" where there is none.
local function parameter(text, at)
  local name, after = text:match("^([%w!#$&+.^_`|~*-]+)()", at)
  if not name then return nil end
  after = skip(text, after)
  if text:sub(after, after) ~= "=" then return name:lower(), "", after end
  local value, behind = parameter_value(text, skip(text, after + 1))
  if not value then return nil end
  return name:lower(), value, behind
end

-- The parameters behind a target, each by its first mention, as 3.3 says of rel.
local function parameters(text, at)
  local found = {}
  at = skip(text, at)
  while text:sub(at, at) == ";" do
    local name, value, after = parameter(text, skip(text, at + 1))
    if name then
      found[name] = found[name] or value
    else -- a semicolon with nothing behind it
      after = at + 1
    end
    at = skip(text, after)
  end
  return found, at
end

-- Relations are words between spaces, whatever their case (2.1, 3.3).
local function has_relation(relations, wanted)
  for word in relations:gmatch "%S+" do
    if word:lower() == wanted then return true end
  end
  return false
end

---The target of the first link with a relation. Links that speak of another
---document (`anchor`, 3.2) are left out.
---@param text string the field's value, repeated fields joined by commas
---@param relation string lower case
---@return string? target as it stands there, absolute or relative; nil: none
---@return string? unread the rest that is no list of links
function link_header.target(text, relation)
  local at = 1
  while true do
    local target, after = text:match("^[%s,]*<([^>]*)>()", at)
    if not target then
      local rest = text:match("^[%s,]*(.*)$", at)
      return nil, rest ~= "" and rest or nil
    end
    local found
    found, at = parameters(text, after)
    if not found.anchor and has_relation(found.rel or "", relation) then return target end
  end
end

return link_header
