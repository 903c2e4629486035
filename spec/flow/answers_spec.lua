-- The kinds of answers: how bytes become items, and when they are all.
local answer = require "usagelua.flow.answer"
local answers = require "usagelua.flow.answers"
local description = require "usagelua.vendor.description"
local json = require "usagelua.json"
local random = require "support.random"
local simulated = require "support.simulated"
local query = require "usagelua.flow.query"
local acme = require "support.acme"

local FIELDS <const> = { user_id = "email", team = "team", tests = "n" }

local function merged(...)
  local all = {}
  for _, one in ipairs { ... } do
    for key, value in pairs(one) do all[key] = value end
  end
  return all
end

local function vendor_of(dataset, vendor)
  local usage = merged({ request = { path = "/usage" }, fields = FIELDS }, dataset)
  return description.check(merged({ name = "acme", version = 1, base_url = "https://api.acme.test/v1",
    auth = { kind = "bearer", token_env = "ACME_TOKEN" }, datasets = { usage = usage } }, vendor or {}), "acme.lua")
end

-- What the dataset makes of one answer: { body, headers, framing, coding, status }.
local function read(dataset, reply, options)
  options = options or {}
  local vendor = vendor_of(dataset, options.vendor)
  local planned = query.plan({ "acme.usage" }, { loader = acme.loader(vendor) })
  local parts = simulated { weather = options.weather, seed = options.seed,
    longest_piece = options.longest_piece, answer = function() return reply end }
  local request = { url = "https://api.acme.test/u", attempts = options.attempts or 1, rules = vendor.errors,
    message_paths = vendor.error_message }
  local got, err = parts.scheduler:run(function()
    return parts.client:call(request, function(response)
      return answer.read(response, planned, {}, options.columns)
    end)
  end)
  return got, err, parts
end

local function rows_of(got)
  local list = {}
  for i, row in ipairs(got.batch.rows) do
    list[i] = ("%s/%s/%s"):format(row.user_id or "-", row.team or "-", row.tests or "-")
  end
  return list
end

local function assert_rows(expected, dataset, reply, options)
  local got, err = read(dataset, type(reply) == "string" and { body = reply } or reply, options)
  assert(got, tostring(err))
  assert.are.same(expected, rows_of(got))
  return got
end

local function assert_fails(kind, text, dataset, reply, options)
  local got, err = read(dataset, type(reply) == "string" and { body = reply } or reply, options)
  assert.is_nil(got)
  assert.are.equal(kind, err.kind, err.message)
  assert(err.message:find(text, 1, true), err.message)
  return err
end

local function assert_refused(text, dataset)
  local ok, err = pcall(vendor_of, dataset)
  assert.is_false(ok)
  assert(tostring(err):find(text, 1, true), tostring(err))
end

describe("rows with their columns apart", function()
  local NAMES <const> = { rows = "rows[]", columns = "meta.columns[]" }
  local ROWS <const> = '"rows":[["a","qa",1],["b",null,2]]'
  local COLUMNS <const> = '"meta":{"columns":["email","team","n"]}'

  it("are read with the columns before or behind them", function()
    for _, body in ipairs { "{" .. COLUMNS .. "," .. ROWS .. "}", "{" .. ROWS .. "," .. COLUMNS .. "}" } do
      for _, longest_piece in ipairs { 1, 4096 } do
        assert_rows({ "a/qa/1", "b/-/2" }, NAMES, body, { longest_piece = longest_piece })
      end
    end
  end)

  it("take their names from objects too", function()
    local dataset = { rows = "rows[]", columns = "columns[].of.name" }
    assert_rows({ "a/-/1" }, merged(dataset, { fields = { user_id = "email", tests = "n" } }),
      '{"rows":[["a",1]],"columns":[{"of":{"name":"email"}},{"of":{"name":"n"}}]}')
    assert_fails("shape", "columns[].of.name: expected the name of a column, got nothing", dataset,
      '{"columns":[{"of":{"name":"email"}},{"of":{}}],"rows":[]}')
  end)

  it("are refused where they do not fit their columns", function()
    for body, expected in pairs {
      ['{%s,"rows":[["a","qa"]]}'] = "rows[]: a row of 2 values, 3 columns are named",
      ['{%s,"rows":[["a","qa",1,2]]}'] = "rows[]: a row of 4 values, 3 columns are named",
      ['{"rows":[["a","qa",1],[]],%s}'] = "rows[]: a row of 0 values, 3 columns are named",
      ['{%s,"rows":[{"email":"a"}]}'] = "rows[]: expected a list, got an object or a list",
      ['{"rows":[["a","qa",1],5],%s}'] = "rows[]: expected a list, got 5",
      ['{%s,"rows":[["a","qa",-1]]}'] = "rows[].n: expected an integer of zero or more, got -1",
    } do
      assert_fails("shape", expected, NAMES, body:format(COLUMNS))
    end
  end)

  it("need names that can be used", function()
    for columns, expected in pairs {
      ['["email","n","n"]'] = "two columns are named 'n'",
      ['["email","team"]'] = "no column is named 'n'; there are 'email, team'",
      ['["email",1,"n"]'] = "expected the name of a column, got 1",
      ["[]"] = "expected a list of columns",
      ['"email"'] = "expected a list of columns, got 'email'",
    } do
      assert_fails("shape", expected, NAMES, '{"rows":[["a","b",1]],"meta":{"columns":' .. columns .. "}}")
    end
    assert_fails("shape", "no meta.columns[] in the answer", NAMES, '{"rows":[["a","b",1]]}')
    assert_fails("shape", "no rows[] in the answer", NAMES, '{"meta":{"columns":["email","team","n"]}}')
  end)

  it("do without columns that a field may lack", function()
    local dataset = merged(NAMES, { fields = merged(FIELDS, { team = { "team", null = true } }) })
    assert_rows({ "a/-/1" }, dataset, '{"meta":{"columns":["email","n"]},"rows":[["a",1]]}')
  end)

  it("are none where there are none", function()
    assert_rows({}, NAMES, '{"meta":{"columns":["email","team","n"]},"rows":[]}')
    assert_rows({}, NAMES, '{"rows":[]}')
    assert_rows({}, merged(NAMES, { null_rows = true }), '{"rows":null,"meta":{"columns":null}}')
  end)

  it("must be described rightly", function()
    assert_refused("'meta.columns[]', 'columns[].name'", { rows = "rows[]", columns = "meta.columns" })
    assert_refused("rows[]", { rows = "rows{}", columns = "columns[]" })
    assert_refused("'meta.columns[]'", { rows = "rows[]", columns = { "a" } })
  end)
end)

local PLAIN <const> = { ends = { total = "X-Total-Count" } }
local CSV <const> = merged(PLAIN, { format = "csv" })
local LINES <const> = merged(PLAIN, { format = "lines" })

local function total(count) return { ["x-total-count"] = tostring(count) } end

describe("CSV", function()
  it("is read by the names of its columns, exactly", function()
    assert_rows({ "a@x/qa/1", "b, c/-/9223372036854775807" }, CSV, { headers = total(2),
      body = '\239\187\191email,other,n,team\r\na@x,7,1,qa\r\n"b, c",,9223372036854775807,\r\n' })
  end)

  it("takes figures for what their fields say", function()
    local dataset = merged(CSV, { fields = { user_id = "email", has_access = "access",
      tests = { "n", null = true }, cost = { "cost", kind = "sum", unit = "1", fraction = true, negative = true } } })
    local got = assert(read(dataset, { headers = total(3),
      body = "email,access,n,cost\na,TRUE,,12.50\nb,false,0,-3\nc,,007,0.1\n" }))
    local rows = got.batch.rows
    assert.are.same({ user_id = "a", has_access = true, cost = 12.5 }, rows[1])
    assert.are.same({ user_id = "b", has_access = false, tests = 0, cost = -3 }, rows[2])
    assert.are.same({ user_id = "c", tests = 7, cost = 0.1 }, rows[3])
    for cell, shown in pairs { ["9223372036854775808"] = "'9223372036854775808'", ["1e3"] = "'1e3'",
      ["1.0"] = "'1.0'", ["-1"] = "'-1'", ["0x10"] = "'0x10'", [" 1"] = "'1'", [""] = "null" } do
      assert_fails("shape", "row 2: n: expected an integer of zero or more, in a string, got " .. shown, CSV,
        { headers = total(2), body = ("email,team,n\na,b,1\na,b,%s\n"):format(cell) })
    end
    assert_fails("shape", "row 1: access: expected true or false, got 'yes'", dataset,
      { headers = total(1), body = "email,access,n,cost\na,yes,1,1\n" })
  end)

  it("reads only what is asked for, and no column without a field", function()
    local body = "email,team,n,extra\na,qa,1,5\n"
    assert.are.same({ tests = 1 }, assert(read(CSV, { headers = total(1), body = body },
      { columns = { tests = true } })).batch.rows[1])
    assert.are.same({ user_id = "a", team = "qa", tests = 1 },
      assert(read(CSV, { headers = total(1), body = body })).batch.rows[1])
  end)

  it("says which column is missing", function()
    local err = assert_fails("shape", "no column is named 'n'; there are 'email, team, count'", CSV,
      { headers = total(1), body = "email,team,count\na,b,1\n" })
    assert.are.equal("columns", err.code)
    for _, body in ipairs { "<html>\n", '<html lang="en">\n<p>Sorry</p>' } do
      local foreign = assert_fails("shape", "200, text/html, '<html", CSV,
        { body = body, headers = { ["content-type"] = "text/html" } })
      assert.is_true(foreign.retry)
    end
    assert_fails("shape", "the answer is empty", CSV, "")
    assert_rows({}, CSV, { headers = total(0), body = "" })
    assert_rows({}, CSV, { headers = total(0), body = "email,team,n" })
  end)

  it("has other delimiters, quoted names, and no header where the description names the columns", function()
    local body = "Total tests;Who\n3;a\n"
    assert_rows({ "a/-/3" }, merged(CSV, { delimiter = ";",
      fields = { user_id = "Who", tests = '["Total tests"]' } }), { headers = total(1), body = body })
    assert_rows({ "a/-/3" }, merged(CSV, { columns = { "n", "email" },
      fields = { user_id = "email", tests = "n" } }), { headers = total(1), body = "3,a\n" })
  end)

  it("gives whole rows to the description's own function", function()
    local dataset = merged(CSV, { record = function(record, item) record.team = item.extra end })
    assert_rows({ "a/x/1" }, dataset, { headers = total(1), body = "email,team,n,extra\na,qa,1,x\n" })
  end)

  it("must be described rightly", function()
    for text, dataset in pairs {
      ["rows: the items of csv are its rows"] = { rows = "data[]" },
      ["'a.b' is not the name of a column"] = { fields = { tests = "a.b" } },
      ["'@key' is not the name of a column"] = { fields = { tests = "@key" } },
      ["nothing stands beside the rows of csv"] = { ok = { status = "ok" } },
      ["a path from the root of the document, and csv has none"] = { fields = { account = "$.org" } },
      ["from the root of the document"] = { pages = { kind = "cursor", next = "meta.next" } },
      ["of CSV it is the list of names"] = { columns = "columns[]" },
      ["a row of CSV holds no members"] = { each = "a{}" },
      ["it stands in the end mark, and there is none"] = { ends = { count = "n" } },
    } do
      assert_refused(text, merged({ format = "csv" }, dataset))
    end
    assert_refused("ends: json knows no such key", { rows = "[]", ends = {} })
    assert_refused("delimiter: lines knows no such key", { format = "lines", delimiter = ";" })
    assert_refused("the key 'rows' is missing", {})
  end)
end)

describe("JSON lines", function()
  it("are an item each, strictly", function()
    assert_rows({ "a/-/1", "b/-/2" }, LINES, { headers = total(2), body = '{"email":"a","n":1}\n{"email":"b","n":2}' })
    for _, body in ipairs { '{"n":1}{"n":2}\n', '{"n":1},\n{"n":2}\n', '[{"n":1}\n,{"n":2}]\n', '{"n":\n1}\n' } do
      assert_fails("json", "", LINES, { headers = total(2), body = body })
    end
    assert_fails("shape", "row 2: expected an object, got 5", LINES, { headers = total(2), body = '{"n":1}\n5\n' })
    assert_fails("shape", "the answer is empty", LINES, "\n")
    assert_rows({}, LINES, { headers = total(0), body = "" })
    assert_refused("a line is an object", { format = "lines", fields = { tests = "." } })
  end)

  it("build only what is asked for, and the end mark", function()
    local dataset = { format = "lines", ends = { mark = { ["end"] = true }, count = "rows" } }
    local got = assert(read(dataset, { body = '{"email":"a","n":1}\n{"end":true,"rows":1}\n' },
      { columns = { tests = true } }))
    assert.are.same({ { tests = 1 } }, got.batch.rows)
  end)
end)

describe("rows of text", function()
  local BODY <const> = { csv = "email,team,n\na,qa,1\nb,qa,20\n", lines = '{"email":"a","n":1}\n{"email":"b","n":20}\n' }

  it("are whole by framing and one proof, else at least", function()
    local unproven = "nothing in the answer says that it is complete"
    local unframed = "the answer ends where its connection does"
    for format, body in pairs(BODY) do
      local dataset = merged(PLAIN, { format = format })
      for _, case in ipairs {
        { {}, unproven }, { { framing = "chunked" }, unproven }, { { framing = "h2" }, unproven },
        { { framing = "close" }, unframed },
        { { framing = "close", headers = total(2) }, unframed },
        { { framing = "close", coding = "gzip" }, unframed },
        { { headers = total(2) } }, { { framing = "chunked", headers = total(2) } },
        { { framing = "h2", headers = total(2) } }, { { coding = "gzip" } },
        { { framing = "chunked", coding = "gzip" } },
      } do
        local got = assert(read(dataset, merged(case[1], { body = body })))
        assert.are.equal(2, #got.batch.rows)
        assert.are.equal(case[2] ~= nil, got.doubt ~= nil)
        assert(not case[2] or got.doubt:find(case[2], 1, true), got.doubt)
      end
    end
  end)

  it("are an error where they contradict what is said of them", function()
    for format, body in pairs(BODY) do
      local dataset = merged(PLAIN, { format = format })
      assert_fails("partial", "X-Total-Count says 3 rows, 2 came", dataset, { body = body, headers = total(3) })
      assert_fails("shape", "X-Total-Count says 1 rows, 2 came", dataset, { body = body, headers = total(1) })
      assert_fails("shape", "X-Total-Count: expected a number of rows, got 'many'", dataset,
        { body = body, headers = total "many" })
    end
  end)

  it("end with their mark, and nothing behind it", function()
    local marks = { csv = { { email = "#END" }, "team", "#END,2,\n", "#END,3,\n" },
      lines = { { ["end"] = true }, "rows", '{"end":true,"rows":2}\n', '{"end":true,"rows":3}\n' } }
    for format, body in pairs(BODY) do
      local mark, count, good, bad = table.unpack(marks[format])
      local dataset = { format = format, ends = { mark = mark, count = count } }
      for _, longest_piece in ipairs { 1, 4096 } do
        local options = { longest_piece = longest_piece }
        local got = assert(read(dataset, { body = body .. good }, options))
        assert.are.same({ 2, 2, nil }, { #got.batch.rows, got.items, got.doubt })
        got = assert(read(dataset, { body = body .. good:sub(1, -2) }, options))
        assert.are.same({ 2, nil }, { #got.batch.rows, got.doubt })
        assert.truthy(assert(read(dataset, { body = body .. good, framing = "close" }, options)).doubt)
        assert_fails("partial", "ends after 2 rows without its end mark", dataset, body, options)
        assert_fails("partial", count .. " says 3 rows, 2 came", dataset, body .. bad, options)
        assert_fails("shape", "rows stand behind the end mark", dataset, body .. good .. good, options)
        assert_fails("shape", "rows stand behind the end mark", dataset,
          good:gsub("^#", "email,team,n\n#") .. body:gsub("^email.-\n", ""), options)
      end
    end
  end)
end)

-- Cuts: what is left of a good answer is an error, or marked, or all of it ------

describe("an answer that is cut at any byte", function()
  local CSV_BODY <const> = 'email,team,n\r\na,qa,10\r\n"b ""x"", y","l\nm",200\r\n"ü日",,345\r\n'
  local LINES_BODY <const> = '{"email":"a","n":10}\n{"email":"b \\u00e9\\n","team":"l","n":200}\r\n{"email":"ü","n":345}\n'
  local BODIES <const> = {
    { dataset = { format = "csv" }, body = CSV_BODY },
    { dataset = { format = "csv", ends = { mark = { email = "#END" }, count = "team" } }, body = CSV_BODY .. "#END,3,\r\n" },
    { dataset = CSV, body = CSV_BODY, headers = total(3) },
    { dataset = { format = "lines" }, body = LINES_BODY },
    { dataset = { format = "lines", ends = { mark = { ["end"] = true }, count = "rows" } },
      body = LINES_BODY .. '{"end":true,"rows":3}\n' },
    { dataset = LINES, body = LINES_BODY, headers = total(3) },
  }

  local function is_prefix(got, whole)
    local rows, all = rows_of(got), rows_of(whole)
    for i, row in ipairs(rows) do
      if row ~= all[i] then return false end
    end
    return #rows <= #all
  end

  it("is never taken for a whole one", function()
    local good = 0
    for _, case in ipairs(BODIES) do
      local whole = assert(read(case.dataset, { body = case.body, headers = case.headers }))
      for _, framing in ipairs { "length", "chunked", "h2", "close" } do
        for length = 0, #case.body - 1 do
          local got = read(case.dataset, { body = case.body:sub(1, length), headers = case.headers, framing = framing })
          if got then
            assert(is_prefix(got, whole), case.body:sub(1, length))
            assert.are.equal(#got.batch.rows, got.items)
            assert(got.doubt or #got.batch.rows == 3 and case.body:sub(length + 1):find "^\r?\n$",
              case.body:sub(1, length))
            good = good + 1
          end
        end
      end
    end
    assert.is_true(good > 100)
  end)

  it("reads in pieces of a byte as it reads whole", function()
    for _, case in ipairs(BODIES) do
      local whole = assert(read(case.dataset, { body = case.body, headers = case.headers }))
      local pieces = assert(read(case.dataset, { body = case.body, headers = case.headers }, { longest_piece = 1 }))
      assert.are.same(rows_of(whole), rows_of(pieces))
      assert.are.same({ 3, whole.doubt }, { #whole.batch.rows, pieces.doubt })
    end
  end)
end)

describe("rows of text in bad weather", function()
  it("are exact, or not there", function()
    local rows, csv, lines, sum = 40, { "email,n\n" }, {}, 0
    for i = 1, rows do
      csv[i + 1], lines[i] = ("u%d,%d\n"):format(i, i * i), ('{"email":"u%d","n":%d}\n'):format(i, i * i)
      sum = sum + i * i
    end
    local fields = { user_id = "email", tests = "n" }
    for seed = 1, 100 do
      for _, case in ipairs { { CSV, table.concat(csv) }, { LINES, table.concat(lines) } } do
        local got, err = read(merged(case[1], { fields = fields }), { body = case[2], headers = total(rows) },
          { weather = 0.3, seed = seed, attempts = 12 })
        assert(got, tostring(err))
        local all = 0
        for _, row in ipairs(got.batch.rows) do all = all + row.tests end
        assert.are.same({ rows, sum, nil }, { #got.batch.rows, all, got.doubt })
      end
    end
  end)
end)

describe("the same rows", function()
  local function cell(text) return '"' .. tostring(text):gsub('"', '""') .. '"' end

  local function forms(rows)
    local arrays, objects, csv, lines = {}, {}, { "email,n" }, {}
    for i, row in ipairs(rows) do
      arrays[i] = json.array { row.email, row.n }
      objects[i] = row
      csv[i + 1] = cell(row.email) .. "," .. row.n
      lines[i] = json.encode(row)
    end
    local columns = json.array { "email", "n" }
    return {
      { { rows = "data[]" }, json.encode { data = json.array(objects) } },
      { { rows = "r[]", columns = "c[]" }, json.encode { c = columns, r = json.array(arrays) } },
      { { rows = "r[]", columns = "d[]" }, json.encode { d = columns, r = json.array(arrays) } },
      { { rows = "data.u.nodes[]", format = "graphql" },
        json.encode { data = { u = { nodes = json.array(objects) } }, errors = json.array() } },
      { { format = "csv" }, table.concat(csv, "\r\n") .. "\r\n" },
      { { format = "lines" }, table.concat(lines, "\n") .. "\n" },
    }
  end

  it("are the same records in every kind", function()
    local texts = { "a", 'q"x', "l\nm", "ü,日", " ", "-", "\u{1F600}" }
    for seed = 1, 60 do
      local draw, rows = random.new(seed), {}
      for i = 1, draw:integer(1, 20) do
        rows[i] = { email = draw:item(texts) .. i, n = draw:integer(0, math.maxinteger - 1) }
      end
      local first
      for _, form in ipairs(forms(rows)) do
        local dataset = merged(form[1], { fields = { user_id = "email", tests = "n" } })
        local got = assert(read(dataset, { body = form[2] }, { longest_piece = draw:integer(1, 40) }))
        first = first or rows_of(got)
        assert.are.same(first, rows_of(got))
        assert.are.equal(#rows, #first)
      end
    end
  end)
end)

describe("GraphQL", function()
  local DATASET <const> = { format = "graphql", rows = "data.usage.nodes[]" }
  local DATA <const> = '"data":{"usage":{"nodes":[{"email":"a","n":1}]}}'

  it("is good without errors", function()
    for _, errors_text in ipairs { "", ',"errors":[]', ',"errors":null' } do
      assert_rows({ "a/-/1" }, DATASET, "{" .. DATA .. errors_text .. "}")
    end
  end)

  it("is refused with errors, whatever data stands beside them", function()
    local both = '"errors":[{"message":"some could not be read","path":["usage",0,"team"],'
      .. '"extensions":{"code":"PARTIAL"}},{"message":"x"}]'
    for _, body in ipairs { "{" .. DATA .. "," .. both .. "}", "{" .. both .. "," .. DATA .. "}",
      '{"data":null,' .. both .. "}", "{" .. both .. "}" } do
      local err = assert_fails("vendor", "some could not be read, at usage.0.team, and 1 more", DATASET, body)
      assert.are.equal("PARTIAL", err.code)
    end
    for _, list in ipairs { '"broken"', '{"a":1}', "[5]", "[{}]" } do
      assert_fails("vendor", "an error without a message", DATASET, "{" .. DATA .. ',"errors":' .. list .. "}")
    end
  end)

  it("gives codes the meaning that the vendor's rules say", function()
    local vendor = { errors = { { path = "errors[].extensions.code", value = { "RATE_LIMITED", "BUSY" },
      kind = "throttled", retry_after_s = 7 } }, error_message = { "errors[].message" } }
    local body = '{"data":null,"errors":[{"message":"slow down","extensions":{"code":"BUSY"}}]}'
    local err = assert_fails("throttled", "answered 200: slow down (", DATASET, body, { vendor = vendor })
    assert.are.equal(7, err.retry_after_s)
    assert_fails("vendor", "slow down", DATASET, (body:gsub("BUSY", "OTHER")), { vendor = vendor })
  end)

  it("is refused where data is null and no error says why", function()
    assert_fails("shape", "no data.usage.nodes[] in the answer, null stands there", DATASET, '{"data":null}')
  end)
end)

describe("an error inside a good answer", function()
  local DATASET <const> = { rows = "data[]" }

  it("is known by its rule, wherever it stands", function()
    local vendor = { errors = { { path = "state.word", value = "failed", kind = "vendor", hint = "ask support" },
      { path = "code", value = { 7, "pending" }, kind = "not_ready", message = "not there yet" } },
      error_message = { "message" } }
    local options = { vendor = vendor }
    assert_fails("vendor", "answered 200: no such team (", DATASET,
      '{"data":[],"state":{"word":"failed"},"message":"no such team"}', options)
    assert_fails("vendor", "answered 200: state.word is 'failed' (", DATASET, '{"state":{"word":"failed"},"data":[]}',
      options)
    assert_fails("vendor", "state.word is 'failed'", DATASET, '{"state":{"word":"failed"},"data":"gone"}', options)
    assert_fails("vendor", "state.word is 'failed'", DATASET, '{"state":{"word":"failed"}}', options)
    assert_fails("not_ready", "not there yet: answered 200: code is 'pending'", DATASET, '{"code":"pending"}', options)
    assert_rows({ "a/-/1" }, DATASET, '{"code":8,"state":{"word":"ok"},"data":[{"email":"a","n":1}]}', options)
  end)

  it("may be a text where the status is named", function()
    local options = { vendor = { errors = { { status = 200, body = "being prepared", kind = "not_ready" } } } }
    for _, dataset in ipairs { DATASET, CSV, LINES } do
      assert_fails("not_ready", "answered 200 (", dataset, "Your report is being prepared", options)
    end
    assert_rows({ "being prepared/-/1" }, DATASET, '{"data":[{"email":"being prepared","n":1}]}', options)
    assert_fails("json", "", DATASET, "Sorry", options)
  end)

  it("is what `ok` does not allow, which may be several values", function()
    local dataset = merged(DATASET, { ok = { success = { true, "true" } } })
    for _, value in ipairs { "true", '"true"' } do
      assert_rows({}, dataset, ('{"success":%s,"data":[]}'):format(value))
    end
    assert_fails("shape", "success: expected true or 'true', got false", dataset, '{"success":false,"data":[]}')
  end)
end)

describe("an object keyed by name", function()
  it("goes together with members of each, read by their keys", function()
    local dataset = { rows = "data{}", each = { "usage{}", "access{}" },
      fields = { team = "name", product = "@key", tests = "usage.{key}.n", has_access = "access.{key}" } }
    local got = assert(read(dataset, { body = '{"data":{"x":{"name":"qa","usage":{"live":{"n":3}},'
      .. '"access":{"live":true,"app":false}},"y":{"name":"dev","access":{"app":true}}}}' }))
    local seen = {}
    for i, row in ipairs(got.batch.rows) do
      seen[i] = ("%s/%s/%s/%s"):format(row.team, row.product, row.tests or "-", row.has_access)
    end
    assert.are.same({ "qa/app/-/false", "qa/live/3/true", "dev/app/-/true" }, seen)
  end)
end)

describe("answers.describe", function()
  it("tells a dataset's kind in a few words", function()
    for expected, dataset in pairs {
      ["json at data[]"] = { rows = "data[]" },
      ["json at rows[], columns at meta.c[]"] = { rows = "rows[]", columns = "meta.c[]" },
      ["graphql at data.x[]"] = { rows = "data.x[]", format = "graphql" },
      ["csv, whole by X-Total-Count, or gzip; else at least"] = CSV,
      ["lines, whole by its end mark, or gzip; else at least"] = { format = "lines", ends = { mark = { e = 1 } } },
    } do
      assert.are.equal(expected, answers.describe(vendor_of(dataset).datasets.usage))
    end
  end)
end)
