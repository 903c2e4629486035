-- What a script prints itself goes through the same mask as everything else:
-- a vendor's error body may repeat the key it was sent.

local core = require "usagelua.core"

local masked_io = {}

local function masked(...)
  local values = table.pack(...)
  for index = 1, values.n do
    if type(values[index]) == "string" then values[index] = core.mask.text(values[index]) end
  end
  return table.unpack(values, 1, values.n)
end

local function masked_print(...)
  local words = table.pack(...)
  for index = 1, words.n do words[index] = tostring(words[index]) end
  io.stdout:write(table.concat(words, "\t") .. "\n")
end

---Puts the mask before print, io.write and the write of every file.
function masked_io.install()
  local methods = getmetatable(io.stdout).__index
  local write = methods.write
  methods.write = function(file, ...) return write(file, masked(...)) end
  io.write = function(...) return io.output():write(...) end
  print = masked_print -- luacheck: ignore 121 (the script's own print is the point)
end

return masked_io
