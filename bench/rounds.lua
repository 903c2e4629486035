-- Runs the programs of a row in turn, round after round, and compares what
-- they print: a program with another result than usagelua's has no figures.
local program = require "program"

local rounds = {}

---@class bench.result
---@field program bench.program
---@field samples table<integer, bench.sample> by round
---@field problem string? why it has none
---@field output string? hash of what it prints
---@field extra string? of the row's further column

local function open(programs)
  local results = {}
  for place, one in ipairs(programs) do
    results[place] = { program = one, samples = {},
      problem = not one.command and ("missing: %s"):format(one.packages) or nil }
  end
  return results
end

local function fail(result, format, ...)
  result.problem, result.samples = format:format(...), {}
end

-- The line that names an error, else the last one.
local function last_words()
  local said = program.errors():gsub("%s+$", "")
  return said:match "[^\n]*[Ee]rror[^\n]*" or said:match "[^\n]*$"
end

-- Systems give up pages that nobody has read for a while: whoever came next would wait for the disk.
local function warm(one)
  if one.reads then assert(os.execute(("cat '%s' >/dev/null"):format(one.reads))) end
end

local function take(result, round)
  warm(result.program)
  local sample = program.run(result.program)
  if sample.status == 0 then
    result.samples[round] = sample
  else
    fail(result, "failed with status %d after %.1f s, holding %.0f MB: %s", sample.status, sample.wall,
      sample.peak_kb / 1024, last_words():sub(1, 120))
  end
end

-- Each round begins with another program.
local function run_round(results, round, say)
  for turn = 1, #results do
    local result = results[(round + turn - 2) % #results + 1]
    local is_due = not result.problem and round <= (result.program.rounds or math.huge)
    if is_due then
      take(result, round)
      say(result, round)
    end
  end
end

local function outputs(result)
  local seen, list = {}, {}
  for _, sample in pairs(result.samples) do
    if not seen[sample.output] then list[#list + 1] = sample.output end
    seen[sample.output] = true
  end
  return table.concat(list, " ")
end

-- All that have a result to compare print what the first of them prints.
local function compare(results)
  local expected
  for _, result in ipairs(results) do
    if not result.problem and not result.program.is_floor then
      local found = outputs(result)
      expected = expected or found
      result.output = found
      if found ~= expected then fail(result, "prints %s, not %s", found, expected) end
    end
  end
end

---@param programs bench.program[] the first that is no floor says what is right
---@param count integer rounds
---@param say fun(result: bench.result, round: integer) called after each run
---@return bench.result[]
function rounds.run(programs, count, say)
  local results = open(programs)
  for round = 1, count do run_round(results, round, say) end
  compare(results)
  return results
end

return rounds
