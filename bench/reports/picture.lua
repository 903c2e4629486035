-- The main job's rates as a chart: what the benchmark's picture is cut out of.
local usage = require "usagelua"

local figures = usage.collect { period = usage.period "vendor", { "plain.figures", document = "figures" } }

local rates = figures:aggregate {
  group_by = { "program" },
  measures = { "mb_per_s" },
  sort = "-mb_per_s",
}

return usage.report {
  title = "Benchmark",
  usage.chart { rates, kind = "bar", x = "program", y = "mb_per_s", title = "The main job, per second" },
}
