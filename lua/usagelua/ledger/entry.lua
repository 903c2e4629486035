-- One report job in the ledger: a file of its own, locked as long as its owner
-- lives. Lines of JSON: first what is going to be created, then what it became.
-- Each line is on the disk before the next step is taken.

local core = require "usagelua.core"
local errors = require "usagelua.errors"
local json = require "usagelua.json"

local entry = {}

local FILE_BYTES <const> = 1 << 20
local SCHEMA <const> = 1
entry.SCHEMA = SCHEMA
-- The code of the error that a file is no entry of this version.
entry.FOREIGN = "foreign"
-- Names tried for a new file.
local NAMES <const> = 4

---@class usagelua.ledger.facts what the lines of an entry say together
---@field schema integer
---@field vendor string
---@field account string?
---@field region string?
---@field base_url string
---@field dataset string
---@field query string digest of all that was asked for
---@field created number epoch seconds, of the intent
---@field host string
---@field run string
---@field is_lost boolean? an answer to its creation was lost before
---@field id string? nil where the creation was cut off
---@field delete { method: string, path: string }[]? requests below the base URL, the second one
---where the first answers 404

---@class usagelua.ledger.entry
---@field path string
---@field facts usagelua.ledger.facts
local methods = {}
local metatable = { __name = "usagelua.ledger.entry", __index = methods }

-- A line that was cut off says nothing.
local function add_line(facts, line)
  local object = json.decode(line)
  if type(object) ~= "table" then return end
  for name, value in pairs(object) do
    if value ~= json.null then facts[name] = value end
  end
end

local TEXTS <const> = { "vendor", "base_url", "dataset", "query", "host", "run" }

local function is_whole(facts)
  for _, name in ipairs(TEXTS) do
    if facts[name] == nil then return false end
  end
  return facts.schema == SCHEMA and facts.created ~= nil
end

local function is_text(value) return type(value) == "string" end

-- Years 1970 to 9999.
local function is_instant(value)
  return math.type(value) == "integer" and value >= 0 and value < 253402300800
end

local function is_list_of_calls(value)
  if type(value) ~= "table" then return false end
  for place, call in pairs(value) do
    if math.type(place) ~= "integer" or type(call) ~= "table" then return false end
    if not (is_text(call.method) and is_text(call.path)) then return false end
  end
  return true
end

local SHAPES <const> = {
  vendor = is_text, account = is_text, region = is_text, base_url = is_text, dataset = is_text,
  query = is_text, host = is_text, run = is_text, id = is_text, created = is_instant,
  is_lost = function(value) return type(value) == "boolean" end, delete = is_list_of_calls,
}

-- The name of a fact that is not of its shape: nothing of ours wrote it.
local function misshapen(facts)
  for name, is_shape in pairs(SHAPES) do
    if facts[name] ~= nil and not is_shape(facts[name]) then return name end
  end
end

local function refused(path, reason)
  return nil, errors.new { kind = "io", code = entry.FOREIGN, message = path .. " " .. reason }
end

---What the file says.
---@param path string
---@return usagelua.ledger.facts? facts nil where it says nothing: it was cut
---off before anything was created
---@return usagelua.error? err kind "io" where it cannot be read, or another
---version wrote it, or something else did
function entry.read(path)
  local text, err = core.file.read(path, FILE_BYTES)
  if not text then return nil, errors.from(err) end
  local facts = {}
  for line in text:gmatch "[^\n]+" do add_line(facts, line) end
  if facts.schema ~= nil and facts.schema ~= SCHEMA then
    return refused(path, "was written by another version")
  end
  local name = misshapen(facts)
  if name then return refused(path, ("is no entry of a ledger: its %s is of another shape"):format(name)) end
  return is_whole(facts) and facts or nil
end

---An entry that is not on the disk yet.
---@param path string
---@param facts usagelua.ledger.facts
---@return usagelua.ledger.entry
function entry.new(path, facts)
  return setmetatable({ path = path, facts = facts }, metatable)
end

---Makes the entry of somebody who is gone one's own.
---@param path string
---@return usagelua.ledger.entry? entry nil where its owner lives, or it is gone
---@return "live"|usagelua.error|nil why
function entry.take(path)
  local lock, err = core.file.lock(path)
  if not lock then
    if err.code == "EWOULDBLOCK" then return nil, "live" end
    return nil, errors.from(err)
  end
  local facts, problem = entry.read(path)
  local taken = setmetatable({ path = path, facts = facts, lock = lock }, metatable)
  if facts then return taken end
  if problem then
    taken:leave()
    return nil, problem
  end
  taken:forget()
  return nil
end

local function write(self, fields)
  local line = core.mask.text(json.encode(fields))
  local ok, err = self.lock:append("\n" .. line .. "\n")
  if not ok then return nil, errors.from(err) end
  return true
end

-- Whoever looks through the folder may hold a new file for a moment.
local function lock_new(self)
  local lock, err = core.file.lock(self.path)
  for try = 2, NAMES do
    if lock or err.code ~= "EWOULDBLOCK" then break end
    self.path = self.path:gsub("(%.%w+)$", ("-%d%%1"):format(try))
    lock, err = core.file.lock(self.path)
  end
  return lock, err
end

---Writes what is going to be created; again does nothing.
---@return boolean? ok
---@return usagelua.error? err kind "io": it must not be created
function methods:intend()
  if self.lock then return true end
  local lock, err = lock_new(self)
  if not lock then return nil, errors.from(err) end
  self.lock = lock
  local ok, problem = write(self, self.facts)
  if not ok then self:forget() end
  return ok, problem
end

---Writes what was created.
---@param fields { id: string, delete: table[] }
---@return boolean? ok
---@return usagelua.error? err kind "io"
function methods:identify(fields)
  for name, value in pairs(fields) do self.facts[name] = value end
  return write(self, fields)
end

---Writes that the answer to its creation was lost, and that it is created once
---more: should this run not come to say so, the next one does.
---@return boolean? ok
---@return usagelua.error? err kind "io"
function methods:lose()
  self.facts.is_lost = true
  return write(self, { is_lost = true })
end

---Says whose it is now.
---@param owner { host: string, run: string }
---@return boolean? ok
---@return usagelua.error? err kind "io"
function methods:sign(owner)
  return write(self, { host = owner.host, run = owner.run })
end

---It is over: nothing of it is left at the vendor.
function methods:forget()
  if not self.lock then return end
  self:remove()
  self:leave()
end

---Removes its file, whoever holds it.
function methods:remove()
  core.file.remove(self.path)
end

---Leaves it to whoever comes next.
function methods:leave()
  if not self.lock then return end
  self.lock:close()
  self.lock = nil
end

return entry
