-- JSON lines: each line one object, strictly. The lines themselves say nothing
-- of how many there should be.

local core = require "usagelua.core"
local errors = require "usagelua.errors"
local text = require "usagelua.flow.answers.text"
local whole = require "usagelua.flow.answers.whole"

local lines = {
  accept = "application/x-ndjson",
  help = "JSON lines, an object on each; whole only with Content-Length, chunked or HTTP/2, and with "
    .. "gzip or what `ends` says (an end mark, a stated total); else the figures are *at least*",
  has_side = false, has_path = false,
}

-- The paths that the reader has to build, with those of the end mark.
local function selection(fields, ends)
  if not fields then return nil end
  local list = table.move(fields, 1, #fields, 1, {})
  local marks = whole.paths(ends)
  return table.move(marks, 1, #marks, #list + 1, list)
end

function lines.open(dataset, _, fields)
  local sink = core.json.reader { rows = ".", lines = true, fields = selection(fields, dataset.ends) }
  return text.reader(sink, { ends = dataset.ends, is_empty = function() return true end })
end

function lines.check(dataset, place)
  whole.check(dataset.ends, place)
  for name, field in pairs(dataset.fields) do
    if field[1] == "." then
      errors.raise_usage("%s.fields.%s: a line is an object; '.' is no path in it", place, name)
    end
  end
end

return lines
