-- `usagelua new report|vendor|workflow NAME`: a working starting point in the
-- current folder.

local core = require "usagelua.core"
local credentials = require "usagelua.vendor.credentials"
local display = require "usagelua.cli.display"
local editor = require "usagelua.editor"
local errors = require "usagelua.errors"
local order = require "usagelua.order"
local scaffold = require "usagelua.scaffold"
local timestamp = require "usagelua.time.timestamp"
local version = require "usagelua.version"

local new = {}

-- Names ----------------------------------------------------------------------

local FILE_NAME <const> = "^%a[%w_-]*$"
local VENDOR_NAME <const> = "^[a-z][a-z0-9_]*$"

local function check_file_name(name, kind)
  if name:find(FILE_NAME) then return end
  errors.raise_usage("new %s: '%s' is not a name: letters, digits, _ and -, a letter first%s", kind,
    name, name:find "/" and "; change to the folder where it belongs" or "")
end

local function check_vendor_name(name, _, loader)
  if not name:find(VENDOR_NAME) then
    errors.raise_usage("new vendor: '%s' is not a vendor's name: lower-case letters, digits and _, "
      .. "a letter first", name)
  end
  for _, known in ipairs(loader:names()) do
    if known == name or loader:other_name(name) == known then
      errors.raise_usage("new vendor: there is a vendor '%s' already (usagelua vendors %s); choose "
        .. "another name", name, name)
    end
  end
end

-- The secrets of a workflow ---------------------------------------------------

local function add_variables(names, list)
  for _, name in ipairs(list) do
    if not names[name] then names[#names + 1] = name end
    names[name] = true
  end
end

-- What the script asks for, where it is there already.
local function variables_of_script(values, path)
  local names = {}
  require("usagelua.cli.rehearse").run(values, path, {}, function(run)
    for _, planned in ipairs(run.queries) do
      add_variables(names, credentials.variables(planned.vendor, planned.account))
    end
    for _, own in ipairs(run.own_secrets) do add_variables(names, { own.name }) end
    return 0
  end)
  return names
end

local function variables_of_all(loader)
  local names = {}
  for _, name in ipairs(loader:names()) do
    add_variables(names, credentials.variables(loader:load(name)))
  end
  return names
end

local function secret_lines(values, name, loader)
  local path, lines = name .. ".lua", {}
  local names = core.file.exists(path) and variables_of_script(values, path)
    or variables_of_all(loader)
  for index, variable in ipairs(names) do
    lines[index] = ("          %s: ${{ secrets.%s }}"):format(variable, variable)
  end
  return table.concat(lines, "\n")
end

-- Kinds ------------------------------------------------------------------------

local function after_report(name)
  return { ("usagelua plan %s.lua"):format(name), ("usagelua %s.lua --period 2026-06"):format(name) }
end

local function after_vendor(name)
  return { "cd usagelua-" .. name, ("usagelua test vendors/%s.lua"):format(name),
    "export USAGELUA_VENDORS=$PWD/vendors", "usagelua vendors " .. name }
end

local function after_workflow(name)
  local steps = { ("git add .github/workflows/%s.yml"):format(name) }
  if not core.file.exists(name .. ".lua") then
    table.insert(steps, 1, ("usagelua new report %s   (the workflow runs %s.lua)"):format(name, name))
  end
  return steps
end

-- kind → how its name is checked, what its template needs, what to do next, and
-- the folder where an editor is told of the library
local KINDS <const> = {
  report = { check = check_file_name, next = after_report, edited = "." },
  vendor = { check = check_vendor_name, next = after_vendor, edited = "usagelua-%s" },
  workflow = { check = check_file_name, next = after_workflow,
    fields = function(values, name, loader)
      return { secrets = secret_lines(values, name, loader) }
    end },
}

---@return string[] what can be made
function new.kinds()
  return order.keys(KINDS)
end

local function kind_of(word)
  if not word then
    errors.raise_usage("new takes what to make and its name, for example: usagelua new report usage")
  elseif not KINDS[word] then
    errors.raise_usage("new: %s", errors.unknown("kind", word, new.kinds()))
  end
  return KINDS[word]
end

local function fields_of(values, kind, name, loader)
  local fields = {
    name = name, NAME = name:upper(), host = name:gsub("_", "-"):gsub("%-+$", ""), version = version,
    today = timestamp.format_rfc3339(os.time()):sub(1, 10),
  }
  for key, value in pairs(kind.fields and kind.fields(values, name, loader) or {}) do
    fields[key] = value
  end
  return fields
end

local function report_made(paths, kind, name)
  local lines = {}
  for index, path in ipairs(paths) do lines[index] = "made " .. path end
  lines[#lines + 1] = "next:"
  for _, step in ipairs(kind.next(name)) do lines[#lines + 1] = "  " .. step end
  display.lines(lines)
end

local function library_root()
  local ok, interpreter = pcall(require, "usagelua.interpreter")
  return ok and interpreter.root or nil
end

---@param values table the options
---@param rest string[] kind and name
---@return integer status
function new.run(values, rest)
  require("usagelua.cli.help").stop_if_wanted(values, "new")
  display.check(values, "new")
  local word, name = rest[1], rest[2]
  local kind = kind_of(word)
  if not name or #rest > 2 then
    errors.raise_usage("new %s takes one name, not %d: usagelua new %s NAME", word, #rest - 1, word)
  end
  name = word == "report" and name:gsub("%.lua$", "") or name
  local loader = require("usagelua.run").new { options = values, script_folder = ".",
    interpreter = select(2, pcall(require, "usagelua.interpreter")) }.loader
  kind.check(name, word, loader)
  local template = require("usagelua.templates." .. word)
  local paths = scaffold.write(template, fields_of(values, kind, name, loader))
  if kind.edited then
    paths[#paths + 1] = editor.write(kind.edited:format(name), library_root())
  end
  report_made(paths, kind, name)
  return 0
end

return new
