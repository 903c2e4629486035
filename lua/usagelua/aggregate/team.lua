-- Figures that belong to one thing each ("of team"): whose is this row's? A team
-- of one vendor and account is another than its namesake elsewhere.

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

---@param measure string
---@param dimension string
---@return string reason
function team.not_added(measure, dimension)
  return ("%s belongs to one %s each and is not added over several: "
    .. "group by %s, or say over = \"%s\""):format(measure, dimension, dimension, dimension)
end

return team
