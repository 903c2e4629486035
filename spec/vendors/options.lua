-- What the specs set of a test vendor: named values over defaults, kept in the store.
local store = require "vendors.store"

local options = {}

-- A default with names of its own is filled in name by name; a list or {} stands as it is.
local function has_names(default)
  return type(default) == "table" and #default == 0 and next(default) ~= nil
end

local function unknown(vendor, given, defaults, place)
  for name, value in pairs(given) do
    if defaults[name] == nil then
      return ("unknown setting of %s: %s%s"):format(vendor, place, tostring(name))
    end
    local nested = has_names(defaults[name]) and type(value) == "table"
      and unknown(vendor, value, defaults[name], place .. name .. ".")
    if nested then return nested end
  end
end

local function filled(given, defaults)
  local all = {}
  for name, default in pairs(defaults) do
    local value = given[name]
    if value == nil then value = default
    elseif has_names(default) and type(value) == "table" then value = filled(value, default) end
    all[name] = value
  end
  return all
end

local function merged(old, new)
  local all = {}
  for name, value in pairs(old) do all[name] = value end
  for name, value in pairs(new) do all[name] = value end
  return all
end

--- The settings of a vendor; `defaults` names all there are (false where none is set):
--- read() fills defaults in; write(given) replaces, change(given) adds, both giving what is
--- wrong or nil.
function options.of(vendor, defaults)
  local key, self = vendor .. ":settings", {}

  function self.read()
    return filled(store.get(key) or {}, defaults)
  end

  function self.write(given)
    local problem = unknown(vendor, given, defaults, "")
    if problem then return problem end
    store.set(key, given)
  end

  function self.change(given)
    return self.write(merged(store.get(key) or {}, given))
  end

  return self
end

return options
