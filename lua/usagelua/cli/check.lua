-- `usagelua check [VENDOR… | SCRIPT.lua]`: are the credentials there, accepted
-- and allowed? One cheap call each; what is missing is named all at once, and
-- then nothing is sent.

local display = require "usagelua.cli.display"
local errors = require "usagelua.errors"
local json = require "usagelua.json"
local probe = require "usagelua.flow.probe"
local session = require "usagelua.cli.session"

local check = {}

-- What the user chose: `--set account=…`, `--set region=…`.
local CHOICES = { "account", "region" }

local function chosen(values)
  local spec = {}
  for _, pair in ipairs(values.set or {}) do
    if pair[1] ~= "account" and pair[1] ~= "region" then
      errors.raise_usage("check: --set: %s", errors.unknown("choice", pair[1], CHOICES))
    end
    spec[pair[1]] = pair[2]
  end
  return spec
end

-- Who is checked -----------------------------------------------------------

local function of_vendors(run, names, spec)
  local probes, seen = {}, {}
  for _, name in ipairs(names) do
    local vendor = run.loader:load(name)
    if not seen[vendor] then probes[#probes + 1] = probe.new(run, vendor, spec) end
    seen[vendor] = true
  end
  return probes
end

-- Every vendor of which something is set; all of them where nothing is.
local function set_up(run)
  local all, found, absent = run.loader:names(), {}, {}
  for _, name in ipairs(all) do
    local list = probe.is_set_up(run.loader:load(name)) and found or absent
    list[#list + 1] = name
  end
  if #found == 0 then return all, {} end
  return found, absent
end

-- Each account and region of a script's queries once.
local function of_queries(run)
  local probes, seen = {}, {}
  for _, planned in ipairs(run.queries) do
    local key = ("%s %s %s"):format(planned.lane, planned.region or "", planned.base_url)
    if not seen[key] then probes[#probes + 1] = probe.new(run, planned.vendor, planned) end
    seen[key] = true
  end
  return probes
end

-- What came of it ----------------------------------------------------------

local function missing_error(probes, own)
  local problems, seen = {}, {}
  local function add(text)
    if not seen[text] then problems[#problems + 1] = text end
    seen[text] = true
  end
  for _, made in ipairs(probes) do
    for _, problem in ipairs(made.problems) do add(problem) end
  end
  for _, variable in ipairs(own) do
    if not variable.is_there then
      add(("the credential %s, which the script asks for itself, is not set"):format(variable.name))
    end
  end
  if #problems == 0 then return nil end
  return errors.new { kind = "credential", message = table.concat(problems, "\n"),
    hint = "nothing was sent" }
end

local function ask_all(run, probes)
  local tasks = {}
  for index, made in ipairs(probes) do
    tasks[index] = run.scheduler:spawn(probe.ask, made, run)
  end
  run.scheduler:join_good(tasks)
end

local function status_of(probes)
  local accepted = 0
  for _, made in ipairs(probes) do
    if made.outcome == "accepted" then accepted = accepted + 1 end
  end
  if accepted == #probes then return 0 end
  return accepted > 0 and 4 or 5
end

-- Text and JSON ------------------------------------------------------------

local SENTENCES <const> = {
  accepted = "accepted and allowed", missing = "missing", refused = "not accepted",
  ["not allowed"] = "accepted, not allowed", unreachable = "unreachable", failed = "failed",
  ["not tried"] = "there, and not tried",
}

local function place_text(variable)
  if not variable.is_there then return variable.name .. " (missing)" end
  return variable.file and ("%s (file %s)"):format(variable.name, variable.file)
    or variable.name .. " (variable)"
end

local function variables_text(variables)
  local texts = {}
  for index, variable in ipairs(variables) do texts[index] = place_text(variable) end
  return table.concat(texts, ", ")
end

local function heading(made)
  local words = { made.vendor.name }
  if made.account then words[#words + 1] = "account " .. made.account end
  if made.region then words[#words + 1] = "region " .. made.region end
  return table.concat(words, ", ")
end

local function sentence(made)
  if made.outcome == "accepted" and made.leaves_open then return "accepted" end
  return made.outcome and SENTENCES[made.outcome] or "there, not asked"
end

local function probe_lines(made, lines)
  lines[#lines + 1] = ("%s  %s"):format(heading(made), sentence(made))
  lines[#lines + 1] = "  credentials " .. variables_text(made.variables)
  lines[#lines + 1] = "  host        " .. made.host
  if made.asks then lines[#lines + 1] = "  asks        " .. made.asks end
  if made.leaves_open then lines[#lines + 1] = "  not shown   " .. made.leaves_open end
  if made.reason then lines[#lines + 1] = "  reason      " .. made.reason end
end

local function lines_of(found)
  local lines = {}
  for _, made in ipairs(found.probes) do probe_lines(made, lines) end
  for _, variable in ipairs(found.own) do
    lines[#lines + 1] = "the script's own: " .. place_text(variable)
  end
  for _, name in ipairs(found.absent) do
    lines[#lines + 1] = name .. "  not set up (usagelua check " .. name .. " names what it needs)"
  end
  if found.stopped_at then
    lines[#lines + 1] = found.stopped_at .. ": what the script asks after that is not checked"
  end
  return lines
end

local function variable_document(variable)
  return json.object { { "name", variable.name }, { "found", variable.is_there },
    { "file", variable.file or json.null } }
end

local function probe_document(made)
  return json.object {
    { "vendor", made.vendor.name }, { "account", made.account or json.null },
    { "region", made.region or json.null }, { "outcome", made.outcome or "not asked" },
    { "credentials", display.array(made.variables, variable_document) }, { "host", made.host },
    { "asks", made.asks or json.null }, { "leaves_open", made.leaves_open or json.null },
    { "reason", made.reason or json.null },
    { "problems", display.array(made.problems) },
  }
end

local function document_of(found)
  return json.object {
    { "schema", 1 }, { "checks", display.array(found.probes, probe_document) },
    { "own", display.array(found.own, variable_document) }, { "not_set_up", display.array(found.absent) },
    { "complete", found.stopped_at == nil },
  }
end

-- The command --------------------------------------------------------------

local function finish(run, found)
  local missing = missing_error(found.probes, found.own)
  if not missing then ask_all(run, found.probes) end
  display.show(run.options, document_of(found), function() return lines_of(found) end)
  if missing then error(missing, 0) end
  return status_of(found.probes)
end

local function check_vendors(values, names)
  local spec = chosen(values)
  return session.with(values, { arguments = {}, script_name = "check" }, function(run)
    local absent = {}
    if #names == 0 then names, absent = set_up(run) end
    return finish(run, { probes = of_vendors(run, names, spec), own = {}, absent = absent })
  end)
end

local function check_script(values, path, arguments)
  return require("usagelua.cli.rehearse").run(values, path, arguments, function(run, stopped_at)
    return finish(run, { probes = of_queries(run), own = run.own_secrets, absent = {},
      stopped_at = stopped_at })
  end)
end

---@param values table the options
---@param rest string[] vendors, or a script and its arguments; none: all that are set up
---@return integer status 0; 2 missing; 4 some not accepted; 5 none
function check.run(values, rest)
  require("usagelua.cli.help").stop_if_wanted(values, "check")
  display.check(values, "check")
  if values.replay then
    errors.raise_usage("check asks the vendors themselves; leave --replay away")
  end
  local first = rest[1]
  if first and (first:find "%.lua$" or first:find "/" or first == "-") then
    table.remove(rest, 1)
    return check_script(values, first, rest)
  end
  return check_vendors(values, rest)
end

return check
