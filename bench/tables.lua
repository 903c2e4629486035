-- What was measured, in words and tables of Markdown.
local paths = require "paths"
local peers = require "peers"
local statistics = require "statistics"

local tables = {}

local function shown(value)
  if value >= 1000 then return ("%.0f"):format(value) end
  if value >= 100 then return ("%.1f"):format(value) end
  return value >= 10 and ("%.2f"):format(value) or ("%.3f"):format(value)
end

local function cell(text)
  return (text:gsub("|", "\\|"))
end

local function ratio_shown(spread)
  if not spread then return "–" end
  return ("%.2f (%.2f–%.2f)"):format(spread.median, spread.least, spread.most)
end

-- A row that measures something inside its programs says so by `figure`.
local function measure_of(result)
  return result.program.figure and "figure" or "wall"
end

local function by_name(row, name)
  for _, result in ipairs(row.results) do
    if result.program.name == name then return result end
  end
end

local function amount_per_s(row, spread)
  local amount = row.mb or row.amount
  return amount and shown(amount / spread.median) or "–"
end

local function result_line(row, base, result)
  local title = cell(result.program.title)
  if result.problem then return ("| %s | %s | | | | | | |"):format(title, cell(result.problem)) end
  local measure = measure_of(result)
  local wall = statistics.of(result.samples, measure)
  return ("| %s | %s / %s / %s | %s | %s | %s | %s | %s | %s |"):format(title, shown(wall.least),
    shown(wall.median), shown(wall.most), shown(statistics.of(result.samples, "cpu").median),
    shown(statistics.of(result.samples, "peak_kb").median / 1024), amount_per_s(row, wall),
    ratio_shown(statistics.ratio(result.samples, base.samples, measure)),
    ratio_shown(statistics.ratio(result.samples, base.samples, "cpu")), result.output or "")
end

local HEAD <const> = "| program | s: min / median / max | CPU s | peak MB | %s | × usagelua's time | "
  .. "× its CPU | out |\n| --- | --- | --- | --- | --- | --- | --- | --- |"

local function row_text(row)
  local lines = { "## " .. row.title, "" }
  if row.note then table.move({ row.note, "" }, 1, 2, #lines + 1, lines) end
  lines[#lines + 1] = HEAD:format(row.mb and "MB/s" or row.unit or "–")
  local base = row.results[1]
  for _, result in ipairs(row.results) do lines[#lines + 1] = result_line(row, base, result) end
  return table.concat(lines, "\n") .. "\n"
end

-- Goals ----------------------------------------------------------------------

local function against(row, goal)
  local own, other = row.results[1], by_name(row, goal.to)
  if own.problem then return nil, own.problem end
  if not other or other.problem then return nil, other and other.problem or "not run" end
  local measure = measure_of(own)
  if goal.at_most then
    local found = statistics.ratio(own.samples, other.samples, measure)
    return found, found.median <= goal.at_most, statistics.ratio(own.samples, other.samples, "cpu")
  end
  local found = statistics.ratio(other.samples, own.samples, measure)
  return found, found.median >= goal.at_least, statistics.ratio(other.samples, own.samples, "cpu")
end

local function goal_text(row, goal)
  if goal.peak_mb then return ("peak memory ≤ %g MB"):format(goal.peak_mb) end
  local title = cell(by_name(row, goal.to).program.title)
  if goal.at_most then return ("≤ %g × the time of %s"):format(goal.at_most, title) end
  return ("≥ %g × as fast as %s"):format(goal.at_least, title)
end

local function goal_line(row, goal)
  local found, met, cpu
  if goal.peak_mb then
    local own = row.results[1]
    local most = statistics.of(own.samples, "peak_kb")
    found = most and ("%.1f MB"):format(most.most / 1024)
    met = most and most.most / 1024 <= goal.peak_mb
    if not most then met = own.problem end
  else
    local spread
    spread, met, cpu = against(row, goal)
    found = spread and ratio_shown(spread)
  end
  local verdict = type(met) == "string" and met or met and "yes" or "**no**"
  return ("| %s | %s | %s | %s | %s |"):format(row.title, goal_text(row, goal), found or "–",
    ratio_shown(cpu), verdict)
end

local function goals_text(rows)
  local lines = { "## What was aimed at", "", "| row | goal | measured | by CPU | met |",
    "| --- | --- | --- | --- | --- |" }
  for _, row in ipairs(rows) do
    for _, goal in ipairs(row.goals) do lines[#lines + 1] = goal_line(row, goal) end
  end
  return table.concat(lines, "\n") .. "\n"
end

-- The whole ------------------------------------------------------------------

local OPENING <const> = [[
# Benchmark

%s, by `%s`, of usagelua %s, on %s.

Each program is a process of its own, start-up included; the programs of a row run in turn, and a
ratio is taken between two runs of the same round. Given are medians, with the range in brackets;
MB is 10^6 bytes of documents and 2^20 bytes of memory, which is the largest single process. The
web server shares the machine. `out` is the hash of what was printed: only who prints the same has
figures.

Versions: %s.
]]

local function machine()
  return paths.output [[awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo]]
    .. (", %s processors, %s, Linux %s"):format(paths.output "nproc",
      paths.output ". /etc/os-release; echo $PRETTY_NAME", paths.output "uname -r")
end

local function versions(rows)
  local used, list, seen = {}, {}, {}
  for _, row in ipairs(rows) do
    for _, result in ipairs(row.results) do used[result.program.name] = true end
  end
  for _, name in ipairs(peers.names()) do
    local version = used[name] and peers.version(name)
    if version and not seen[version] then
      seen[version], list[#list + 1] = true, version
    end
  end
  list[#list + 1] = paths.output "PATH=$PATH:/usr/sbin nginx -v 2>&1 | sed 's/.*: //'"
  return table.concat(list, ", ")
end

---@param rows bench.measurement[] with their results
---@param command string
---@return string
function tables.text(rows, command)
  local version = paths.output(("'%s' --version"):format(paths.binary)):gsub("^usagelua ", "")
  local parts = { OPENING:format(os.date "!%Y-%m-%d %H:%M UTC", command, version, machine(), versions(rows)),
    goals_text(rows) }
  for _, row in ipairs(rows) do parts[#parts + 1] = row_text(row) end
  return table.concat(parts, "\n")
end

---Whether some program printed another result than the others, or failed.
---@param rows bench.measurement[]
---@return boolean
function tables.has_wrong(rows)
  for _, row in ipairs(rows) do
    for _, result in ipairs(row.results) do
      if result.problem and result.program.command then return true end
    end
  end
  return false
end

return tables
