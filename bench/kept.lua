-- What was measured of each row, kept in a file of its own below build/: rows of
-- several runs can then stand in one document, each with its own date, revision
-- and command.
local cjson = require "cjson"
local paths = require "paths"

local kept = {}

local FOLDER <const> = paths.build .. "/measured"

-- How a program is run is no part of what was measured.
local OF_PROGRAM <const> = { "name", "title", "amount", "is_floor", "may_fail" }
local OF_ROW <const> = { "name", "title", "mb", "amount", "unit", "measure", "curve", "note", "goals",
  "origin" }
local OF_RESULT <const> = { "samples", "problem", "output", "extra" }

local function some_of(from, names)
  local copy = {}
  for _, name in ipairs(names) do copy[name] = from[name] end
  return copy
end

local function plain(row)
  local copy = some_of(row, OF_ROW)
  copy.extra = row.extra and { head = row.extra.head }
  copy.results = {}
  for place, result in ipairs(row.results) do
    copy.results[place] = some_of(result, OF_RESULT)
    copy.results[place].program = some_of(result.program, OF_PROGRAM)
  end
  return copy
end

local function path_of(name)
  return ("%s/%s.json"):format(FOLDER, name)
end

---Keeps a row in place of what was measured of it before.
---@param row bench.measurement with its results
function kept.put(row)
  assert(os.execute(("mkdir -p '%s'"):format(FOLDER)))
  local path = path_of(row.name)
  local file <close> = assert(io.open(path .. ".new", "w"))
  assert(file:write(cjson.encode(plain(row))))
  file:close()
  assert(os.rename(path .. ".new", path))
end

---@param name string
---@return bench.measurement? row with its results, as it was measured last
function kept.get(name)
  local file <close> = io.open(path_of(name))
  return file and cjson.decode(file:read "a")
end

---The rows that were just measured, and those of earlier runs, in the order of the names.
---@param measured bench.measurement[]
---@param names string[]
---@return bench.measurement[]
function kept.beside(measured, names)
  local by_name, rows = {}, {}
  for _, row in ipairs(measured) do by_name[row.name] = row end
  for _, name in ipairs(names) do rows[#rows + 1] = by_name[name] or kept.get(name) end
  return rows
end

return kept
