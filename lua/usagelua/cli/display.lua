-- What the commands that tell about vendors, plans and credentials print:
-- lines for people, or one JSON object.

local cells = require "usagelua.formats.cells"
local core = require "usagelua.core"
local errors = require "usagelua.errors"
local json = require "usagelua.json"
local output = require "usagelua.output"
local safe = require "usagelua.formats.safe"
local wrap = require "usagelua.formats.wrap"

local display = {}

local FORMATS = { "json", "text" }
local FORMAT_SET = { json = true, text = true }

---Refuses formats and files that the command does not write.
---@param values table the options
---@param command string
function display.check(values, command)
  if values.format and not FORMAT_SET[values.format] then
    errors.raise_usage("%s: %s", command, errors.unknown("format", values.format, FORMATS))
  end
  if values.outputs then
    errors.raise_usage("-o belongs to scripts and fetch; %s prints to stdout: > %s", command,
      values.outputs[1]:match "^%w+=(.*)$" or values.outputs[1])
  end
end

---A JSON list of what `make` says of each.
---@param list any[]
---@param make (fun(item: any): any)? the items as they are where absent
---@return table
function display.array(list, make)
  local items = {}
  for index, item in ipairs(list) do items[index] = make and make(item) or item end
  return json.array(items)
end

---Writes text to stdout, through the mask.
---@param text string
function display.write(text)
  local sink = output.stdout()
  assert(sink:write(text))
  assert(sink:commit())
end

-- What goes before a line's text: its indent and name, as far as two spaces or more
-- stand behind that.
local function lead_of(line)
  return line:match "^ *[^ ]+  +" or line:match "^ *[^ ]+ [^ ]+  +" or line:match "^ *"
end

-- A line that is too wide for the terminal goes on below its text.
local function fitting(line, width)
  if not width or cells.width(line) <= width then return line end
  local lead = lead_of(line)
  if #lead * 2 > width then lead = line:match "^ *" end
  return table.concat(wrap.lines(line:sub(#lead + 1), width, lead, (" "):rep(#lead)), "\n")
end

---@param lines string[]
function display.lines(lines)
  local shown = {}
  local width = core.terminal.isatty(1) and core.terminal.columns(1)
  for index, line in ipairs(lines) do shown[index] = fitting(safe.text(line), width) .. "\n" end
  display.write(table.concat(shown))
end

---@param document any
function display.json(document)
  display.write(safe.json(json.encode(document, { indent = 2, key_order = { "schema", "name" } }))
    .. "\n")
end

---Writes what was found in the format that the options say.
---@param values table the options
---@param document table for `-f json`
---@param lines fun(document: table): string[] the same for people
function display.show(values, document, lines)
  if values.format == "json" then
    display.json(document)
  else
    display.lines(lines(document))
  end
end

return display
