-- man/usagelua.1: from the rows of the commands, the options and the built-in
-- vendors' credentials.

local commands = require "usagelua.cli.commands"
local options = require "usagelua.cli.options"
local version = require "usagelua.version"
local wrap = require "usagelua.formats.wrap"

local DATE <const> = "2026-11-27"
local WIDTH <const> = 72

local ENVIRONMENT <const> = {
  { "USAGELUA_VENDORS", "Folders with vendor scripts, a colon between them." },
  { "USAGELUA_GRANT", "With acme:NAME the vendor script acme may name that variable." },
  { "USAGELUA_VENDOR_URL", "With the vendor's name in capitals: another base URL (a gateway, a test "
    .. "server), and with it the only host that its credentials go to." },
  { "USAGELUA_CA_FILE", "One more certificate authority. Verification cannot be switched off." },
  { "USAGELUA_STATE", "The folder of the ledger of report jobs; $XDG_STATE_HOME/usagelua, else "
    .. "~/.local/state/usagelua, where it is not set." },
  { "GITHUB_STEP_SUMMARY", "The file that --step-summary appends to." },
  { "https_proxy, no_proxy", "As in curl. Loopback uses no proxy." },
  { "NO_COLOR", "No colours, on a terminal either." },
}

local EXAMPLES <const> = {
  { "Tests of the last month by product, without a script:",
    'usagelua fetch testmu.summary --group-by product --measures tests' },
  { "A report with files for people and for a pipeline:",
    "usagelua report.lua --period 2026-06 -o report.html -o junit=report.xml" },
  { "Record the answers once, and change the script offline:",
    "usagelua report.lua --record june.har\nusagelua report.lua --replay june.har" },
}

-- What the typesetter would take for its own.
local function escaped(text)
  return (text:gsub("\\", "\\e"):gsub("%-", "\\-"):gsub("^([.'])", "\\&%1"):gsub("\n([.'])", "\n\\&%1"))
end

local function bold(text) return "\\fB" .. escaped(text) .. "\\fR" end
local function italic(text) return "\\fI" .. escaped(text) .. "\\fR" end

-- A sentence in lines that the page's own text keeps short.
local function sentence(text)
  local whole = text:gsub("^%l", string.upper) .. (text:find "[.?]$" and "" or ".")
  local lines = wrap.lines(whole, WIDTH)
  for index, line in ipairs(lines) do lines[index] = escaped(line) end
  return table.concat(lines, "\n")
end

local function option_head(row)
  local names = bold("--" .. row.name)
  if row.short then names = bold("-" .. row.short) .. ", " .. names end
  return row.value and names .. " " .. italic(row.value) or names
end

local function option_help(row)
  if not row.only then return sentence(row.help) end
  local words = {}
  for index, word in ipairs(row.only) do words[index] = bold(word) end
  return ("%s\nOnly of %s."):format(sentence(row.help), table.concat(words, ", "))
end

local function entry(lines, head, text)
  table.move({ ".TP", head, text }, 1, 3, #lines + 1, lines)
end

local function section(lines, title)
  lines[#lines + 1] = ".SH " .. title
end

local function add_commands(lines)
  section(lines, "COMMANDS")
  for _, row in ipairs(commands.rows) do
    entry(lines, bold("usagelua " .. row.usage), sentence(row.help))
    table.move({ ".br", "Example:", ".br", italic(row.example) }, 1, 4, #lines + 1, lines)
  end
end

local function add_options(lines)
  section(lines, "OPTIONS")
  lines[#lines + 1] = escaped "Options stand before or after the script or the command; -- ends them."
  for _, row in ipairs(options.described()) do entry(lines, option_head(row), option_help(row)) end
end

local function add_statuses(lines)
  section(lines, "EXIT STATUS")
  for _, row in ipairs(commands.statuses) do entry(lines, bold(row[1]), sentence(row[2])) end
end

local function add_credentials(lines)
  for _, vendor in ipairs(dofile "docs/printed/built_in.lua") do
    entry(lines, bold(table.concat(vendor.credentials, ", ")), sentence(
      ("credentials of %s (%s); NAME_FILE names a file that holds one, NAME__ACCOUNT is another "
        .. "account's"):format(vendor.title, vendor.name)))
  end
end

local function add_environment(lines)
  section(lines, "ENVIRONMENT")
  add_credentials(lines)
  for _, row in ipairs(ENVIRONMENT) do entry(lines, bold(row[1]), sentence(row[2])) end
end

local function add_examples(lines)
  section(lines, "EXAMPLES")
  for index, row in ipairs(EXAMPLES) do
    table.move({ ".PP", escaped(row[1]), ".PP", ".RS", ".nf", escaped(row[2]), ".fi", ".RE" },
      index == 1 and 2 or 1, 8, #lines + 1, lines)
  end
end

local function text()
  local lines = {
    '.\\" Printed by `make docs`.',
    ('.TH USAGELUA 1 "%s" "usagelua %s" "User Commands"'):format(DATE, version),
    ".nh", ".ad l",
    ".SH NAME",
    "usagelua \\- usage reports from testing and automation vendors",
    ".SH SYNOPSIS",
    ".B usagelua",
    "[options] " .. italic "SCRIPT.lua" .. " [options] [script arguments]",
    ".br",
    ".B usagelua",
    italic "COMMAND" .. " [options] [words]",
    ".SH DESCRIPTION",
    sentence("Asks vendors' usage APIs, adds up what may be added up, and prints a report that a "
      .. "person, a spreadsheet and a pipeline can use. A figure is known, at least so much, or "
      .. "unknown with a reason; unknown is never zero. A total is right or refused."),
  }
  add_commands(lines)
  add_options(lines)
  add_statuses(lines)
  add_environment(lines)
  add_examples(lines)
  section(lines, "SEE ALSO")
  table.move({ ".BR curl (1),", ".BR lua (1)" }, 1, 2, #lines + 1, lines)
  return table.concat(lines, "\n") .. "\n"
end

return { ["man/usagelua.1"] = text() }
