-- What a run of the binary took, by the small program that the benchmark measures with: the kernel
-- counts the memory of whoever starts a process into its peak, so it is not this process that does.
local shell = require "support.shell"
local small_pages = require "support.small_pages"
local tmp = require "support.tmp"

local peak = {}

local methods = {}

---Runs the binary to its end.
---@param words string[]
---@param env table<string, string|false>
---@return { status: integer, peak_kb: integer, cpu_s: number, stdout: string, stderr: string }
function methods:run(words, env)
  local output = self.folder.path .. "/out"
  local result = shell.run({ self.folder.path .. "/measure", "570", output, self.small_pages,
    shell.usagelua(), table.unpack(words) }, { env = env, timeout_s = 600 })
  local _, user, system, kb, status = result.stdout:match "^(%S+) (%S+) (%S+) (%S+) (%S+)"
  return { status = tonumber(status), peak_kb = math.tointeger(tonumber(kb)),
    cpu_s = user and user + system, stdout = self.folder:read "out",
    stderr = result.stderr .. (self.folder:read "out.err" or "") }
end

function methods:close()
  self.folder:remove()
end

---Compiles the programs; close it when done.
function peak.new()
  local folder = tmp.folder()
  shell.output { "cc", "-O1", "-o", folder.path .. "/measure", "bench/measure.c" }
  return setmetatable({ folder = folder, small_pages = small_pages.compile(folder) },
    { __index = methods, __close = methods.close })
end

return peak
