local core = require "usagelua.core"

local function fold_of(rows, fields, spec, judge)
  local reader = core.json.reader { rows = rows, fields = fields }
  local full = { each = {}, columns = {}, rules = {} }
  for key, value in pairs(spec) do full[key] = value end
  return core.fold(full, judge or function() return true end, reader), reader
end

-- Counts the items by team and sums `n`.
local TEAMS <const> = {
  columns = { { kind = "text", source = { "team" } }, { kind = "number", source = { "n" } } },
  rules = { { group_by = { 1 }, conditions = {}, slots = { { adding = "sum", source = 2, of = {} } } } },
}

local function teams()
  return fold_of("[]", { "team", "n" }, TEAMS)
end

local PRODUCTS <const> = {
  each = { { "use" }, { "may" } },
  columns = { { kind = "text", source = { key = true } },
    { kind = "number", source = { "n", container = 1 } },
    { kind = "boolean", source = { container = 2 } } },
  rules = { { group_by = { 1, 3 }, conditions = {}, slots = {
    { adding = "sum", source = 2, of = {} } } } },
}

local function products()
  return fold_of("[]", { "use{}.n", "may{}" }, PRODUCTS)
end

local function feed(reader, text, size)
  for i = 1, #text, size or #text do
    local ok, err = reader:feed(text:sub(i, i + (size or #text) - 1))
    if not ok then return nil, err end
  end
  return reader:finish()
end

local function sums(fold)
  local list = {}
  for group = 1, (fold:counts(1)) do
    local key = fold:key(1, group, {})
    local _, _, low = fold:figure(1, 1, group)
    list[#list + 1] = ("%s %s: %s"):format(key[1], key[2], low)
  end
  table.sort(list)
  return list
end

local function doubts(fold)
  local list, text = {}, fold:doubt()
  while text ~= nil do
    list[#list + 1] = text
    text = fold:doubt()
  end
  return list
end

describe("core.fold", function()
  it("adds up items as they are read, wherever the pieces are cut", function()
    for size = 1, 20 do
      local fold, reader = teams()
      assert(feed(reader, '[{"team":"qa","n":2},{"n":3,"team":"q\\u0061"},{"team":"dev"},{}]', size))
      assert.is_true(fold:take())
      assert.are.same({ "dev nil: nil", "nil nil: nil", "qa nil: 5" }, sums(fold))
      assert.are.equal(4, fold:finish())
      assert.is_nil(reader:next())
      assert.are.equal(4, reader:count())
    end
  end)

  it("counts how often a sum goes beyond 64 bits", function()
    local fold, reader = teams()
    assert(feed(reader, ('[{"n":9223372036854775807},{"n":9223372036854775807},{"n":4}]')))
    assert.is_true(fold:take())
    local _, _, low, carry = fold:figure(1, 1, 1)
    assert.are.same({ 2, 1 }, { low, carry })
  end)

  it("says of a sum whether a part of it was below zero", function()
    local columns = { TEAMS.columns[1], { kind = "number", source = { "n" }, negative = true } }
    local fold, reader = fold_of("[]", { "team", "n" }, { columns = columns, rules = TEAMS.rules })
    assert(feed(reader, '[{"team":"a","n":1},{"team":"b","n":3},{"team":"b","n":-1},{"team":"a","n":0}]'))
    assert.is_true(fold:take())
    assert.are.same({ 2, false, 1, 0 }, { fold:figure(1, 1, 1) })
    assert.are.same({ 2, true, 2, 0 }, { fold:figure(1, 1, 2) })
  end)

  it("keeps items that are not as expected, as they came and in their order", function()
    local fold, reader = teams()
    assert(feed(reader, '[{"team":"qa","n":-1}, 7,{ "team" : [1], "n":1},{"team":"qa","n":1}]', 5))
    assert.is_false(fold:take())
    assert.are.same({ '{"team":"qa","n":-1}', true, '{ "team" : [1], "n":1}' }, doubts(fold))
    assert.are.equal(7, reader:next())
    assert.is_true(fold:take())
    assert.are.same({ "qa nil: 1" }, sums(fold))
  end)

  it("gives the key of an item in an object", function()
    local fold, reader = fold_of("data{}", { "n" }, { columns = { { kind = "text",
      source = { key = true } }, { kind = "number", source = { "n" } } },
      rules = { { group_by = { 1 }, conditions = {}, slots = { { adding = "sum", source = 2, of = {} } } } } })
    assert(feed(reader, '{"data":{"a":{"n":1},"b":{"n":true},"a b":{"n":3}}}'))
    assert.is_false(fold:take())
    assert.are.same({ '{"n":true}', "b", 2 }, { fold:doubt() })
    assert.are.same({ "a b nil: 3", "a nil: 1" }, sums(fold))
  end)

  it("takes members of one key in two objects as one, in any order", function()
    for _, text in ipairs { '[{"use":{"a":{"n":1},"b":{"n":2}},"may":{"b":true,"c":false}}]',
      '[{"may":{"c":false,"b":true},"use":{"b":{"n":2},"a":{"n":1}}}]' } do
      local fold, reader = products()
      assert(feed(reader, text))
      assert.is_true(fold:take())
      assert.are.same({ "a nil: 1", "b true: 2", "c false: nil" }, sums(fold))
    end
  end)

  -- Members are compared one by one up to 16, and found in two objects up to 64.
  local function members(count)
    local uses, may = {}, {}
    for i = 1, count do
      uses[i], may[i] = ('"p%d":{"n":%d}'):format(i, i), ('"p%d":true'):format(count + 1 - i)
    end
    return table.concat(uses, ","), table.concat(may, ",")
  end

  it("takes many members", function()
    for _, count in ipairs { 15, 16, 17, 64 } do
      local fold, reader = products()
      assert(feed(reader, ('[{"use":{%s},"may":{%s}}]'):format(members(count))))
      assert.is_true(fold:take())
      assert.are.equal(count, fold:finish())
      assert.are.equal("p10 true: 10", sums(fold)[2])
    end
    local fold, reader = products()
    assert(feed(reader, ('[{"use":{%s},"may":{%s}}]'):format(members(65))))
    assert.is_false(fold:take())
    assert.are.equal(1, #doubts(fold))
  end)

  it("refuses a key that stands twice in an object, and tells where", function()
    for _, count in ipairs { 1, 15, 16, 17, 40, 70 } do
      local uses, may = members(count)
      local _, reader = products()
      local ok, err = feed(reader, ('[{"use":{%s},"may":{%s,"p%d":true}}]'):format(uses, may, count // 2 + 1))
      assert.is_nil(ok)
      assert.are.equal("duplicate", err.code)
      assert.are.equal(("[0].may.p%d"):format(count // 2 + 1), err.path)
      _, reader = products()
      ok, err = feed(reader, ('[{"use":{%s,"p1":{}}}]'):format(uses), 3)
      assert.is_nil(ok)
      assert.are.equal("[0].use.p1", err.path)
    end
  end)

  it("tells the place of what is wrong below a member", function()
    local _, reader = products()
    local _, err = feed(reader, '[{"use":{"a":{"n":1},"b":{"n":1e999}}}]')
    assert.are.equal("[0].use.b.n", err.path)
    _, reader = products()
    _, err = feed(reader, '[{"use":{"a":{"n":1}},"may":{x}}]')
    assert.are.equal("[0].may", err.path)
  end)

  it("asks about each value of a condition once", function()
    local asked = {}
    local fold, reader = fold_of("[]", { "team" }, { columns = { { kind = "text", source = { "team" } } },
      rules = { { group_by = {}, conditions = { { column = 1, lists = true, wanted = 1 } },
        slots = { { adding = "count", of = {} } } } } },
      function(rule, condition, value)
        asked[#asked + 1] = ("%d %d %s"):format(rule, condition, value)
        if value == "odd" then return nil end
        return value == "qa", value == "qa" and 1 or nil
      end)
    assert(feed(reader, '[{"team":"qa"},{"team":"dev"},{"team":"odd"},{"team":"qa"},{}]'))
    assert.is_false(fold:take())
    assert.are.same({ '{"team":"odd"}' }, doubts(fold))
    assert.are.same({ "1 1 nil", "1 1 qa", "1 1 dev", "1 1 odd" }, asked)
    assert.are.same({ 1, 4, 2 }, { fold:counts(1) })
    assert.are.same({ 2, { true }, { "qa", "dev" }, false, { "qa", "dev" }, false },
      { fold:condition(1, 1) })
  end)

  -- A rule of which a function decides, and one of which a function gives the group.
  local function asking(functions, judge)
    local fold, reader = fold_of("[]", { "team", "n" }, {
      columns = { TEAMS.columns[1], TEAMS.columns[2], { kind = "text", asked = { 2, 1 } } },
      rules = { { group_by = { 1 }, conditions = {}, slots = TEAMS.rules[1].slots, filter = true },
        { group_by = { 3 }, conditions = {}, slots = TEAMS.rules[1].slots } },
    }, judge)
    local row = fold:row({ team = 1, n = 2 }, function(name, is_asking)
      if not is_asking then error "nobody asks" end
      fold:untold()
      error(name)
    end, { __name = "row" })
    fold:functions { { row = row, where = functions[1], groups = {} },
      { row = row, groups = { { functions[2], functions[3] or {} } } } }
    return fold, reader, row
  end

  it("asks functions of the row, and once for the code of a value", function()
    local asked, codes = {}, { dev = 7 }
    local fold, reader, row = asking({ function(row) return row.n and row.n > 1 end,
      function(row) return row.team end, codes }, function(rule, _, group, value)
        asked[#asked + 1] = ("%d %d %s"):format(rule, group, value)
        codes[value] = 3
        return 3
      end)
    assert(feed(reader, '[{"team":"qa","n":2},{"team":"dev","n":1},{"n":5},{"team":"qa","n":4},{"team":"x"}]', 9))
    assert.is_true(fold:take())
    assert.are.same({ "nil nil: 5", "qa nil: 6" }, sums(fold))
    assert.are.same({ 3, 5, 5 }, { fold:counts(2) })
    assert.are.same({ "2 1 qa", "2 1 x" }, asked)
    assert.are.same({ 3 }, fold:key(2, 1, {}))
    assert.match("nobody asks", select(2, pcall(function() return row.team end)))
    fold:close()
    assert.match("nobody asks", select(2, pcall(function() return row.team end)))
  end)

  it("keeps the item of a row of which a function asks too much, even where it hides that", function()
    local function hides(row) return pcall(function() return row.more end) end
    local fold, reader = asking { hides, function() return 1 end, { 1 } }
    assert(feed(reader, '[{"team":"qa","n":2}]'))
    assert.is_false(fold:take())
    assert.are.same({ '{"team":"qa","n":2}' }, doubts(fold))
    assert.are.equal(0, fold:finish())
    fold, reader = asking { function() error "mine" end, print }
    assert(feed(reader, '[{"team":"qa","n":2}]'))
    assert.match("mine", select(2, pcall(fold.take, fold)))
  end)

  local function with(more)
    local spec = { columns = TEAMS.columns, rules = TEAMS.rules }
    for key, value in pairs(more) do spec[key] = value end
    return fold_of("[]", { "team", "n", "id" }, spec)
  end

  it("tells items by a key, but for those that it leaves to Lua", function()
    local fold, reader = with { unique = { "id" } }
    assert(feed(reader, '[{"id":"a"},{"id":7},{"id":"a"},{"id":null},{},{"id":1.5},8]', 4))
    fold:take()
    local keys = {}
    for i = 1, 7 do keys[i] = fold:unique(i) or "?" end
    assert.are.same({ "a", "7", "a", "?", "?", "?", "?" }, keys)
    assert.are.equal(0, select("#", fold:unique(8)))
    assert.are.same({ '{"id":null}', nil, 4 }, { fold:doubt() })
    assert.is_false(pcall(fold.unique, (teams()), 1))
  end)

  it("keeps the first item and the last", function()
    local fold, reader = with { ends = true }
    assert.are.equal(0, select("#", fold:ends()))
    assert(reader:feed '[{"n":1, "x":[]}')
    assert.are.same({ '{"n":1, "x":[]}', '{"n":1, "x":[]}' }, { fold:ends() })
    assert(feed(reader, ',{"n":2},{"n":3}]', 3))
    assert.are.same({ '{"n":1, "x":[]}', '{"n":3}' }, { fold:ends() })
    assert.is_false(pcall(fold.ends, (teams())))
  end)

  it("gives items back that it holds, and hands all out that are waited for", function()
    local fold, reader = with { holds = true }
    assert(feed(reader, '[{"team":"qa","n":2},{"n":-1},{"team":"qa","n":3}]', 9))
    fold:give_back()
    assert.is_false(fold:take())
    assert.are.same({ '{"n":-1}', '{"team":"qa","n":2}', '{"team":"qa","n":3}' }, doubts(fold))
    assert.are.equal(0, fold:finish())
    assert.is_false(pcall(fold.give_back, (teams())))
    fold, reader = teams()
    fold:wait(true)
    assert(reader:feed '[{"n":1},')
    fold:wait(false)
    assert(feed(reader, '{"n":2}]'))
    assert.is_false(fold:take())
    assert.are.same({ '{"n":1}' }, doubts(fold))
    assert.are.same({ "nil nil: 2" }, sums(fold))
  end)

  it("asks once for columns that follow from others, and for what is no row", function()
    local asked = {}
    local fold, reader = with { derive = { from = { 1 }, to = { 1 } } }
    fold:functions { false }
    fold:derive(function(team)
      asked[#asked + 1] = tostring(team)
      if team == "off" then return false end
      if team ~= "odd" then return team and team:upper() end
    end)
    assert(feed(reader, '[{"team":"qa","n":2},{"team":"off","n":1},{"team":"odd","n":4},{"n":8},'
      .. '{"team":"qa","n":3},{"team":"off"}]', 11))
    assert.is_false(fold:take())
    assert.are.same({ "qa", "off", "odd", "nil" }, asked)
    assert.are.same({ '{"team":"odd","n":4}' }, { (fold:doubt()) })
    assert.are.same({ "QA nil: 5", "nil nil: 8" }, sums(fold))
    assert.are.equal(3, fold:finish())
    assert.is_false(pcall(with, { derive = { from = { 1 }, to = { 2 } } }))
  end)

  it("raises for what cannot be meant, and leaves the reader usable", function()
    for _, spec in ipairs { { columns = { { kind = "date" } } }, { rules = { {} } },
      { columns = { { kind = "text", source = { "absent" } } } }, { each = { { "n" } } },
      { rules = { { group_by = { 1 }, conditions = {}, slots = {} } } },
      { columns = { { kind = "text" } }, rules = { { group_by = {}, conditions = {},
        slots = { { adding = "sum", source = 1, of = {} } } } } } } do
      assert.is_false(pcall(fold_of, "[]", { "n" }, spec))
    end
    local _, reader = teams()
    assert.is_false(pcall(core.fold, { each = {}, columns = {}, rules = {} }, print, reader))
    assert(feed(reader, "[]"))
  end)

  it("can be closed at any time, and the reader inside an item then goes on no more", function()
    local fold, reader = teams()
    assert(reader:feed '[{"team":"qa"},{"team":')
    fold:close()
    fold:close()
    local _, err = reader:feed '"dev"}]'
    assert.are.equal("closed", err.code)
    assert.is_false(pcall(fold.take, fold))
    assert.are.equal("usagelua.fold (closed)", tostring(fold))
    fold, reader = products()
    assert(reader:feed '[{"use":{"a":{"n":1},"b":')
    fold:close()
    _, err = reader:feed '{}}}]'
    assert.are.equal("closed", err.code)
    fold, reader = teams()
    assert(reader:feed '[{"team":"qa"},')
    fold:close()
    assert(reader:feed '{"team":"dev"}]' and reader:finish())
    assert.are.same({ team = "dev" }, reader:next())
  end)

  it("lives as long as its reader, and the other way round", function()
    local _, reader = teams()
    collectgarbage()
    assert(feed(reader, '[{"team":"qa","n":1}]'))
    local fold = (function()
      local own, other = teams()
      assert(feed(other, '[{"team":"qa","n":1}]'))
      other:close()
      return own
    end)()
    collectgarbage()
    assert.is_true(fold:take())
    assert.are.same({ "qa nil: 1" }, sums(fold))
  end)
end)
