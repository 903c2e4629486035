-- Locales compiled beside the test, from the sources of Debian's package
-- `locales`: a machine need not have them.
local shell = require "support.shell"
local tmp = require "support.tmp"

local locale = {}

--- A folder for LOCPATH that holds the locale as NAME.utf8.
---@param name string "de_DE"
---@return { path: string } folder
function locale.compiled(name)
  local folder = tmp.folder()
  -- localedef warns (status 1) of sources of its own package.
  shell.run({ "localedef", "-c", "-i", name, "-f", "UTF-8", folder.path .. "/" .. name .. ".utf8" },
    { timeout_s = 300 })
  assert(folder:read(name .. ".utf8/LC_NUMERIC"), "locale " .. name .. " was not made: make deps")
  return folder
end

--- What a Lua script prints; it begins with package.path and package.cpath
--- set, and has `enter_locale()`, to be called when all is loaded: Lua itself
--- reads no source with numbers under a decimal point of several bytes.
---@param text string
---@param name string? "de_DE"; nil: in the locale C
---@param env table<string, string>?
---@return string stdout
function locale.printed(text, name, env)
  local folder <close> = name and locale.compiled(name)
  local environment = { LOCPATH = folder and folder.path or false }
  for key, value in pairs(env or {}) do environment[key] = value end
  local head = ("package.path, package.cpath = %q, %q\n"):format(package.path, package.cpath)
  local enter = name and ("assert(os.setlocale %q)"):format(name .. ".utf8") or ""
  head = head .. ("local function enter_locale() %s end\n"):format(enter)
  local script <close> = tmp.folder()
  return shell.output({ shell.lua(), script:write("script.lua", head .. text) }, { env = environment })
end

return locale
