-- The one exit for text: standard output, standard error and files. Every
-- secret is masked here in whatever form it stands, every write is checked,
-- and a file is old or new, never half.
--
-- Text comes in pieces, and a secret may lie across two of them. So a sink
-- keeps back the end of what it has where that end could be the beginning of
-- a secret, as core.mask.piece finds it, and looks at it again with the next
-- piece. That is seldom more than a few characters, and nothing at the end of
-- a line, since no secret holds a line break: what people wait for comes at
-- once. `flush` keeps it back too (a program that flushes after every byte
-- would otherwise let a secret out letter by letter); `commit` and `close`
-- write it, as nothing follows.

local core = require "usagelua.core"
local errors = require "usagelua.errors"

-- Opened before the first sink: what was made first is finalised last, and a
-- sink that the end of the state closes still needs the mask.
local mask <const> = core.mask

local output = {}

local BUFFER_BYTES <const> = 64 * 1024

---@class usagelua.sink
---@field private handle usagelua.core.writer?
---@field private stream file* what scripts write to the same place with
---@field private pieces string[]
---@field private size integer bytes in pieces
---@field private limit integer bytes at which they are written
---@field private keeps_on_close boolean a stream's rest is written, a file's dropped
---@field private err usagelua.error? the first failure; it stays
local methods = {}
local metatable = { __name = "usagelua.sink", __index = methods }

local function fail(sink, err)
  sink.err = errors.from(err)
  return nil, sink.err
end

-- What a script printed before stands in Lua's own buffer and goes first.
local function flush_stream(stream)
  if not stream or io.type(stream) ~= "file" then return true end
  local ok, message = stream:flush()
  if ok then return true end
  return nil, { kind = "io", message = "cannot write what was printed: " .. message }
end

-- Takes out what may be written now; a piece of it may stay behind.
local function take(sink, is_last)
  local text = table.concat(sink.pieces)
  local masked, rest
  if is_last then
    masked, rest = mask.text(text), ""
  else
    masked, rest = mask.piece(text)
  end
  sink.pieces, sink.size = { rest }, #rest
  return masked
end

local function drain(sink, is_last)
  local masked = take(sink, is_last)
  if masked == "" then return true end
  local ok, err = flush_stream(sink.stream)
  if ok then ok, err = sink.handle:write(masked) end
  if not ok then return fail(sink, err) end
  return true
end

local function check_open(sink)
  if not sink.handle then error("attempt to use a closed sink", 3) end
end

---Takes a piece of text of any size. After a failure every call returns it.
---@param text string
---@return true? ok
---@return usagelua.error? err kind io
function methods:write(text)
  check_open(self)
  if self.err then return nil, self.err end
  self.pieces[#self.pieces + 1] = text
  self.size = self.size + #text
  if self.size < self.limit then return true end
  return drain(self, false)
end

---Writes what is there, but for what may be the beginning of a secret.
---@return true? ok
---@return usagelua.error? err kind io
function methods:flush()
  check_open(self)
  if self.err then return nil, self.err end
  return drain(self, false)
end

---Writes all, puts a file in its place, and closes the sink.
---@return true? ok
---@return usagelua.error? err kind io; the old file is then as it was
function methods:commit()
  check_open(self)
  local ok, err = true, nil
  if not self.err then ok, err = drain(self, true) end
  if ok and not self.err then ok, err = self.handle:commit() end
  local failure = self.err or (not ok and errors.from(err)) or nil
  self.handle:close()
  self.handle = nil
  if failure then return nil, failure end
  return true
end

---Closes without commit: a file is dropped, a stream still gets what was
---written to it. Harmless on a closed sink.
function methods:close()
  if not self.handle then return end
  if self.keeps_on_close and not self.err then drain(self, true) end
  self.handle:close()
  self.handle = nil
end

metatable.__close = methods.close
metatable.__gc = methods.close

---`write` as a function that raises the error, for code that only knows how
---to hand on text.
---@return fun(text: string)
function methods:out()
  return function(text)
    local ok, err = self:write(text)
    if not ok then error(err, 0) end
  end
end

local function new(handle, fields)
  fields.handle, fields.pieces, fields.size = handle, {}, 0
  return setmetatable(fields, metatable)
end

---Standard output. On a terminal it comes at once, else in larger pieces, so
---that it must be flushed, committed or closed at the end.
---@return usagelua.sink
function output.stdout()
  local limit = core.terminal.isatty(1) and 0 or BUFFER_BYTES
  return new(core.file.stream(1), { stream = io.stdout, limit = limit, keeps_on_close = true })
end

---Standard error, at once.
---@return usagelua.sink
function output.stderr()
  return new(core.file.stream(2), { stream = io.stderr, limit = 0, keeps_on_close = true })
end

---A file that takes its place at `commit`, and leaves nothing behind without.
---Terminals, pipes and devices (`/dev/stdout`) are written directly.
---@param path string
---@param mode? string octal permissions; default: the old file's, else by the umask
---@return usagelua.sink?
---@return usagelua.error? err kind io
function output.file(path, mode)
  local handle, err = core.file.writer(path, mode)
  if not handle then return nil, errors.from(err) end
  return new(handle, { limit = BUFFER_BYTES, keeps_on_close = false })
end

local NOWHERE = {
  write = function() return true end,
  commit = function() return true end,
  close = function() end,
}

---A sink that takes everything and keeps nothing.
---@return usagelua.sink
function output.discard()
  return new(NOWHERE, { limit = BUFFER_BYTES, keeps_on_close = false })
end

---A whole file at once.
---@param path string
---@param text string
---@param mode? string octal permissions
---@return true? ok
---@return usagelua.error? err kind io
function output.save(path, text, mode)
  local ok, err = core.file.write_atomic(path, mask.text(text), mode)
  if not ok then return nil, errors.from(err) end
  return true
end

---Adds to the end of a file that others write to as well.
---@param path string
---@param text string
---@return true? ok
---@return usagelua.error? err kind io
function output.append(path, text)
  local ok, err = core.file.append(path, mask.text(text))
  if not ok then return nil, errors.from(err) end
  return true
end

return output
