-- A report as a script describes it: title and sections. Writing it, or asking
-- for its status, asks for the figures.

local argument = require "usagelua.report.argument"
local core = require "usagelua.core"
local errors = require "usagelua.errors"
local evaluation = require "usagelua.report.evaluation"
local formats = require "usagelua.formats"
local section = require "usagelua.report.section"

local report = {}

local WHAT <const> = "usage.report"
local DEFAULT_TITLE <const> = "Usage report"

---@class usagelua.run what the run gives to a report; every part may be absent
---@field provenance usagelua.provenance|fun(): usagelua.provenance
---@field now (fun(): number)? the time taken as now, epoch seconds
---@field options { allow_partial: boolean?, neutralise: boolean?, separator: string? }?
---allow_partial: status 0, not 4
---@field terminal { columns: integer?, color: boolean? }? what stands at stdout; found out if nil
---@field output { stdout: (fun(): usagelua.sink), file: fun(path: string): usagelua.sink }

---@class usagelua.provenance
---@field version string
---@field script { name: string, sha256: string }?
---@field period { label: string, from: string, to: string }? RFC 3339; `to` is excluded
---@field zone string?
---@field now string? RFC 3339
---@field vendors { name: string, path: string, sha256: string, verified: string|boolean }[]?
---@field units string[]? units that were assumed, in words
---@field notes string[]? what else is unverified

---@class usagelua.report
local methods = {}
local metatable = { __name = "usagelua.report", __index = methods }

local function last_position(spec)
  local last = 0
  for key in pairs(spec) do
    if math.type(key) == "integer" then last = math.max(last, key) end
  end
  return last
end

local WAY_OUT = {
  string = "; a text is written usage.note(\"…\")",
  table = "; a frame is shown by usage.table { frame }",
}

local function check_section(value, position)
  local kind = type(value) == "table" and value.kind
  if kind == "note" or (kind and value.frame) then return value end
  errors.raise_usage("section %d of %s is a %s, not a table, chart, budget or note%s", position,
    WHAT, type(value), WAY_OUT[type(value)] or "")
end

local function copied(value)
  local copy = {}
  for key, field in pairs(value) do copy[key] = field end
  return copy
end

local function checked_sections(spec)
  local sections = {}
  for position = 1, last_position(spec) do
    sections[position] = copied(check_section(spec[position], position))
  end
  if #sections == 0 then
    errors.raise_usage("%s holds no section; give it a usage.table { frame }", WHAT)
  end
  return sections
end

-- What has no name of its own is called by what it is and its number.
local function give_names(sections)
  local counts = {}
  for _, one in ipairs(sections) do
    counts[one.kind] = (counts[one.kind] or 0) + 1
    if one.kind ~= "note" and not one.name then
      one.name = ("%s-%d"):format(one.kind, counts[one.kind])
    end
  end
end

-- Names become file names, and some file systems do not tell A from a.
local function check_names(sections)
  local taken = { budget = {}, section = {} }
  for _, one in ipairs(sections) do
    local names = taken[one.kind == "budget" and "budget" or "section"]
    local key = one.name and one.name:lower()
    if key and names[key] then
      errors.raise_usage("two %ss of %s are named '%s'; give one of them another name", one.kind,
        WHAT, one.name)
    end
    if key then names[key] = true end
  end
end

---Describes a report; nothing is asked for yet.
---@param spec table title, and the sections in their order
---@param run usagelua.run?
---@return usagelua.report
function report.new(spec, run)
  argument.check_keys(WHAT, spec, { "title", "prices" }, math.maxinteger)
  local sections = checked_sections(spec)
  give_names(sections)
  check_names(sections)
  return setmetatable({
    title = argument.optional(WHAT, spec, "title", "string") or DEFAULT_TITLE,
    prices = argument.optional(WHAT, spec, "prices", "table"),
    sections = sections, run = run or {}, is_records = false,
  }, metatable)
end

---The report of `fetch`: a frame's records and nothing else.
---@param frame table
---@param run usagelua.run?
---@return usagelua.report
function report.of_records(frame, run)
  local self = report.new({ section.table { frame, name = "records" } }, run)
  self.is_records = true
  return self
end

---@return boolean
function report.is(value)
  return getmetatable(value) == metatable
end

---Asks for what was not asked for yet, and gives the figures; the second call
---gives the same ones. Mistakes in the report raise kind usage.
---@return usagelua.evaluated
function methods:evaluate()
  self.evaluated = self.evaluated or evaluation.of(self)
  return self.evaluated
end

---The exit status: 0, 3 a budget failed, 4 something is incomplete or
---undecided, 5 nothing could be fetched.
---@return 0|3|4|5
function methods:status()
  local status, options = self:evaluate().status, self.run.options or {}
  if status == 4 and options.allow_partial then return 0 end
  return status
end

---The names of the tables: each is a file in formats of one table a file.
---@return string[]
function methods:table_names()
  local names = {}
  for _, one in ipairs(self.sections) do
    if one.kind == "table" then names[#names + 1] = one.name end
  end
  return names
end

local function found_terminal()
  if not core.terminal.isatty(1) then return {} end
  local has_color = not os.getenv "NO_COLOR" and os.getenv "TERM" ~= "dumb"
  return { columns = core.terminal.columns(1), color = has_color }
end

-- Width and colours are a terminal's; a file has none.
local function options_of(run, path)
  local terminal = path and {} or run.terminal or found_terminal()
  return {
    columns = terminal.columns, color = terminal.color,
    neutralise = run.options and run.options.neutralise,
    separator = run.options and run.options.separator,
  }
end

---Writes the report to stdout in a format, or to a file whose ending names it.
---
---    report:write "text"
---    report:write "usage.csv"
---
---A format or ending that does not exist raises kind usage.
---@param target string format name, FILE or FORMAT=FILE
---@return true?
---@return usagelua.error? err kind io
function methods:write(target)
  local format, path = formats.target(target)
  formats.check(format, self:table_names(), path)
  local output = self.run.output or require "usagelua.output"
  local open = path and formats.files(path, output.file) or output.stdout
  return formats.write(format, self:evaluate(), open, options_of(self.run, path))
end

---The report as one text, in a format that is one file and as a file has it.
---@param name string of the format
---@return string
function methods:rendered(name)
  local pieces = {}
  local sink = {
    write = function(_, text) pieces[#pieces + 1] = text return true end,
    commit = function() return true end,
    close = function() end,
  }
  assert(formats.write(formats.named(name), self:evaluate(), function() return sink end,
    options_of(self.run, name)))
  return table.concat(pieces)
end

return report
