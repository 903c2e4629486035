-- Does a vendor script keep what the library promises of every vendor? Each
-- dataset is tried on recorded or sample answers, whole and broken.

local answers = require "usagelua.conformance.answers"
local core = require "usagelua.core"
local errors = require "usagelua.errors"
local order = require "usagelua.order"
local parts = require "usagelua.flow.parts"
local records = require "usagelua.flow.records"
local tailor = require "usagelua.flow.tailor"
local shapes = require "usagelua.conformance.shapes"
local template = require "usagelua.flow.template"
local tiling = require "usagelua.conformance.tiling"
local trial = require "usagelua.conformance.trial"

local conformance = {}

---@class usagelua.conformance_line
---@field dataset string? of the whole script where absent
---@field check string
---@field outcome "ok"|"failed"|"not tried"
---@field reason string?

---@class usagelua.conformance_subject : usagelua.trial_subject
---@field takes fun(entry: usagelua.answers.entry): boolean whether it is an answer of this dataset
---@field measures table<string, table> declared
---@field whole usagelua.trial? the run on the answers as they are, once it was good
---@field cassette_path string

---@class usagelua.conformance_options what was recorded
---@field period string?
---@field zone string?
---@field set table<string, string>?
---@field cassette string? its path; NAME.har beside the script when absent
---@field planted table? the credential, made up when absent

local PROBE <const> = "conformance_probe"
local PROBE_VALUE <const> = 7

-- Checks: each gives what was done, or nil and the problem, or false and why it
-- was not tried. -----------------------------------------------------------

-- The edges that the request names; nil where it names none, and the vendor's
-- answer is picked from.
local function edges_sent(dataset)
  local names, sent = template.names { dataset.request, dataset.job }, nil
  for _, name in ipairs(parts.edge_names(dataset)) do
    if names[name] and name ~= "timezone" then
      sent = sent or { timezone = true }
      sent[name:gsub("_utc$", "")] = true
    end
  end
  return sent
end

local function windows_tile(subject)
  if not subject.dataset.window then return false, "it has no window" end
  local rules = tailor.window(subject.dataset.window, tailor.defaults(subject.dataset.params))
  return tiling.check(rules, edges_sent(subject.dataset))
end

local function is_answered(subject)
  local played = trial.play(subject)
  if #played.failures > 0 then return nil, played.failures[1] end
  subject.whole = played
  return ("rows: %d, requests: %d"):format(#played.rows, played.requests)
end

local function first_answer(subject)
  for _, entry in ipairs(subject.answers.entries) do
    if entry.status >= 200 and entry.status < 300 and subject.takes(entry) then return entry end
  end
end

-- A vendor that gives the same page for ever must not be asked for ever.
local NO_END <const> = "a page that comes again and again has to be an error: "
local WAY_OUT <const> = { table = "say pages.total, or pages.unique",
  flow = "use ask:pages, or compare each page with the one before" }

local function pages_end(subject)
  local dataset = subject.dataset
  if not dataset.pages and not dataset.flow then return false, "it has no pages" end
  local entry = first_answer(subject)
  local played = trial.play(subject, function(time)
    return answers.in_turn(function() return entry end, time)
  end)
  for _, failure in ipairs(played.failures) do
    if failure:find("it does not end", 1, true) then
      return nil, ("%s; %s%s"):format(failure, NO_END, WAY_OUT[dataset.flow and "flow" or "table"])
    end
  end
  return ("requests where every page is the first: %d"):format(played.requests)
end

local function unknown_is_kept(subject)
  local dataset = subject.dataset
  if dataset.flow then return false, "asked by its own function, which says what an item is" end
  if not dataset.rows or dataset.each then return false, "its records are not the items themselves" end
  local make = answers.with_items(subject.answers, dataset.rows, function(item)
    item[PROBE] = PROBE_VALUE
  end)
  if not make then return false, "the answers hold no item" end
  local played = trial.play(subject, make)
  if #played.failures > 0 then return nil, "a further field is refused: " .. played.failures[1] end
  for _, row in ipairs(played.rows) do
    if row[PROBE] == PROBE_VALUE then return "" end
  end
  return nil, ("the numeric field '%s' of an item is lost"):format(PROBE)
end

local function masks_hold(subject)
  local value = subject.planted.value
  local played = trial.play(subject, function(time)
    return answers.in_turn(function()
      return { status = 403, headers = { ["content-type"] = "text/plain" },
        body = "the key " .. value .. " may not" }
    end, time)
  end)
  if (subject.whole.leaks or played.leaks) then return nil, subject.whole.leaks or played.leaks end
  if #played.failures == 0 then return nil, "an answer of 403 is taken for a good one" end
  if (subject.whole.text .. played.text):find(value, 1, true) then
    return nil, "the credential shows in what comes out"
  end
  return "a planted credential"
end

local function is_repeatable(subject)
  if trial.play(subject).text == subject.whole.text then return "" end
  return nil, "the second run gives another result"
end

-- In order; those behind `is_answered` need answers.
local CHECKS <const> = {
  { "windows tile", windows_tile },
  { "answers are read whole", is_answered, needs_answers = true },
  { "pages end", pages_end, needs_whole = true },
  { "shapes are required", shapes.check, needs_whole = true },
  { "unknown fields are kept", unknown_is_kept, needs_whole = true },
  { "masks hold", masks_hold, needs_whole = true },
  { "the same result twice", is_repeatable, needs_whole = true },
}

-- One script ---------------------------------------------------------------

local NO_ANSWERS <const> = "there is no answer to try it on: record one (usagelua fetch %s --record "
  .. "%s), or put one into its description (sample = { [[…]] })"

local function run_check(check, subject)
  if check.needs_answers and not subject.answers then
    return nil, NO_ANSWERS:format(subject.dataset.name, subject.cassette_path)
  elseif check.needs_whole and not subject.whole then
    return false, "its answers cannot be read"
  end
  local ok, done, reason = pcall(check[2], subject)
  if not ok then return nil, tostring(errors.from(done)) end
  return done, reason
end

local function line_of(check, subject)
  local done, reason = run_check(check, subject)
  local outcome = done and "ok" or done == false and "not tried" or "failed"
  return { dataset = subject.dataset.name, check = check[1], outcome = outcome,
    reason = done ~= "" and done or reason or nil }
end

-- The same secret for all trials of a process: it is masked from here on.
local function plant()
  local source <close> = assert(io.open("/dev/urandom", "rb"))
  local value = source:read(16):gsub(".", function(byte) return ("%02x"):format(byte:byte()) end)
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write(value)
  file:close()
  local secret, err = core.secret.file(path)
  os.remove(path)
  if not secret then error(errors.from(err), 0) end
  return { value = value, read = function(_, options)
    return options.secret == false and "conformance" or secret
  end }
end

-- Whether an answer of the cassette is one of this dataset's: breaking another
-- one's would prove nothing.
local function taken_by(dataset, given)
  if given.is_one_part or not dataset.request then return function() return true end end
  local pattern = dataset.request.path:gsub("[%^$()%%.%[%]*+?-]", "%%%0"):gsub("{[%w_]+}", "[^/]*")
  return function(entry) return entry.url:match "^[^?]*":find(pattern .. "$") ~= nil end
end

local function options_for(dataset, options)
  local set = {}
  for name, value in pairs(options.set or {}) do
    if dataset.params[name] then set[name] = value end
  end
  return { period = options.period, zone = options.zone, set = set }
end

local function subject_of(dataset, shared)
  local given = dataset.sample and answers.of_sample(dataset.sample, dataset.job) or shared.recorded
  return { dataset = dataset, answers = given, loader = shared.loader, planted = shared.planted,
    options = options_for(dataset, shared.options), cassette_path = shared.cassette_path,
    takes = given and taken_by(dataset, given), measures = select(2, records.schema(dataset)) }
end

local function load_vendor(loader, name, lines)
  local ok, vendor = pcall(loader.load, loader, name)
  lines[1] = { check = "the description is valid and its names are filled",
    outcome = ok and "ok" or "failed", reason = not ok and tostring(errors.from(vendor)) or nil }
  return ok and vendor or nil
end

-- "vendors/acme.lua" → "vendors", "acme"
local function split(path)
  local folder, name = path:match "^(.*)/([^/]*)%.lua$"
  return folder or ".", name or path:match "^([^/]*)%.lua$"
end

-- What the datasets of a script have in common.
local function shared_of(path, options)
  local folder, name = split(path)
  local cassette_path = options.cassette or ("%s/%s.har"):format(folder, name)
  local recorded, err = answers.of_cassette(cassette_path)
  if err then error(err, 0) end
  return {
    name = name, cassette_path = cassette_path, recorded = recorded, options = options,
    planted = options.planted or plant(),
    loader = require("usagelua.vendor.loader").new { folders = folder,
      kit = require "usagelua.vendor.kit" },
  }
end

---Tries a vendor script. A line a check, in a fixed order.
---@param path string of the script
---@param options usagelua.conformance_options
---@return usagelua.conformance_line[] lines
---Raises kind io for a cassette that cannot be read.
function conformance.of(path, options)
  local shared, lines = shared_of(path, options), {}
  local vendor = load_vendor(shared.loader, shared.name, lines)
  for _, name in ipairs(vendor and order.keys(vendor.datasets) or {}) do
    local subject = subject_of(vendor.datasets[name], shared)
    for _, check in ipairs(CHECKS) do lines[#lines + 1] = line_of(check, subject) end
  end
  return lines
end

return conformance
