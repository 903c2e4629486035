-- What each option of the command line is for, and what its value is: read for
-- help, completion and the manual page only, not at every start.

---@class usagelua.option_text
---@field [1] string help
---@field takes ("file"|"format"|"grain"|"parameter")? what its value is, for completion

---@type table<string, usagelua.option_text>
return {
  period = { "2026-06, 2026-Q2, A..B, last 30 days, last month (default), vendor" },
  zone = { "UTC (default), +05:30, Europe/Berlin" },
  grain = { "how finely vendors are asked: total (default), year, quarter, month, week, day, "
    .. "hour", takes = "grain" },
  set = { "a parameter of the dataset, or account, region; lists with commas", takes = "parameter" },
  ["group-by"] = { "columns to group by" },
  measures = { "figures to add up" },
  where = { "only records of this value; repeatable" },
  sort = { "order of the rows; -COL from high to low" },
  limit = { "the first N rows only" },
  delete = { "delete the jobs at their vendors; those of runs that live are left alone" },
  now = { "the time taken as now (RFC 3339)" },
  format = { "format of stdout: text (default), markdown, html, csv, csv-excel, json, ndjson, "
    .. "junit, openmetrics, focus", takes = "format" },
  output = { "write a file; its ending names the format; repeatable", takes = "file" },
  ["step-summary"] = { "append the report as markdown to the file named by GITHUB_STEP_SUMMARY" },
  ["raw-csv"] = { "CSV cells that begin with = + - @ as they are; spreadsheets run them" },
  ["csv-separator"] = { "of csv-excel: , (default), ; (numbers as 1,5), | or tab" },
  prices = { "a rate card (CSV)", takes = "file" },
  record = { "record the answers (HAR)", takes = "file" },
  replay = { "take the answers from a recording: no network, no credentials", takes = "file" },
  deadline = { "limit of the whole run, default 30m" },
  ["allow-partial"] = { "exit 0 instead of 4; the marks stay" },
  ["max-body"] = { "largest answer, default 8GiB (64MiB where it is read whole)" },
  ["max-memory"] = { "memory of the script, default 1GiB" },
  quiet = { "no messages but errors" },
  verbose = { "timings, retries, tracebacks" },
  trace = { "write every request as a curl line, credentials masked", takes = "file" },
  help = { "this text; after a script: its arguments" },
  version = { "the version" },
  execute = { "run CODE" },
  interactive = { "read lines and run them" },
}
