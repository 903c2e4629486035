-- The accumulator that keeps the records themselves: for scripts that read them,
-- for rules made afterwards, and for tables of records. Rows that come as columns
-- stay columns; so do tables, once there are many.

local column_feed = require "usagelua.frame.column_feed"
local column_rows = require "usagelua.rows.columns"

local kept = {}

-- Fewer tables are not worth the columns.
local FEW_ROWS <const> = 256

---@class usagelua.kept
---@field index usagelua.schema_index
---@field batches usagelua.batch[] rows that are tables
---@field tables integer how many of them may become columns
---@field columns usagelua.column_rows[]
---@field taints { const: table, reason: string }[]
local methods = {}
local metatable = { __name = "usagelua.kept", __index = methods }

---@param index usagelua.schema_index
---@param few integer? up to so many tables stay tables
function kept.new(index, few)
  return setmetatable({ index = index, few = few or FEW_ROWS, batches = {}, tables = 0, columns = {},
    taints = {} }, metatable)
end

function methods:stage()
  return kept.new(self.index, self.few)
end

-- Rows of one dataset are one table of columns, where they fit together.
local function add_columns(self, more)
  for _, own in ipairs(self.columns) do
    if own.id == more.id and own:append(more) then return end
  end
  self.columns[#self.columns + 1] = more
end

local function may_be_columns(batch)
  return not (batch.marks or batch.doubts or batch.folded or batch.is_unfit)
end

-- Marked rows and such as fit no columns stay tables.
local function make_columns(self)
  local rest = {}
  for _, batch in ipairs(self.batches) do
    local made = may_be_columns(batch) and column_rows.of(batch)
    if made then
      add_columns(self, made)
    else
      batch.is_unfit, rest[#rest + 1] = true, batch
    end
  end
  self.batches, self.tables = rest, 0
end

local function add_tables(self, batch)
  self.batches[#self.batches + 1] = batch
  if may_be_columns(batch) then self.tables = self.tables + #batch.rows end
  if self.tables > self.few then make_columns(self) end
end

---@param batch usagelua.batch kept as it is
function methods:add(batch)
  if #batch.rows > 0 then add_tables(self, batch) end
  if batch.kept and #batch.kept > 0 then add_columns(self, batch.kept) end
end

function methods:merge(other)
  for _, batch in ipairs(other.batches) do add_tables(self, batch) end
  for _, more in ipairs(other.columns) do add_columns(self, more) end
  table.move(other.taints, 1, #other.taints, #self.taints + 1, self.taints)
  other:drop()
end

function methods:drop()
  self.batches, self.tables, self.columns, self.taints = {}, 0, {}, {}
end

function methods:taint(const, reason)
  self.taints[#self.taints + 1] = { const = const, reason = tostring(reason) }
end

-- Whoever reads records reads those of every window.
function methods.skip() end

---@return integer rows
function methods:count()
  local count = 0
  for _, batch in ipairs(self.batches) do count = count + #batch.rows end
  for _, columns in ipairs(self.columns) do count = count + #columns end
  return count
end

---What the rows take outside of Lua.
---@return integer bytes
function methods:bytes()
  local bytes = 0
  for _, columns in ipairs(self.columns) do bytes = bytes + columns.rows:bytes() end
  return bytes
end

---Gives all that was kept to another accumulator.
---@param accumulator usagelua.accumulator
function methods:feed(accumulator)
  for _, batch in ipairs(self.batches) do accumulator:add(batch) end
  for _, columns in ipairs(self.columns) do column_feed.give(columns, accumulator, accumulator.plan) end
  for _, taint in ipairs(self.taints) do accumulator:taint(taint.const, taint.reason) end
end

---The records as a result.
---@return usagelua.result
function methods:finish()
  return require("usagelua.frame.kept_result").make(self)
end

return kept
