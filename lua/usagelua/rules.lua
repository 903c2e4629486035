-- usage.rules: rules to start from. Each takes a frame, looks at what it has, and
-- gives the frame that such a report begins with; the keys of a rule that are
-- handed over go before its own.

local errors = require "usagelua.errors"
local measures = require "usagelua.measures"
local schema = require "usagelua.rule.schema"

local rules = {}

local ADDS <const> = { sum = true, count = true }
local RULE_KEYS <const> = { "where", "group_by", "measures", "derive", "having", "sort", "limit",
  "top", "others", "fields" }

-- Conditions of the caller's stand beside a rule's own.
local function merged(own, given)
  if type(given) ~= "table" then return given end
  local all = {}
  for key, value in pairs(type(own) == "table" and own or {}) do all[key] = value end
  for key, value in pairs(given) do all[key] = value end
  return all
end

-- The keys of the caller's own go before ours; `own` are a rule's further ones.
local function rule_of(name, given, own, base)
  local rule, known = {}, table.move(RULE_KEYS, 1, #RULE_KEYS, 1, {})
  table.move(own, 1, #own, #known + 1, known)
  for key, value in pairs(base) do rule[key] = value end
  for key, value in pairs(given) do
    local is_known, is_own = false, false
    for _, one in ipairs(known) do is_known = is_known or one == key end
    for _, one in ipairs(own) do is_own = is_own or one == key end
    if not is_known then
      errors.raise_usage("usage.rules.%s: %s", name, errors.unknown("key", key, known))
    end
    if not is_own then rule[key] = key == "where" and merged(base.where, value) or value end
  end
  return rule
end

local function index_of(name, frame)
  if require("usagelua.frame").is(frame) then return schema.index(frame:schema()) end
  errors.raise_usage("usage.rules.%s takes a frame first, as in usage.rules.%s(records), not a %s",
    name, name, type(frame))
end

-- Of these columns those that the frame has.
local function there(index, names)
  local list = {}
  for _, name in ipairs(names) do
    if index.columns[name] then list[#list + 1] = name end
  end
  return list
end

-- What adds up, in the order of every format.
local function additive(name, index)
  local present = {}
  for measure, known in pairs(index.measures) do
    if ADDS[known.kind] and not known.of and not known.clash then present[measure] = true end
  end
  local list = measures.order_measures(present)
  if #list == 0 then
    errors.raise_usage("usage.rules.%s: the frame has no measure that adds up; known: %s", name,
      table.concat(index:measure_names(), ", "))
  end
  return list
end

-- The name of the first measure that a rule names, in any of its forms.
local function first_of(wanted)
  local first = type(wanted) == "table" and wanted[1] or wanted
  return type(first) == "table" and (first.as or first[1]) or first
end

-- From the largest of it; a rule without one is refused elsewhere.
local function largest_of(wanted)
  local first = first_of(wanted)
  return type(first) == "string" and "-" .. first or nil
end

local function need(name, index, column)
  if index.columns[column] or index.any_column then return end
  errors.raise_usage("usage.rules.%s needs the column %s, which none of the frame's datasets has",
    name, column)
end

-- By these columns, all that adds up, the largest first.
local function by(name, columns, frame, given)
  given = given or {}
  local index = index_of(name, frame)
  local wanted = given.measures or additive(name, index)
  return frame:aggregate(rule_of(name, given, {}, {
    group_by = there(index, columns), measures = wanted, sort = largest_of(wanted),
  }))
end

---What each product was used, of all that adds up.
---@param frame usagelua.frame of records
---@param given table? keys of a rule that go before this one's
---@return usagelua.frame
function rules.by_product(frame, given)
  need("by_product", index_of("by_product", frame), "product")
  return by("by_product", { "vendor", "product" }, frame, given)
end

---What each team used.
---@param frame usagelua.frame of records
---@param given table?
---@return usagelua.frame
function rules.by_team(frame, given)
  need("by_team", index_of("by_team", frame), "team")
  return by("by_team", { "vendor", "team" }, frame, given)
end

---The users who used most, ten or `top`, and the others in one row.
---@param frame usagelua.frame of records
---@param given table? also measure: by which; the first that adds up by default
---@return usagelua.frame
function rules.top_users(frame, given)
  given = given or {}
  local index = index_of("top_users", frame)
  need("top_users", index, "user_id")
  local wanted = given.measures or given.measure and { given.measure } or additive("top_users", index)
  return frame:aggregate(rule_of("top_users", given, { "measure" }, {
    group_by = there(index, { "user_id", "user_name" }), measures = wanted, top = given.limit == nil
      and 10 or nil, others = given.limit == nil or nil, where = { user_id = { match = "." } },
    sort = largest_of(given.measure or wanted),
  }))
end

local function since_of(given)
  local since = given.since
  if type(since) == "table" and since.from then since = since.from end
  if since ~= nil then return since end
  errors.raise_usage("usage.rules.idle_seats needs since, a period or its start: "
    .. "usage.rules.idle_seats(records, { since = usage.period() })")
end

---Seats with access that no test has used since a time, by team.
---@param frame usagelua.frame of records
---@param given table since: a period, or what `before` of where takes
---@return usagelua.frame
function rules.idle_seats(frame, given)
  given = given or {}
  local index = index_of("idle_seats", frame)
  for _, column in ipairs { "user_id", "has_access", "last_test" } do
    need("idle_seats", index, column)
  end
  return frame:aggregate(rule_of("idle_seats", given, { "since" }, {
    where = { has_access = true, last_test = { before = since_of(given), or_absent = true } },
    group_by = there(index, { "vendor", "team" }),
    measures = { { "user_id", as = "seats", kind = "distinct" } }, sort = "-seats",
  }))
end

---What was used in each part of the period, in their order: ask at a grain.
---@param frame usagelua.frame of records
---@param given table?
---@return usagelua.frame
function rules.trend(frame, given)
  given = given or {}
  local index = index_of("trend", frame)
  return frame:aggregate(rule_of("trend", given, {}, {
    group_by = { "period" }, measures = given.measures or additive("trend", index), sort = "period",
  }))
end

return setmetatable(rules, { __index = function(_, name)
  local names = { "by_product", "by_team", "top_users", "idle_seats", "trend" }
  errors.raise_usage("%s", errors.unknown("rule of usage.rules", name, names))
end })
