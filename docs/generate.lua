-- Prints docs/vendor-description.md from the rows that the loader checks vendor
-- descriptions against: `make docs`. Loaded by a spec, it gives the text only.

local description = require "usagelua.vendor.description"
local kit = require "usagelua.vendor.kit"
local sandbox = require "usagelua.vendor.sandbox"

local TARGET <const> = "docs/vendor-description.md"
local EXAMPLE <const> = "docs/vendors/acme.lua"

local HEAD <const> = [[
# Vendor descriptions

A vendor is a Lua file that returns a table. It lies beside the report script as `vendors/NAME.lua`,
in a folder of `USAGELUA_VENDORS`, or on Lua's path as `usagelua.vendors.NAME`; nothing is built.
This page is printed by `make docs` from the table that checks descriptions when they are loaded: an
unknown or missing key is an error that names the known ones.

## A worked example

]]

local PROSE <const> = [[

## Paths

`a.b` is a member of a member; a name that holds one of `.[]{}"` is written `["a.b"]`. `rows` ends
in `[]` for the items of a list or `{}` for those of an object, `.` is the whole document. In
`fields`, `@key` is the key under which the item stood (or the present key of `each`),
`access.{key}` the member of that key, `^.name` reads the item around the member of a list,
`$.meta.total` a value from the document's root, `.` the item itself.

What is not there is not reported, which is never zero. A figure is a whole number of zero or more
unless its field says otherwise (`fraction`, `negative`, `text`, `null`); all else is an error that
names path and value. A number that no field names is kept under its own name (`raw_` before it
where it would meet one of ours) with kind `unknown`.

## Templates

`{name}` in path, query, headers and body is a parameter of the query, or an edge of the window:
`{from}` and `{to}` as `format` has them, `{timezone}` (`+05:30`), `{from_utc}` and `{to_utc}` (RFC
3339). An entry whose name is unset is left out, never sent empty; values are escaped where they
stand.

## What a script sees

Copies of `string`, `table`, `math`, `utf8`, and %s; `require` of files beside it, under the same
rules; and `kit` with %s. There is no `io`, `os`, `debug`, `package`, `load` or `coroutine`. This
contains accidents and theft through the API; it is no wall against bugs in the interpreter.

A credential is named by its variable, which begins with the vendor's own name (`ACME_…`) unless the
user allows another with `USAGELUA_GRANT=acme:NAME`. It is sent to the host of `base_url` and to no
other; what a token is asked for with, to the host of `token_url` and to no other. `account = "emea"`
of a query reads each variable with `__EMEA` behind its name. `USAGELUA_ACME_URL` puts another base
URL in the place of `base_url` and of all regions, and the path of `token_url` below it.
]]

local function cell(text)
  return (text:gsub("|", "\\|"):gsub("\n", " "))
end

local function default_of(row)
  if row.required then return "required" end
  if row.default == nil then return "" end
  return ("`%s`"):format(tostring(row.default))
end

local function type_of(row)
  if row.one_of then return "`" .. table.concat(row.one_of, "` `") .. "`" end
  local items = row.items and " of " .. row.items or row.list and " (list)"
    or row.some and ", or a list of them" or ""
  return (row[2]:gsub("|", " or ")) .. items
end

local function key_of(row)
  return math.type(row[1]) == "integer" and "[1]" or row[1]
end

local function line(row)
  return ("| `%s` | %s | %s | %s | `%s` |"):format(key_of(row), cell(type_of(row)), default_of(row),
    cell(row.help), cell(row.example))
end

local function section(name, rows)
  local lines = { ("\n## `%s`\n"):format(name), "| key | type | default | meaning | example |",
    "| --- | --- | --- | --- | --- |" }
  if name == "The description" then lines[1] = "\n## The description\n" end
  for _, row in ipairs(rows) do lines[#lines + 1] = line(row) end
  return table.concat(lines, "\n") .. "\n"
end

local function quoted(names)
  return "`" .. table.concat(names, "`, `") .. "`"
end

local function kit_names()
  local names = {}
  for name in pairs(kit) do names[#names + 1] = "kit." .. name end
  table.sort(names)
  return names
end

local function read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

local function text()
  local pieces = { HEAD, "```lua\n", read(EXAMPLE), "```\n" }
  for _, one in ipairs(description.SECTIONS) do
    pieces[#pieces + 1] = section(one[1], one[2])
  end
  pieces[#pieces + 1] = PROSE:format(quoted(sandbox.SAFE), quoted(kit_names()))
  return table.concat(pieces)
end

if not (arg and arg[0] and arg[0]:find "docs/generate%.lua$") then return text end

local file <close> = assert(io.open(TARGET, "wb"))
assert(file:write(text()))
