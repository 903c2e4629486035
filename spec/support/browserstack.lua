-- The binary asking BrowserStack's test vendor, both on a clock that goes fifty
-- times as fast: the vendor by its settings, the client by a description of the
-- user's own that is the built-in one with its rate and polls told so.
local asking = require "support.asking"
local cjson = require "cjson"
local shell = require "support.shell"
local tmp = require "support.tmp"

local browserstack = {}

---How many of the vendor's seconds pass in a real one.
browserstack.SPEED = 50

local BUILT_IN <const> = "lua/usagelua/vendors/browserstack.lua"

-- What the description says in the vendor's time.
local TIMES <const> = {
  { "per_minute = (%d+)", function(number) return "per_minute = " .. number * browserstack.SPEED end },
  { "first_s = (%d+)", function(number) return "first_s = " .. number / browserstack.SPEED end },
  { "longest_s = (%d+)", function(number) return "longest_s = " .. number / browserstack.SPEED end },
}

local function read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

---The built-in description on the fast clock, with further changes.
---@param changes { [1]: string, [2]: string }[]? patterns and what stands in their place
---@return string
function browserstack.description(changes)
  local text = read(BUILT_IN)
  for _, list in ipairs { TIMES, changes or {} } do
    for _, change in ipairs(list) do
      local count
      text, count = text:gsub(change[1], change[2])
      assert(count == 1, change[1] .. " stands there once")
    end
  end
  return text
end

local methods = {}

---Replaces the vendor's settings, on the fast clock.
---@param given table? as spec/vendors/browserstack/settings.lua
function methods:set(given)
  local settings = { second_ms = 1000 // browserstack.SPEED }
  for key, value in pairs(given or {}) do settings[key] = value end
  self.server:control("/browserstack/settings", settings)
end

---Defaults again: no faults, an empty log, no jobs, an empty state folder.
function methods:begin(given)
  self.server:reset()
  self:set(given)
  self.state:remove()
  self.state = tmp.in_memory()
  self.env.USAGELUA_STATE = self.state.path
end

---What the vendor's control endpoint says.
---@param name string "total", "parallels", "idle", "jobs", "queue", "rate"
---@param args table<string, string>?
function methods:control(name, args)
  local parts = {}
  for key, value in pairs(args or {}) do parts[#parts + 1] = key .. "=" .. value end
  return self.server:control(("/browserstack/%s?%s"):format(name, table.concat(parts, "&")))
end

---The report that a script's text makes, as JSON, and the result of the process.
---@return table? document
---@return shell.Result
function methods:script(text, words, options)
  self.folder:write("report.lua", text)
  local result = self:run({ self.folder.path .. "/report.lua", "-f", "json",
    table.unpack(words or {}) }, options)
  local ok, document = pcall(cjson.decode, result.stdout)
  return ok and document or nil, result
end

---Starts the binary in the background.
---@param words string[]
function methods:launch(words)
  return shell.start({ self.binary, table.unpack(words) }, { env = self.env })
end

---Waits until the function says so.
---@param is_so fun(): any
---@param limit_s number?
function methods.until_so(_, is_so, limit_s)
  for _ = 1, (limit_s or 60) / 0.02 do
    local found = is_so()
    if found then return found end
    os.execute "sleep 0.02"
  end
  error("it did not come to be", 2)
end

---Writes the description that the runs use.
---@param changes table? as of browserstack.description
function methods:describe(changes)
  self.folder:write("browserstack.lua", browserstack.description(changes))
end

---@return table world as of support/asking.lua, with the above
function browserstack.start()
  local world = asking.start "browserstack"
  for name, method in pairs(methods) do world[name] = method end
  world.folder, world.state = tmp.folder(), tmp.in_memory()
  world.env.USAGELUA_VENDORS = world.folder.path
  world:describe()
  return world
end

return browserstack
