-- What a flow function has in hand for its records: `emit(item)` maps an item by
-- the dataset's `fields`, as rows of a table-driven answer are, and adds it to
-- the part's stage. `emit.partial(reason)` says that rows are missing.

local core = require "usagelua.core"
local errors = require "usagelua.errors"
local expected = require "usagelua.flow.expected"
local partial = require "usagelua.flow.partial"
local path = require "usagelua.flow.path"
local records = require "usagelua.flow.records"
local warnings = require "usagelua.flow.warnings"

local emit = {}

-- Rows wait for so many others, that the accumulators take them together.
local BATCH_ROWS <const> = 500

---@class usagelua.emitter
---@field said usagelua.part_said
---@field items integer that were emitted
local methods = {}
local metatable = { __name = "usagelua.emitter", __index = methods }

-- A function's items stand nowhere in a document, unless the description says.
local function with_rows(dataset)
  if dataset.rows then return dataset end
  return setmetatable({ rows = "item" }, { __index = dataset })
end

local function side_readers(dataset)
  local readers = {}
  for name, text in pairs(records.side_paths(dataset)) do readers[name] = path.compile(text) end
  return readers
end

---@param tools usagelua.tools
---@param planned usagelua.query
---@param one usagelua.query_part
---@param stage usagelua.stage
---@return usagelua.emitter
function emit.new(tools, planned, one, stage)
  return setmetatable({
    tools = tools, planned = planned, one = one, stage = stage, rows = {}, items = 0,
    mapper = records.mapper(with_rows(planned.dataset), one.values),
    sides = side_readers(planned.dataset), said = { is_partial = false, echoed = false, found = {} },
  }, metatable)
end

function methods:flush()
  if #self.rows == 0 then return end
  local batch = { rows = self.rows, units = self.mapper.units, const = self.one.const,
    marks = self.mapper:marks_of(self.rows) }
  self.rows = {}
  expected.find(self.said.found, self.planned.dataset.expect, batch.rows)
  if self.said.is_partial then partial.mark(batch, self.planned.measures) end
  warnings.of(self.tools, self.planned, batch)
  self.stage:add(batch)
end

-- What `$.` paths of the fields read: the document that the item is from.
local function side_of(self, root)
  local side = {}
  for name, read in pairs(self.sides) do side[name] = read { item = root } end
  return side
end

---@param item any
---@param key string? under which it stood in its object
---@param root table? the document that it is from
---@return boolean? ok
---@return usagelua.error? err of kind "shape"
function methods:item(item, key, root)
  if item == nil or item == core.json.null then
    errors.raise_usage("emit: there is no item, %s came", item == nil and "nil" or "null")
  end
  local rows, err = self.mapper:map(item, key, side_of(self, root))
  if not rows then return nil, err end
  self.items = self.items + 1
  table.move(rows, 1, #rows, #self.rows + 1, self.rows)
  for _, row in ipairs(rows) do self.said.account = self.said.account or row.account end
  if #self.rows >= BATCH_ROWS then self:flush() end
  return true
end

---Marks what the part adds to: there may have been more rows.
---@param reason string
function methods:doubt(reason)
  self.said.doubt = self.said.doubt or reason
  self.stage:taint(self.one.const, reason)
end

---Marks what the part adds to: rows of it are missing. In those emitted from
---here on a zero may be a failed fetch, and is unknown.
---@param reason string
function methods:partial(reason)
  self:flush()
  self.said.is_partial = true
  self.said.partial_reason = self.said.partial_reason or reason
  self.stage:taint(self.one.const, reason)
end

return emit
