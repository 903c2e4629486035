-- `usagelua vendors [VENDOR[.DATASET]]`: what can be asked, how it adds up,
-- and how well its facts are known.

local display = require "usagelua.cli.display"
local errors = require "usagelua.errors"
local json = require "usagelua.json"
local summary = require "usagelua.vendor.summary"

local vendors = {}

local function shown(value)
  if type(value) == "table" then return table.concat(value, ",") end
  return tostring(value)
end

local function default_text(param)
  local default, all = param.default, param.one_of
  if type(default) == "table" and all and shown(default) == shown(all) then return "all of them" end
  return shown(default)
end

-- The vendor's words, in the order of our values.
local function words_of(param)
  local list = {}
  for index, value in ipairs(param.one_of) do list[index] = param.words[value] end
  return list
end

local function param_line(param)
  local facts = { param.type }
  if param.characters then facts[1] = ("%s of %d characters or more"):format(param.type,
    param.characters) end
  if param.without then facts[#facts + 1] = "not with " .. table.concat(param.without, ", ") end
  if param.one_of then facts[#facts + 1] = "one of " .. table.concat(param.one_of, ", ") end
  if param.words then
    facts[#facts + 1] = "sent as " .. table.concat(words_of(param), ", ")
  end
  if param.match then facts[#facts + 1] = "matches " .. param.match end
  if param.required then
    facts[#facts + 1] = "required"
  elseif param.default ~= nil then
    facts[#facts + 1] = "default " .. default_text(param)
  else
    facts[#facts + 1] = "not sent unless given"
  end
  return ("    %-16s %s (%s)"):format(param.name, param.help or "", table.concat(facts, "; "))
end

local function measure_line(measure)
  return ("    %-16s unit %s, kind %s%s"):format(measure.name, measure.unit, measure.kind,
    measure.of and (", of " .. measure.of) or "")
end

local CUTS <const> = {
  allowed = "may be cut into several", may_differ = "several windows may not add up to one",
  forbidden = "never cut",
}
local ZONES <const> = { offset = "wall clock with a fixed offset", report = "the report's zone" }

-- What a parameter decides.
local function by_parameter(value)
  local name = type(value) == "string" and value:match "^{([%w_]+)}$"
  return name and "as parameter " .. name .. " says" or tostring(value)
end

-- Keys of a window's length, and what it is counted in: one, several.
local LONGEST <const> = { { "max_days", "day", "days" }, { "max_hours", "hour", "hours" },
  { "max_months", "calendar month", "calendar months" },
  { "max_buckets", "part of the grain", "parts of the grain" } }

local function counted(count, one, several)
  if type(count) == "string" then return ("as many %s %s"):format(several, by_parameter(count)) end
  return ("%d %s"):format(count, count == 1 and one or several)
end

local function longest_text(window)
  local texts = {}
  for _, row in ipairs(LONGEST) do
    if window[row[1]] then texts[#texts + 1] = counted(window[row[1]], row[2], row[3]) end
  end
  return texts[1] and table.concat(texts, " or ") or "not limited"
end

local function window_lines(window, lines)
  if not window then
    lines[#lines + 1] = "  window      none: what is the case now"
    return
  end
  local longest = longest_text(window)
  local zone = ZONES[window.zone] or by_parameter(window.zone)
  lines[#lines + 1] = ("  window      longest %s; end %s; %s; %s; %s"):format(longest, window.ends,
    window.format, zone, CUTS[window.cut])
  if window.grains then
    lines[#lines + 1] = "  grains      " .. table.concat(window.grains, ", ")
  end
  if window.vendor_default then
    lines[#lines + 1] = "  period      vendor: a period of its own where no dates are sent"
  end
end

local function add_all(lines, heading, list, format)
  if #list == 0 then return end
  lines[#lines + 1] = "  " .. heading
  for _, item in ipairs(list) do lines[#lines + 1] = format(item) end
end

local function source_line(source)
  return ("    %s, read %s, %s"):format(source.page or source[1], source.read or "?",
    source.status or "?")
end

local function note_line(note)
  local with = #note.params > 0 and (" (with %s)"):format(table.concat(note.params, ", ")) or ""
  return ("    %s%s"):format(note.text, with)
end

local function field_line(field)
  return ("    %-16s %s"):format(field.name, field.path)
end

local function list_line(lines, heading, list)
  if list and #list > 0 then
    lines[#lines + 1] = ("  %-11s %s"):format(heading, table.concat(list, ", "))
  end
end

local function batch_text(batch)
  if not batch then return nil end
  local params = table.concat(batch.params, " or ")
  return batch.most and ("%s, %d at once"):format(params, batch.most) or params
end

local function job_lines(job, lines)
  if not job then return end
  lines[#lines + 1] = ("  asked by    a report job (%s): %d at a time, %d s each at most, %s")
    :format(job.create, job.live, job.time_s, job.deleted and "deleted on every way out"
      or "which the vendor takes away itself")
  list_line(lines, "files from", job.hosts)
end

local function dataset_lines(dataset, lines)
  lines[#lines + 1] = ("%s  %s"):format(dataset.name, dataset.help or "")
  lines[#lines + 1] = "  status      " .. dataset.status
  job_lines(dataset.job, lines)
  window_lines(dataset.window, lines)
  if dataset.counts then
    lines[#lines + 1] = ("  counts      %s (never added to another dataset that counts it)")
      :format(dataset.counts)
  end
  list_line(lines, "needs one of", dataset.needs_one_of)
  list_line(lines, "asked at", { dataset.base_url })
  list_line(lines, "asked by", { dataset.by_function and "its own function" or nil })
  list_line(lines, "asked per", dataset.fan_out)
  list_line(lines, "answer", { dataset.answer })
  list_line(lines, "in batches", { batch_text(dataset.batch) })
  list_line(lines, "pages", { dataset.pages })
  list_line(lines, "columns", dataset.columns)
  add_all(lines, "parameters", dataset.params, param_line)
  add_all(lines, "measures", dataset.measures, measure_line)
  add_all(lines, "names of the answer's fields (--set fields=NAME:FIELD changes one, NAME:- leaves "
    .. "it out)", dataset.fields, field_line)
  add_all(lines, "notes", dataset.notes, note_line)
  add_all(lines, "sources", dataset.sources, source_line)
  add_all(lines, "unverified", dataset.unverified, function(text) return "    " .. text end)
end

local function region_names(regions)
  local names = {}
  for name, url in pairs(regions) do names[#names + 1] = ("%s %s"):format(name, url) end
  table.sort(names)
  return names
end

local function vendor_lines(vendor, lines)
  lines[#lines + 1] = ("%s  %s"):format(vendor.name, vendor.title or "")
  lines[#lines + 1] = "  base URL    " .. vendor.base_url
  list_line(lines, "hosts", vendor.hosts)
  for _, region in ipairs(region_names(vendor.regions)) do
    lines[#lines + 1] = "  region      " .. region
  end
  list_line(lines, "also named", vendor.aliases)
  lines[#lines + 1] = ("  credentials %s (%s)"):format(table.concat(vendor.credentials, ", "),
    vendor.auth)
  for _, text in ipairs(vendor.cautions) do lines[#lines + 1] = "  caution     " .. text end
  lines[#lines + 1] = "  rate        " .. summary.rate_text(vendor.rate)
  if vendor.origin == "user" then lines[#lines + 1] = "  script      " .. vendor.path end
end

local function longest_name(list)
  local longest = 0
  for _, one in ipairs(list) do longest = math.max(longest, #one.name) end
  return longest
end

-- All vendors: their datasets by name only.
local function overview_lines(vendor, lines)
  vendor_lines(vendor, lines)
  local form = ("    %%-%ds  %%s%%s"):format(longest_name(vendor.datasets))
  for _, dataset in ipairs(vendor.datasets) do
    lines[#lines + 1] = form:format(dataset.name, dataset.help or "",
      #dataset.unverified > 0 and " (unverified)" or "")
  end
  lines[#lines + 1] = ""
end

local function full_lines(vendor, lines)
  vendor_lines(vendor, lines)
  for _, dataset in ipairs(vendor.datasets) do
    lines[#lines + 1] = ""
    dataset_lines(dataset, lines)
  end
end

local function summaries(loader, names)
  local list = {}
  for index, name in ipairs(names) do list[index] = summary.of(loader:load(name)) end
  return list
end

-- The vendor with that one of its datasets.
local function with_dataset(loader, name)
  local vendor, wanted = loader:dataset(name)
  local one = summary.of(vendor)
  for _, dataset in ipairs(one.datasets) do
    if dataset.name == wanted.name then one.datasets = { dataset } end
  end
  return one
end

local function found(loader, name)
  if not name then return summaries(loader, loader:names()), overview_lines end
  if not name:find(".", 1, true) then return summaries(loader, { name }), full_lines end
  return { with_dataset(loader, name) }, function(vendor, lines)
    dataset_lines(vendor.datasets[1], lines)
  end
end

-- Lists that are empty stay lists in JSON.
local LISTS = { "aliases", "hosts", "datasets", "sources", "params", "measures", "columns",
  "unverified", "fields", "notes" }

local function as_json(value)
  if type(value) ~= "table" then return value end
  local copy = {}
  for key, item in pairs(value) do copy[key] = as_json(item) end
  for _, key in ipairs(LISTS) do
    if type(copy[key]) == "table" and next(copy[key]) == nil then copy[key] = json.array {} end
  end
  return copy
end

---@param values table the options
---@param rest string[] at most one name
---@return integer status
function vendors.run(values, rest)
  require("usagelua.cli.help").stop_if_wanted(values, "vendors")
  display.check(values, "vendors")
  if #rest > 1 then errors.raise_usage("vendors takes one name at most, not %d", #rest) end
  local loader = require("usagelua.run").new { options = values,
    interpreter = select(2, pcall(require, "usagelua.interpreter")) }.loader
  local list, add_lines = found(loader, rest[1])
  display.show(values, { schema = 1, vendors = as_json(list) }, function()
    local lines = {}
    for _, vendor in ipairs(list) do add_lines(vendor, lines) end
    return lines
  end)
  return 0
end

return vendors
