-- lua/usagelua/meta/library: the annotations that editors read have every public
-- name, and nothing that there is not.
local description = require "usagelua.vendor.description"
local frame = require "usagelua.frame"
local library = require "usagelua.library"
local period = require "usagelua.time.period"
local report = require "usagelua.report"
local shell = require "support.shell"
local tmp = require "support.tmp"
local usage = require "usagelua"

local read_annotations = dofile "docs/printed/read_annotations.lua"

local FOLDER <const> = "lua/usagelua/meta/"

local function read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

-- Names of all classes' fields and all functions, as "class.field" and "name:method".
local function entries_of(path)
  local classes, functions = {}, {}
  for _, entry in ipairs(read_annotations(read(FOLDER .. path))) do
    if entry.kind == "class" then
      classes[entry.name] = {}
      for _, field in ipairs(entry.fields) do
        classes[entry.name][(field.name:gsub("%?$", ""))] = field
      end
    elseif entry.kind == "function" then
      functions[entry.name] = entry
    end
  end
  return classes, functions
end

local function keys(map)
  local list = {}
  for key in pairs(map) do list[#list + 1] = key end
  table.sort(list)
  return list
end

-- The names of functions behind "usage." or "frame:".
local function members(functions, head)
  local list = {}
  for name in pairs(functions) do
    if name:sub(1, #head) == head then list[#list + 1] = name:sub(#head + 1) end
  end
  table.sort(list)
  return list
end

-- The words that a refusal lists as known ones.
local function known_by(call)
  local ok, err = pcall(call)
  assert(not ok)
  local list = {}
  local listed = tostring(err):match "known: ([^;\n]+)"
  for word in assert(listed, tostring(err)):gmatch "[%w_]+" do list[#list + 1] = word end
  table.sort(list)
  return list
end

local function names_of(class)
  local list = {}
  for name in pairs(class) do
    if not name:find "^%[" then list[#list + 1] = name end
  end
  table.sort(list)
  return list
end

-- Methods of a value's type, without those that only the library itself calls.
local function public(value, internal)
  local hidden = {}
  for _, name in ipairs(internal) do hidden[name] = true end
  local list = {}
  for name in pairs(getmetatable(value).__index) do
    if not hidden[name] then list[#list + 1] = name end
    hidden[name] = nil
  end
  assert.are.same({}, keys(hidden), "internal methods that are none")
  table.sort(list)
  return list
end

local function some_frame()
  return usage.collect { { "testmu.summary" } }
end

describe("the annotations have", function()
  it("each name of the library", function()
    local classes, functions = entries_of "library/usagelua.lua"
    local annotated = members(functions, "usage.")
    local fields = names_of(classes.usagelua)
    table.move(fields, 1, #fields, #annotated + 1, annotated)
    table.sort(annotated)
    assert.are.same(library.names(), annotated)
  end)

  it("each method of a frame that scripts call", function()
    local _, functions = entries_of "library/frame.lua"
    assert.is_true(frame.is(some_frame()))
    assert.are.same(public(some_frame(), { "schema", "need", "ask", "begin", "finish", "is_asked",
      "comes_from", "wants", "reads", "fields", "folding", "result", "result_by", "each_marked", "figure",
      "noticed", "again", "has_periods", "made_by", "made_with", "origin", "asking", "covered" }),
      members(functions, "frame:"))
  end)

  it("each method of a report that scripts call", function()
    local _, functions = entries_of "library/report.lua"
    local made = usage.report { usage.note "x" }
    assert.is_true(report.is(made))
    assert.are.same(public(made, { "evaluate", "table_names", "rendered" }),
      members(functions, "report:"))
  end)

  it("each method of a period", function()
    local _, functions = entries_of "library/period.lua"
    assert.are.same(public(period.parse "2026-06", {}), members(functions, "period:"))
  end)

  it("each field of a period that it says itself", function()
    local annotated = entries_of("library/period.lua")["usagelua.period"]
    for _, entry in ipairs(read_annotations(read "lua/usagelua/time/period.lua")) do
      if entry.name == "usagelua.period" then
        for _, field in ipairs(entry.fields) do
          assert.are.equal(field.type, annotated[field.name].type)
        end
        assert.are.equal(#entry.fields, #keys(annotated))
      end
    end
    assert.are.equal("2026-06", period.parse("2026-06").label)
  end)

  it("each rule to start from, and each method of a CSV file's table", function()
    local _, rules = entries_of "library/rules.lua"
    assert.are.same(keys(usage.rules), members(rules, "rules."))
    local folder <close> = tmp.folder()
    local sheet = usage.csv(folder:write("people.csv", "email,team\na,b\n"))
    local classes, methods = entries_of "library/csv.lua"
    assert.are.same(public(sheet, { "need", "refuse" }), members(methods, "sheet:"))
    assert.are.same(keys(sheet), names_of(classes["usagelua.csv_table"]))
  end)

  it("each function of http, json and secret", function()
    local _, http = entries_of "library/http.lua"
    assert.are.same(keys(usage.http), members(http, "http."))
    local classes, json = entries_of "library/json.lua"
    local annotated = members(json, "json.")
    annotated[#annotated + 1] = names_of(classes["usagelua.json"])[1]
    table.sort(annotated)
    assert.are.same(keys(usage.json), annotated)
    local _, secret = entries_of "library/secret.lua"
    assert.are.same(keys(usage.secret), members(secret, "secret."))
  end)

  it("each kind of error", function()
    local function kinds(path)
      local list = {}
      for kind in read(path):gmatch '%-%-%-| "([%w_]+)"' do list[#list + 1] = kind end
      return list
    end
    assert.is_true(#kinds "lua/usagelua/errors.lua" > 20)
    assert.are.same(kinds "lua/usagelua/errors.lua", kinds(FOLDER .. "library/error.lua"))
  end)

  local CALLS <const> = {
    { "library/frame.lua", "usagelua.rule", function() some_frame():aggregate { zzqzz = 1 } end },
    { "library/report.lua", "usagelua.report_spec", function() usage.report { zzqzz = 1 } end },
    { "library/report.lua", "usagelua.table_spec",
      function() usage.table { some_frame(), zzqzz = 1 } end },
    { "library/report.lua", "usagelua.chart_spec",
      function() usage.chart { some_frame(), zzqzz = 1 } end },
    { "library/report.lua", "usagelua.budget_spec",
      function() usage.budget { some_frame(), zzqzz = 1 } end },
    { "library/report.lua", "usagelua.price",
      function() usage.prices { currency = "EUR", { zzqzz = 1 } } end },
    { "library/usagelua.lua", "usagelua.collection", function() usage.collect { zzqzz = 1 } end },
    { "library/usagelua.lua", "usagelua.argument",
      function() usage.args { team = { zzqzz = 1 } } end },
    { "library/http.lua", "usagelua.http.options",
      function() usage.http.request { url = "https://a.test", zzqzz = 1 } end },
  }
  for _, row in ipairs(CALLS) do
    it("each key of " .. row[2], function()
      assert.are.same(known_by(row[3]), names_of(entries_of(row[1])[row[2]]))
    end)
  end

  it("each key of a vendor's description, under the class of its table", function()
    local classes = entries_of "library/vendor_description.lua"
    for _, section in ipairs(description.SECTIONS) do
      local name = section[2] == description.VENDOR and "usagelua.vendor_description"
        or "usagelua.vendor_description." .. section[1]:gsub("%.", "_")
      local class = assert(classes[name], name)
      for _, row in ipairs(section[2]) do
        local key = type(row[1]) == "number" and ("[%d]"):format(row[1]) or row[1]
        local field = assert.truthy(class[key], name .. " " .. key) and class[key]
        assert.are.equal(row.required or false, not field.name:find "%?$", name .. " " .. key)
      end
      assert.are.equal(#section[2], #keys(class), name)
    end
  end)

  it("the classes of a description's tables in their places", function()
    local classes = entries_of "library/vendor_description.lua"
    local head <const> = "usagelua.vendor_description"
    assert.are.equal(("table<string, %s.datasets>"):format(head), classes[head].datasets.type)
    assert.are.equal(("%s.auth|%s.auth[]"):format(head, head), classes[head].auth.type)
    assert.are.equal(head .. ".pages", classes[head .. ".datasets"].pages.type)
    assert.are.equal(("table<string, string|%s.fields>"):format(head),
      classes[head .. ".datasets"].fields.type)
    assert.are.equal(head .. ".request", classes[head .. ".job"].create.type)
    assert.are.equal("fun(ask: usagelua.flow.ask, query: any, emit: usagelua.flow.emit): any",
      classes[head .. ".datasets"].flow.type)
  end)
end)

describe("an example in the annotations", function()
  local listed = shell.output("ls " .. FOLDER .. "library/*.lua")
  for path in listed:gmatch "[^\n]+" do
    for _, entry in ipairs(read_annotations(read(path))) do
      local lines = {}
      for _, line in ipairs(entry.help) do lines[#lines + 1] = line:match "^    (.*)$" end
      if #lines > 0 then
        it("is Lua, of " .. entry.name, function()
          assert(load(table.concat(lines, "\n"), "=" .. entry.name, "t"))
        end)
      end
    end
  end
end)

describe("the files of annotations", function()
  local listed = shell.output("find lua/usagelua/meta -name '*.lua' | LC_ALL=C sort")

  it("are Lua", function()
    for path in listed:gmatch "[^\n]+" do assert(loadfile(path)) end
  end)

  it("name no class that none of them has", function()
    local defined, all = {}, {}
    for path in listed:gmatch "[^\n]+" do
      local text = read(path)
      for name in text:gmatch "%-%-%-@class ([%w_.]+)" do defined[name] = true end
      for name in text:gmatch "%-%-%-@alias ([%w_.]+)" do defined[name] = true end
      if path:find "/library/" then all[path] = text end
    end
    for path, text in pairs(all) do
      for line in text:gmatch "%-%-%-@%w+ ([^\n]+)" do
        for name in line:gmatch "usagelua%.[%l_.]*[%l_]" do
          assert.truthy(defined[name] or line:find("`" .. name, 1, true), path .. ": " .. name)
        end
      end
    end
  end)
end)
