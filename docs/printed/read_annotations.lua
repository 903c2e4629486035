-- Reads the annotations of a file: its classes with their fields, and its
-- functions with what they take and give.

---@class docs.entry
---@field kind "class"|"function"|"alias"
---@field name string
---@field help string[] lines before the tags, as they stand
---@field fields { name: string, type: string, help: string }[]
---@field params { name: string, type: string, help: string }[]
---@field returns { type: string, help: string }[]
---@field arguments string? of a function
---@field note string? behind a class's name

local BRACKETS <const> = { ["("] = 1, ["<"] = 1, ["{"] = 1, ["["] = 1, [")"] = -1, [">"] = -1,
  ["}"] = -1, ["]"] = -1 }

-- "fun(a: b): c the rest" → "fun(a: b): c", "the rest"
local function split_type(text)
  local depth, quoted = 0, false
  for at = 1, #text do
    local sign = text:sub(at, at)
    if sign == '"' then quoted = not quoted end
    depth = depth + (quoted and 0 or BRACKETS[sign] or 0)
    if sign == " " and depth == 0 and not quoted and not text:sub(1, at - 1):find "[:,|]$" then
      return text:sub(1, at - 1), text:sub(at + 1)
    end
  end
  return text, ""
end

local function named(text)
  local name, rest = text:match "^(%[.-%]%??)%s+(.*)$"
  if not name then name, rest = text:match "^(%S+)%s+(.*)$" end
  local kind, help = split_type(rest)
  return { name = name, type = kind, help = help }
end

local TAGS <const> = {
  field = function(entry, text) entry.fields[#entry.fields + 1] = named(text) end,
  param = function(entry, text) entry.params[#entry.params + 1] = named(text) end,
  ["return"] = function(entry, text)
    local kind, help = split_type(text)
    entry.returns[#entry.returns + 1] = { type = kind, help = help }
  end,
  class = function(entry, text)
    entry.kind = "class"
    entry.name, entry.note = text:match "^([%w_.]+)[%s:]*(.*)$"
  end,
  alias = function(entry, text)
    entry.kind = "alias"
    entry.name = text:match "^[%w_.]+"
  end,
}

local function new_entry()
  return { help = {}, fields = {}, params = {}, returns = {} }
end

local function take(entry, line)
  local tag, text = line:match "^%-%-%-@(%w+)%s*(.*)$"
  if tag then
    if TAGS[tag] then TAGS[tag](entry, text) end
  elseif not line:find "^%-%-%-|" then
    entry.help[#entry.help + 1] = line:match "^%-%-%-(.*)$"
  end
end

-- What ends a block of annotations: a function, or anything else.
local function close(entry, line)
  local name, arguments = line:match "^function ([%w_.:]+)(%b())"
  if name then entry.kind, entry.name, entry.arguments = "function", name, arguments end
  return entry.kind and entry or nil
end

---@param text string of a file
---@return docs.entry[] in their order
return function(text)
  local list, entry = {}, nil
  for line in (text .. "\n"):gmatch "([^\n]*)\n" do
    if line:find "^%-%-%-" then
      entry = entry or new_entry()
      take(entry, line)
    elseif entry then
      list[#list + 1] = close(entry, line)
      entry = nil
    end
  end
  return list
end
