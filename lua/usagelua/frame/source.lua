-- What stands behind a frame of records: it asks once, with all rules known by
-- then, and keeps the records only where somebody is to read them.

local aggregate = require "usagelua.aggregate"
local errors = require "usagelua.errors"
local folding = require "usagelua.aggregate.folding"
local schema = require "usagelua.rule.schema"
local stage = require "usagelua.frame.stage"

local source = {}

---@class usagelua.frame_source
---@field state "new"|"asking"|"done"|"failed"
local methods = {}
local metatable = { __name = "usagelua.frame_source", __index = methods }

---@param s usagelua.schema
---@param ask fun(frame: usagelua.frame, mode: "report"|"script")
function source.new(s, ask)
  return setmetatable({
    schema = s, index = schema.index(s), callback = ask,
    state = "new", uses = {}, keeps = false, noticed = {},
  }, metatable)
end

---Tells the source of a rule; its result is to be had after the asking.
---@param plan usagelua.plan
---@return table use
function methods:register(plan)
  local use = { plan = plan, is_early = self.state == "new" }
  if use.is_early then self.uses[#self.uses + 1] = use end
  return use
end

---The records themselves will be read.
function methods:keep()
  if self.state == "new" then self.keeps = true end
end

-- Remembers the error that ends the asking, and lets it pass with its traceback.
local function failure_guard(self)
  return setmetatable({}, {
    __close = function(_, err)
      if err ~= nil then self.state, self.err = "failed", err end
    end,
  })
end

---Starts the asking, once.
---@param frame usagelua.frame
---@param mode "report"|"script"
function methods:ask(frame, mode)
  if self.state == "asking" or self.is_read then
    errors.raise_usage("the records are being asked for: "
      .. "a function of a rule cannot read the frame itself")
  end
  if self.state == "failed" then error(self.err, 0) end
  if self.state == "done" then return end
  if mode == "script" then self.keeps = true end
  local _ <close> = failure_guard(self)
  self.callback(frame, mode)
  assert(self.state == "done", "the asking ends with frame:finish()")
end

---@return usagelua.stage root that the windows join
function methods:begin()
  assert(self.state == "new", "a frame is asked once")
  self.state = "asking"
  self.records = self.keeps and require("usagelua.frame.kept").new(self.index) or nil
  if self.keeps then return stage.new({}, self.records) end
  local accumulators = {}
  for i, use in ipairs(self.uses) do
    use.accumulator = aggregate.new(use.plan)
    accumulators[i] = use.accumulator
  end
  return stage.new(accumulators)
end

---@param coverage usagelua.coverage
function methods:finish(coverage)
  assert(self.state == "asking", "a frame finishes after it began")
  self.state, self.coverage = "done", coverage
end

local function need_records(self)
  if not self.records then
    errors.raise_usage("the records were added up as they came and not kept: "
      .. "make the rule before the figures are asked for, or read the records in the script")
  end
  return self.records
end

-- While the records are read for a rule that was there before them, its functions
-- stand where they would have stood in the asking.
local function reading_guard(self, use)
  self.is_read = use.is_early
  return setmetatable({}, { __close = function() self.is_read = nil end })
end

local function added_up(self, use)
  local accumulator, _ <close> = aggregate.new(use.plan), reading_guard(self, use)
  need_records(self):feed(accumulator)
  return accumulator:finish()
end

---@param use table
---@return usagelua.result
function methods:result_of(use)
  if not use.result then
    local accumulator = use.accumulator
    use.result = accumulator and accumulator:finish() or added_up(self, use)
    use.accumulator = nil
  end
  return use.result
end

---@param accumulator table
function methods:feed(accumulator)
  need_records(self):feed(accumulator)
end

---@return usagelua.result
function methods:result()
  if not self.record_result then self.record_result = need_records(self):finish() end
  return self.record_result
end

---@return integer records
function methods:count()
  return need_records(self):count()
end

---Is there a rule, or a reader, for rows with these constant columns?
---@param const table
---@return boolean
function methods:wants(const)
  if self.keeps then return true end
  for _, use in ipairs(self.uses) do
    if not use.plan.where.contradicts(const) then return true end
  end
  return false
end

---The rules, for whoever adds up rows without making them; where somebody reads
---the records, what keeps them as columns.
---@return usagelua.folding|usagelua.keeping
function methods:folding()
  if self.keeps then return require("usagelua.frame.keeping").new() end
  local plans = {}
  for i, use in ipairs(self.uses) do plans[i] = use.plan end
  return folding.new(plans)
end

---The columns that somebody reads; nil: all.
---@return table<string, true>?
function methods:fields()
  if self.keeps then return nil end
  local all = {}
  for _, use in ipairs(self.uses) do
    if not use.plan.fields then return nil end
    for name in pairs(use.plan.fields) do all[name] = true end
  end
  return all
end

return source
