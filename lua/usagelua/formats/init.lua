-- The formats there are, found by name or by a file's ending, and the one way
-- to write them. A format is a module with
--
--     name      as in `-f NAME`
--     per_table true where one file holds one table
--     write(evaluated, out, options, section)   section: the table, if per_table
--
-- and calls `out(text)` with its pieces.

local errors = require "usagelua.errors"

local formats = {}

---@class usagelua.format_options
---@field columns integer? cells of a line of text; 100 by default
---@field color boolean? escape sequences for colour; none by default
---@field neutralise boolean? CSV: make formulas harmless; true by default
---@field separator string? csv-excel: what parts the cells; a comma by default

---@class usagelua.sink where text goes: stdout, or a file that appears whole or not at all
---@field write fun(self, text: string): true?, usagelua.error?
---@field commit fun(self): true?, usagelua.error? makes what was written last
---@field close fun(self) without a commit before, nothing was written

---@class usagelua.format
---@field name string
---@field per_table boolean
---@field write fun(evaluated: usagelua.evaluated, out: fun(text: string), options: table,
--- section: usagelua.evaluated_section?)

local NAMES <const> = { "text", "markdown", "html", "csv", "csv-excel", "json", "ndjson", "junit",
  "openmetrics", "focus" }

local ENDINGS <const> = {
  txt = "text", text = "text", md = "markdown", markdown = "markdown", html = "html", htm = "html",
  csv = "csv", json = "json",
  ndjson = "ndjson", jsonl = "ndjson", xml = "junit", prom = "openmetrics",
}

---@return string[]
function formats.names()
  return table.move(NAMES, 1, #NAMES, 1, {})
end

local function exists(name)
  for _, known in ipairs(NAMES) do
    if known == name then return true end
  end
  return false
end

---@param name string
---@return usagelua.format
function formats.named(name)
  if not exists(name) then errors.raise_usage("%s", errors.unknown("format", name, NAMES)) end
  return (require("usagelua.formats." .. name:gsub("%-", "_")))
end

local function by_ending(path)
  local ending = path:match "%.([A-Za-z0-9_-]+)$"
  local name = ending and ENDINGS[ending:lower()]
  if name then return formats.named(name) end
  errors.raise_usage("the ending of '%s' names no format; write FORMAT=%s with one of: %s",
    path, path, table.concat(NAMES, ", "))
end

---Reads where to write: a format's name alone is stdout, else FILE or FORMAT=FILE
---(a file whose own name holds a `=` is written ./a=b.csv).
---@param text string
---@return usagelua.format
---@return string? path
function formats.target(text)
  if exists(text) then return formats.named(text) end
  local name, path = text:match "^([A-Za-z0-9_-]+)=(.+)$"
  if name then return formats.named(name), path end
  local alone = text:match "^([A-Za-z0-9_-]+)=$"
  if alone and exists(alone) then errors.raise_usage("'%s' names no file: write %sFILE", text, text) end
  if not text:find("[./]") then return formats.named(text) end
  return by_ending(text), text
end

---Refuses what a format of one table a file cannot hold, before anything is asked for.
---@param format usagelua.format
---@param tables string[] names of the report's tables
---@param path string? nil is stdout
function formats.check(format, tables, path)
  if not format.per_table then return end
  if #tables == 0 then
    errors.raise_usage("%s holds tables, and this report has none", format.name)
  end
  if not path and #tables > 1 then
    errors.raise_usage("%s holds one table and this report has %d (%s); "
      .. "write a file each with -o %s=FILE", format.name, #tables,
      table.concat(tables, ", "), format.name)
  end
end

---The file for one of several tables: "out.csv" and "by-team" give "out-by-team.csv".
---@param path string
---@param name string
---@return string
function formats.part(path, name)
  local folder, file = path:match "^(.*/)([^/]*)$"
  if not folder then folder, file = "", path end
  local stem, ending = file:match "^(.+)(%.[^.]*)$"
  if not stem then stem, ending = file, "" end
  return ("%s%s-%s%s"):format(folder, stem, name, ending)
end

---How files are opened: the path itself, or one beside it for each named part.
---@param path string
---@param open_file fun(path: string): usagelua.sink?, usagelua.error?
---@return fun(name: string?): usagelua.sink?, usagelua.error?
function formats.files(path, open_file)
  return function(name)
    return open_file(name and formats.part(path, name) or path)
  end
end

-- The first failure of a sink stays; what comes after it is not written.
local function writer(sink)
  local failure
  local function out(text)
    if failure then return end
    local ok, err = sink:write(text)
    if not ok then failure = err end
  end
  return out, function() return failure end
end

local function closing(sinks)
  return setmetatable({}, { __close = function()
    for _, sink in ipairs(sinks) do sink:close() end
  end })
end

local function commit_all(sinks)
  for _, sink in ipairs(sinks) do
    local ok, err = sink:commit()
    if not ok then return nil, err end
  end
  return true
end

local function tables_of(evaluated)
  local tables = {}
  for _, section in ipairs(evaluated.sections) do
    if section.kind == "table" then tables[#tables + 1] = section end
  end
  return tables
end

-- What is written where: one part without a name, or one for each table.
local function parts_of(format, evaluated)
  if not format.per_table then return { {} } end
  local tables = tables_of(evaluated)
  if #tables == 1 then return { { section = tables[1] } } end
  local parts = {}
  for i, section in ipairs(tables) do parts[i] = { name = section.name, section = section } end
  return parts
end

---Writes a report in one format. All its files are written before the first
---becomes visible.
---@param format usagelua.format
---@param evaluated usagelua.evaluated
---@param open fun(name: string?): usagelua.sink?, usagelua.error? the sink of a part; no name: of all
---@param options usagelua.format_options?
---@return true?
---@return usagelua.error? err kind io
function formats.write(format, evaluated, open, options)
  local sinks = {}
  local _ <close> = closing(sinks)
  for _, part in ipairs(parts_of(format, evaluated)) do
    local sink, err = open(part.name)
    if not sink then return nil, err end
    sinks[#sinks + 1] = sink
    local out, failure = writer(sink)
    format.write(evaluated, out, options or {}, part.section)
    if failure() then return nil, failure() end
  end
  return commit_all(sinks)
end

return formats
