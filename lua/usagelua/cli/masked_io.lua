-- What a script prints itself goes through the same mask as everything else:
-- a vendor's error body may repeat the key it was sent, and a streamed one
-- comes in pieces. So each file keeps back what may be the beginning of a
-- secret, until more comes or the file is closed.

local core = require "usagelua.core"

local masked_io = {}

-- What Lua accepts to be written, as one text.
local function text_of(...)
  local pieces = table.pack(...)
  for index = 1, pieces.n do
    local kind = type(pieces[index])
    if kind ~= "string" and kind ~= "number" then
      error(("bad argument #%d to 'write' (string expected, got %s)"):format(index, kind), 3)
    end
  end
  return table.concat(pieces)
end

-- file → what was kept back. Weak: an open file that nobody holds is closed by
-- its own __gc, which writes the rest first.
local function new_rests()
  return setmetatable({}, { __mode = "k" })
end

local function rest_writer(write, rests)
  return function(file)
    local rest = rests[file]
    rests[file] = nil
    if rest and rest ~= "" and io.type(file) == "file" then
      return write(file, core.mask.text(rest))
    end
    return file
  end
end

local function masking_write(write, rests, before_write)
  return function(file, ...)
    if file == io.stdout or file == io.stderr then before_write() end
    local masked, rest = core.mask.piece((rests[file] or "") .. text_of(...))
    rests[file] = rest ~= "" and rest or nil
    return write(file, masked)
  end
end

-- Nothing stays behind where a file ends or is left for another place.
local function before(finish, method)
  return function(file, ...)
    if io.type(file) == "file" then finish(file) end
    return method(file, ...)
  end
end

-- print, by the script's own tostring; at once, as Lua's own.
local function masked_print(...)
  local words = table.pack(...)
  for index = 1, words.n do words[index] = tostring(words[index]) end
  io.stdout:write(table.concat(words, "\t") .. "\n")
  io.stdout:flush()
end

---Puts the mask before print, io.write and the write of every file.
---@param before_write fun() is called before anything is printed
---@return fun() finish writes what is still kept back for stdout and stderr
function masked_io.install(before_write)
  local metatable = getmetatable(io.stdout)
  local methods, rests = metatable.__index, new_rests()
  local finish = rest_writer(methods.write, rests)
  methods.write = masking_write(methods.write, rests, before_write)
  methods.seek, methods.close = before(finish, methods.seek), before(finish, methods.close)
  metatable.__gc = before(finish, metatable.__gc)
  metatable.__close = before(finish, metatable.__close)
  -- luacheck: push ignore 121 122 (what the script itself calls is the point)
  io.write = function(...) return io.output():write(...) end
  io.close = function(file) return (file or io.output()):close() end
  print = masked_print
  -- luacheck: pop
  return function()
    finish(io.stdout)
    finish(io.stderr)
  end
end

return masked_io
