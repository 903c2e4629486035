-- A budget's figure in the JSON file of an earlier run: what a change is measured
-- against. It has to be the same figure of as long a period: a quarter is no
-- measure of a month, nor are tests of hours.

local errors = require "usagelua.errors"
local json = require "usagelua.json"
local length = require "usagelua.time.length"

local earlier = {}

local SCHEMA <const> = 1

---What is compared with it.
---@class usagelua.earlier_wanted
---@field name string of the budget, the same as in the earlier run
---@field measure string?
---@field unit string?
---@field period { label: string, from: string?, to: string? }? that this run asks for

local function unknown(format, ...)
  return { reason = format:format(...) }
end

local function document_of(path, read)
  local text, err = read(path)
  if not text then
    if err.code == "ENOENT" then
      return nil, ("there is no '%s' to compare with yet; keep this run's -o %s for the next"):format(
        path, path)
    end
    return nil, errors.from(err).message
  end
  local document, json_err = json.decode(text)
  if type(document) == "table" and type(document.budgets) == "table" then return document end
  return nil, ("%s is no report of usagelua's format json%s"):format(path,
    json_err and ": " .. tostring(json_err) or "")
end

local function given(value)
  return value ~= nil and value ~= json.null
end

-- Why the whole document is no measure; nil where it may be one.
local function why_not(document, path, period)
  if given(document.schema) and document.schema ~= SCHEMA then
    return ("%s is a report of schema %s, and this program reads schema %d"):format(path,
      tostring(document.schema), SCHEMA)
  end
  local provenance = document.provenance
  local before = type(provenance) == "table" and provenance.period
  if type(before) ~= "table" or not period or length.is_same(before, period) ~= false then return nil end
  return ("%s is about %s and this run about %s, which is not as long; compare with a file of as "
    .. "long a period"):format(path, tostring(before.label), period.label)
end

-- Keys that tell one figure from another; files made by hand may lack them.
local function why_other(one, path, wanted)
  for _, key in ipairs { "measure", "unit" } do
    if given(one[key]) and wanted[key] and one[key] ~= wanted[key] then
      return ("the %s of '%s' was %s in %s, and is %s now; keep this run's -o %s for the next"):format(
        key, wanted.name, tostring(one[key]), path, wanted[key], path)
    end
  end
end

local function value_of(one, path)
  if type(one.value) ~= "number" then return unknown("the figure was not known in %s", path) end
  if given(one.state) then return unknown("the figure was incomplete in %s", path) end
  return { value = one.value }
end

---@param path string
---@param wanted usagelua.earlier_wanted
---@param read fun(path: string): string?, table? the file's text
---@return { value: number?, reason: string? } reason where there is no whole figure
function earlier.figure(path, wanted, read)
  local document, reason = document_of(path, read)
  reason = reason or why_not(document, path, wanted.period)
  if reason then return unknown("%s", reason) end
  for _, one in ipairs(document.budgets) do
    if one.name == wanted.name then
      reason = why_other(one, path, wanted)
      return reason and unknown("%s", reason) or value_of(one, path)
    end
  end
  return unknown("%s has no budget '%s'", path, wanted.name)
end

return earlier
