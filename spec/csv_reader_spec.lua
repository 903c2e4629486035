-- The reader of CSV in C: grammar, pieces, columns, and agreement with Python's own reader.
local core = require "usagelua.core"
local json = require "usagelua.json"
local python = require "support.python"
local random = require "support.random"

local NULL <const> = json.null

local function pieces(text, length)
  local list = {}
  for at = 1, #text, length do list[#list + 1] = text:sub(at, at + length - 1) end
  return list
end

-- The rows of a text fed in pieces of this length, or nil and the error.
local function read(text, options, length)
  local reader <close> = core.csv.reader(options or {})
  local rows = {}
  local function drain()
    for row in function() return reader:next() end do rows[#rows + 1] = row end
  end
  for _, piece in ipairs(pieces(text, length or math.max(1, #text))) do
    local ok, err = reader:feed(piece)
    if not ok then return nil, err end
    drain()
  end
  local ok, err = reader:finish()
  if not ok then return nil, err end
  drain()
  assert(reader:count() == #rows)
  return rows, reader:columns(), reader:open_row()
end

-- Whole and in every length of pieces the same: rows, or an error at the same place.
local function read_each_way(text, options)
  local rows, columns, open = read(text, options)
  for length = 1, math.min(#text, 9) do
    local again, others, also = read(text, options, length)
    assert.are.same(rows, again)
    assert.are.same(columns, others)
    assert.are.equal(open, also)
  end
  return rows, columns, open
end

describe("core.csv.reader", function()
  it("reads rows under the names of the first", function()
    for text, expected in pairs {
      ["a,b\r\n1,2\r\n"] = { { a = "1", b = "2" } },
      ["a,b\n1,2\n3,4"] = { { a = "1", b = "2" }, { a = "3", b = "4" } },
      ["\239\187\191a,b\n1,2\n"] = { { a = "1", b = "2" } },
      ['"a","b"\n"1","2"\n'] = { { a = "1", b = "2" } },
      ['a,b\n"x,y","say ""hi"""\n'] = { { a = "x,y", b = 'say "hi"' } },
      ['a,b\n"x\r\ny","\n"\n'] = { { a = "x\r\ny", b = "\n" } },
      ['a,b\n"""",""""""\n'] = { { a = '"', b = '""' } },
      ["a,b\n,\n"] = { { a = NULL, b = NULL } },
      ['a,b\n"",x\n'] = { { a = NULL, b = "x" } },
      ["a,b\n 1 ,\t\n"] = { { a = " 1 ", b = "\t" } },
      ["a,b\n\n1,2\n\r\n"] = { { a = "1", b = "2" } },
      ["a\n1\n\n2\n"] = { { a = "1" }, { a = NULL }, { a = "2" } },
      ['a,b\n1,'] = { { a = "1", b = NULL } },
      ["a,\"x\ny\"\n1,2\n"] = { { a = "1", ["x\ny"] = "2" } },
      ["a,b\nä日,\0\n"] = { { a = "ä日", b = "\0" } },
      ["a,b\n"] = {},
      ["a,b"] = {},
      [""] = {},
      ["\n\r\n"] = {},
      ["\u{FEC0},b\n1,2\n"] = { { ["\u{FEC0}"] = "1", b = "2" } },
    } do
      assert.are.same(expected, (read_each_way(text)), text)
    end
  end)

  it("says what is wrong, and where", function()
    for text, expected in pairs {
      ["a,b\n1\n"] = { "shape", "length", "a row of 1 cells under a header of 2 at line 2, in row 1" },
      ["a,b\n1,2\n1,2,3\n"] = { "shape", "length", "a row of 3 cells under a header of 2 at line 3, in row 2" },
      ["a,b\n1,2,3"] = { "shape", "length", "a row of 3 cells under a header of 2 at line 2, in row 1" },
      ['a,b\n""\n'] = { "shape", "length", "a row of 1 cells under a header of 2 at line 2, in row 1" },
      ["a,b\n1,2\n1"] = { "cut", "incomplete", "a row of 1 cells under a header of 2 at line 3, in row 2" },
      ['a,b\n1,"2'] = { "cut", "incomplete", "the answer ends inside a quoted cell at line 2, in row 1" },
      ['a,b\n1,"\n\n2'] = { "cut", "incomplete", "the answer ends inside a quoted cell at line 4, in row 1" },
      ["a,b\n1,2\r"] = { "cut", "incomplete", "the answer ends behind a carriage return at line 2, in row 1" },
      ["\239\187"] = { "cut", "incomplete", "the answer ends inside a byte order mark at line 1, in the header" },
      ["a,b\n1,2\r3\n"] = { "shape", "syntax", "a carriage return without a line feed at line 2, in row 1" },
      ['a,b\n1,2"3\n'] = { "shape", "syntax", "a quote in the midst of a cell at line 2, in row 1" },
      ['a,b\n1,"2"3\n'] = { "shape", "syntax", "text behind the quotes of a cell at line 2, in row 1" },
      ["a,b\n1,\xff\n"] = { "shape", "utf8", "a cell that is not UTF-8 at line 2, in row 1" },
      ["a,b\n1,\xe6\x97\n"] = { "shape", "utf8", "a cell that is not UTF-8 at line 2, in row 1" },
      ["a,b\n1,\xed\xa0\x80\n"] = { "shape", "utf8", "a cell that is not UTF-8 at line 2, in row 1" },
      ["a,b\n1,\xe6\x97"] = { "cut", "utf8", "a cell that is not UTF-8 at line 2, in row 1" },
      ["\xff\xfea\0\n"] = { "shape", "utf8", "a cell that is not UTF-8 at line 1, in the header" },
      ["a,b,a\n1,2,3\n"] = { "shape", "duplicate", "two columns are named 'a' at line 1, in the header" },
      ["a,,\n1,2,3\n"] = { "shape", "duplicate", "two columns are named '' at line 1, in the header" },
    } do
      for length = 1, #text do
        local rows, err = read(text, nil, length)
        assert.is_nil(rows)
        assert.are.same(expected, { err.kind, err.code, err.message }, text)
      end
    end
  end)

  it("finds a name that stands twice at the same byte however the text is cut", function()
    local text = "a,b122,,\n1\n3\n"
    for length = 1, #text do
      local _, err = read(text, nil, length)
      assert.are.same({ "duplicate", 8 }, { err.code, err.offset })
    end
  end)

  it("keeps its error, and the rows before it", function()
    local reader <close> = core.csv.reader {}
    local ok, err = reader:feed "a\n1\n2\r3"
    assert.is_nil(ok)
    assert.are.same({ nil, err }, { reader:feed "x\n" })
    assert.are.same({ nil, err }, { reader:finish() })
    assert.are.same({ { a = "1" } }, { (reader:next()) })
  end)

  it("gives only the columns that are wanted, and checks the others", function()
    local text = "a,b,c,b\n1,2,3,4\n"
    assert.are.same({ { a = "1", c = "3" } }, (read_each_way(text, { fields = { "a", "c", "nowhere" } })))
    assert.are.same({ {} }, (read_each_way(text, { fields = { "nowhere" } })))
    assert.is_nil((read(text, { fields = { "b" } })))
    assert.is_nil((read("a,b\n1,\xff\n", { fields = { "a" } })))
  end)

  it("takes other delimiters, and names where there is no header", function()
    assert.are.same({ { a = "1,5", b = "2" } }, (read_each_way('a;b\n1,5;"2"\n', { delimiter = ";" })))
    assert.are.same({ { a = "1", b = "2" } }, (read_each_way("a\tb\n1\t2\n", { delimiter = "\t" })))
    local rows, columns = read_each_way("1,2\n", { columns = { "x", "y" } })
    assert.are.same({ { { x = "1", y = "2" } }, { "x", "y" } }, { rows, columns })
  end)

  it("knows whether the last row was ended", function()
    for text, expected in pairs { ["a\n1\n"] = false, ["a\n1"] = true, ['a\n"1"'] = true, ["a"] = true,
      ["a\n"] = false, [""] = false, ["a,b\n1,"] = true } do
      local _, _, open = read_each_way(text)
      assert.are.equal(expected, open, text)
    end
  end)

  it("refuses what it cannot use", function()
    for _, options in ipairs { { delimiter = "" }, { delimiter = "ab" }, { delimiter = '"' },
      { delimiter = "\n" }, { delimiter = "é" }, { columns = { "a", "a" } }, { fields = { 1 } },
      { fields = "a" } } do
      assert.has_error(function() core.csv.reader(options) end)
    end
    local reader = core.csv.reader {}
    assert(reader:finish())
    assert.has_error(function() reader:feed "x" end)
    reader:close()
    reader:close()
    assert.has_error(function() reader:next() end)
    assert.are.equal("usagelua.csv.reader (closed)", tostring(reader))
  end)

  it("drops what is at hand, and goes on", function()
    local reader <close> = core.csv.reader {}
    assert(reader:feed "a\n1\n2\n3")
    reader:discard()
    assert(reader:feed "4\n")
    assert.are.same({ a = "34" }, reader:next())
    assert.are.equal(3, reader:count())
  end)

  it("takes a spool's pieces, large cells and many rows", function()
    local spool <close> = core.spool.new { memory_bytes = 1 }
    local large = ("x"):rep(300000)
    assert(spool:feed('a,b\n"' .. large .. '",1\n' .. ("y,2\n"):rep(50000)))
    assert(spool:rewind())
    local reader <close> = core.csv.reader {}
    local rows, sum = 0, 0
    while assert(spool:give(reader) ~= nil) and rows < 50001 do
      for row in function() return reader:next() end do
        rows, sum = rows + 1, sum + math.tointeger(row.b)
        assert(rows > 1 or row.a == large)
      end
    end
    assert.are.same({ 50001, 100001 }, { rows, sum })
  end)
end)

describe("the reader of CSV and Python's", function()
  local CELLS <const> = { "", "1", "9223372036854775807", 'a"b', "x,y", "l\nm", "r\r\nn", "é日😀", " s ", '"', '""',
    "-1.5", ",", "\r\n", "\t", "#END", "'", ";", "long" .. ("z"):rep(70) }
  local ENDS <const> = { "\n", "\r\n" }

  -- Quoted where it must be, and now and then where not.
  local function written(draw, cell)
    if not cell:find '[",\r\n]' and draw:integer(1, 3) > 1 then return cell end
    return '"' .. cell:gsub('"', '""') .. '"'
  end

  local function document(draw)
    local columns, lines = draw:integer(2, 5), {}
    local names = {}
    for i = 1, columns do names[i] = written(draw, "c" .. i .. draw:item(CELLS)) end
    lines[1] = table.concat(names, ",")
    for _ = 1, draw:integer(0, 6) do
      local cells = {}
      for i = 1, columns do cells[i] = written(draw, draw:item(CELLS)) end
      lines[#lines + 1] = table.concat(cells, ",")
    end
    local text = table.concat(lines, draw:item(ENDS))
    return (draw:integer(1, 4) == 1 and "\239\187\191" or "") .. text .. draw:item { "", "\n", "\r\n" }
  end

  -- Both read a list of documents; each answer is the list of rows with their cells in order.
  local CODE <const> = [[
import csv, io, json, sys
out = []
for text in json.load(open(sys.argv[1], encoding="utf-8")):
    rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), strict=True))
    out.append([r for r in rows if r])
print(json.dumps(out))]]

  local function our_rows(text, length)
    local rows, columns = assert(read(text, nil, length))
    local list = { columns }
    for i, row in ipairs(rows) do
      local cells = {}
      for k, name in ipairs(columns) do cells[k] = row[name] == NULL and "" or row[name] end
      list[i + 1] = cells
    end
    return list
  end

  it("give the same cells of hostile documents, in any pieces", function()
    local documents = {}
    for seed = 1, 2000 do documents[seed] = document(random.new(seed)) end
    local theirs = assert(json.decode(python.run(CODE, json.encode(documents))))
    for seed, text in ipairs(documents) do
      local length = random.new(seed):integer(1, 12)
      assert(json.encode(theirs[seed]) == json.encode(our_rows(text, length)), text)
    end
  end)

  it("agree that broken documents are none, or read the same", function()
    local broken, list = {}, {}
    for seed = 1, 2000 do
      local draw = random.new(seed)
      local text = document(draw)
      local at = draw:integer(1, #text)
      broken[seed] = text:sub(1, at - 1) .. draw:item { "", '"', ",", "\n" } .. text:sub(at + 1)
      if not utf8.len(broken[seed]) then broken[seed] = "a,b\n" end
    end
    local theirs = assert(json.decode(python.run([[
import csv, io, json, sys
out = []
for text in json.load(open(sys.argv[1], encoding="utf-8")):
    try:
        rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), strict=True))
        out.append([r for r in rows if r])
    except csv.Error:
        out.append(None)
print(json.dumps(out))]], json.encode(broken))))
    for seed, text in ipairs(broken) do
      local rows, columns = read(text)
      if rows then
        assert(theirs[seed] ~= NULL, text)
        local first = columns and theirs[seed][1] or nil
        assert(json.encode(first or NULL) == json.encode(columns or NULL), text)
        assert((columns and #rows + 1 or 0) == #theirs[seed], text)
        list[#list + 1] = seed
      end
    end
    assert.is_true(#list > 100 and #list < 1900)
  end)
end)
