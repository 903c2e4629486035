-- Items that stand whole in a piece are read another way than those that are
-- cut: generated ones, right and wrong, have to come to the same.

local core = require "usagelua.core"
local documents = require "fuzz.documents"
local random = require "support.random"
local ways = dofile "fuzz/ways.lua"

local SEED <const>, DOCUMENTS <const> = 11, 3000

local KEYS <const> = { "live", "app", "automate", "", "é", "a key of more than thirty-two bytes", "percy" }

local SPACES <const> = { "", "", "", "", " ", "\n", "  \r\n\t" }

local function space(draw) return draw:item(SPACES) end

-- Mostly what the columns expect.
local function figure(draw)
  if draw:integer(1, 30) == 1 then return documents.value(draw, 2) end
  return tostring(draw:integer(0, 100000))
end

local function pairs_of(draw, list)
  for i, pair in ipairs(list) do
    list[i] = space(draw) .. '"' .. pair[1] .. '"' .. space(draw) .. ":" .. space(draw) .. pair[2] .. space(draw)
  end
  return "{" .. table.concat(list, ",") .. (#list == 0 and space(draw) or "") .. "}"
end

local function use(draw)
  local list = {}
  for _, name in ipairs { "n", "m", "skipped" } do
    if draw:integer(1, 4) > 1 then list[#list + 1] = { name, figure(draw) } end
  end
  if draw:integer(1, 6) == 1 then list[#list + 1] = { "other", documents.value(draw, 3) } end
  return pairs_of(draw, list)
end

local function members(draw, most, value)
  local list, first = {}, draw:integer(1, #KEYS)
  for i = 1, draw:integer(0, most) do
    local key = KEYS[(first + i) % #KEYS + 1]
    if i > #KEYS then key = key .. i end
    list[i] = { key, value(draw) }
  end
  return pairs_of(draw, list)
end

-- The same figures in a list.
local function list_of_uses(draw, most)
  local list = {}
  for i = 1, draw:integer(0, most) do list[i] = space(draw) .. use(draw) .. space(draw) end
  if draw:integer(1, 10) == 1 then list[#list + 1] = draw:item { "null", "7", "[]", '"x"' } end
  return "[" .. table.concat(list, ",") .. (#list == 0 and space(draw) or "") .. "]"
end

local function access(draw)
  return draw:item { "true", "false", "true", "false", "null", draw:integer(1, 20) == 1 and "7" or "true" }
end

local TEXTS <const> = { '"qa"', '"dev"', '"Zürich"', '"q\\u0061"', '"東京 \\ud83d\\ude00"', '"a longer name of a team"',
  '""', "null", '"\\"quoted\\""' }

local function item(draw, most)
  local list = { { "a", draw:item(TEXTS) }, { "skipped", documents.value(draw, 3) } }
  if draw:integer(1, 3) > 1 then list[#list + 1] = { "may", members(draw, most, access) } end
  if draw:integer(1, 5) > 1 then list[#list + 1] = { "use", draw:item { list_of_uses, members } (draw, most, use) } end
  if draw:integer(1, 3) == 1 then list[#list + 1] = { "b", '{"c":' .. draw:item(TEXTS) .. "}" } end
  if draw:integer(1, 40) == 1 then list[#list + 1] = { "a", "1" } end
  return pairs_of(draw, list)
end

-- Behind it stands enough for the last item, too, to be read at one go.
local function document(draw)
  local list, most = {}, draw:integer(1, 8) == 1 and 70 or 5
  for i = 1, draw:integer(1, 12) do list[i] = item(draw, most) end
  return "[" .. table.concat(list, ",") .. "]" .. (" "):rep(200)
end

describe("items of a fold", function()
  it("come to the same at one go and token by token", function()
    local draw, taken, refused, listed = random.new(SEED), 0, 0, 0
    for i = 1, DOCUMENTS do
      local text = document(draw)
      if i % 3 == 0 then text = documents.changed(text, draw) end
      local outcome, of_list = ways.check(text, "[]", false, { size = draw:integer(130, 1000) })
      if not of_list.err and #of_list > 3 then listed = listed + 1 end
      if outcome.err then refused = refused + 1 else taken = taken + 1 end
    end
    assert.is_true(taken > DOCUMENTS // 3 and refused > DOCUMENTS // 10, taken .. " " .. refused)
    assert.is_true(listed > DOCUMENTS // 4, listed)
  end)

  it("come to the same one on each line, and in an object", function()
    local draw = random.new(SEED + 1)
    for i = 1, DOCUMENTS // 10 do
      local text = document(draw)
      ways.check(text:gsub("^%[", ""):gsub("%]%s*$", "") .. "\n" .. item(draw, 3) .. (" "):rep(200), ".", true)
      ways.check(('{"n":1,"data":{"users":{"k":%s,"l\\n":%s}}}%s'):format(item(draw, 5), item(draw, 5),
        (" "):rep(i)), "data.users{}", false)
    end
  end)

  it("have the same figures, of however many digits", function()
    local list = {}
    for digits = 1, 20 do
      for _, text in ipairs { ("9"):rep(digits), "1" .. ("0"):rep(digits - 1), ("1234567890123456789"):sub(1, digits) } do
        list[#list + 1] = ('{"a":"%s","skipped":%s,"use":{"x":{"n":%s,"m":-%s.5}}}'):format(text, text, text, text)
      end
    end
    for i = 1, #list do ways.check(("[%s]%s"):format(list[i], (" "):rep(200)), "[]", false) end
    local outcome = ways.check(('[{"use":{"x":{"n":12345678}}},{"use":{"x":{"n":9}}}]%s'):format((" "):rep(200)), "[]", false)
    assert.are.equal(12345687, outcome[3][3])
  end)

  it("are refused with the same error wherever they end early", function()
    local text = document(random.new(SEED + 2)):sub(1, 1500)
    for length = 1, #text do ways.check(text:sub(1, length), "[]", false) end
  end)

  -- Wrong ones, right ones, and ones that only a reader of values minds.
  local VALUES <const> = { "01", "-01", "00", "-", "1.", ".5", "1e", "1e+", "+1", "0x1", "-0", "0.0", "1E+2",
    "123456789012345678", "1234567890123456789", "9223372036854775808", "-9223372036854775808", "1e999", "1e-999",
    "12.5", "tru", "truer", "nul", "fals", "falsy", "None", "NaN", "'a'", '"a', '"\1"', '"\n"', '"\127"',
    '"\xff"', '"\xc0\xaf"', '"\xed\xa0\x80"', '"\xf4\x90\x80\x80"', '"é"', '"\\x"', '"\\ud800"', '"\\u00e9"', '"a\\',
    "[]", "[1,]", "[,]", "[1 2]", "[1,2", "[[{}]]", "[1}", "{}", "{,}", '{"a":1,}', '{"a" 1}', '{"a"=1}', '{"a"}', "{1:2}",
    '{"a":1 "b":2}', '{"a":1]', '{"a":1,"a":2}', '{"a\\u0061":01}', '{"\xff":1}', "", " ", ",", "1,", "1 1", "\0" }

  local PLACES <const> = { '{"a":%s,"use":{"x":{"n":1}}}', '{"b":%s}', '{"b":{"c":%s}}', '{"use":%s}', '{"may":%s}',
    '{"may":{"x":%s}}', '{"use":{"x":%s}}', '{"use":{"x":{"n":%s}}}', '{"use":{"x":{"m":%s,"n":2}}}',
    '{"\\u0061":%s}', '{"use":{"\\u0078":%s}}', '{"use"=%s}', '{"skipped":%s}', '{"use":{"x":{"skipped":%s}}}',
    '{"skipped":{"a":[%s]}}', "%s", '{"a":"qa"%s}' }

  it("are judged alike wherever a value stands", function()
    for _, place in ipairs(PLACES) do
      for _, value in ipairs(VALUES) do
        local wrong = place:gsub("%%s", function() return value end)
        ways.check(('[{"a":"qa"},%s,{"use":{"x":{"n":1}}}]%s'):format(wrong, (" "):rep(200)), "[]", false)
      end
    end
  end)

  -- Of few shapes, so that most go along the way of one before.
  local function alike(draw, shapes)
    local shape, list = draw:item(shapes), {}
    for place, name in ipairs(shape) do
      local value = name == "use" and '{"live":{"n":' .. figure(draw) .. ',"m":1.5},"app":{"n":'
        .. draw:integer(0, 10 ^ draw:integer(0, 17)) .. "}}"
        or name == "may" and ('{"app":%s,"live":%s}'):format(access(draw), access(draw))
        or name == "b" and '{"c":' .. draw:item(TEXTS) .. "}"
        or name == "a" and draw:item(TEXTS) or draw:integer(1, 4) > 1 and draw:item(TEXTS) or documents.value(draw, 2)
      list[place] = ('"%s":%s'):format(name, value)
    end
    return "{" .. table.concat(list, ",") .. "}"
  end

  local SHAPES <const> = { { "a", "use", "may" }, { "use", "a" }, { "skipped", "é", "b", "use" }, { "may", "a", "x" },
    { "use", "may", "b", "a" }, { "a", "use", "a" }, {} }

  it("come to the same along the ways of those before them", function()
    local draw, taken = random.new(SEED + 3), 0
    for i = 1, DOCUMENTS // 10 do
      local list, shapes = {}, { draw:item(SHAPES), draw:item(SHAPES), draw:item(SHAPES) }
      for place = 1, 40 do list[place] = alike(draw, shapes) end
      local text = "[" .. table.concat(list, ",") .. "]" .. (" "):rep(200)
      if i % 2 == 0 then text = documents.changed(text, draw) end
      if not ways.check(text, "[]", false).err then taken = taken + 1 end
    end
    assert.is_true(taken > DOCUMENTS // 100, taken)
  end)

  it("are judged alike where those before them had another value", function()
    for _, place in ipairs(PLACES) do
      for _, before in ipairs { "1", '"x"', "null", "true", "{}", '{"x":{}}' } do
        local right = place:gsub("%%s", function() return before end)
        for _, value in ipairs(VALUES) do
          local list = { right, right, right, (place:gsub("%%s", function() return value end)), right }
          ways.check(("[%s]%s"):format(table.concat(list, ","), (" "):rep(200)), "[]", false)
        end
      end
    end
  end)

  it("are no list where they are documents", function()
    for _, lines in ipairs { false, true } do
      for _, behind in ipairs { ',{"a":"k"}', ',{"a":"k"},{"a":"k"}', ',{"a":"k"}]', '{"a":"k"}' } do
        local outcome = ways.check('{"a":"k"}' .. behind .. (" "):rep(200), ".", lines)
        assert.are.equal("syntax", outcome.err and outcome.err[2])
        assert.are.equal(1, outcome.count)
      end
    end
  end)

  -- Keys of each length, so that the text between two values ends at each of its bytes; the odd
  -- item has another byte there, and with it another member.
  it("are known by each byte of the text between two values", function()
    for length = 1, 70 do
      local key = ("k"):rep(length)
      for at = 1, length do
        local other = key:sub(1, at - 1) .. "q" .. key:sub(at + 1)
        local form = '{"a":"x","use":{"%s":{"n":1},"y":{"n":2}}}'
        local usual, odd = form:format(key), form:format(other)
        local list = { usual, usual, usual, odd, usual }
        local outcome = ways.check(("[%s]%s"):format(table.concat(list, ","), (" "):rep(200)), "[]", false)
        assert.is_false(outcome.err)
      end
    end
  end)

  it("are forgotten where there are too many shapes, and known again", function()
    local list = {}
    for i = 1, 3000 do
      list[i] = i % 7 == 0 and ('{"a":"k","k%d":1,"use":{"x":{"n":%d}}}'):format(i, i)
        or ('{"a":"k","use":{"x%d":{"n":1},"y":{"n":2}},"may":{"y":true}}'):format(i % 9)
    end
    local outcome = ways.check("[" .. table.concat(list, ",") .. "]" .. (" "):rep(200), "[]", false)
    assert.is_false(outcome.err)
  end)

  it("have all their keys looked at, however many", function()
    for _, count in ipairs { 10, 16, 17, 40, 200 } do
      local list = {}
      for i = 1, count do list[i] = ('"k%d":{"n":%d}'):format(i, i) end
      local uses = table.concat(list, ",")
      local one = ('{"use":{%s}}'):format(uses)
      local outcome = ways.check(("[%s,%s,%s]%s"):format(one, one, one, (" "):rep(200)), "[]", false)
      assert.is_false(outcome.err)
      for _, twice in ipairs { "k1", "k" .. count } do
        outcome = ways.check(('[%s,{"use":{%s,"%s":{}}}]%s'):format(one, uses, twice, (" "):rep(200)), "[]", false)
        assert.are.equal("duplicate", outcome.err[2])
        assert.are.equal("[1].use." .. twice, outcome.err[4])
      end
    end
  end)

  it("are as deep as the reader allows", function()
    for depth = 1, 140 do
      local text = ('[{"a":"qa","skipped":%s%s,"use":{"x":{"n":1}}}]%s'):format(("["):rep(depth), ("]"):rep(depth),
        (" "):rep(400))
      local outcome = ways.check(text, "[]", false)
      assert.are.equal(depth > 126, outcome.err and outcome.err[2] == "depth", depth)
    end
  end)

  it("are as deep as the reader allows along the ways of those before them, too", function()
    local refused, nest = 0, function(depth) return ("["):rep(depth) .. ("]"):rep(depth) end
    for _, place in ipairs { '{"skipped":%s}', '{"use":{"x":{"skipped":%s}}}', '{"b":{"skipped":%s,"c":"x"}}' } do
      for max_depth = 5, 9 do
        for depth = 1, max_depth do
          local list = {}
          for i = 1, 8 do list[i] = place:format(nest(i == 6 and depth or 1)) end
          local text = ("[%s]%s"):format(table.concat(list, ","), (" "):rep(200))
          local outcome = ways.check(text, "[]", false, { max_depth = max_depth })
          refused = refused + (outcome.err and outcome.err[2] == "depth" and 1 or 0)
        end
      end
    end
    assert.are.equal((2 + 4 + 3) * 5, refused)
  end)

  local SUMS <const> = { each = { { "use" } }, columns = { { kind = "number", source = { "n", container = 1 } } },
    rules = { { group_by = {}, conditions = {}, slots = { { adding = "sum", source = 1, of = {} } } } } }

  -- What stands in memory behind a piece is not of the document: here it is what the piece
  -- before has left there.
  it("end where their piece does, with a long number before it", function()
    local PIECE <const>, HEAD <const>, TAIL <const> = 64 * 1024, '[{"a":"k","skipped":"', '","use":{"x":{"n":1}}},'
    local digits = ("1"):rep(140)
    for _, cut in ipairs { { "[[" .. digits .. "]", "]" }, { "[" .. digits .. " ", "]" }, { digits .. " ", "" },
      { "-" .. digits .. ".5 ", "" } } do
      for _, left in ipairs { "]", "}", "," } do
        local held <close> = core.spool.new {}
        assert(held:feed(HEAD .. left:rep(PIECE - #HEAD - #TAIL) .. TAIL .. '{"a":"k","skipped":' .. cut[1]))
        assert(held:rewind())
        local reader <close> = core.json.reader { rows = "[]", fields = { "use{}.n" } }
        local fold <close> = core.fold(SUMS, print, reader)
        local more
        repeat more = held:give(reader) until not more
        assert.is_false(more)
        assert(reader:feed(cut[2] .. ',"use":{"x":{"n":2}}},{"a":"k","use":{"x":{"n":3}}}]' .. (" "):rep(200)))
        assert(reader:finish())
        assert(fold:take())
        assert.are.equal(6, (select(3, fold:figure(1, 1, 1))))
      end
    end
  end)
end)
