-- Items that wait until all answers they are from are whole: as JSON lines, in
-- memory to 8 MiB, then in a file without a name. A flow function gets them from
-- here, so it never acts on half an answer.

local core = require "usagelua.core"
local errors = require "usagelua.errors"

local gathered = {}

---@class usagelua.gathered
---@field count integer items
local methods = {}
local metatable = { __name = "usagelua.gathered", __index = methods }

---@param memory_bytes integer? 8 MiB when absent
---@return usagelua.gathered to be closed
function gathered.new(memory_bytes)
  return setmetatable({ spool = core.spool.new { memory_bytes = memory_bytes }, count = 0 }, metatable)
end

---@param item any
---@param key string?
---@return boolean? ok
---@return usagelua.error? err kind "io"
function methods:add(item, key)
  local ok, err = self.spool:feed(core.json.encode { item, key } .. "\n")
  if not ok then return nil, errors.from(err) end
  self.count = self.count + 1
  return true
end

local function pour(from, into)
  local ok, err = from:rewind()
  if not ok then return nil, err end
  local piece
  piece, err = from:read()
  while piece do
    ok, err = into:feed(piece)
    if not ok then return nil, err end
    piece, err = from:read()
  end
  return err == nil, err
end

---Takes over the items of another one, which is empty from then on.
---@param other usagelua.gathered
---@return boolean? ok
---@return usagelua.error? err kind "io"
function methods:take(other)
  if self.count == 0 then
    self.spool, other.spool = other.spool, self.spool
  else
    local ok, err = pour(other.spool, self.spool)
    if not ok then return nil, errors.from(err) end
  end
  self.count, other.count = self.count + other.count, 0
  return true
end

local function raise(err)
  error(errors.from(err), 0)
end

-- Feeds the next piece; whether there was one.
local function feed(spool, reader)
  local more, err = spool:give(reader)
  if err then raise(err.kind == "sink" and select(2, reader:feed "") or err) end
  if not more then
    local ok, end_err = reader:finish()
    if not ok then raise(end_err) end
  end
  return more
end

---Iterates over the items, each with its key; gives memory and file back behind
---the last one. Once.
---@return fun(): any, string?
function methods:items()
  local ok, err = self.spool:rewind()
  if not ok then raise(err) end
  local reader, more = core.json.reader { rows = ".", lines = true }, true
  return function()
    local line = reader:next()
    while line == nil and more do
      more = feed(self.spool, reader)
      line = reader:next()
    end
    if line == nil then return self:close() end
    return line[1], line[2]
  end
end

---Gives memory and file back; again does nothing.
function methods:close()
  self.spool:close()
end

metatable.__close = methods.close

return gathered
