-- What is read of an item where somebody named the columns: the paths that the
-- reader builds, and the fields that find their values there. The rest is
-- checked as JSON and not looked at.

local alone = require "usagelua.flow.alone"
local measures = require "usagelua.measures"
local members = require "usagelua.flow.members"
local path = require "usagelua.flow.path"

local selection = {}

---@class usagelua.selection
---@field paths string[] as the reader takes them, sorted
---@field fields table<string, true> those whose values are read
---@field named boolean is everything below the item a field's, and none of it an unnamed number?

-- Where one path of a field leads: a container and the names below its members,
-- or the names below the item. Of a list, paths begin in its items.
---@class usagelua.field_container: string[] its names
---@field list boolean? its members are items of a list, else those of an object
---@field alone boolean? and where there are none, the item around it stands in their place

---@class usagelua.field_place
---@field container integer?
---@field names string[]
---@field key_below boolean? another `{key}` follows

local function is_prefix(names, other)
  for i, name in ipairs(names) do
    if other[i] ~= name then return false end
  end
  return true
end

---The containers of a dataset's `each`: objects, or a list.
---@param dataset table
---@return usagelua.field_container[] names of each
function selection.containers(dataset)
  local list = {}
  for i, text in ipairs(dataset.each or {}) do
    local is_list = members.kind(text) == "[]"
    list[i] = path.names(members.container(text))
    list[i].list = is_list or nil
    list[i].alone = is_list and dataset.each_optional or nil
  end
  return list
end

local function split_at_key(names)
  for i, name in ipairs(names) do
    if name == path.KEY then
      return table.move(names, 1, i - 1, 1, {}), table.move(names, i + 1, #names, 1, {})
    end
  end
  return names
end

local function container_of(containers, names)
  for i, container in ipairs(containers) do
    if #container == #names and is_prefix(container, names) then return i end
  end
end

---Where a path leads; nil for what is not below the item.
---@param text string
---@param containers usagelua.field_container[]
---@return usagelua.field_place?
function selection.place(text, containers)
  local names, is_outer = path.names(text)
  if not names then return nil end
  local above, below = split_at_key(names)
  if not is_outer and containers[1] and containers[1].list then
    return { container = 1, names = above, key_below = below ~= nil }
  end
  if not below then return { names = above } end
  local container = container_of(containers, above)
  if not container then return { names = above, key_below = true } end
  local first, rest = split_at_key(below)
  return { container = container, names = first, key_below = rest ~= nil }
end

-- Where the same path leads in an item that stands in the place of its members.
local function place_alone(place, containers)
  local container = place.container and containers[place.container]
  return container and container.alone and { names = place.names } or nil
end

---All places that a path leads to.
---@param text string
---@param containers usagelua.field_container[]
---@return usagelua.field_place[]
function selection.places(text, containers)
  local place = selection.place(text, containers)
  return { place, place and place_alone(place, containers) }
end

local function each_text(field, fn)
  if field[1] then fn(field[1]) end
  if field.else_path then fn(field.else_path) end
end

-- Whether a number that no field names may stand under this column.
local function may_be_unnamed(dataset, name)
  if dataset.fields[name] then return false end
  return not (measures.is_known(name) or measures.is_column(name))
end

local function is_related(a, b)
  if a.container ~= b.container then return false end
  local shorter, longer = a.names, b.names
  if #shorter > #longer then shorter, longer = longer, shorter end
  return is_prefix(shorter, longer)
end

-- What one selection knows while it is made.
local function new_state(dataset, columns)
  local state = { dataset = dataset, containers = selection.containers(dataset), places = {},
    fields = {}, named = true }
  for name in pairs(columns) do
    if may_be_unnamed(dataset, name) then state.named = false end
  end
  return state
end

local function add_place(state, text, containers)
  for _, place in ipairs(selection.places(text, containers)) do
    state.places[#state.places + 1] = place
  end
end

local function add_field(state, name)
  state.fields[name] = true
  each_text(state.dataset.fields[name], function(text) add_place(state, text, state.containers) end)
end

local function is_read(state, container)
  for _, place in ipairs(state.places) do
    if place.container == container then return true end
  end
  return false
end

-- The first field that finds its value in a member.
local function field_in(state, container)
  local first
  for name, field in pairs(state.dataset.fields) do
    each_text(field, function(text)
      local place = selection.place(text, state.containers)
      if place and place.container == container and (not first or name < first) then first = name end
    end)
  end
  return first
end

-- Members whose fields nobody reads are there by their keys: with one field of
-- theirs, or whole where they have none.
local function add_containers(state)
  for i in ipairs(state.containers) do
    local field = not is_read(state, i) and field_in(state, i)
    if field then add_field(state, field) end
    if not is_read(state, i) then state.places[#state.places + 1] = { container = i, names = {} } end
  end
end

local function reads_some(state, field)
  local found = false
  each_text(field, function(text)
    for _, place in ipairs(selection.places(text, state.containers)) do
      for _, known in ipairs(state.places) do found = found or is_related(place, known) end
    end
  end)
  return found
end

-- A field that finds something in what is there anyway is read too.
local function add_related(state)
  local more
  repeat
    more = false
    for name, field in pairs(state.dataset.fields) do
      if not state.fields[name] and reads_some(state, field) then
        add_field(state, name)
        more = true
      end
    end
  until not more
end

-- `{}` and a name cannot be at one place of the reader's plan.
local function meets_container(state, place)
  if place.container then return false end
  for _, container in ipairs(state.containers) do
    if #place.names > #container and is_prefix(container, place.names) then return true end
  end
  return false
end

local function is_narrow(state)
  if not state.named then return false end
  for _, place in ipairs(state.places) do
    if meets_container(state, place) then return false end
  end
  return true
end

local function text_of(state, place, narrow)
  if not place.container then return path.of_names(place.names) end
  local of, below = state.containers[place.container], path.of_names(place.names)
  local container = path.of_names(of)
  if not narrow then return container end
  return container .. (of.list and "[]" or "{}") .. (below ~= "" and "." .. below or "")
end

local function paths_of(state, columns)
  local texts, narrow = {}, is_narrow(state)
  for _, place in ipairs(state.places) do texts[text_of(state, place, narrow)] = true end
  for name in pairs(columns) do
    if may_be_unnamed(state.dataset, name) then
      texts[path.of_name((name:gsub("^raw_", "")))] = true
    end
  end
  texts[""] = nil
  local list = {}
  for text in pairs(texts) do list[#list + 1] = text end
  table.sort(list)
  return list, narrow
end

local function make(dataset, columns)
  local state = new_state(dataset, columns)
  for name in pairs(columns) do
    if dataset.fields[name] then add_field(state, name) end
  end
  local unique = dataset.pages and dataset.pages.unique
  if unique then add_place(state, unique, {}) end -- in the item, whatever its members are
  add_containers(state)
  add_related(state)
  -- Last: what is only compared is no column that anybody keeps.
  for _, name in ipairs(alone.names(dataset)) do add_place(state, dataset.fields[name][1], {}) end
  local paths, narrow = paths_of(state, columns)
  return { paths = paths, fields = state.fields, named = state.named and narrow }
end

-- The same for all answers that are read for the same columns.
local made = setmetatable({}, { __mode = "k" })

---@param dataset table a checked description, which stays as it is
---@param columns table<string, true> that somebody reads; it stays as it is
---@return usagelua.selection
function selection.of(dataset, columns)
  local of_columns = made[columns] or setmetatable({}, { __mode = "k" })
  made[columns] = of_columns
  of_columns[dataset] = of_columns[dataset] or make(dataset, columns)
  return of_columns[dataset]
end

return selection
