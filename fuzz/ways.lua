-- The two ways of an item into a fold: at one go where it stands whole in a
-- piece, and token by token where it does not. Both must give the same groups,
-- the same doubts and the same errors, whatever the bytes are.

local core = require "usagelua.core"
local same = dofile "fuzz/same.lua"

local ways = {}

-- Below this nothing is read at one go.
local SHORT <const> = 100

local SUM <const> = { adding = "sum", source = 2, of = {} }
local SINGLE <const> = { adding = "single", source = 2, of = {} }

local MEMBERS <const> = {
  fields = { "a", "b.c", "use{}.n", "use{}.m", "may{}" },
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

-- The same names in the items of a list.
local LIST <const> = {
  fields = { "a", "b.c", "use[].n", "use[].m", "use[].may" },
  each = { { "use", list = true } },
  columns = {
    { kind = "text", source = { "a" } },
    { kind = "number", source = { "n", container = 1 } },
    { kind = "number", source = { "m", container = 1 }, fraction = true, negative = true },
    { kind = "boolean", source = { "may", container = 1 } },
    { kind = "text", source = { "b", "c" } },
    { kind = "text", source = { "b", "c" }, lower = true },
  },
  rules = MEMBERS.rules,
}

local function drain(fold, reader, out)
  if fold:take() then return end
  local text, key = fold:doubt()
  while text ~= nil do
    out[#out + 1] = { text == true and core.json.encode { (reader:next()) } or text, key or false }
    text, key = fold:doubt()
  end
end

local function feed_as_text(reader, bytes) return (reader:feed(bytes)) end

local function feed(fold, reader, text, size, out, give)
  for i = 1, #text, size do
    local is_taken = give(reader, text:sub(i, i + size - 1))
    drain(fold, reader, out)
    if not is_taken then break end
  end
  local ok, err = reader:finish()
  if not ok then return err end
end

local function figures(fold, spec, out)
  for number, rule in ipairs(spec.rules) do
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
local function keeping(spec)
  return { each = spec.each, each_optional = spec.each_optional, columns = spec.columns, rules = {},
    keep = true }
end

local NAMES <const> = {}
for i in ipairs(MEMBERS.columns) do NAMES[i] = "c" .. i end

local function kept_rows(fold, out)
  local rows <close> = fold:kept()
  for i = 1, #rows do out[#out + 1] = rows:row(i, NAMES, {}) end
end

-- What comes of a text that is fed in pieces of this size; `keep`: rows are kept,
-- not added up.
local function outcome(spec, text, options, size, keep)
  local reader <close> = core.json.reader { rows = options.rows, fields = spec.fields, lines = options.lines,
    max_depth = options.max_depth }
  local fold <close> = core.fold(keep and keeping(spec) or spec, print, reader)
  local out = {}
  local err = feed(fold, reader, text, size, out, options.feed or feed_as_text)
  out.err = err and { err.kind, err.code or false, err.message, err.path or false, err.offset, err.line,
    err.column } or false
  out.count, out.found = reader:count(), reader:found()
  if keep then kept_rows(fold, out) else figures(fold, spec, out) end
  return out
end

local function check(spec, text, options)
  local whole = outcome(spec, text, options, #text + 1)
  same.assert("what comes of items in pieces", whole, outcome(spec, text, options, SHORT))
  same.assert("what is kept of items in pieces", outcome(spec, text, options, #text + 1, true),
    outcome(spec, text, options, SHORT, true))
  if options.size then
    same.assert("what comes of items at the end of pieces", whole, outcome(spec, text, options, options.size))
  end
  return whole
end

---@param text string
---@param rows string path
---@param lines boolean a document on each line
---@param more? table `max_depth`; `size`: the length of pieces that hold whole items; `feed`: gives the
---  reader a piece
---@return table outcome of members of objects
---@return table of_list of the items of a list
function ways.check(text, rows, lines, more)
  local options = { rows = rows, lines = lines }
  for name, value in pairs(more or {}) do options[name] = value end
  return check(MEMBERS, text, options), (check(LIST, text, options))
end

return ways
