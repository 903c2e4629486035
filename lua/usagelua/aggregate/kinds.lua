-- The ways of adding up. Each has new, add, merge and read, says whether it takes
-- numbers only, and whether what is known of it bounds it from below (`grows`).

local extreme = require "usagelua.aggregate.extreme"

---@class usagelua.adding
---@field numeric boolean
---@field grows boolean
---@field new fun(): table state
---@field add fun(state: table, value: any, cell: table)
---@field merge fun(state: table, other: table) the other is spent
---@field read fun(state: table, slot: table): number?, string? value, or nil and why it has none

return {
  sum = require "usagelua.aggregate.sum",
  count = require "usagelua.aggregate.count",
  mean = require "usagelua.aggregate.mean",
  max = extreme.max,
  min = extreme.min,
  last = require "usagelua.aggregate.last",
  distinct = require "usagelua.aggregate.distinct",
  single = require "usagelua.aggregate.single",
  quantile = require "usagelua.aggregate.quantile",
  own = require "usagelua.aggregate.own",
}
