-- docs/vendors/NAME.md: what each built-in vendor can be asked for, from its
-- description.
local summary = require "usagelua.vendor.summary"

local HEAD <const> = [[
# %s

Printed by `make docs` from `lua/usagelua/vendors/%s.lua`; `usagelua vendors %s` says
the same of the version at hand.
]]

local function cell(value)
  return (tostring(value):gsub("|", "\\|"):gsub("\n", " "))
end

local function code(value)
  return ("`%s`"):format(cell(value))
end

local function codes(list)
  local quoted = {}
  for index, value in ipairs(list) do quoted[index] = code(value) end
  return table.concat(quoted, ", ")
end

local function row(lines, ...)
  lines[#lines + 1] = ("| %s |"):format(table.concat({ ... }, " | "))
end

local function head(lines, ...)
  lines[#lines + 1] = ""
  row(lines, ...)
  lines[#lines + 1] = ("| --- "):rep(select("#", ...)) .. "|"
end

local function sorted(map)
  local names = {}
  for name in pairs(map) do names[#names + 1] = name end
  table.sort(names)
  return names
end

local function add_vendor(lines, vendor)
  head(lines, "", "")
  row(lines, "base URL", code(vendor.base_url))
  for _, name in ipairs(sorted(vendor.regions)) do
    row(lines, "region " .. code(name), code(vendor.regions[name]))
  end
  row(lines, "hosts", codes(vendor.hosts))
  if #vendor.aliases > 0 then row(lines, "also named", codes(vendor.aliases)) end
  row(lines, "credentials", ("%s (%s)"):format(codes(vendor.credentials), vendor.auth))
  row(lines, "rate", summary.rate_text(vendor.rate))
end

-- Parameters -----------------------------------------------------------------

local function default_of(param)
  if param.required then return "required" end
  if param.default == nil then return "not sent" end
  return type(param.default) == "table" and codes(param.default) or code(param.default)
end

local function meaning_of(param)
  local parts = { param.help }
  if param.one_of then parts[#parts + 1] = "one of " .. codes(param.one_of) end
  if param.match then parts[#parts + 1] = "matches " .. code(param.match) end
  if param.characters then parts[#parts + 1] = ("%d characters or more"):format(param.characters) end
  if param.without then parts[#parts + 1] = "not with " .. codes(param.without) end
  return cell(table.concat(parts, "; "))
end

local function add_params(lines, list)
  if #list == 0 then return end
  head(lines, "parameter", "type", "default", "meaning")
  for _, param in ipairs(list) do
    row(lines, code(param.name), param.type, default_of(param), meaning_of(param))
  end
end

local function add_measures(lines, list)
  if #list == 0 then return end
  head(lines, "measure", "unit", "kind", "of")
  for _, measure in ipairs(list) do
    row(lines, code(measure.name), measure.unit, measure.kind, measure.of and code(measure.of) or "")
  end
end

-- Windows --------------------------------------------------------------------

-- Keys of a window's length, and what it is counted in: one, several.
local LONGEST <const> = { { "max_days", "day", "days" }, { "max_hours", "hour", "hours" },
  { "max_months", "calendar month", "calendar months" },
  { "max_buckets", "part of the grain", "parts of the grain" } }

-- What a parameter decides.
local function by_parameter(value)
  local name = type(value) == "string" and value:match "^{([%w_]+)}$"
  return name and ("as parameter %s says"):format(code(name))
end

local function counted(count, one, several)
  local parameter = by_parameter(count)
  if parameter then return ("as many %s %s"):format(several, parameter) end
  return ("%d %s"):format(count, count == 1 and one or several)
end

local function longest(window)
  local parts = {}
  for _, one in ipairs(LONGEST) do
    local most = window[one[1]]
    if most then parts[#parts + 1] = counted(most, one[2], one[3]) end
  end
  return parts[1] and table.concat(parts, " or ") or "not limited"
end

local function window_text(window)
  if not window then return "none: what is the case now" end
  return ("longest %s; end %s; zone %s; cut %s"):format(longest(window), window.ends,
    by_parameter(window.zone) or code(window.zone), window.cut)
end

local function job_text(job)
  return ("a report job (%s): %d at a time, %d s each at most"):format(code(job.create), job.live,
    job.time_s)
end

local function add_facts(lines, dataset)
  lines[#lines + 1] = ("- status: %s"):format(dataset.status)
  lines[#lines + 1] = "- window: " .. window_text(dataset.window)
  if dataset.window and dataset.window.grains then
    lines[#lines + 1] = "- grains: " .. codes(dataset.window.grains)
  end
  if dataset.job then lines[#lines + 1] = "- asked by " .. job_text(dataset.job) end
  if dataset.needs_one_of then
    lines[#lines + 1] = "- needs one of " .. codes(dataset.needs_one_of)
  end
  if dataset.counts then
    lines[#lines + 1] = ("- counts %s: never added to another dataset that counts it")
      :format(code(dataset.counts))
  end
  lines[#lines + 1] = "- columns: " .. codes(dataset.columns)
end

local function add_list(lines, title, list, text)
  if #list == 0 then return end
  table.move({ "", title, "" }, 1, 3, #lines + 1, lines)
  for _, one in ipairs(list) do lines[#lines + 1] = "- " .. text(one) end
end

local function source_text(source)
  return ("%s, read %s, %s"):format(source.page or source[1], source.read or "?", source.status or "?")
end

local function note_text(note)
  return #note.params > 0 and ("%s (with %s)"):format(note.text, codes(note.params)) or note.text
end

local function add_dataset(lines, dataset)
  table.move({ "", ("## `%s`"):format(dataset.name), "" }, 1, 3, #lines + 1, lines)
  if dataset.help then
    lines[#lines + 1] = dataset.help:gsub("^%l", string.upper) .. "."
    lines[#lines + 1] = ""
  end
  add_facts(lines, dataset)
  add_params(lines, dataset.params)
  add_measures(lines, dataset.measures)
  add_list(lines, "Notes:", dataset.notes, note_text)
  add_list(lines, "Sources:", dataset.sources, source_text)
  add_list(lines, "Unverified:", dataset.unverified, function(text) return text end)
end

local pages = {}
for _, vendor in ipairs(dofile "docs/printed/built_in.lua") do
  local lines = {}
  add_vendor(lines, vendor)
  for _, dataset in ipairs(vendor.datasets) do add_dataset(lines, dataset) end
  pages[("docs/vendors/%s.md"):format(vendor.name)] =
    HEAD:format(vendor.title, vendor.name, vendor.name) .. table.concat(lines, "\n") .. "\n"
end
return pages
