-- An answer that is held back until it is known to be whole: transport, coding,
-- grammar and shape are checked as it comes, its items are read afterwards, from
-- memory or from a file without a name. So nobody acts on half an answer.

local core = require "usagelua.core"
local errors = require "usagelua.errors"

local spool = {}

-- What takes the bytes: a reader of C, or that below a reader of an answer kind.
local function sink_of(reader)
  return type(reader) == "userdata" and reader or reader.sink
end

---@class usagelua.held an answer that is whole
---@field bytes integer of the body
---@field count integer items
---@field side table<string, any> values that stand beside the items
---@field found boolean whether the path of the items led somewhere
---@field is_null boolean to null
---@field doubt string? why there may have been more items
---@field on_disk boolean
local methods = {}
local metatable = { __name = "usagelua.held", __index = methods }

-- Checks what comes; what it would give is read later.
local function take(response, held, check)
  local ok, err = response:feed(held, function() check:discard() end)
  if ok then ok, err = check:finish(response:facts(), response.headers) end
  if not ok then return nil, errors.from(err) end
  return true
end

local function describe(response, held, check, open)
  local found, is_null = check:found()
  return setmetatable({
    spool = held, open = open, facts = response:facts(), headers = response.headers,
    bytes = held:size(), on_disk = held:on_disk(), count = check:count(), side = check:side(),
    found = found, is_null = is_null, doubt = type(check) == "table" and check.doubt or nil,
  }, metatable)
end

---Takes the whole body of a response, and gives it only where it is whole.
---
---    local held <close> = assert(spool.hold(response, function()
---      return core.json.reader { rows = "data[]" }
---    end))
---    for user in held:items() do … end
---
---@param response usagelua.response
---@param open fun(): usagelua.answer_reader|userdata a new reader of the same items, each time
---@param options { memory_bytes: integer?, folder: string? }? beyond 8 MiB it is held in a file
---@return usagelua.held? held to be closed: a `<close>` variable
---@return usagelua.error? err of the transfer, kind "json", "shape", "cut", or "io"
function spool.hold(response, open, options)
  options = options or {}
  local check <close> = open()
  local held = core.spool.new { check = sink_of(check), memory_bytes = options.memory_bytes,
    folder = options.folder }
  local ok, err = take(response, held, check)
  if ok then return describe(response, held, check, open) end
  held:close()
  return nil, err
end

-- More items of the next piece; false behind the last.
local function read_on(self, reader)
  local more, err = self.spool:give(sink_of(reader))
  local ok = more
  if more == false then
    ok, err = reader:finish(self.facts, self.headers)
  elseif err and err.kind == "sink" then
    ok, err = sink_of(reader):feed ""
  end
  if not ok then error(errors.from(err), 0) end
  return more
end

---Iterates over the items, with their keys; each call begins anew. One at a
---time: a second reading moves the first.
---@return fun(): any, ...
function methods:items()
  local ok, err = self.spool:rewind()
  if not ok then error(errors.from(err), 0) end
  local reader, more = self.open(), true
  local next_item
  local function give(item, ...)
    if item ~= nil then return item, ... end
    if not more then return reader:close() end
    more = read_on(self, reader)
    return next_item()
  end
  function next_item() return give(reader:next()) end
  return next_item
end

---Gives memory and file back; again does nothing.
function methods:close()
  self.spool:close()
end

metatable.__close = methods.close

return spool
