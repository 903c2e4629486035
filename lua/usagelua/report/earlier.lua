-- A budget's figure in the JSON file of an earlier run: what a change is measured
-- against.

local errors = require "usagelua.errors"
local json = require "usagelua.json"

local earlier = {}

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

---@param path string
---@param name string of the budget, the same as in the earlier run
---@param read fun(path: string): string?, table? the file's text
---@return { value: number?, reason: string? } reason where there is no whole figure
function earlier.figure(path, name, read)
  local document, reason = document_of(path, read)
  if not document then return unknown("%s", reason) end
  for _, one in ipairs(document.budgets) do
    if one.name == name then
      if type(one.value) ~= "number" then return unknown("the figure was not known in %s", path) end
      if one.state ~= nil and one.state ~= json.null then
        return unknown("the figure was incomplete in %s", path)
      end
      return { value = one.value }
    end
  end
  return unknown("%s has no budget '%s'", path, name)
end

return earlier
