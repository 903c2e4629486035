local csv = require "usagelua.csv"
local hostile = require "support.hostile"
local order = require "usagelua.order"
local outcome = require "support.outcome"
local tmp = require "support.tmp"

local folder

before_each(function() folder = tmp.folder() end)

local function file(text)
  return folder:write("people.csv", text)
end

local function read(text, options)
  return csv.read(file(text), options)
end

local function rows(sheet)
  local list = {}
  for row in sheet:each() do list[#list + 1] = row end
  return list
end

local function assert_refused(expected, text, options)
  local path = file(text)
  local message = outcome.usage_error(csv.read, path, options)
  assert.are.equal(expected, message and message:gsub(path:gsub("%W", "%%%0"), "people.csv"))
end

local PEOPLE <const> = "email,team,centre\nann@x.test,qa,100\nbob@x.test,web,\ncy@x.test,qa,300\n"

describe("usage.csv", function()
  it("reads a header and rows of text; an empty cell is nil", function()
    local people = read(PEOPLE)
    assert.same({ "email", "team", "centre" }, people.columns)
    assert.are.equal(3, #people)
    assert.same({ email = "ann@x.test", team = "qa", centre = "100" }, people.rows[1])
    assert.same({ email = "bob@x.test", team = "web" }, people.rows[2])
  end)

  it("takes a byte order mark, CRLF, quotes, a last row without its line end", function()
    local sheet = read('\u{FEFF}a,b\r\n"x, ""y""\r\nz",007\r\n\r\n"",last', nil)
    assert.same({ { a = 'x, "y"\r\nz', b = "007" }, { b = "last" } }, rows(sheet))
    assert.same({ 2, 5 }, sheet.lines)
  end)

  it("gives each row as a table of its own", function()
    local sheet = read(PEOPLE)
    rows(sheet)[1].team = "changed"
    assert.are.equal("qa", rows(sheet)[1].team)
  end)

  it("takes other separators", function()
    assert.same({ { a = "1,5", b = "x" } }, rows(read("a;b\n1,5;x\n", { separator = ";" })))
    assert.same({ { a = "1", b = "x;y" } }, rows(read("a\tb\n1\tx;y\n", { separator = "\t" })))
  end)

  it("keeps every byte of hostile names", function()
    local lines, names = { "name,number\n" }, {}
    for i, key in ipairs(order.keys(hostile)) do
      if utf8.len(hostile[key]) then
        names[#names + 1] = hostile[key]
        lines[#lines + 1] = ('"%s",%d\n'):format(hostile[key]:gsub('"', '""'), i)
      end
    end
    local sheet = read(table.concat(lines))
    assert.are.equal(#names, #sheet)
    for i, name in ipairs(names) do assert.are.equal(name, sheet.rows[i].name) end
  end)

  for _, case in ipairs {
    { "people.csv, line 3: a row of 1 cells under a header of 2", "a,b\n1,2\n3\n" },
    { "people.csv, line 1: two columns are named 'a'", "a,a\n1,2\n" },
    { "people.csv, line 2, byte 3: a cell that is not UTF-8", "a,b\n1,\xFFx\n" },
    { "people.csv, line 2, byte 4: text behind the quotes of a cell", 'a,b\n"x"y,2\n' },
    { "people.csv, line 1: there is no header", "" },
    { "people.csv, line 1: column 2 has no name", "a,,c\n1,2,3\n" },
    { "people.csv, line 1: the header is one column, 'a;b'; write separator = \";\"", "a;b\n1;2\n" },
    { "people.csv: unknown column 'email'; did you mean 'mail'? known: mail, team", "mail,team\nx,y\n",
      { columns = { "email" } } },
  } do
    it("refuses: " .. case[1], function() assert_refused(table.unpack(case)) end)
  end

  it("tells where a quoted cell that never ends stands", function()
    assert.truthy(outcome.usage_error(read, 'a,b\n"x,2\n'):find("the file ends inside a quoted cell", 1, true))
  end)

  it("refuses what is no file, and options that are none", function()
    assert.truthy(outcome.usage_error(csv.read, folder.path .. "/none.csv"):find("none.csv: No such file", 1, true))
    assert.truthy(outcome.usage_error(csv.read, folder.path):find("it is a folder", 1, true))
    assert.truthy(outcome.usage_error(csv.read, nil):find("takes the name of a file", 1, true))
    assert.truthy(outcome.usage_error(csv.read, "x", { seperator = ";" }):find("did you mean 'separator'", 1, true))
    for _, separator in ipairs { "", ";;", '"', "\n", "a", " ", 5 } do
      assert.truthy(outcome.usage_error(csv.read, "x", { separator = separator })
        :find("separator is one character", 1, true))
    end
  end)
end)

describe("lookup", function()
  it("goes from one column to another; what matches nothing is unassigned", function()
    local team_of = read(PEOPLE):lookup("email", "team")
    assert.are.equal("qa", team_of "ann@x.test")
    assert.are.equal("qa", team_of "ANN@X.Test")
    assert.are.equal("(unassigned)", team_of "eve@x.test")
    assert.are.equal("(unassigned)", team_of(nil))
  end)

  it("is unassigned where the cell is empty, or what the script says", function()
    assert.are.equal("(unassigned)", read(PEOPLE):lookup("email", "centre") "bob@x.test")
    assert.are.equal("none", read(PEOPLE):lookup("email", "centre", { otherwise = "none" }) "bob@x.test")
  end)

  it("tells capital letters apart where it is exact", function()
    local of = read("code,name\nA1,one\na1,two\n"):lookup("code", "name", { exact = true })
    assert.same({ "one", "two" }, { of "A1", of "a1" })
  end)

  it("takes one key with one value several times, but not with two", function()
    local sheet = read "team,centre\nqa,100\nqa,100\nQA,200\n"
    assert.are.equal("100", sheet:lookup("team", "centre", { exact = true }) "qa")
    local message = outcome.usage_error(sheet.lookup, sheet, "team", "centre")
    assert.truthy(message:find("people.csv, line 4: column 'team': 'QA' has another centre than on line 2", 1, true),
      message)
  end)

  it("refuses columns that are not there", function()
    local sheet = read(PEOPLE)
    assert.truthy(outcome.usage_error(sheet.lookup, sheet, "emial", "team"):find("did you mean 'email'", 1, true))
    assert.truthy(outcome.usage_error(sheet.lookup, sheet, "email", "tema"):find("did you mean 'team'", 1, true))
  end)
end)

describe("records", function()
  it("are a frame that rules group", function()
    local heads = read(PEOPLE):records():aggregate {
      group_by = "team", measures = { { kind = "count", as = "heads" } } }
    assert.same({ { team = "qa", heads = 2 }, { team = "web", heads = 1 } }, heads:result().rows)
  end)

  it("have measures where the script says so", function()
    local sheet = read "team,seats,note\nqa,5,x\nweb,1.5,\nqa,,y\n"
    local seats = sheet:records { measures = { seats = { unit = "1" } } }
    assert.are.equal(6.5, seats:value "seats")
    assert.are.equal(5, seats:value("seats", { team = "qa" }))
  end)

  it("refuse cells that hold no number, with the place", function()
    for _, cell in ipairs { "five", "0x10", "1e5", "nan", "=1+1", "1 000" } do
      local sheet = read("team,seats\nqa,5\nweb," .. cell .. "\n")
      local message = outcome.usage_error(sheet.records, sheet, { measures = { seats = {} } })
      assert.truthy(message:find(("people.csv, line 3: column 'seats': '%s' is not a number"):format(cell), 1, true), message)
    end
  end)
end)
