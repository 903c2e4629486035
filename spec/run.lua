-- Runs the specs under this interpreter:
--
--     lua5.4 spec/run.lua [-j JOBS] [spec files and folders]
--
-- With -j several processes take the files from one queue, the largest first; most
-- of what specs do is wait for servers. Each process ends with the plain line of
-- spec/support/plain.lua; their sum is the closing line of the run.

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
-- shell itself prints it: as words of a command it may be too long.
local WORKER <const> = [[out=$("$0" spec/run.lua "$@" 2>&1); status=$?
exec 9>"$LOCK"; flock 9; printf '%s\n' "$out" "ended $status"]]

local COUNTS <const> = "^(%d+) passed, (%d+) failed, (%d+) skipped$"

-- A process that dies, or that a checker ends, has failed whatever it counted.
local function sum_up(lines)
  local passed, failed, skipped, own_failed = 0, 0, 0, nil
  for line in lines do
    local p, f, s = line:match(COUNTS)
    local status = line:match "^ended (%d+)$"
    if p then
      own_failed = math.tointeger(f)
      passed, failed, skipped = passed + p, failed + f, skipped + s
    elseif status then
      if own_failed == nil or status ~= "0" and own_failed == 0 then failed = failed + 1 end
      own_failed = nil
    else
      print(line)
      io.flush()
    end
  end
  return passed, failed, skipped
end

local function run_apart(jobs, paths)
  local lock = os.tmpname()
  local command = ("LOCK=%s; export LOCK; %s | xargs -r -d '\\n' -P %d -n %d sh -c %s %s"):format(
    quoted { lock }, QUEUE:format(quoted(#paths > 0 and paths or { "spec" })), jobs, BATCH,
    quoted { WORKER }, quoted { arg[-1] })
  local pipe <close> = assert(io.popen(command))
  local passed, failed, skipped = sum_up(pipe:lines())
  os.remove(lock)
  print(("\n%d passed, %d failed, %d skipped"):format(passed, failed, skipped))
  os.exit(failed == 0 and passed > 0)
end

if arg[1] == "-j" then
  run_apart(math.tointeger(tonumber(arg[2])), table.move(arg, 3, #arg, 1, {}))
else
  run_here()
end
