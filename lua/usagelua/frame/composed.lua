-- The source of a frame that is made of other frames' rows, as a join is: it asks
-- for what stands beneath, and makes its own rows of it. To the frame it looks as
-- records do.

local aggregate = require "usagelua.aggregate"
local coverage = require "usagelua.frame.coverage"
local schema = require "usagelua.rule.schema"

local composed = {}

---@class usagelua.composed_source
---@field parents usagelua.frame[]
---@field noticed table[]
local methods = {}
local metatable = { __name = "usagelua.composed_source", __index = methods }

---@param options { schema: usagelua.schema, parents: usagelua.frame[],
--- make: fun(): usagelua.result }
---@return usagelua.composed_source
function composed.new(options)
  for _, parent in ipairs(options.parents) do parent:need() end
  return setmetatable({
    schema = options.schema, index = schema.index(options.schema), parents = options.parents,
    make = options.make, again = options.again, columns = options.columns, state = "new",
    noticed = {},
  }, metatable)
end

---@param plan usagelua.plan
---@return table use
function methods.register(_, plan)
  return { plan = plan }
end

-- The parents were told when the frame was made.
function methods.keep() end

-- What the parents' sources ask for, with the entries of each source once.
local function gathered(parents)
  local cover, seen = coverage.new(), {}
  for _, parent in ipairs(parents) do
    local own = parent:origin().coverage
    if own and not seen[own] then
      seen[own] = true
      cover:merge(own)
    end
  end
  return cover
end

---@param _ usagelua.frame
---@param mode "report"|"script"
function methods:ask(_, mode)
  if self.state == "done" then return end
  for _, parent in ipairs(self.parents) do parent:ask(mode) end
  self.coverage, self.state = gathered(self.parents), "done"
end

---@return usagelua.result
function methods:result()
  self.made = self.made or self.make()
  return self.made
end

---@return integer rows
function methods:count()
  return #self:result().rows
end

---@param accumulator table
function methods:feed(accumulator)
  local result = self:result()
  accumulator:add { rows = result.rows, marks = result.marks, doubts = result.doubts }
  for _, taint in ipairs(result.taints) do accumulator:taint(taint.const, taint.reason) end
end

---@param use table
---@return usagelua.result
function methods:result_of(use)
  if not use.result then
    local accumulator = aggregate.new(use.plan)
    self:feed(accumulator)
    use.result = accumulator:finish()
  end
  return use.result
end

return composed
