-- Programs whose memory is measured, as the same on every system: in small pages.
local shell = require "support.shell"

local small_pages = {}

---Compiles what a command line begins with.
---@param folder { path: string }
---@return string path of the program
function small_pages.compile(folder)
  local path = folder.path .. "/small_pages"
  shell.output { "cc", "-O1", "-o", path, "spec/support/small_pages.c" }
  return path
end

return small_pages
