-- The scale curve: usagelua against itself, small and large. What a unit costs
-- is counted above the first point, which does next to nothing.
local documents = require "documents"
local instructions = require "instructions"
local program = require "program"

local curve = {}

local function point(title, amount, made)
  made.title, made.amount, made.is_floor = title, amount, true
  return made
end

local function plain(url)
  return { USAGELUA_PLAIN_URL = url .. "/plain" }
end

-- What the first point takes counts in all the others: the quick ones run more often.
local QUICK_MB <const>, ROUNDS <const> = 100, 5
curve.QUICK_ROUNDS = 15

---The main job, by the size of its document.
---@param sizes integer[] in MB
---@param way "plain"|"gzip"|nil on the wire; plain
---@return bench.row
function curve.sizes(sizes, way)
  return function(url)
    local points = {}
    for place, mb in ipairs { 0, table.unpack(sizes) } do
      local document = documents.users(mb)
      if way == "gzip" then documents.compressed(document) end
      local more = mb > QUICK_MB and { rounds = ROUNDS } or nil
      points[place] = point(("%d MB"):format(mb), mb, program.report("users", {},
        { USAGELUA_BENCH_URL = ("%s/%s/%s"):format(url, way or "plain", document) }, more))
    end
    local title = "Scale curve: size of the document" .. (way == "gzip" and ", gzip on the wire" or "")
    return { title = title, programs = points, curve = "MB",
      goals = { { flat = 1.2 }, { peak_mb = 20 }, { growth_mb = 1 } } }
  end
end

---The same counted in instructions, which no other program disturbs.
---@param sizes integer[] in MB
---@return bench.row
function curve.instructions(sizes)
  return function(url)
    local row = curve.sizes(sizes)(url)
    row.title, row.goals = row.title .. ", by instructions", {}
    row.extra = { head = "million instructions", of = instructions }
    return row
  end
end

local function queries(url, count, in_flight)
  return program.report("queries", { "--document", documents.small(), "--count", tostring(count),
    "--in-flight", tostring(in_flight) }, plain(url))
end

---Queries of a small document, by how many are under way at once.
---@param count integer queries at each point
---@param list integer[]
---@return bench.row
function curve.in_flight(count, list)
  return function(url)
    local points = { point("1 query", 1, queries(url, 1, 1)) }
    for _, in_flight in ipairs(list) do
      points[#points + 1] = point(("%d queries, %d in flight"):format(count, in_flight), count,
        queries(url, count, in_flight))
    end
    return { title = "Scale curve: queries in flight", programs = points, curve = "query",
      goals = { { flat = 1.2 } } }
  end
end

local function rows(url, document, fields)
  return program.report("rows", { "--document", document, "--fields", tostring(fields) }, plain(url))
end

---Plain rows, by how many groups they fall into.
---@param count integer rows at each point
---@param list integer[]
---@return bench.row
function curve.groups(count, list)
  return function(url)
    local points = { point("10 rows", 10, rows(url, documents.rows(10, 10, 1), 1)) }
    for _, groups in ipairs(list) do
      points[#points + 1] = point(("%d rows, %d groups"):format(count, groups), count,
        rows(url, documents.rows(count, groups, 1), 1))
    end
    return { title = "Scale curve: groups", programs = points, curve = "row", goals = {} }
  end
end

---Rows of a hundred numbers, by how many of them are named.
---@param count integer rows at each point
---@param list integer[]
---@return bench.row
function curve.fields(count, list)
  return function(url)
    local document = documents.rows(count, 1000, 100)
    local mb = documents.totals(document).bytes / 1e6
    local points = { point("10 rows", 0, rows(url, documents.rows(10, 10, 100), 1)) }
    for _, fields in ipairs(list) do
      points[#points + 1] = point(("%.0f MB, %d of 100 numbers named"):format(mb, fields), mb,
        rows(url, document, fields))
    end
    return { title = "Scale curve: fields named", programs = points, curve = "MB", goals = {} }
  end
end

return curve
