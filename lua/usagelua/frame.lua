-- Records, or groups of them, that may not have been asked for yet. Describing
-- costs nothing; the first figure that is read starts the asking.

local aggregate = require "usagelua.aggregate"
local errors = require "usagelua.errors"
local measures = require "usagelua.measures"
local outcome = require "usagelua.rule.outcome"
local rule = require "usagelua.rule"
local source = require "usagelua.frame.source"

local frame = {}

---@class usagelua.frame
---@field private source usagelua.frame_source
---@field private parent usagelua.frame? of a frame made by a rule
---@field private plan usagelua.plan?
local methods = {}
local metatable = { __name = "usagelua.frame", __index = methods }

---A frame of records.
---@param options { schema: usagelua.schema, ask: fun(frame: usagelua.frame, mode: string),
--- again: (fun(move: function, id: string): usagelua.frame)? }
---@return usagelua.frame
---`ask` calls `frame:begin()`, brings the windows' rows into the stage that it
---gives, and ends with `frame:finish(coverage)`.
function frame.new(options)
  local made = source.new(options.schema, options.ask)
  made.again = options.again
  return setmetatable({ source = made }, metatable)
end

---A frame whose rows are made of other frames' (frame/composed.lua).
---@param options table schema, columns, parents, make, again
---@return usagelua.frame
function frame.compose(options)
  return setmetatable({ source = require("usagelua.frame.composed").new(options) }, metatable)
end

---@return boolean
function frame.is(value)
  return getmetatable(value) == metatable
end

---@return usagelua.schema
function methods:schema()
  if not self.plan then return self.source.schema end
  self.own_schema = self.own_schema or outcome.schema(self.plan)
  return self.own_schema
end

---A smaller frame. Nothing is asked for.
---
---    records:aggregate { group_by = "product", measures = "tests", sort = "-tests" }
---
---@param r usagelua.rule
---@return usagelua.frame
---Raises usage errors for a rule that cannot be meant (see usagelua.rule).
function methods:aggregate(r)
  local plan = rule.check(r, self:schema())
  local use = not self.plan and self.source:register(plan) or nil
  return setmetatable({ source = self.source, parent = self, plan = plan, use = use, rule = r },
    metatable)
end

---The same figures of another period: what the frame is made of is described
---anew, with each period moved, and the same rules over it.
---@param move fun(period: usagelua.period): usagelua.period
---@param id string tells this move from others; one is described once
---@param instead usagelua.rule? of the frame's own rule
---@return usagelua.frame
---Raises kind usage where the frame is not of queries that have a period.
function methods:again(move, id, instead)
  if self.plan then return self.parent:again(move, id):aggregate(instead or self.rule) end
  if not self.source.again then
    errors.raise_usage("the frame is not of queries, so it has no other period")
  end
  self.moved = self.moved or {}
  self.moved[id] = self.moved[id] or self.source.again(move, id)
  return self.moved[id]
end

---Rows of this frame, each with the figures of the other's row that has the same
---values in the columns `on` (frame/join.lua).
---
---    by_team:join(heads, { on = { "team" },
---      derive = { tests_per_head = function(row) return row.tests / row.heads end } })
---
---@param other usagelua.frame
---@param options { on: string|string[], rows: "left"|"all"?, derive: table? }
---@return usagelua.frame
function methods:join(other, options)
  return require("usagelua.frame.join").new(self, other, options)
end

---Is it of queries, so that it has figures of other periods?
---@return boolean
function methods:has_periods()
  return self.source.again ~= nil
end

---What a frame made by rules has been made by; nil of records.
---@return usagelua.plan?
function methods:made_by()
  return self.plan
end

---The rule of its making, as it was given.
---@return usagelua.rule?
function methods:made_with()
  return self.rule
end

---@return usagelua.frame_source
function methods:origin()
  return self.source
end

---The frames that ask, beneath this one: itself, or those that it is made of.
---@return usagelua.frame[]
function methods:asking()
  if not self.source.parents then return { self } end
  local list = {}
  for _, parent in ipairs(self.source.parents) do
    local asking = parent:asking()
    table.move(asking, 1, #asking, #list + 1, list)
  end
  return list
end

---Declares that this frame's rows will be read, so that the records are kept if
---they are what is read. To be said of all frames before the first is asked.
function methods:need()
  if not self.plan then self.source:keep() end
end

---Starts the asking unless it was done. "report" keeps no records but those that
---are needed; "script" keeps them, since more rules may follow.
---@param mode "report"|"script"
function methods:ask(mode)
  if mode == "report" then self:need() end
  self.source:ask(self, mode)
end

---Begins the asking: all rules are known now.
---@return usagelua.stage
function methods:begin()
  return self.source:begin()
end

---@param coverage usagelua.coverage
function methods:finish(coverage)
  self.source:finish(coverage)
end

---@return boolean
function methods:is_asked()
  return self.source.state == "done"
end

---Are these records that the frame was made of?
---@param records usagelua.frame
---@return boolean
function methods:comes_from(records)
  if self.source == records.source then return true end
  for _, parent in ipairs(self.source.parents or {}) do
    if parent:comes_from(records) then return true end
  end
  return false
end

---Would rows with these constant columns be read by anything?
---@param const table
---@return boolean
function methods:wants(const)
  return self.source:wants(const)
end

---Can rows with these constant columns stand behind this frame's own rows?
---@param const table
---@return boolean
function methods:reads(const)
  if self.plan and self.plan.where.contradicts(const) then return false end
  if self.parent then return self.parent:reads(const) end
  for _, parent in ipairs(self.source.parents or {}) do
    if parent:reads(const) then return true end
  end
  return self.source.parents == nil
end

---The columns that rules and conditions read; nil: all.
---@return table<string, true>?
function methods:fields()
  return self.source:fields()
end

---The rules over the records; or, where the records themselves are read, what
---keeps them.
---@return usagelua.folding|usagelua.keeping
function methods:folding()
  return self.source:folding()
end

local function feed(self, accumulator)
  if not self.plan then return self.source:feed(accumulator) end
  local result = self:result()
  local columns = require("usagelua.rows.columns").of_result(result)
  if columns then
    require("usagelua.frame.column_feed").give(columns, accumulator, accumulator.plan)
  else
    accumulator:add { rows = result.rows, marks = result.marks, doubts = result.doubts }
  end
  for _, taint in ipairs(result.taints) do accumulator:taint(taint.const, taint.reason) end
end

local function own_result(self)
  if not self.plan then return self.source:result() end
  if self.use then return self.source:result_of(self.use) end
  local accumulator = aggregate.new(self.plan)
  feed(self.parent, accumulator)
  return accumulator:finish()
end

---All that the frame holds; it belongs to the frame and is not to be changed.
---@return usagelua.result
function methods:result()
  self.source:ask(self, "script")
  self.made = self.made or own_result(self)
  return self.made
end

local function notice(self, name, mark)
  local noticed = self.source.noticed
  noticed[#noticed + 1] = { measure = name, state = mark.state, reason = mark.reason }
end

local ROW_OPTIONS <const> = { "reuse" }

local function check_row_options(options)
  for key in pairs(options or {}) do
    if key ~= "reuse" then
      errors.raise_usage("%s", errors.unknown("option of rows", key, ROW_OPTIONS))
    end
  end
end

---Iterates the rows, sorted; each is a table of its own. A figure that is not
---known is nil, and reading it is noticed.
---@param options { reuse: boolean? }? one table for all rows
---@return fun(): table?
function methods:rows(options)
  check_row_options(options)
  local function notice_here(name, mark) notice(self, name, mark) end
  local is_reused = options ~= nil and options.reuse == true
  return require("usagelua.frame.reading").rows(self:result(), is_reused, notice_here)
end

---Iterates rows with their marks.
---@return fun(): table?, table<string, usagelua.mark>?
function methods:each_marked()
  local result, i = self:result(), 0
  return function()
    i = i + 1
    if result.rows[i] then return result.rows[i], result.marks[i] end
  end
end

---@return integer
function metatable:__len()
  if self.plan or self.made then return #self:result().rows end
  self.source:ask(self, "script")
  return self.source:count()
end

local function read_by(self, plan)
  self.source:ask(self, "script")
  local accumulator = aggregate.new(plan)
  feed(self, accumulator)
  return accumulator:finish()
end

---What a rule makes of the rows, for a look that nobody takes again.
---@param r usagelua.rule
---@return usagelua.result
function methods:result_by(r)
  return read_by(self, rule.check(r, self:schema()))
end

---One figure over the rows that the conditions let in, with its state.
---@param measure string
---@param where table|function|nil
---@return usagelua.figure_read
function methods:figure(measure, where)
  local read = read_by(self, rule.figure(measure, where, self:schema()))
  return require("usagelua.frame.figure").read(read, measure)
end

---Reads one figure.
---
---    local tests, why = by_product:value("tests", { vendor = "testmu" })
---
---@param measure string
---@param where table|function|nil
---@return number? value nil where it is unknown, or no row has it
---@return string? reason why there is none, or why there may be more
---@return "at_least"|"unknown"|"absent"|nil state nil: known
function methods:value(measure, where)
  local read = self:figure(measure, where)
  if read.state == "known" then return read.value end
  if read.state ~= "absent" then notice(self, measure, read) end
  return read.value, read.reason, read.state
end

local function described_columns(index)
  local columns = {}
  for _, name in ipairs(measures.order_columns(index.columns)) do
    columns[#columns + 1] = { name = name, type = index.columns[name], measure = false }
  end
  for _, name in ipairs(measures.order_measures(index.measures)) do
    local measure = index.measures[name]
    columns[#columns + 1] = {
      name = name, type = "number", measure = true, unit = measure.unit, kind = measure.kind,
      negative = measure.negative,
    }
  end
  return columns
end

---The columns: those of the result once it is there, before that those that it may have.
---@return usagelua.result_column[]
function methods:columns()
  if self.made then return self.made.columns end
  if self.plan then return self.plan.columns end
  if self.source.columns then return self.source.columns end
  return described_columns(self.source.index)
end

---What was asked against what was answered, by query.
---@return usagelua.coverage_entry[]
function methods:coverage()
  self.source:ask(self, "script")
  return self.source.coverage and self.source.coverage:list() or {}
end

---The same, made once: it belongs to the frame and is not to be changed.
---@return usagelua.coverage_entry[]
function methods:covered()
  self.source:ask(self, "script")
  self.source.covered = self.source.covered or self:coverage()
  return self.source.covered
end

---The incomplete figures that the script has read so far.
---@return { measure: string, state: string, reason: string }[]
function methods:noticed()
  local list = table.move(self.source.noticed, 1, #self.source.noticed, 1, {})
  for _, parent in ipairs(self.source.parents or {}) do
    local noticed = parent:noticed()
    table.move(noticed, 1, #noticed, #list + 1, list)
  end
  return list
end

errors.want_colon(metatable, "records",
  { "aggregate", "join", "rows", "value", "columns", "coverage" })

function metatable:__tostring()
  return ("usagelua.frame (%s)"):format(self.source.state == "done" and "asked" or "not asked")
end

return frame
