-- Writes an assembler file that holds Lua files as they are and compiled, and
-- the table ul_embedded_modules of them, by name (see embedded.h):
--
--     lua5.4 embed.lua OUT.S FOLDER FILE.lua...
--
-- Compiled ones go to FOLDER, with the lines that messages tell.

package.path = arg[0]:gsub("[^/]*$", "?.lua;") .. package.path

local lean = require "lean"

local out_path, folder = arg[1], arg[2]

local function module_name(path)
  local name = path:gsub("^lua/", ""):gsub("/init%.lua$", ""):gsub("%.lua$", "")
  if name:find "^/" then name = name:match "[^/]*$" end -- somebody else's library
  return (name:gsub("/", "."))
end

local function compile(path, number)
  local compiled = ("%s/%d.luac"):format(folder, number)
  local file <close> = assert(io.open(compiled, "wb"))
  assert(file:write(lean.of(string.dump(assert(loadfile(path, "t"))))))
  return compiled
end

-- The files' places in the arguments, in the bytewise order of their names.
local function by_name()
  local places, names = {}, {}
  for number = 3, #arg do
    places[#places + 1], names[number] = number, module_name(arg[number])
  end
  table.sort(places, function(a, b) return names[a] < names[b] end)
  return places
end

local out <close> = assert(io.open(out_path, "w"))

local function write(format, ...)
  assert(out:write(format:format(...), "\n"))
end

local function write_bytes(label, number, path)
  write('%s%d: .incbin "%s"', label, number, path)
  write("%s_end%d: .byte 0", label, number)
end

local function write_row(number)
  write("  .quad name%d, text%d, text_end%d - text%d, code%d, code_end%d - code%d",
    number, number, number, number, number, number, number)
end

write "  .section .rodata"
for number = 3, #arg do
  write_bytes("text", number, arg[number])
  write_bytes("code", number, compile(arg[number], number))
  write('name%d: .asciz "%s"', number, module_name(arg[number]))
end
write '  .section .data.rel.ro,"aw"'
write "  .balign 8"
write "  .globl ul_embedded_modules"
write "  .hidden ul_embedded_modules"
write "ul_embedded_modules:"
for _, number in ipairs(by_name()) do write_row(number) end
write '  .section .rodata'
write "  .balign 8"
write "  .globl ul_embedded_count"
write "  .hidden ul_embedded_count"
write("ul_embedded_count: .quad %d", #arg - 2)
write '  .section .note.GNU-stack,"",%%progbits'
