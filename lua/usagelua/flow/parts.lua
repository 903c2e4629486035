-- The parts of a query, of which each is asked for by itself: every window
-- with every combination of the fan-out parameters' values.

local once = require "usagelua.once"
local template = require "usagelua.flow.template"
local timestamp = require "usagelua.time.timestamp"
local windows = require "usagelua.flow.windows"

local parts = {}

---@class usagelua.query_part
---@field window usagelua.window
---@field values table<string, any> what templates see
---@field const table<string, any> columns that all its records share
---@field label string

local EDGES <const> = { "from", "to", "timezone", "from_utc", "to_utc", "grain" }

---What templates see beside the parameters: the window's edges and parts, and the
---grain where the vendor is to divide its answer by it.
---@param dataset table
---@return string[]
function parts.edge_names(dataset)
  if not dataset.window then return {} end
  local names = windows.part_names(dataset.window)
  return table.move(EDGES, 1, #EDGES, #names + 1, names)
end

local function extended(combination, name, value)
  local copy = table.move(combination, 1, #combination, 1, {})
  for key, known in pairs(combination) do copy[key] = known end
  copy[name], copy[#copy + 1] = value, value
  return copy
end

local function with_each(list, name, values)
  local longer = {}
  for _, combination in ipairs(list) do
    for _, value in ipairs(values) do longer[#longer + 1] = extended(combination, name, value) end
  end
  return longer
end

-- All combinations of the fan-out parameters' values, first one slowest; one
-- that is not given is not sent.
local function combinations(names, params)
  local list = { {} }
  for _, name in ipairs(names or {}) do
    if params[name] then list = with_each(list, name, params[name]) end
  end
  return list
end

-- A window is cut by the rules of one dataset.
local edges_of = once.of(function(window, rules)
  local edges = {}
  for name, edge in pairs(rules and windows.edges(window, rules) or {}) do edges[name] = edge end
  if window.from then
    edges.from_utc = timestamp.format_rfc3339(window.from)
    edges.to_utc = timestamp.format_rfc3339(window.to)
  end
  return edges
end)

local function add_edges(values, window, rules)
  for name, edge in pairs(edges_of(window, rules)) do values[name] = edge end
end

-- The vendor divides its answer by the grain of the query itself.
local function is_divided(planned)
  local rules = planned.dataset.window
  return rules ~= nil and rules.grain_by == "vendor" and planned.grain ~= "total"
end

-- The window as records have it, for the description's functions.
local function add_period_values(values, planned, window)
  values.grain = is_divided(planned) and planned.grain or nil
  values.period = windows.period_name(window, planned.grain)
  values.period_start, values.period_end = window.period_start, window.period_end
end

local function values_of(planned, window, combination)
  local values = {}
  for name, value in pairs(planned.params) do values[name] = value end
  for name, value in pairs(combination) do
    if type(name) == "string" then values[name] = value end
  end
  add_edges(values, window, planned.dataset.window)
  add_period_values(values, planned, window)
  return values
end

local function is_same(a, b)
  return b ~= nil and a.param == b.param and a.value == b.value
end

-- Whether the further records of an answer have the column too.
local function is_everywhere(dataset, name, field)
  for _, also in ipairs(dataset.also or {}) do
    if not is_same(field, also.fields[name]) then return false end
  end
  return true
end

local PERIOD <const> = { "period", "period_start", "period_end" }

local function has_period_field(dataset)
  for _, name in ipairs(PERIOD) do
    if dataset.fields[name] then return true end
  end
  return false
end

-- What all queries of a dataset fix: the fields that come from no item.
local fixed_of = once.of(function(dataset)
  local fixed = { names = {}, has_period = has_period_field(dataset),
    sends_grain = template.names(dataset.request).grain or false }
  for name, field in pairs(dataset.fields) do
    if (field.param or field.value ~= nil) and is_everywhere(dataset, name, field) then
      fixed.names[#fixed.names + 1] = name
    end
  end
  return fixed
end)

-- Rows that bring periods of their own are not bound to the window's; those of
-- a vendor who is told the grain do so only where there is one.
local function brings_periods(planned)
  local fixed = fixed_of(planned.dataset)
  if fixed.sends_grain and not is_divided(planned) then return false end
  return fixed.has_period
end

local function add_period(const, planned, window)
  if brings_periods(planned) then return end
  const.period = windows.period_name(window, planned.grain)
  const.period_start, const.period_end = window.period_start, window.period_end
end

-- Columns that every record of a part has: what the query fixes, not what
-- the answer says.
local function const_of(planned, window, values)
  local dataset = planned.dataset
  local const = { vendor = planned.vendor.name, dataset = planned.name, region = planned.region }
  if not dataset.fields.account then const.account = planned.account end -- no answer names it
  add_period(const, planned, window)
  for _, name in ipairs(fixed_of(dataset).names) do
    local field = dataset.fields[name]
    const[name] = field.value
    if field.param then const[name] = template.column(values[field.param]) end
  end
  return const
end

local function label_of(planned, window, combination)
  local words = { planned.name }
  words[#words + 1] = window.label
  return table.concat(table.move(combination, 1, #combination, #words + 1, words), " ")
end

---@param planned usagelua.query with windows and params
---@return usagelua.query_part[]
function parts.of(planned)
  local list = {}
  for _, window in ipairs(planned.windows) do
    for _, combination in ipairs(combinations(planned.dataset.fan_out, planned.params)) do
      local values = values_of(planned, window, combination)
      list[#list + 1] = { window = window, values = values,
        label = label_of(planned, window, combination), const = const_of(planned, window, values) }
    end
  end
  return list
end

---Names in a dataset's request that no parameter and no edge of a window can
---fill.
---@param dataset table
---@return string[]
function parts.unfilled(dataset)
  local names = template.names(dataset.request)
  for name in pairs(dataset.params) do names[name] = nil end
  for _, name in ipairs(parts.edge_names(dataset)) do names[name] = nil end
  local list = {}
  for name in pairs(names) do list[#list + 1] = name end
  table.sort(list)
  return list
end

return parts
