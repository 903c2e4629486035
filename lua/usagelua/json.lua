-- JSON for scripts: whole documents, items of a stream, and writing. The work
-- is done by usagelua.core; here errors become objects and sources pieces.

local core = require "usagelua.core".json
local errors = require "usagelua.errors"

local json = {}

---The value of JSON null; the same as cjson.null.
json.null = core.null

---Marks a table as an array (`[]` when it is empty); without one makes a new.
---Decoded arrays bear the mark. Raises on a table with another metatable.
---@type fun(list?: table): table
json.array = core.array

---A table whose names are written in the order given.
---
---    json.encode(json.object { { "schema", 1 }, { "records", json.array() } })
---    --> {"schema":1,"records":[]}
---@type fun(pairs: { [1]: string, [2]: any }[]): table
json.object = core.object

---The JSON text of a value. Names come sorted bytewise, or as `json.object` or
---the option `key_order` say; `indent` is a number of spaces. Raises, with the
---path, on what JSON cannot hold.
---@type fun(value: any, options?: { indent: integer?, key_order: string[]? }): string
json.encode = core.encode

---The value of a document (RFC 8259, strictly; see docs/json.md for the cases
---that it leaves open). Integers are exact to 2^63-1, null is `json.null`.
---
---    local report = assert(json.decode '{"users":[{"tests":12}]}')
---    report.users[1].tests --> 12
---@param text string
---@param options? { max_depth: integer? } levels, default 128
---@return any value nil where the document is wrong
---@return usagelua.error? err kind "json", with offset, line, column and path
function json.decode(text, options)
  local value, err = core.decode(text, options)
  if err then return nil, errors.new(err) end
  return value
end

local PIECE_BYTES <const> = 65536

local function raise(err)
  error(errors.from(err), 0)
end

local function string_pieces(text)
  local from = 1
  return function()
    if from > #text then return nil end
    local piece = text:sub(from, from + PIECE_BYTES - 1)
    from = from + PIECE_BYTES
    return piece
  end
end

-- A file gives nil, message, number when it cannot be read.
local function file_pieces(file)
  return function()
    local piece, message = file:read(PIECE_BYTES)
    if message then
      return nil, errors.new { kind = "io", message = "reading JSON: " .. message }
    end
    return piece
  end
end

local function object_pieces(source)
  return function() return source:read() end
end

local function method(value, name)
  local kind = type(value)
  if kind ~= "table" and kind ~= "userdata" then return nil end
  local ok, found = pcall(function() return value[name] end)
  return ok and found or nil
end

-- A function that gives piece after piece, then nil, or nil and an error.
local function pieces(source)
  if type(source) == "string" then return string_pieces(source) end
  if type(source) == "function" then return source end
  if io.type(source) == "file" then return file_pieces(source) end
  if method(source, "read") then return object_pieces(source) end
  errors.raise_usage("items reads a string, a function, an open file or an object with read, not a %s",
    io.type(source) or type(source))
end

local function feed(reader, read)
  local piece, err = read()
  if err then raise(err) end
  local ok
  if piece then
    ok, err = reader:feed(piece)
  else
    ok, err = reader:finish()
  end
  if not ok then raise(err) end
  return piece ~= nil
end

local function check_found(reader, path, options)
  if reader:found() or options.optional then return nil end
  raise { kind = "shape", code = "absent", message = ("no %s in the document"):format(path) }
end

-- What C says of a wrong path, without the place in this file.
local function new_reader(path, options)
  local ok, reader = errors.try(core.reader, {
    rows = path, fields = options.fields, max_depth = options.max_depth, lines = options.lines,
  })
  if ok then return reader end
  errors.raise_usage("json.items: %s", (tostring(reader):gsub("^[^:]+:%d+: ", "")))
end

local function items_of(read, path, options)
  local reader = new_reader(path, options)
  local more = true
  local next_item
  local function give(item, ...)
    if item ~= nil then return item, ... end
    if not more then return check_found(reader, path, options) end
    more = feed(reader, read)
    return next_item()
  end
  function next_item() return give(reader:next()) end
  return next_item
end

---@class usagelua.json.items_options
---@field fields string[]? paths below an item: only these are built, the rest is checked
---@field optional boolean? a path that the document does not have is no error
---@field lines boolean? a document on each line
---@field max_depth integer? levels, default 128

---Iterates over the items at a path as the pieces come, in constant memory:
---each item, then its key for each `{}` of the path. Raises the error object
---(kinds "json", "shape", "limit", and what the source gives).
---
---    for user in json.items(io.open "report.json", "data.users[]") do print(user.email) end
---    for count, name in json.items('{"a":1,"b":2}', "{}") do print(name, count) end
---@param source string|file*|fun(): string?, any|table text, pieces until nil, or what has read or items
---@param path string `data.users[]`, `data.products{}`, `.`
---@param options? usagelua.json.items_options
---@return fun(): any, ...
function json.items(source, path, options)
  local own = type(source) ~= "string" and io.type(source) == nil and method(source, "items")
  if own then return own(source, path, options) end
  return items_of(pieces(source), path, options or {})
end

return json
