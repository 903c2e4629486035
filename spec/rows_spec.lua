-- Kept rows in pieces of any length, and as many groups as no cache holds: what is
-- found by a guess, or asked for ahead of its turn, is what stands there.
local core = require "usagelua.core"

local function row_of(i)
  local row = { place = i, team = ("team %02d"):format(i * 7 % 30), on = i % 3 == 0 }
  if i > 40 then row.cost = i % 2 == 0 and i / 4 or i end
  return row
end

-- Rows 1 to the sum of the lengths, appended piece by piece.
local function pieces(lengths)
  local all, names, place = nil, nil, 0
  for _, length in ipairs(lengths) do
    local list = {}
    for i = 1, length do list[i] = row_of(place + i) end
    place = place + length
    local rows, own = core.rows.of(list, {})
    if not all then
      all, names = rows, own
    else
      local columns, known = {}, {}
      for i, name in ipairs(names) do known[name] = i end
      for i, name in ipairs(own) do
        if not known[name] then names[#names + 1], known[name] = name, #names + 1 end
        columns[i] = known[name]
      end
      all:append(rows, columns)
    end
  end
  return all, names, place
end

local SHAPES <const> = { { 60 }, { 1, 59 }, { 59, 1 }, { 7, 7, 7, 7, 7, 7, 7, 7, 4 }, { 20, 3, 30, 1, 6 },
  { 2, 40, 2, 16 } }

local function columns_of(names)
  local columns, place_of = {}, {}
  for i, name in ipairs(names) do columns[i], place_of[name] = { column = i }, i end
  return columns, place_of
end

describe("kept rows", function()
  it("are found whatever the lengths of their pieces are", function()
    for _, lengths in ipairs(SHAPES) do
      local rows <close>, names, count = pieces(lengths)
      for i = 1, count do assert.are.same(row_of(i), rows:row(i, names, {})) end
    end
  end)

  it("are sorted and read in that order", function()
    for _, lengths in ipairs(SHAPES) do
      local rows <close>, names, count = pieces(lengths)
      local columns, place_of = columns_of(names)
      local view <close> = core.rows.view(rows, columns)
      view:sort { { place_of.team }, { place_of.place, descending = true } }
      local expected = {}
      for i = 1, count do expected[i] = row_of(i) end
      table.sort(expected, function(a, b)
        if a.team ~= b.team then return a.team < b.team end
        return a.place > b.place
      end)
      for i = 1, count do assert.are.same(expected[i], view:row(i, names)) end
    end
  end)

  it("are sorted by integers and texts as by any other value, many at once", function()
    local list = {}
    for i = 1, 1500 do
      local n = (i * 7919) % 301 - 150
      list[i] = { place = i, n = i % 11 > 0 and n * (i % 7 == 0 and 1 << 40 or 1) or nil, on = i % 5 > 1,
        team = i % 13 > 0 and ("team %d"):format(i * 31 % 400) or nil }
    end
    local rows <close>, names = core.rows.of(list, {})
    local columns, place_of = columns_of(names)

    local function less(key, a, b)
      if a == nil or b == nil then
        local is_last = key.absent_last or key.descending
        return (a == nil) == not is_last
      end
      if key.descending then a, b = b, a end
      if type(a) == "boolean" then return not a and b end
      return a < b
    end

    for _, name in ipairs { "n", "team", "on" } do
      for flags = 0, 3 do
        local key = { place_of[name], descending = flags % 2 == 1, absent_last = flags > 1 }
        local expected = table.move(list, 1, #list, 1, {})
        table.sort(expected, function(a, b)
          if a[name] == b[name] then return a.place < b.place end
          return less(key, a[name], b[name])
        end)
        local view <close> = core.rows.view(rows, columns)
        view:sort { key }
        local wrong = 0
        for i, row in ipairs(expected) do
          if view:value(i, place_of.place) ~= row.place then wrong = wrong + 1 end
        end
        assert.are.equal(0, wrong, name .. " " .. flags)
      end
    end
  end)

  it("have the types of what stands in them, be it all rows or some", function()
    for _, lengths in ipairs(SHAPES) do
      local rows <close>, names = pieces(lengths)
      local columns, place_of = columns_of(names)
      local minutes = { column = place_of.place, numerator = 1, denominator = 60 }
      local view <close> = core.rows.view(rows, { columns[place_of.team], columns[place_of.on],
        columns[place_of.place], columns[place_of.cost], {}, minutes })
      assert.are.same({ "text", "boolean", "integer", "number", false, "number" }, view:types())
      view:choose(function(i) return i <= 40 end)
      assert.are.same({ "text", "boolean", "integer", false, false, "number" }, view:types())
      view:choose(function(i) return i > 50 end)
      assert.are.same({ false, false, false, false, false, false }, view:types())
    end
  end)

  it("with one value in a whole piece have that one's type", function()
    local some <close> = core.rows.of({ { n = 60 }, { n = 60 } }, {})
    local more = core.rows.of({ { n = 0.5 }, { n = 0.5 } }, {})
    local function types(scale)
      local view <close> = core.rows.view(some, { { column = 1, numerator = scale, denominator = scale and 60 } })
      return view:types()[1]
    end
    assert.are.same({ "integer", "integer" }, { types(), types(1) })
    some:append(more, { 1 })
    assert.are.same({ "number", "number" }, { types(), types(1) })
  end)
end)

describe("groups beyond the caches", function()
  local GROUPS <const> = 20000

  -- Each key three times, far apart; of two columns or of four, which take another way.
  local function added(by)
    local list = {}
    for turn = 1, 3 do
      for i = 0, GROUPS - 1 do
        local key = i * 7919 % GROUPS
        list[#list + 1] = { a = tostring(key // 500), b = tostring(key % 500), c = "c", d = "d", n = turn + key }
      end
    end
    local rows <close>, names = core.rows.of(list, {})
    local _, place_of = columns_of(names)
    local fold = core.fold({ each = {},
      columns = { { kind = "text" }, { kind = "text" }, { kind = "text" }, { kind = "text" }, { kind = "number" } },
      rules = { { group_by = by, conditions = {}, slots = { { adding = "sum", source = 5, of = {} },
        { adding = "max", source = 5, of = {} } } } } }, function() return true end)
    fold:add(rows, { place_of.a, place_of.b, place_of.c, place_of.d, place_of.n })
    fold:finish()
    return fold
  end

  it("are each added up by themselves", function()
    for _, by in ipairs { { 1, 2 }, { 2, 3, 1, 4 } } do
      local fold <close> = added(by)
      assert.are.equal(GROUPS, (fold:counts(1)))
      local seen, wrong = {}, 0
      for group = 1, GROUPS do
        local key = fold:key(1, group, {})
        local b = by[1] == 1 and key[2] or key[1]
        local number = (by[1] == 1 and key[1] or key[3]) * 500 + b
        local _, _, low = fold:figure(1, 1, group)
        if low ~= 3 * number + 6 or seen[number] then wrong = wrong + 1 end
        seen[number] = true
      end
      assert.are.equal(0, wrong)
    end
  end)
end)
