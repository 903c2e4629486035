-- The two ways of an item into a fold: at one go where it stands whole in a
-- piece, and token by token where it does not. Both must give the same groups,
-- the same doubts and the same errors, whatever the bytes are.

local core = require "usagelua.core"
local same = dofile "fuzz/same.lua"

local ways = {}

-- Below this nothing is read at one go.
local SHORT <const> = 100

local FIELDS <const> = { "a", "b.c", "use{}.n", "use{}.m", "may{}" }

local SUM <const> = { adding = "sum", source = 2, of = {} }
local SINGLE <const> = { adding = "single", source = 2, of = {} }

local SPEC <const> = {
  each = { { "use" }, { "may" } }, each_optional = true,
  columns = {
    { kind = "text", source = { "a" } },
    { kind = "number", source = { "n", container = 1 } },
    { kind = "number", source = { "m", container = 1 }, fraction = true, negative = true },
    { kind = "boolean", source = { container = 2 } },
    { kind = "text", source = { key = true } },
    { kind = "text", source = { "b", "c" }, lower = true },
  },
  rules = {
    { group_by = { 1, 5 }, conditions = {}, slots = { SUM, { adding = "mean", source = 3, of = {} } } },
    { group_by = { 4, 6, 5, 1 }, conditions = {}, slots = { { adding = "count", of = {} }, SINGLE } },
    { group_by = {}, conditions = {}, slots = { { adding = "distinct", source = 5, of = {} },
      { adding = "max", source = 3, of = {} }, SUM } },
  },
}

local function drain(fold, reader, out)
  if fold:take() then return end
  local text, key = fold:doubt()
  while text ~= nil do
    out[#out + 1] = { text == true and core.json.encode { (reader:next()) } or text, key or false }
    text, key = fold:doubt()
  end
end

local function feed(fold, reader, text, size, out)
  for i = 1, #text, size do
    local ok, err = reader:feed(text:sub(i, i + size - 1))
    drain(fold, reader, out)
    if not ok then return err end
  end
  local ok, err = reader:finish()
  if not ok then return err end
end

local function figures(fold, out)
  for number, rule in ipairs(SPEC.rules) do
    local groups, seen, taken = fold:counts(number)
    out[#out + 1] = { groups, seen, taken }
    for group = 1, groups do
      local key = fold:key(number, group, {})
      for i = 1, #rule.group_by do key[i] = key[i] == nil and "none" or key[i] end
      out[#out + 1] = key
      for slot = 1, #rule.slots do out[#out + 1] = { fold:figure(number, slot, group) } end
    end
  end
end

-- The same columns, whose rows are kept: numbers that no path names are told of.
local KEEPING <const> = { each = SPEC.each, each_optional = true, columns = SPEC.columns, rules = {},
  keep = true }

local NAMES <const> = {}
for i in ipairs(SPEC.columns) do NAMES[i] = "c" .. i end

local function kept_rows(fold, out)
  local rows <close> = fold:kept()
  for i = 1, #rows do out[#out + 1] = rows:row(i, NAMES, {}) end
end

---What comes of a text that is fed in pieces of this size.
---@param text string
---@param rows string path
---@param lines boolean a document on each line
---@param size integer
---@param keep boolean? whether rows are kept, not added up
---@return table
function ways.outcome(text, rows, lines, size, keep)
  local reader <close> = core.json.reader { rows = rows, fields = FIELDS, lines = lines }
  local fold <close> = core.fold(keep and KEEPING or SPEC, print, reader)
  local out = {}
  local err = feed(fold, reader, text, size, out)
  out.err = err and { err.kind, err.code or false, err.message, err.path or false, err.offset, err.line,
    err.column } or false
  out.count, out.found = reader:count(), reader:found()
  if keep then kept_rows(fold, out) else figures(fold, out) end
  return out
end

---@param text string
---@param rows string path
---@param lines boolean
---@return table outcome
function ways.check(text, rows, lines)
  local whole = ways.outcome(text, rows, lines, #text + 1)
  same.assert("what comes of items in pieces", whole, ways.outcome(text, rows, lines, SHORT))
  same.assert("what is kept of items in pieces", ways.outcome(text, rows, lines, #text + 1, true),
    ways.outcome(text, rows, lines, SHORT, true))
  return whole
end

return ways
