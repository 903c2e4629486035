-- The kinds of answers, each a file of its own: how bytes become items. What the
-- items mean is said by the dataset's fields, the same for every kind.

local answers = {}

---Takes the bytes of one answer and gives its items. The reader of C
---(core.json.reader) is one; others have it, or another, below them.
---@class usagelua.answer_reader
---@field sink userdata that the bytes are fed to
---@field problem usagelua.error? what was wrong with an item; after that `next` gives nothing
---@field doubt string? after `finish`: why there may have been more items
---@field next fun(self): any, ... the next item and its keys; nil when none is ready
---@field discard fun(self) drops the items at hand
---@field finish fun(self, facts: table, headers: table): true?, usagelua.error?
---@field count fun(self): integer items so far
---@field found fun(self): boolean, boolean whether there is a place for items; whether null stands there
---@field side fun(self): table<string, any> values that stand beside the items
---@field close fun(self)

---@class usagelua.answer_kind
---@field accept string the media type that is asked for
---@field help string what it is, and what it needs
---@field has_side boolean whether values can stand beside its items
---@field has_path boolean whether `rows` says where its items stand
---@field open fun(dataset: table, side: table<string, string>, fields: string[]?, whole: boolean?):
---usagelua.answer_reader; `whole`: items are given whole, though whoever takes them reads `fields` alone
---@field check (fun(dataset: table, place: string))? raises a usage error
---@field judge (fun(dataset: table, side: table): true?, table?)? a whole answer; or nil and what
---it says that went wrong: message, code

local KINDS <const> = {
  json = require "usagelua.flow.answers.json",
  columns = require "usagelua.flow.answers.columns",
  lines = require "usagelua.flow.answers.lines",
  csv = require "usagelua.flow.answers.csv",
  graphql = require "usagelua.flow.answers.graphql",
}

---What a description may say as `format`; `columns` is JSON with that key.
answers.FORMATS = { "json", "lines", "csv", "graphql" }

---@param dataset table
---@return string
function answers.name(dataset)
  local format = dataset.format or "json"
  return format == "json" and dataset.columns and "columns" or format
end

---@param dataset table
---@return usagelua.answer_kind
function answers.of(dataset)
  return KINDS[answers.name(dataset)]
end

-- What shows that an answer which could be cut anywhere is whole.
local function proof(ends)
  local parts = {}
  if ends and ends.mark then parts[#parts + 1] = "its end mark" end
  if ends and ends.total then parts[#parts + 1] = ends.total end
  parts[#parts + 1] = "gzip"
  return ("whole by %s"):format(table.concat(parts, ", or "))
end

---What the answers of a dataset are, in a few words.
---
---    answers.describe(dataset) --> "csv, whole by its end mark, or gzip; else at least"
---@param dataset table
---@return string
function answers.describe(dataset)
  local kind = answers.of(dataset)
  if not kind.has_path then
    return ("%s, %s; else at least"):format(answers.name(dataset), proof(dataset.ends))
  end
  local place = ("%s at %s"):format(dataset.format or "json", tostring(dataset.rows))
  return dataset.columns and ("%s, columns at %s"):format(place, dataset.columns) or place
end

---Each kind with what it is and needs, for the documentation.
---@return { [1]: string, [2]: string }[] sorted by name
function answers.help()
  local list = {}
  for name, kind in pairs(KINDS) do list[#list + 1] = { name, kind.help } end
  table.sort(list, function(a, b) return a[1] < b[1] end)
  return list
end

---What is fed with the bytes that are meant for a reader.
---@param reader usagelua.answer_reader|userdata
---@return userdata
function answers.sink(reader)
  return type(reader) == "userdata" and reader or reader.sink
end

---What was wrong with an item of a reader, and why items may be missing.
---@param reader usagelua.answer_reader|userdata
---@return usagelua.error? problem
---@return string? doubt
function answers.state(reader)
  if type(reader) == "userdata" then return nil end
  return reader.problem, reader.doubt
end

return answers
