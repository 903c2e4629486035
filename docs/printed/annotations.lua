-- lua/usagelua/meta/library/vendor_description.lua: what an editor completes
-- inside a vendor's table, from the rows that check descriptions.

local description = require "usagelua.vendor.description"

local ROOT <const> = "usagelua.vendor_description"

local HEAD <const> = [[
---@meta
-- What a vendor's table may hold; printed by `make docs` from the rows that the
-- loader checks descriptions against. For completion, write in a vendor script
--
--     ---@type usagelua.vendor_description
--     local vendor = { … }
--     return vendor
]]

-- Arguments of functions in a description that have a class of their own.
local ARGUMENTS <const> = { ask = "usagelua.flow.ask", emit = "usagelua.flow.emit",
  record = "table<string, any>", params = "table<string, any>" }

local function class_of(section)
  if section[2] == description.VENDOR then return ROOT end
  return ("%s.%s"):format(ROOT, (section[1]:gsub("%.", "_")))
end

local function has_keys(rows, wanted)
  local known = {}
  for _, row in ipairs(rows) do known[row[1]] = true end
  for _, row in ipairs(wanted) do
    if not known[row[1]] then return false end
  end
  return true
end

-- The section of these rows; of a copy with other defaults, the smallest that
-- has all its keys.
local function class_of_rows(rows)
  local found
  for _, section in ipairs(description.SECTIONS) do
    if section[2] == rows then return class_of(section) end
    if has_keys(section[2], rows) and (not found or #section[2] < #found[2]) then found = section end
  end
  return assert(found and class_of(found), "rows without a section")
end

local function function_type(row)
  local arguments = {}
  for name in (row.help:match "^function%((.-)%)" or ""):gmatch "%w+" do
    arguments[#arguments + 1] = ("%s: %s"):format(name, ARGUMENTS[name] or "any")
  end
  return ("fun(%s): any"):format(table.concat(arguments, ", "))
end

-- By the row's own keys, what stands for `table` in its type.
local TABLES <const> = {
  { "rows", function(class) return class end },
  { "each", function(class, row)
    return ("table<string, %s>"):format(row.short and "string|" .. class or class)
  end },
  { "list", function(class) return class .. "[]" end },
  { "some", function(class) return ("%s|%s[]"):format(class, class) end },
}

local function table_type(row)
  if row.items then return row.items .. "[]" end
  for _, one in ipairs(TABLES) do
    if row[one[1]] then return one[2](class_of_rows(row[one[1]]), row) end
  end
  return "table"
end

local function type_of(row)
  if row.one_of then return '"' .. table.concat(row.one_of, '"|"') .. '"' end
  local types = {}
  for name in row[2]:gmatch "[^|]+" do
    types[#types + 1] = name == "table" and table_type(row)
      or name == "function" and function_type(row) or name
  end
  return table.concat(types, "|")
end

local function field(row)
  local name = math.type(row[1]) == "integer" and ("[%d]"):format(row[1]) or row[1]
  local default = row.default ~= nil and ("; default %s"):format(row.default) or ""
  return ("---@field %s%s %s %s%s"):format(name, row.required and "" or "?", type_of(row),
    row.help:gsub("\n", " "), default)
end

local function class(section)
  local lines = { "", "---@class " .. class_of(section) }
  for _, row in ipairs(section[2]) do lines[#lines + 1] = field(row) end
  return table.concat(lines, "\n") .. "\n"
end

local function text()
  local pieces = { HEAD }
  for _, section in ipairs(description.SECTIONS) do pieces[#pieces + 1] = class(section) end
  return table.concat(pieces)
end

return { ["lua/usagelua/meta/library/vendor_description.lua"] = text() }
