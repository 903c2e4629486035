-- Where a row's figures come from: when, of which revision, by which command, on
-- which machine and beside which versions, how long it took, and how busy the
-- machine was when it began.
local paths = require "paths"
local peers = require "peers"

local origin = {}

---@class bench.origin
---@field date string
---@field revision string
---@field command string
---@field machine string
---@field load string processes that ran or waited, of the minute before
---@field began number
---@field seconds number
---@field rounds integer at most so many of each program
---@field versions string[] of the programs

local function machine()
  return paths.output [[awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo]]
    .. (", %s processors, %s, Linux %s"):format(paths.output "nproc",
      paths.output ". /etc/os-release; echo $PRETTY_NAME", paths.output "uname -r | sed 's/-.*//'")
end

-- Of another state than the one that is named, where files are changed that matter.
local function revision()
  local version = paths.output(("'%s' --version"):format(paths.binary)):gsub("^usagelua ", "")
  local name = paths.output "git rev-parse --short HEAD 2>/dev/null"
  local changes = paths.output "git status --porcelain -- lua csrc bench/peers bench/reports 2>/dev/null"
  return name == "" and version or ("%s (%s%s)"):format(version, name, changes ~= "" and " and changes" or "")
end

---@param command string
---@return bench.origin
function origin.now(command)
  return { date = os.date "!%Y-%m-%d %H:%M UTC", command = command, revision = revision(),
    machine = machine(), load = paths.output "cut -d' ' -f1 /proc/loadavg", began = os.time() }
end

local function versions(results)
  local list = { paths.output "PATH=$PATH:/usr/sbin nginx -v 2>&1 | sed 's/.*: //'" }
  for _, result in ipairs(results) do
    local version = peers.is_known(result.program.name) and peers.version(result.program.name)
    if version then list[#list + 1] = version end
  end
  return list
end

---Completes it when the row has been run.
---@param self bench.origin
---@param results bench.result[]
---@param rounds integer
function origin.finish(self, results, rounds)
  self.seconds, self.rounds, self.versions = os.difftime(os.time(), self.began), rounds, versions(results)
end

return origin
