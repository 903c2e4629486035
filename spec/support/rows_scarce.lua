-- Run by spec/frame/columns_memory_spec.lua under torture/failing.c: rows kept as
-- columns, joined, sorted and added up, with the n-th allocation failing, for every
-- n. It must end well or raise lack of memory, and the next run of it must be as if
-- nothing had been.
local scarcity = require "spec.support.scarcity"
local core = require "usagelua.core"

local function document(first)
  local items = {}
  for i = first, first + 150 do
    items[#items + 1] = ('{"team":"team %d","mail":"u%d@ex.com","n":%d,"m":%d.5,"on":%s%s}'):format(i % 7, i,
      i * 3 % 50, i % 11, i % 2 == 0, i % 20 == 0 and ',"stray":1' or "")
  end
  return ('{"users":[%s]}'):format(table.concat(items, ","))
end

local TEXTS <const> = { document(1), document(90) }

local NAMES <const> = { "team", "mail", "n", "m", "on" }

local COLUMNS <const> = {
  { kind = "text", source = { "team" } }, { kind = "text", source = { "mail" } },
  { kind = "number", source = { "n" } }, { kind = "number", source = { "m" }, fraction = true },
  { kind = "boolean", source = { "on" } },
}

local GIVEN <const> = {
  { kind = "text" }, { kind = "text" }, { kind = "number" }, { kind = "number" }, { kind = "boolean" },
}

local function rule(group_by)
  return { group_by = group_by, conditions = { { column = 2, lists = true, wanted = 0 } }, slots = {
    { adding = "sum", source = 3, of = {} }, { adding = "mean", source = 4, of = {} },
    { adding = "max", source = 4, of = {} }, { adding = "distinct", source = 2, of = {} },
    { adding = "single", source = 3, of = {} } } }
end

local function kept(text, out)
  local reader <close> = core.json.reader { rows = "users[]", fields = { "team", "mail", "n", "m", "on" } }
  local fold <close> = core.fold({ columns = COLUMNS, each = {}, rules = {}, keep = true },
    function() end, reader)
  for i = 1, #text, 900 do
    assert(reader:feed(text:sub(i, i + 899)))
    fold:take()
    local item = fold:doubt()
    while item do
      out[#out + 1] = item
      item = fold:doubt()
    end
  end
  assert(reader:finish())
  fold:take()
  fold:finish()
  return fold:kept()
end

local function table_rows()
  local list = {}
  for i = 1, 40 do list[i] = { team = "team " .. i % 3, n = i % 5 > 0 and i or nil, level = i } end
  return core.rows.of(list, { mail = "none" })
end

local function placed(names)
  local places, count = {}, #NAMES
  for i, name in ipairs(names) do
    for k, own in ipairs(NAMES) do places[i] = own == name and k or places[i] end
    if not places[i] then
      count = count + 1
      places[i] = count
    end
  end
  return places
end

local function all_rows(out)
  local rows = kept(TEXTS[1], out)
  rows:append(kept(TEXTS[2], out), { 1, 2, 3, 4, 5 })
  local more, names = table_rows()
  rows:append(more, placed(names))
  return rows
end

local function added(rows, group_by)
  local fold = core.fold({ columns = GIVEN, each = {}, rules = { rule(group_by) } },
    function(_, _, value) return value ~= nil and #value > 9 end)
  fold:add(rows, { 1, 2, 3, 4, 5 })
  fold:finish()
  return fold
end

local ONE <const> = { 1, 1 }

local function shown(view, names, out)
  for i = 1, #view do
    local row = view:row(i, names)
    local cells = {}
    for k, name in ipairs(names) do cells[k] = tostring(row[name]) end
    out[#out + 1] = table.concat(cells, "|")
  end
end

-- Windows that failed: one that only some groups agree with, and one that none does.
local FAILED <const> = { grows = { true, false, true, true, false }, list = {
  { key = { "team 2" }, certain = { true, false }, slots = { true, true, true, false, true } },
  { key = { "nobody", true }, certain = { true, true }, slots = { true, true, true, true, true } } } }

local function job()
  local out = {}
  local rows <close> = all_rows(out)
  local view <close> = core.rows.view(rows, { { column = 1 }, { column = 3, numerator = 1, denominator = 60 },
    { column = 4 }, { column = 2 }, {} })
  view:sort { { 1 }, { 2, descending = true }, { 3 }, { 4, absent_last = true }, { 5 } }
  view:choose(function(i) return i % 3 > 0 end)
  shown(view, { "team", "n", "m", "mail" }, out)
  out[#out + 1] = view:text(1, #view, { columns = { 1, 2, 4 }, heads = { "<", ",", "," }, quote = '"',
    absent = "none", text = function(text) return "(" .. text .. ")" end, by = { 1 },
    tail = function(i) return (" row %d>\n"):format(i) end })
  local narrow <close> = core.rows.view(rows, { { column = 1 }, { column = 3, numerator = 60, denominator = 1 } })
  local copied <close> = narrow:copy()
  out[#out + 1] = ("%d %d"):format(#copied, #view)
  local one <close> = added(rows, { 1, 5 })
  local other <close> = added(rows, { 1, 5 })
  local all <close> = added(rows, {})
  other:merge(1, one, 1)
  all:merge(1, one, 1)
  local result <close>, _, _, signs, touched = one:result(1, { ONE, ONE, { 60, 1 }, ONE, ONE }, FAILED)
  for i = 1, #result do out[#out + 1] = signs[i] or "untouched" end
  out[#out + 1] = ("%s %s"):format(table.unpack(touched))
  local list = {}
  for i = 1, #result do list[i] = { made = i / 4, word = i % 2 == 0 and "even" or nil } end
  result:attach(core.rows.of(list, {}))
  local groups <close> = core.rows.view(result, { { column = 1 }, { column = 2 }, { column = 3 }, { column = 4 },
    { column = 5 }, { column = 6 } })
  groups:leave_out_absent(3, {})
  groups:sort { { 3, descending = true }, { 1 } }
  shown(groups, { "team", "on", "n", "mean", "max", "users" }, out)
  out[#out + 1] = tostring((select(3, all:figure(1, 1, 1))))
  return table.concat(out, "\n")
end

local text = job()
assert(#text > 1000 and text:find "stray" and text:find "\n1012102\n" and text:find "\ntrue false\n")
scarcity.play { rows = job }
