-- `usagelua vendors [VENDOR[.DATASET]]`: what can be asked, how it adds up,
-- and how well its facts are known.

local errors = require "usagelua.errors"
local output = require "usagelua.output"
local summary = require "usagelua.vendor.summary"

local vendors = {}

local function shown(value)
  if type(value) == "table" then return table.concat(value, ",") end
  return tostring(value)
end

local function param_line(param)
  local facts = { param.help }
  if param.one_of then facts[#facts + 1] = "one of " .. table.concat(param.one_of, ", ") end
  if param.list then facts[#facts + 1] = "several allowed" end
  if param.required then
    facts[#facts + 1] = "required"
  elseif param.default ~= nil then
    facts[#facts + 1] = "default " .. shown(param.default)
  end
  return ("    %-16s %s"):format(param.name, table.concat(facts, "; "))
end

local function measure_line(measure)
  return ("    %-16s unit %s, kind %s%s"):format(measure.name, measure.unit, measure.kind,
    measure.of and (", of " .. measure.of) or "")
end

local function window_line(window)
  if not window then return nil end
  local longest = window.max_days and ("%d days"):format(window.max_days)
    or window.max_hours and ("%d hours"):format(window.max_hours) or "not limited"
  return ("  window      longest %s; end %s; %s"):format(longest, window.ends,
    window.zone == "offset" and "wall clock with a fixed offset" or window.zone)
end

local function add_all(lines, heading, list, format)
  if #list == 0 then return end
  lines[#lines + 1] = "  " .. heading
  for _, item in ipairs(list) do lines[#lines + 1] = format(item) end
end

local function dataset_lines(dataset, lines)
  lines[#lines + 1] = ("%s  %s"):format(dataset.name, dataset.help or "")
  lines[#lines + 1] = "  status      " .. dataset.status
  lines[#lines + 1] = window_line(dataset.window)
  if dataset.counts then
    lines[#lines + 1] = ("  counts      %s (never added to another dataset that counts it)")
      :format(dataset.counts)
  end
  add_all(lines, "parameters", dataset.params, param_line)
  add_all(lines, "measures", dataset.measures, measure_line)
  add_all(lines, "sources", dataset.sources, function(source)
    return ("    %s, read %s, %s"):format(source.page or source[1], source.read or "?",
      source.status or "?")
  end)
end

local function rate_text(rate)
  local parts = {}
  if rate.burst then parts[#parts + 1] = ("burst of %d"):format(rate.burst) end
  if rate.per_minute then parts[#parts + 1] = ("%g a minute"):format(rate.per_minute) end
  if #parts == 0 then parts[1] = "none documented" end
  parts[#parts + 1] = ("%d in flight"):format(rate.in_flight)
  return table.concat(parts, ", ")
end

local function region_names(regions)
  local names = {}
  for name, url in pairs(regions) do names[#names + 1] = ("%s %s"):format(name, url) end
  table.sort(names)
  return names
end

local function vendor_lines(vendor, lines)
  lines[#lines + 1] = ("%s  %s"):format(vendor.name, vendor.title or "")
  lines[#lines + 1] = "  host        " .. vendor.base_url
  for _, region in ipairs(region_names(vendor.regions)) do
    lines[#lines + 1] = "  region      " .. region
  end
  lines[#lines + 1] = "  credentials " .. table.concat(vendor.credentials, ", ")
  lines[#lines + 1] = "  rate        " .. rate_text(vendor.rate)
  if vendor.origin == "user" then lines[#lines + 1] = "  script      " .. vendor.path end
end

local function list_all(loader, lines)
  for _, name in ipairs(loader:names()) do
    local vendor = summary.of(loader:load(name))
    vendor_lines(vendor, lines)
    for _, dataset in ipairs(vendor.datasets) do
      lines[#lines + 1] = ("    %-22s %s"):format(dataset.name, dataset.help or "")
    end
    lines[#lines + 1] = ""
  end
end

local function list_vendor(loader, name, lines)
  local vendor = summary.of(loader:load(name))
  vendor_lines(vendor, lines)
  for _, dataset in ipairs(vendor.datasets) do
    lines[#lines + 1] = ""
    dataset_lines(dataset, lines)
  end
end

local function list_dataset(loader, name, lines)
  local vendor, wanted = loader:dataset(name)
  for _, dataset in ipairs(summary.of(vendor).datasets) do
    if dataset.name == wanted.name then dataset_lines(dataset, lines) end
  end
end

---@param values table the options
---@param rest string[] at most one name
---@return integer status
function vendors.run(values, rest)
  require("usagelua.cli.help").stop_if_wanted(values, "vendors")
  if #rest > 1 then errors.raise_usage("vendors takes one name at most, not %d", #rest) end
  local loader = require("usagelua.run").new { options = values,
    interpreter = select(2, pcall(require, "usagelua.interpreter")) }.loader
  local lines, name = {}, rest[1]
  if not name then
    list_all(loader, lines)
  elseif name:find(".", 1, true) then
    list_dataset(loader, name, lines)
  else
    list_vendor(loader, name, lines)
  end
  local sink = output.stdout()
  assert(sink:write(table.concat(lines, "\n") .. "\n"))
  assert(sink:commit())
  return 0
end

return vendors
