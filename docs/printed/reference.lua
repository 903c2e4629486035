-- docs/reference.md: the library, from the annotations that editors read.

local read_annotations = dofile "docs/printed/read_annotations.lua"

local FOLDER <const> = "lua/usagelua/meta/"

-- Files in the order of the page, with the name that stands before a function.
local FILES <const> = { "library/usagelua.lua", "library/frame.lua", "library/report.lua",
  "library/rules.lua", "library/csv.lua",
  "library/period.lua", "library/http.lua", "library/json.lua", "library/secret.lua", "secret.lua",
  "library/error.lua" }

-- Of a file that annotates more than scripts see.
local ONLY <const> = { ["secret.lua"] = { secret = true } }

local TITLES <const> = {
  ["library/usagelua.lua"] = "usage", ["library/frame.lua"] = "Frames",
  ["library/report.lua"] = "Reports", ["library/rules.lua"] = "usage.rules",
  ["library/csv.lua"] = "CSV files",
  ["library/period.lua"] = "Periods",
  ["library/http.lua"] = "usage.http", ["library/json.lua"] = "usage.json",
  ["library/secret.lua"] = "usage.secret", ["secret.lua"] = "Credentials",
  ["library/error.lua"] = "Errors",
}

-- Local names of the files, as a script writes them.
local SPOKEN <const> = { http = "usage.http", json = "usage.json", rules = "usage.rules",
  ["library/secret.lua"] = "usage.secret" }

local HEAD <const> = [[
# The library

What `require "usagelua"` gives, in the interpreter and in any Lua 5.4. This page
is printed by `make docs` from the annotations in `lua/usagelua/meta/library/`,
which editors with the Lua language server read too: `usagelua new report` makes
the `.luarc.json` that tells them where. What vendor descriptions hold is on
[a page of its own](vendor-description.md), and so are [rules](rules.md),
[reports](reports.md) and [the primitives](primitives.md).
]]

local function read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

local function cell(text)
  return (text:gsub("|", "\\|"))
end

local function rows(lines, heading, list)
  if #list == 0 then return end
  table.move({ "", ("| %s | type | meaning |"):format(heading), "| --- | --- | --- |" }, 1, 3,
    #lines + 1, lines)
  for _, one in ipairs(list) do
    local name = one.name ~= "" and ("`%s`"):format(one.name) or ""
    lines[#lines + 1] = ("| %s | `%s` | %s |"):format(name, cell(one.type), cell(one.help))
  end
end

-- "string? reason why there is none": what comes back, and what it is called.
local function add_returns(lines, list)
  local named = {}
  for index, one in ipairs(list) do
    local name, help = one.help:match "^(%S+)%s*(.*)$"
    named[index] = { name = name or "", type = one.type, help = help or "" }
  end
  rows(lines, "gives", named)
end

-- Indented lines are an example.
local function add_help(lines, help)
  if #help > 0 then lines[#lines + 1] = "" end
  for _, line in ipairs(help) do lines[#lines + 1] = line end
  if lines[#lines] == "" then lines[#lines] = nil end
end

local function spoken(name, file)
  local first = name:match "^[%w_]+"
  local whole = SPOKEN[file] or SPOKEN[first]
  return whole and whole .. name:sub(#first + 1) or name
end

local function add_function(lines, entry, file)
  table.move({ "", ("### `%s%s`"):format(spoken(entry.name, file), entry.arguments) }, 1, 2,
    #lines + 1, lines)
  add_help(lines, entry.help)
  rows(lines, "argument", entry.params)
  add_returns(lines, entry.returns)
end

local function add_class(lines, entry)
  if #entry.fields == 0 and #entry.help == 0 then return end
  table.move({ "", ("### `%s`"):format(entry.name) }, 1, 2, #lines + 1, lines)
  if entry.note ~= "" then
    table.move({ "", entry.note:gsub("^%l", string.upper) .. "." }, 1, 2, #lines + 1, lines)
  end
  add_help(lines, entry.help)
  rows(lines, "field", entry.fields)
end

local function is_shown(entry, file)
  local only = ONLY[file]
  if not only then return true end
  return entry.kind == "function" and only[entry.name:match "^[%w_]+"] ~= nil
    or entry.name == "usagelua.secret"
end

local function add_kinds(lines, text)
  table.move({ "", "### Kinds", "", "| kind | meaning |", "| --- | --- |" }, 1, 5, #lines + 1, lines)
  for kind, help in text:gmatch '%-%-%-| "([%w_]+)" *#? *([^\n]*)' do
    lines[#lines + 1] = ("| `%s` | %s |"):format(kind, cell(help))
  end
end

local function add_file(lines, file)
  local text = read(FOLDER .. file)
  table.move({ "", "## " .. TITLES[file] }, 1, 2, #lines + 1, lines)
  for _, entry in ipairs(read_annotations(text)) do
    if is_shown(entry, file) then
      if entry.kind == "function" then add_function(lines, entry, file) end
      if entry.kind == "class" then add_class(lines, entry) end
    end
  end
  if file == "library/error.lua" then add_kinds(lines, text) end
end

local lines = {}
for _, file in ipairs(FILES) do add_file(lines, file) end
return { ["docs/reference.md"] = HEAD .. table.concat(lines, "\n") .. "\n" }
