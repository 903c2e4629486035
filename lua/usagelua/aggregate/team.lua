-- Figures that belong to one thing each ("of team"): whose is this row's, and may
-- it be added to another's? A team of one vendor and account is another than its
-- namesake elsewhere.

local team = {}

local function text_of(value)
  if value == nil then return "-" end
  return type(value):sub(1, 1) .. tostring(value)
end

---@param view usagelua.record_view
---@param dimension string "team"
---@return string id
function team.id(view, dimension)
  local vendor, account = view:raw "vendor", view:raw "account"
  local name = view:raw(dimension)
  return ("%s\0%s\0%s"):format(text_of(vendor), text_of(account), text_of(name))
end

---Which of its team's figures this is ("per product"), where it has several.
---@param view usagelua.record_view
---@param dimension string?
---@return string
function team.part(view, dimension)
  return dimension and text_of((view:raw(dimension))) or ""
end

---Is the figure not its team's alone, but a shared pool's?
---@param view usagelua.record_view
---@param shared table|true|nil column and value; true: nobody knows
---@return boolean
function team.is_shared(view, shared)
  if type(shared) ~= "table" then return shared == true end
  return view:raw(shared.column) == shared.value
end

---May the figure contain those of the other teams?
---@param view usagelua.record_view
---@param condition table<string, string>|true|nil column = value; true: nobody knows
---@return boolean
function team.may_contain(view, condition)
  if type(condition) ~= "table" then return condition == true end
  local column, value = next(condition)
  return view:raw(column) == value
end

---@param measure string
---@param dimension string
---@return string reason
function team.not_added(measure, dimension)
  return ("%s belongs to one %s each and is not added over several: "
    .. "group by %s, or say over = \"%s\""):format(measure, dimension, dimension, dimension)
end

---@param measure string
---@param dimension string "product"
---@return string reason
function team.has_parts(measure, dimension)
  return ("%s is another figure for each %s and is not added over several: group by %s"):format(
    measure, dimension, dimension)
end

---@param measure string
---@param shared table|true
---@param dimension string
---@return string reason
function team.is_pool(measure, shared, dimension)
  if shared == true then
    return ("%s may belong to a shared pool, and is not added over %ss: group the first rule by "
      .. "what tells it (parallels_from) too"):format(measure, dimension)
  end
  return ("%s of a shared pool (%s = %s) is not added over %ss"):format(measure, shared.column,
    tostring(shared.value), dimension)
end

---@param measure string
---@param dimension string
---@return string reason
function team.contains_others(measure, dimension)
  return ("%s of one %s may contain that of the others (it may be the whole organisation's), and is "
    .. "not added to them: name the others in where"):format(measure, dimension)
end

return team
