-- Start of the test server's process: says that it is ready, and ends the process when the
-- one that started it is gone.
local ffi = require "ffi"

ffi.cdef "int kill(int pid, int sig);"

local worker = {}

local SIGTERM = 15
local WATCH_S = 0.5

local function write(name, text)
  local file = assert(io.open(ngx.config.prefix() .. name, "w"))
  file:write(text)
  file:close()
end

local NO_SUCH_FILE = 2

-- A process id alone may be taken again by another process; with its start time it is not. Nil
-- where there is none; an error where one cannot look now, as when all files of ours are in use.
local function identity(pid)
  local file, message, code = io.open("/proc/" .. pid .. "/stat")
  if not file and code == NO_SUCH_FILE then return nil end
  if not file then error(message) end
  local text = file:read "*a"
  file:close()
  local fields = text:match "^.*%)(.*)$"
  return select(20, (fields:gsub("^%s+", "")):match(("(%S+)%s+"):rep(20)))
end

local function watch(premature, parent, known)
  if premature then return end
  if identity(parent) ~= known then ffi.C.kill(ngx.worker.pid(), SIGTERM) end
end

function worker.start()
  local parent = os.getenv "USAGELUA_TEST_PARENT"
  ngx.timer.every(WATCH_S, watch, parent, identity(parent))
  write("started", "")
  write("ready", "ready\n")
end

return worker
