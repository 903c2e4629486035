-- The ways of adding up. Each has new, add, merge and read, says whether it takes
-- numbers only, and whether what is known of it bounds it from below (`grows`).

local extreme = require "usagelua.aggregate.extreme"
local later = require "usagelua.later"

---@class usagelua.adding
---@field numeric boolean
---@field grows boolean
---@field new fun(): table state
---@field add fun(state: table, value: any, cell: table)
---@field merge fun(state: table, other: table) the other is spent
---@field read fun(state: table, slot: table): number?, string? value, or nil and why it has none

local kinds = later {
  sum = "usagelua.aggregate.sum",
  count = "usagelua.aggregate.count",
  mean = "usagelua.aggregate.mean",
  last = "usagelua.aggregate.last",
  distinct = "usagelua.aggregate.distinct",
  single = "usagelua.aggregate.single",
  quantile = "usagelua.aggregate.quantile",
  own = "usagelua.aggregate.own",
}
kinds.max, kinds.min = extreme.max, extreme.min

return kinds
