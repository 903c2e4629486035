-- The documents that are served: made once, and again when the generator changes.
local paths = require "paths"

local documents = {}

local MB <const> = 1000000

local function run(command)
  assert(os.execute(command), command)
end

local function is_newer(path, than)
  return os.execute(("[ '%s' -nt '%s' ]"):format(path, than)) == true
end

local function file(name)
  return ("%s/%s.%s"):format(paths.documents, name, name:find "^lines" and "tsv" or "json")
end

-- Written beside and renamed, so that half a document is none.
local function make(name, words)
  local path, generator = file(name), paths.build .. "/generate"
  if not is_newer(path, generator) then
    run(("mkdir -p '%s'"):format(paths.documents))
    run(("'%s' %s >'%s.new' 2>'%s.totals' && mv '%s.new' '%s'"):format(generator, words, path,
      path:gsub("%.%w+$", ""), path, path))
  end
  return name
end

---@param mb integer millions of bytes; 0 has no users
---@return string name of the document, as in /plain/NAME.json
function documents.users(mb)
  return make("users-" .. mb, ("users %d"):format(mb * MB))
end

---@param mb integer
---@return string name
function documents.hours(mb)
  return make("hours-" .. mb, ("hourly %d"):format(mb * MB))
end

---@param count integer
---@param groups integer how many different pairs of team and product
---@param fields integer how many numbers each row has
---@return string name
function documents.rows(count, groups, fields)
  return make(("rows-%d-%d-%d"):format(count, groups, fields),
    ("rows %d %d %d"):format(count, groups, fields))
end

---What rows of one field say, tab-separated.
---@return string name
function documents.lines(count, groups)
  return make(("lines-%d-%d"):format(count, groups), ("lines %d %d"):format(count, groups))
end

---Users in about a kilobyte.
---@return string name
function documents.small()
  return make("small", "users 900")
end

---Beside the document, compressed.
---@param name string
---@return string name
function documents.compressed(name)
  local path = file(name)
  if not is_newer(path .. ".gz", path) then run(("gzip -6 -k -f '%s'"):format(path)) end
  return name
end

---What the generator says of a document.
---@param name string
---@return table<string, integer> totals bytes, and what it counts
function documents.totals(name)
  local totals = {}
  for line in io.lines(("%s/%s.totals"):format(paths.documents, name)) do
    local key, value = line:match "^(%w+) (%d+)$"
    totals[key] = math.tointeger(value)
  end
  return totals
end

---@param name string
---@return string path
function documents.path(name)
  return file(name)
end

return documents
