-- Checks of the tables that scripts hand to usage.table, usage.budget and the
-- like. A mistake raises, naming what was given and the nearest known name.

local errors = require "usagelua.errors"
local frame = require "usagelua.frame"
local schema = require "usagelua.rule.schema"

local argument = {}

---Refuses keys that nobody reads; positional entries beyond `positions` too.
---@param what string for example "usage.table"
---@param spec any
---@param known string[] the keys there are
---@param positions integer how many entries may stand without a key
function argument.check_keys(what, spec, known, positions)
  if type(spec) ~= "table" then
    errors.raise_usage("%s takes a table, not a %s", what, type(spec))
  end
  local is_known = {}
  for _, key in ipairs(known) do is_known[key] = true end
  for key in pairs(spec) do
    if math.type(key) == "integer" then
      if key < 1 or key > positions then
        errors.raise_usage("%s takes %d entry without a key, and there is one at [%d]",
          what, positions, key)
      end
    elseif not is_known[key] then
      errors.raise_usage("%s", errors.unknown("key of " .. what, key, known))
    end
  end
end

---@param what string
---@param spec table
---@param key string
---@param expected string name of a Lua type
---@return any value nil when absent
function argument.optional(what, spec, key, expected)
  local value = spec[key]
  if value ~= nil and type(value) ~= expected then
    errors.raise_usage("%s of %s has to be a %s, not a %s", key, what, expected, type(value))
  end
  return value
end

---@param what string
---@param spec table
---@param key string
---@param expected string name of a Lua type
---@return any
function argument.required(what, spec, key, expected)
  if spec[key] == nil then errors.raise_usage("%s needs %s", what, key) end
  return argument.optional(what, spec, key, expected)
end

---The frame that stands first in a section.
---@param what string
---@param spec table
---@return usagelua.frame
function argument.frame(what, spec)
  if frame.is(spec[1]) then return spec[1] end
  errors.raise_usage("%s takes a frame first, as in %s { records, … }, not a %s", what, what,
    type(spec[1]))
end

---Refuses a column that the frame cannot have, as far as that is known before it
---was asked for.
---@param what string
---@param one usagelua.frame
---@param name string
function argument.check_column(what, one, name)
  local index = schema.index(one:schema())
  if index.open or index:column(name) then return end
  errors.raise_usage("%s: %s", what, errors.unknown("column", name, index:names()))
end

-- What cannot be printed is not printed in a message either.
local function shown(name)
  return ("'%s'"):format((name:gsub("[^\x20-\x7E]", "?")))
end

local NAME_MAX_BYTES <const> = 64

---A section's name becomes part of a file's name, so it is plain.
---@param what string
---@param name string?
function argument.check_name(what, name)
  if name == nil then return end
  if type(name) ~= "string" then
    errors.raise_usage("name of %s has to be a string, not a %s", what, type(name))
  end
  if #name > NAME_MAX_BYTES or not name:find "^[A-Za-z0-9_][A-Za-z0-9._-]*$" then
    errors.raise_usage("name %s of %s cannot be part of a file's name; "
      .. "take up to %d letters, digits, '-', '_' and '.'", shown(name), what, NAME_MAX_BYTES)
  end
end

return argument
