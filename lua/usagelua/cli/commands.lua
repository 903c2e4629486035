-- The commands of the command line: one row each, used for help, for the
-- completions of shells and for the manual page.

local commands = {}

---@class usagelua.command
---@field word string? as on the command line; nil is a script
---@field usage string
---@field help string
---@field example string
---@field takes ("dataset"|"vendor"|"script"|"kind")[] what its words may be, for completion

---@type usagelua.command[]
commands.rows = {
  { usage = "SCRIPT.lua", help = "run a report script", takes = { "script" },
    example = "usagelua report.lua --period 2026-06 -o report.json" },
  { word = "fetch", usage = "fetch VENDOR.DATASET...", takes = { "dataset" },
    help = "records without a script, or a rule over them",
    example = "usagelua fetch testmu.summary --group-by product --measures tests" },
  { word = "vendors", usage = "vendors [VENDOR[.DATASET]]", takes = { "vendor", "dataset" },
    help = "what can be asked, and how it adds up",
    example = "usagelua vendors testmu.summary" },
  { word = "plan", usage = "plan SCRIPT.lua | fetch ...", takes = { "script", "dataset" },
    help = "windows, calls, least time; sends nothing",
    example = "usagelua plan fetch testmu.summary --period 2026-Q2" },
  { word = "check", usage = "check [VENDOR... | SCRIPT.lua]", takes = { "vendor", "script" },
    help = "are the credentials there, accepted, allowed?",
    example = "usagelua check testmu --set account=emea" },
  { word = "get", usage = "get VENDOR PATH", takes = { "vendor" },
    help = "one raw call, the answer on stdout",
    example = "usagelua get testmu /concurrency --set product=automation" },
  { word = "ledger", usage = "ledger [--delete]", takes = {},
    help = "report jobs not yet deleted at the vendors",
    example = "usagelua ledger --delete" },
  { word = "new", usage = "new report|vendor|workflow NAME", takes = { "kind" },
    help = "a working starting point",
    example = "usagelua new report usage" },
  { word = "test", usage = "test VENDOR.lua", takes = { "script" },
    help = "conformance of a vendor script",
    example = "usagelua test vendors/acme.lua" },
}

---The exit statuses, with what each means.
---@type { [1]: string, [2]: string }[]
commands.statuses = {
  { "0", "all answered, budgets passed" },
  { "1", "the script failed" },
  { "2", "wrong use, nothing was sent" },
  { "3", "a budget failed" },
  { "4", "partial" },
  { "5", "nothing could be fetched" },
  { "130, 143", "after SIGINT, SIGTERM" },
}

---The command of that name.
---@param word string
---@return usagelua.command?
---@return string[] words of all commands
function commands.named(word)
  local words = {}
  for _, row in ipairs(commands.rows) do
    if row.word == word then return row, words end
    words[#words + 1] = row.word
  end
  return nil, words
end

return commands
