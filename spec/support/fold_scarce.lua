-- Run by spec/fold_memory_spec.lua under torture/failing.c: a fold over a document
-- with the n-th allocation failing, for every n. It must end well or raise lack of
-- memory, and the next run of it must be as if nothing had been.
local scarcity = require "spec.support.scarcity"
local core = require "usagelua.core"

local function members(count, figure)
  local list = {}
  for i = 1, count do list[i] = ('"product %d":%s'):format(i, figure(i)) end
  return table.concat(list, ",")
end

local function user(i)
  return ('{"mail":"U%d@Ex.Com","team":"%s","last":"2026-0%d-01T00:00:00%sZ","use":{%s},"may":{%s}}')
    :format(i, ("team"):rep(i % 7 + 1), i % 9 + 1, i % 5 == 0 and ".5" or "",
      members(i % 20, function(k) return ('{"n":%d,"m":%d.5}'):format(k, i * k) end),
      members(i % 9, function(k) return k % 2 == 0 and "true" or "false" end))
end

local function document()
  local users = { '"odd"' }
  for i = 1, 40 do users[#users + 1] = user(i) end
  users[#users + 1] = '{"mail":"x","use":{"a":{"n":-1}}}'
  return ('{"meta":{"org":"Acme"},"users":[%s]}'):format(table.concat(users, ","))
end

local TEXT <const> = document()

local SPEC <const> = {
  unique = { "mail" }, ends = true, derive = { from = { 2, 7 }, to = { 7 } },
  each = { { "use" }, { "may" } }, each_optional = true,
  columns = {
    { kind = "text", source = { "mail" }, lower = true },
    { kind = "text", source = { "team" } },
    { kind = "text", source = { key = true } },
    { kind = "number", source = { "n", container = 1 } },
    { kind = "number", source = { "m", container = 1 }, fraction = true },
    { kind = "boolean", source = { container = 2 } },
    { kind = "text", source = { "last" } },
    { kind = "text", late = true },
    { kind = "text", asked = { 3, 1 } },
  },
  rules = {
    { group_by = { 2, 3, 8 }, conditions = {}, slots = {
      { adding = "sum", source = 4, of = { 2, 8 } }, { adding = "mean", source = 5, of = {} },
      { adding = "max", source = 5, of = {} }, { adding = "last", source = 4, of = { 2, 7 } } } },
    { group_by = {}, conditions = { { column = 6, lists = true, wanted = 1 },
      { column = 7, lists = true, wanted = 0 },
      { column = 4, lists = false, wanted = 2, min = 1, values = { 1, 2 }, passes_absent = true } },
      slots = { { adding = "count", of = {} }, { adding = "distinct", source = 1, of = {} },
        { adding = "single", source = 5, of = {} } } },
    { group_by = { 9 }, conditions = {}, filter = true, slots = { { adding = "sum", source = 4, of = {} } } },
  },
}

-- A third rule's group is the length of the team, as its own code.
local function judge(condition, value, given)
  if not condition then return given end
  if condition == 1 then return value == true, value == true and 1 or nil end
  return value ~= "2026-03-01T00:00:00Z" and value ~= nil and value > "2026-02" or nil
end

local function give_functions(fold)
  local row = fold:row({ team = 2 }, function() fold:untold() end, {})
  fold:functions { false, false, { row = row, where = function(of) return of.team ~= "team" end,
    groups = { { function(of) return of.team and #of.team end, {} } } } }
end

-- No row for one team.
local function derived(team, last)
  if team == "teamteam" then return false end
  return last
end

local function drain(fold, reader, out)
  fold:otherwise(8, "Acme")
  if fold:take() then return end
  local text = fold:doubt()
  while text do
    out[#out + 1] = text == true and tostring(reader:next()) or text
    text = fold:doubt()
  end
end

local function report(fold, out)
  out[#out + 1] = fold:finish()
  for rule = 1, 3 do
    local groups, seen, taken = fold:counts(rule)
    out[#out + 1] = ("%d %d %d"):format(groups, seen, taken)
    for group = 1, groups do
      out[#out + 1] = table.concat(fold:key(rule, group, {}), "|")
      for slot = 1, #SPEC.rules[rule].slots do
        out[#out + 1] = tostring((select(3, fold:figure(rule, slot, group))))
      end
    end
  end
  for i = 1, 3 do out[#out + 1] = tostring((fold:condition(2, i))) end
  out[#out + 1] = ("%s %d"):format(fold:unique(2), select("#", fold:ends()))
end

-- Whose the figures of the first rule are, and of which moment.
local OWNERS <const> = { { id = { 1, 2 }, at = {}, contains = { 1, "team" }, over = true }, false, false,
  { id = { 1 }, at = { 2 }, part = 1, over = true } }
local SCALES <const> = { { 1, 1 }, { 60, 1 }, { 1, 60 }, { 1, 1 } }

-- The first rule without its groups, for rows that are nobody's items.
local function for_rows()
  local columns, slots = {}, SPEC.rules[1].slots
  for i, column in ipairs(SPEC.columns) do columns[i] = { kind = column.kind } end
  return { columns = columns, each = {}, rules = { { group_by = {}, conditions = {}, slots = slots } } }
end

local function show(fold, out)
  local rows <close>, odd, seen = fold:result(1, SCALES, nil, OWNERS, function(text) return #text end)
  out[#out + 1] = ("%d rows, %s odd, %s"):format(#rows, table.concat(odd, " "), tostring(seen[4]))
end

-- All groups as one, in a fold of its own.
local function merge(fold, out)
  local all <close> = core.fold(for_rows(), print)
  all:merge(1, fold, 1)
  show(all, out)
end

local function job()
  local reader <close> = core.json.reader { rows = "users[]", side = { org = "meta.org" },
    fields = { "mail", "team", "last", "use{}.n", "use{}.m", "may{}" } }
  local fold <close> = core.fold(SPEC, function(_, ...) return judge(...) end, reader)
  local out = {}
  give_functions(fold)
  fold:derive(derived)
  for i = 1, #TEXT, 700 do
    assert(reader:feed(TEXT:sub(i, i + 699)))
    drain(fold, reader, out)
  end
  assert(reader:finish())
  drain(fold, reader, out)
  report(fold, out)
  show(fold, out)
  merge(fold, out)
  return table.concat(out, "\n")
end

-- Rows that are arrays, of which one column is a list of members.
local ROWS <const> = {
  each = { { "use", list = true } },
  columns = { { kind = "text", source = { "mail" } }, { kind = "number", source = { "n", container = 1 } } },
  rules = { { group_by = { 1 }, conditions = {}, slots = { { adding = "sum", source = 2, of = {} } } } },
}

local function array_of_rows()
  local rows = { "7", '["short"]' }
  for i = 1, 40 do
    local uses = {}
    for k = 1, i % 20 do uses[k] = ('{"n":%d}'):format(k) end
    rows[#rows + 1] = ('[%d,"u%d@ex.com",[%s]]'):format(i, i % 7, table.concat(uses, ","))
  end
  return ('{"columns":[{"of":{"name":"id"}},{"of":{"name":"mail"}},{"of":{"name":"use"}}],"rows":[%s]}')
    :format(table.concat(rows, ","))
end

local ARRAYS <const> = array_of_rows()

local function arrays()
  local reader <close> = core.json.reader { rows = "rows[]", side = { columns = "columns" },
    fields = { "mail", "use[].n" }, arrays = { at = "columns", name = "of.name" } }
  local fold <close> = core.fold(ROWS, print, reader)
  local out = {}
  for i = 1, #ARRAYS, 300 do
    assert(reader:feed(ARRAYS:sub(i, i + 299)))
    fold:take()
    for text in function() return (fold:doubt()) end do
      out[#out + 1] = text == true and tostring(reader:next()) or text
    end
  end
  assert(reader:finish())
  out[#out + 1] = fold:finish()
  for group = 1, fold:counts(1) do
    out[#out + 1] = ("%s %d"):format(fold:key(1, group, {})[1], select(3, fold:figure(1, 1, group)))
  end
  return table.concat(out, "\n")
end

assert(arrays():find '^7\n%["short"%]\n380\n')

local text = job()
assert(#text > 1000 and text:find '"odd"' == nil and text:find "odd")
scarcity.play { fold = job, arrays = arrays }
