-- The same question over real HTTP, answered in every way that the library has: as the answer
-- streams in or when it is whole, added up in C or row by row in Lua, one request at a time or
-- sixteen, with the fields that rules name or with all of them; all of them
-- give the same, and what plain arithmetic gives.
local cjson = require "cjson"
local nginx = require "support.nginx"
local random = require "support.random"
local shell = require "support.shell"
local tmp = require "support.tmp"

local COUNTS <const> = { 12, 25, 30, 43, 7, 20, 11, 27, 18, 8, 33, 21, 3, 16, 24, 40 }
local RULES <const> = 5

-- The same dataset, read in several ways.
local DATASETS <const> = {
  streamed = "",
  whole = [[answer = "whole",]],
  rows = [[record = function() end,]],
  ["rows_when_whole"] = [[answer = "whole", record = function() end,]],
  flow = [[flow = function(ask, query, emit)
    for item in ask:each("/_json?items=" .. query.params.count, "data[]") do emit(item) end
  end,]],
}

local DATASET <const> = [[
    %s = { params = { count = { list = true, required = true } }, fan_out = { "count" }, %s
      fields = { user_id = "email", external_id = "id", team = { param = "count" }, tests = "tests" } },
]]
local REQUEST <const> = [[request = { path = "/_json", query = { items = "{count}" } }, rows = "data[]",]]

local function vendor_text(name, url, in_flight)
  local parts = {}
  for dataset, more in pairs(DATASETS) do
    parts[#parts + 1] = DATASET:format(dataset, more .. (more:find "^flow" and "" or REQUEST))
  end
  return ([[return { name = "%s", version = 1, base_url = "%s", rate = { in_flight = %d },
    auth = { kind = "bearer", token_env = "%s_TOKEN" }, datasets = { %s } }]]):format(name, url,
    in_flight, name:upper(), table.concat(parts))
end

-- Rules as a table says them, and with a function in the place of its `where`, with and without
-- the names of the fields that it reads.
local REPORT <const> = [[
local usage = require "usagelua"
local rules, counts = dofile "rules.lua"
local sections = {}

local WAYS = {
  table = function(rule) return rule.where end,
  ["function"] = function(rule)
    return rule.where and function(row)
      return row.team == rule.where.team and (not rule.where.tests or row.tests >= rule.where.tests.min)
    end
  end,
}

local function add(vendor, dataset, way, fields)
  local records = usage.collect { period = "vendor", { vendor .. "." .. dataset, count = counts } }
  for number, rule in ipairs(rules) do
    local own = { group_by = rule.group_by, measures = rule.measures, where = WAYS[way](rule) }
    if type(own.where) == "function" then own.fields = fields end
    sections[#sections + 1] = usage.table { records:aggregate(own),
      name = ("%s-%s-%s-%s-%d"):format(vendor, dataset, way, fields and "some" or "all", number) }
  end
end

for _, vendor in ipairs { "one", "many" } do
  for _, dataset in ipairs { "streamed", "whole", "rows", "rows_when_whole", "flow" } do
    add(vendor, dataset, "table")
    if dataset ~= "flow" then
      add(vendor, dataset, "function")
      add(vendor, dataset, "function", { "team", "tests" })
    end
  end
end
return usage.report { title = "T", table.unpack(sections) }
]]

local MEASURES <const> = { '"tests"', '{ "user_id", as = "users", kind = "distinct" }',
  '{ "tests", as = "most", kind = "max" }', '{ "tests", as = "least", kind = "min" }',
  '{ "tests", as = "mean", kind = "mean" }', '{ as = "rows", kind = "count" }' }
local GROUPS <const> = { "{}", '{ "team" }', '{ "external_id" }', '{ "team", "user_id" }' }

local function draw_rules(seed)
  local draw = random.new(seed)
  local parts = {}
  for number = 1, RULES do
    local measures = { MEASURES[1] }
    for place = 2, #MEASURES do
      if draw:integer(1, 2) == 1 then measures[#measures + 1] = MEASURES[place] end
    end
    local where = draw:integer(1, 3) == 1 and ("{ team = %q }"):format(tostring(draw:item(COUNTS))) or nil
    if where and draw:integer(1, 2) == 1 then
      where = where:gsub("}$", (", tests = { min = %d } }"):format(draw:integer(1, 20)))
    end
    parts[number] = ("{ group_by = %s, measures = { %s }, where = %s },"):format(draw:item(GROUPS),
      table.concat(measures, ", "), where or "nil")
  end
  local counts = {}
  for place, count in ipairs(COUNTS) do counts[place] = ("%q"):format(tostring(count)) end
  return ("return { %s }, { %s }"):format(table.concat(parts, "\n"), table.concat(counts, ", "))
end

describe("the same question", function()
  local server, folder

  setup(function()
    server, folder = nginx.start { tls = false, vendors = {} }, tmp.folder()
    folder:write("one.lua", vendor_text("one", server.url, 1))
    folder:write("many.lua", vendor_text("many", server.url, 16))
    folder:write("report.lua", REPORT)
  end)

  teardown(function()
    server:stop()
    folder:remove()
  end)

  local function sections(seed)
    folder:write("rules.lua", draw_rules(seed))
    local result = shell.run({ shell.usagelua(), "report.lua", "-f", "json" }, { cwd = folder.path,
      timeout_s = 300, env = { USAGELUA_VENDORS = folder.path, USAGELUA_STATE = folder.path,
        ONE_TOKEN = "token-of-the-specs-1", MANY_TOKEN = "token-of-the-specs-2" } })
    assert.are.equal(0, result.status, result.stderr)
    local found = {}
    for _, section in ipairs(cjson.decode(result.stdout).sections) do found[section.name] = section.rows end
    return found
  end

  -- Without the words that an assertion makes of tables.
  local function is_equal(one, other)
    if type(one) ~= "table" or type(other) ~= "table" then return one == other end
    for key, value in pairs(one) do
      if not is_equal(value, other[key]) then return false end
    end
    for key in pairs(other) do
      if one[key] == nil then return false end
    end
    return true
  end

  local function is_same_rule(name, number)
    return name:match "%d+$" == tostring(number)
  end

  for _, seed in ipairs { 1, 2 } do
    it("has one answer, however it is asked and read: seed " .. seed, function()
      local found, compared, filled = sections(seed), 0, 0
      for number = 1, RULES do
        local expected = found["one-streamed-table-all-" .. number]
        filled = filled + (#expected > 0 and 1 or 0)
        for name, rows in pairs(found) do
          if is_same_rule(name, number) then
            if not is_equal(expected, rows) then assert.are.same(expected, rows, name) end
            compared = compared + 1
          end
        end
      end
      assert.are.equal(RULES * 2 * (4 * 3 + 1), compared)
      assert.is_true(filled > RULES // 2)
    end)
  end

  it("is what plain arithmetic gives", function()
    local tests, users = 0, 0
    for _, count in ipairs(COUNTS) do
      users = math.max(users, count)
      for i = 1, count do tests = tests + i % 100 end
    end
    folder:write("total.lua", ([[
      local usage = require "usagelua"
      return usage.collect { period = "vendor", { "many.streamed", count = { %s } } }:aggregate {
        measures = { "tests", { "user_id", as = "users", kind = "distinct" } } }]]):format(
      '"' .. table.concat(COUNTS, '", "') .. '"'))
    local result = shell.run({ shell.usagelua(), "total.lua", "-f", "json" }, { cwd = folder.path,
      env = { USAGELUA_VENDORS = folder.path, MANY_TOKEN = "token-of-the-specs-2" } })
    assert.are.equal(0, result.status, result.stderr)
    local row = cjson.decode(result.stdout).sections[1].rows[1]
    assert.are.same({ tests, users }, { row.tests, row.users })
  end)
end)
