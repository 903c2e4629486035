-- The public library, bound to one run. Parts are loaded when first used.

local errors = require "usagelua.errors"
local version = require "usagelua.version"

local library = {}

-- name → how the part is made for a run
local parts = {}

function parts.json() return require "usagelua.json" end
function parts.secret() return require "usagelua.secret" end
function parts.http(run) return require("usagelua.http").new(run) end

function parts.args(run)
  return function(declarations)
    return require("usagelua.cli.arguments").read(run, declarations)
  end
end

function parts.period(run)
  return function(text, zone)
    return run:read_period(text, zone)
  end
end

function parts.collect(run)
  return function(spec)
    return require("usagelua.collect").new(run, spec)
  end
end

function parts.vendors(run)
  return function(name)
    if name == nil then return run.loader:names() end
    return require("usagelua.vendor.summary").of(run.loader:load(name))
  end
end

function parts.report(run)
  return function(spec)
    return require("usagelua.report").new(spec, run:for_report())
  end
end

function parts.table() return require("usagelua.report.section").table end
function parts.chart() return require("usagelua.report.section").chart end
function parts.note() return require("usagelua.report.section").note end
function parts.budget() return require("usagelua.report.budget").new end
function parts.prices() return require("usagelua.report.prices").new end
function parts.csv() return require("usagelua.csv").read end
function parts.rules() return require "usagelua.rules" end

---What a script finds in the library (annotated in meta/library/usagelua.lua).
---@return string[]
function library.names()
  local names = { "version" }
  for known in pairs(parts) do names[#names + 1] = known end
  table.sort(names)
  return names
end

local function raise_unknown(name)
  errors.raise_usage("%s", errors.unknown("name of usagelua", name, library.names()))
end

---@param run usagelua.run
---@return usagelua
---A name that is not there raises kind usage, with the nearest one.
function library.new(run)
  return setmetatable({ version = version }, {
    __name = "usagelua",
    __index = function(self, name)
      local make = parts[name]
      if not make then raise_unknown(name) end
      local part = make(run)
      rawset(self, name, part)
      return part
    end,
  })
end

return library
