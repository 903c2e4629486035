-- Group-by-sum of rows that are in memory already, in whatever form each has.
local documents = require "documents"
local program = require "program"

local grouping = {}

local function seconds_of(_, errors)
  return tonumber(errors:match "seconds ([%d.]+)")
end

---@param count integer rows
---@param groups integer
---@return bench.row
function grouping.sum(count, groups)
  return function(url)
    local document, lines = documents.rows(count, groups, 1), documents.lines(count, groups)
    local path = documents.path(lines)
    local own = { "--document", document }
    local timed, env = { figure = seconds_of }, { USAGELUA_PLAIN_URL = url .. "/plain" }
    return {
      title = ("Group-by-sum, %d rows in memory, %d groups"):format(count, groups),
      note = "Seconds of CPU for the adding up alone, by each program's own clock; CPU and memory are "
        .. "those of the whole process, which reads the rows first.",
      amount = count, unit = "rows/s", measure = "figure",
      programs = {
        program.script("grouping", own, env, timed), program.peer("nested", { path }, timed),
        program.peer("sqlite", { path }, timed), program.peer("mawk", { path }),
      },
      goals = { { to = "nested", at_least = 2 }, { to = "sqlite", at_least = 40 } },
    }
  end
end

return grouping
