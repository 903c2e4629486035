-- Finds a vendor by name, reads and checks its description, once per run.
-- Order: beside the script, USAGELUA_VENDORS, modules usagelua.vendors.NAME
-- on Lua's path, the built-in ones.

local auth = require "usagelua.vendor.auth"
local core = require "usagelua.core"
local description = require "usagelua.vendor.description"
local errors = require "usagelua.errors"
local order = require "usagelua.order"
local sandbox = require "usagelua.vendor.sandbox"

local loader = {}

local BUILT_IN = { "browserstack", "testmu", "workato" }
local ALIASES = { lambdatest = "testmu" }
local MAX_SCRIPT_BYTES = 1 << 20

---@class usagelua.loader
---@field folders string[] searched first, in this order
---@field load fun(self, name: string): table
---@field names fun(self): string[]
local methods = {}
local metatable = { __name = "usagelua.loader", __index = methods }

-- The folder or the linked-in copy that this library itself came from: its
-- vendors are the built-in ones, wherever else a module of that name lies.
local function own_root(path)
  return path and path:match "^(.*)vendor/loader%.lua$"
end

local ROOT = own_root(select(2, ...))

local NOT_THERE <const> = { ENOENT = true, ENOTDIR = true }

-- A script that is there and cannot be read is none to be passed over: the next
-- one of its name is asked at other hosts.
local function read(path)
  local text, err = core.file.read(path, MAX_SCRIPT_BYTES)
  if not text and not NOT_THERE[err.code] then errors.raise_usage("%s", err.message) end
  return text
end

---@param options { script_folder: string?, folders: string?, kit: table, read_built_in: function?,
---  on_own: fun(vendor: table)? } on_own hears of each script of the user's own, once
---@return usagelua.loader
function loader.new(options)
  local folders = {}
  if options.script_folder then folders[1] = options.script_folder .. "/vendors" end
  for folder in (options.folders or ""):gmatch "[^:]+" do folders[#folders + 1] = folder end
  return setmetatable({
    folders = folders,
    kit = options.kit,
    read_built_in = options.read_built_in,
    on_own = options.on_own or function() end,
    loaded = {},
    used = {},
  }, metatable)
end

-- A file named for an alias would never be asked for by its own name.
local function refuse_alias(folder, name)
  for alias, meant in pairs(ALIASES) do
    local path = ("%s/%s.lua"):format(folder, alias)
    if meant == name and core.file.exists(path) then
      errors.raise_usage("%s: '%s' is another name of the vendor %s; to replace it, name the file "
        .. "%s.lua", path, alias, meant, meant)
    end
  end
end

local function from_folders(self, name)
  for _, folder in ipairs(self.folders) do
    refuse_alias(folder, name)
    local path = ("%s/%s.lua"):format(folder, name)
    local text = read(path)
    if text then return { text = text, path = path, origin = "user", read = read } end
  end
end

local function is_built_in(name)
  for _, known in ipairs(BUILT_IN) do
    if known == name then return true end
  end
  return false
end

local function nothing_beside() return nil end

local function built_in(self, name)
  if not is_built_in(name) then return nil end
  local path = ROOT and ("%svendors/%s.lua"):format(ROOT, name)
  local text = path and read(path)
  if text then return { text = text, path = path, origin = "built-in", read = read } end
  text = self.read_built_in and self.read_built_in("usagelua.vendors." .. name)
  if not text then return nil end
  return { text = text, path = "built-in " .. name .. ".lua", origin = "built-in",
    read = nothing_beside }
end

-- Folders of the path that are said whole: what lies in the current one by
-- chance is not asked with anybody's credentials.
local function absolute_path()
  local list = {}
  for template in package.path:gmatch "[^;]+" do
    if template:find "^/" then list[#list + 1] = template end
  end
  return table.concat(list, ";")
end

-- Another installation of this library brings its own built-in vendors; they
-- are nobody's own.
local function belongs_to_a_library(path)
  return core.file.exists((path:gsub("vendors/[^/]*$", "version.lua")))
end

local function from_path(name, own)
  local path = package.searchpath("usagelua.vendors." .. name, absolute_path())
  if not path or own and belongs_to_a_library(path) then return nil end
  local text = read(path)
  if text then return { text = text, path = path, origin = "user", read = read } end
end

-- A script's own vendors lie beside it; a command without a script is told where.
local function way_to(name)
  if not core.file.exists(("vendors/%s.lua"):format(name)) then return "" end
  return ("; there is vendors/%s.lua: set USAGELUA_VENDORS=vendors to have it asked"):format(name)
end

local function raise_unknown(self, name)
  errors.raise_usage("%s (searched %s, usagelua.vendors on Lua's path and the built-in ones)%s",
    errors.unknown("vendor", name, self:names()),
    #self.folders > 0 and table.concat(self.folders, ", ") or "no folder", way_to(name))
end

local function find(self, name)
  local own = built_in(self, name)
  local source = from_folders(self, name) or from_path(name, own) or own
  if not source then raise_unknown(self, name) end
  source.replaces = source.origin == "user" and own ~= nil
  return source
end

-- "acme:NAME,acme:OTHER" in USAGELUA_GRANT lets a user's vendor name a
-- variable that does not begin with its own name.
local function granted(vendor_name, variable)
  for grant in (os.getenv "USAGELUA_GRANT" or ""):gmatch "[^,%s]+" do
    if grant == vendor_name .. ":" .. variable then return true end
  end
  return false
end

local function check_variables(vendor, path)
  local prefix = vendor.name:upper() .. "_"
  for _, variable in ipairs(auth.all_variables(vendor.auth)) do
    if variable:sub(1, #prefix) ~= prefix and not granted(vendor.name, variable) then
      errors.raise_usage("%s: vendor %s may name only variables that begin with %s, not %s; "
        .. "the user may allow it with USAGELUA_GRANT=%s:%s",
        path, vendor.name, prefix, variable, vendor.name, variable)
    end
  end
end

local function load_source(self, name, source)
  local vendor = description.check(sandbox.run(source.text, source.path, self.kit, source.read),
    source.path)
  if vendor.name ~= name then
    errors.raise_usage("%s: the file is named for vendor '%s', its description says '%s'",
      source.path, name, vendor.name)
  end
  if source.origin == "user" then check_variables(vendor, source.path) end
  vendor.origin = source.origin
  vendor.path = source.path
  vendor.sha256 = core.digest.sha256(source.text)
  vendor.replaces = source.replaces
  return vendor
end

---The checked description of a vendor; raises a usage error that names the
---known ones where there is none.
---@param name string
---@return table
function methods:load(name)
  if type(name) ~= "string" or not name:find "^[a-z][a-z0-9_]*$" then
    errors.raise_usage("'%s' is not a vendor name: lower-case letters, digits and _",
      tostring(name))
  end
  name = ALIASES[name] or name
  if not self.loaded[name] then
    self.loaded[name] = load_source(self, name, find(self, name))
    self.used[#self.used + 1] = self.loaded[name]
    if self.loaded[name].origin == "user" then self.on_own(self.loaded[name]) end
  end
  return self.loaded[name]
end

---The vendor that a name is another name of.
---@param name string
---@return string?
function methods.other_name(_, name)
  return ALIASES[name]
end

local function dataset_names(vendor)
  local names = {}
  for known in pairs(vendor.datasets) do names[#names + 1] = vendor.name .. "." .. known end
  table.sort(names)
  return names
end

-- A vendor alone: its datasets are what was looked for.
local function raise_no_dataset(self, name)
  for _, known in ipairs(self:names()) do
    if (ALIASES[name] or name) == known then
      errors.raise_usage("'%s' is a vendor; name one of its datasets: %s", name,
        table.concat(dataset_names(self:load(known)), ", "))
    end
  end
  errors.raise_usage("'%s' is not a dataset: write vendor.dataset, for example testmu.summary",
    name)
end

---"vendor.dataset" → vendor, dataset
---@param name string
---@return table vendor, table dataset
function methods:dataset(name)
  local vendor_name, dataset_name = tostring(name):match "^([^.]+)%.([^.]+)$"
  if not vendor_name then raise_no_dataset(self, tostring(name)) end
  local vendor = self:load(vendor_name)
  local dataset = vendor.datasets[dataset_name]
  if not dataset then
    errors.raise_usage("%s", errors.unknown("dataset", name, dataset_names(vendor)))
  end
  return vendor, dataset
end

local function add_names(folder, set)
  for _, file in ipairs(core.file.list(folder) or {}) do
    local name = file:match "^([a-z][a-z0-9_]*)%.lua$"
    if name then set[name] = true end
  end
end

-- Folders of usagelua.vendors on Lua's path.
local function path_folders()
  local folders = {}
  for template in absolute_path():gmatch "[^;]+" do
    local root = template:match "^(.*)%?%.lua$"
    if root then folders[#folders + 1] = root .. "usagelua/vendors" end
  end
  return folders
end

---Names of all vendors that can be found, sorted.
---@return string[]
function methods:names()
  local set = {}
  for _, name in ipairs(BUILT_IN) do set[name] = true end
  for _, folder in ipairs(self.folders) do add_names(folder, set) end
  for _, folder in ipairs(path_folders()) do add_names(folder, set) end
  return order.keys(set)
end

---The vendor scripts of the user's own that this run used.
---@return { name: string, path: string, sha256: string, replaces: boolean }[]
function methods:users_own()
  local list = {}
  for _, vendor in ipairs(self.used) do
    if vendor.origin == "user" then list[#list + 1] = vendor end
  end
  return list
end

return loader
