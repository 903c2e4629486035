-- The binary asking a test vendor over real HTTP, for specs of vendors.
local cjson = require "cjson"
local nginx = require "support.nginx"
local shell = require "support.shell"

local asking = {}

local methods = {}
local metatable = { __index = methods }

---Runs `usagelua` with these words.
---@param options { env: table?, cwd: string? }?
function methods:run(words, options)
  local environment = {}
  for name, value in pairs(self.env) do environment[name] = value end
  for name, value in pairs(options and options.env or {}) do environment[name] = value end
  return shell.run({ self.binary, table.unpack(words) },
    { env = environment, timeout_s = 300, cwd = options and options.cwd })
end

---The document that `fetch` prints as JSON, and the result of the process.
---@return table? document
---@return shell.Result result
function methods:fetch(words, options)
  local result = self:run({ "fetch", "-f", "json", table.unpack(words) }, options)
  local ok, document = pcall(cjson.decode, result.stdout)
  return ok and document or nil, result
end

---Requests whose path holds the text, in the order of their arrival.
function methods:asked(path)
  local list = {}
  for _, request in ipairs(self.server:log()) do
    if request.path:find(path, 1, true) then list[#list + 1] = request end
  end
  return list
end

---Sets the fault plan: these rules.
function methods:faults(...)
  self.server:control("/faults", { rules = { ... } })
end

---Defaults again: no faults, an empty log.
function methods:reset()
  self.server:reset()
  for _, vendor in ipairs(self.server.vendors) do
    self.server:control(("/%s/settings"):format(vendor), {})
  end
end

---Records with a value in the column, by that value.
function asking.by(records, column)
  local found = {}
  for _, record in ipairs(records) do
    local key = record[column]
    if key ~= nil and key ~= cjson.null then found[key] = record end
  end
  return found
end

---The sum of a measure over records.
function asking.sum(records, measure)
  local total = 0
  for _, record in ipairs(records) do
    local value = record[measure]
    if value ~= nil and value ~= cjson.null then total = total + value end
  end
  return total
end

---Starts a server that plays the vendor.
---@param vendor string
function asking.start(vendor)
  local server = nginx.start { vendors = { vendor } }
  return setmetatable({ server = server, env = server:environment(), binary = shell.usagelua() },
    metatable)
end

function methods:stop()
  self.server:stop()
end

return asking
