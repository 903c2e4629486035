-- Runs the specs under this interpreter:
--
--     lua5.4 spec/run.lua [-j JOBS] [spec files and folders]
--
-- With -j several processes take the files from one queue, the largest first; most
-- of what specs do is wait for servers. Each process ends with the plain line of
-- spec/support/plain.lua; their sum is the closing line of the run, below what failed.

local BATCH <const> = 2

local function run_here()
  package.path = "lua/?.lua;lua/?/init.lua;spec/?.lua;" .. package.path
  package.cpath = (os.getenv "USAGELUA_CPATH" or "build/lib/?.so") .. ";" .. package.cpath
  -- .busted names the interpreter for a bare `busted`; here it is the one already running.
  table.insert(arg, 1, "--ignore-lua")
  require "busted.runner" { standalone = false }
end

local function quoted(words)
  local list = {}
  for i, word in ipairs(words) do list[i] = "'" .. word:gsub("'", "'\\''") .. "'" end
  return table.concat(list, " ")
end

-- Spec files below the paths, the largest first.
local QUEUE <const> = [[find %s -name '*_spec.lua' -printf '%%s %%p\n' | sort -rn | cut -d' ' -f2-]]

-- What a process prints comes as one piece, so that failures stay readable. The
-- shell itself prints it: as words of a command it may be too long. A thousand
-- requests at once want more files than some systems let a process have at first.
local WORKER <const> = [[case $(ulimit -n) in ?|??|???|[1-3]???) ulimit -S -n 4096 2>/dev/null;; esac
out=$("$0" spec/run.lua "$@" 2>&1); status=$?
exec 9>"$LOCK"; flock 9; printf '%s\n' "$out" "ended $status $*"]]

local ENDED <const> = "^ended (%d+) (.*)$"
local COUNTS <const> = "^(%d+) passed, (%d+) failed, (%d+) skipped$"

-- The counts that a process printed, and its failures as they stand above them.
local function judged(printed)
  local counts, failures, into = nil, {}, nil
  for _, line in ipairs(printed) do
    local p, f, s = line:match(COUNTS)
    if p then counts = { passed = p + 0, failed = f + 0, skipped = s + 0 } end
    if line:find "^FAILED: " or line:find "^ERROR: " then into = failures end
    if p or line:find "^SKIPPED: " then into = nil end
    if into then table.insert(into, line) end
  end
  return counts, failures
end

-- A process that dies, or that a checker ends, has failed whatever it counted.
local function sum_up(lines)
  local sum, failures, printed = { passed = 0, failed = 0, skipped = 0 }, {}, {}
  for line in lines do
    local status, files = line:match(ENDED)
    if status then
      local counts, own = judged(printed)
      if not counts or status ~= "0" and counts.failed == 0 then
        sum.failed = sum.failed + 1
        own = { ("DIED: with status %s, running %s"):format(status, files), table.unpack(printed) }
      end
      for kind, count in pairs(counts or {}) do sum[kind] = sum[kind] + count end
      table.move(own, 1, #own, #failures + 1, failures)
      printed = {}
    else
      table.insert(printed, line)
      if not line:find(COUNTS) then print(line) end
      io.flush()
    end
  end
  return sum, failures
end

local function run_apart(jobs, paths)
  local lock = os.tmpname()
  local command = ("LOCK=%s; export LOCK; %s | xargs -r -d '\\n' -P %d -n %d sh -c %s %s"):format(
    quoted { lock }, QUEUE:format(quoted(#paths > 0 and paths or { "spec" })), jobs, BATCH,
    quoted { WORKER }, quoted { arg[-1] })
  local pipe <close> = assert(io.popen(command))
  local sum, failures = sum_up(pipe:lines())
  os.remove(lock)
  -- Again at the end, where somebody looks first, and where a log that was cut has them still.
  if #failures > 0 then print("\nWhat failed:\n\n" .. table.concat(failures, "\n")) end
  print(("\n%d passed, %d failed, %d skipped"):format(sum.passed, sum.failed, sum.skipped))
  os.exit(sum.failed == 0 and sum.passed > 0)
end

if arg[1] == "-j" then
  run_apart(math.tointeger(tonumber(arg[2])), table.move(arg, 3, #arg, 1, {}))
else
  run_here()
end
