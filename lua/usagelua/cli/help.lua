-- Help texts, laid out by argparse from the rows of cli/options.lua.

local options = require "usagelua.cli.options"

local help = {}

help.COMMANDS = {
  { "SCRIPT.lua", "run a report script" },
  { "fetch VENDOR.DATASET...", "queries without a script: their records, or a rule over them" },
  { "vendors [VENDOR[.DATASET]]", "what can be asked" },
}

local EPILOG = [[
Exit status: 0 all answered, budgets passed; 1 the script failed; 2 wrong use,
nothing was sent; 3 a budget failed; 4 partial; 5 nothing could be fetched;
130, 143 after SIGINT, SIGTERM.

Credentials come from the environment: LT_USERNAME, LT_ACCESS_KEY, or
LT_ACCESS_KEY_FILE, a file that holds it. `usagelua vendors` names them.]]

local function add_option(parser, row)
  local names = row.short and ("-%s --%s"):format(row.short, row.name) or "--" .. row.name
  local text = row.only and ("%s (%s)"):format(row.help, row.only) or row.help
  if row.value then
    parser:option(names, text):argname(row.value)
  else
    parser:flag(names, text)
  end
end

---The general help.
---@return string
function help.text()
  local argparse = require "argparse"
  local lines = { "Asks vendors' usage APIs, adds up what may be added up, prints a report.", "" }
  for _, command in ipairs(help.COMMANDS) do
    lines[#lines + 1] = ("  usagelua %-26s %s"):format(command[1], command[2])
  end
  local parser = argparse("usagelua", table.concat(lines, "\n"), EPILOG)
    :add_help(false):usage_max_width(78):help_max_width(96):help_description_margin(28)
  parser:usage "usagelua [options] SCRIPT.lua [options] [script arguments]\n"
    :epilog(EPILOG)
  for _, row in ipairs(options.rows) do add_option(parser, row) end
  return parser:get_help() .. "\n"
end

return help
