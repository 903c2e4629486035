-- Modules by short names, each loaded when it is first asked for: a run pays for
-- the kinds that it has.

---@param modules table<string, string> short name = module
---@return table<string, any> short name → what `require` gives; nil for any other
return function(modules)
  return setmetatable({}, { __index = function(self, name)
    local module = modules[name]
    if not module then return nil end
    local loaded = require(module)
    rawset(self, name, loaded)
    return loaded
  end })
end
