-- The TestMu test vendor against the documentation: each documented error with its body, each
-- trap, and a ledger that every answer agrees with. Seen by curl.
local cjson = require "cjson"
local curl = require "support.curl"
local nginx = require "support.nginx"
local random = require "support.random"

local ADA = "ada:LT_ada-key/with+odd=chars&%"
local DAY_S <const>, HALF_HOUR_S <const> = 86400, 1800
local JUNE_FROM <const>, JUNE_TO <const> = 1780272000, 1782864000 -- June 2026 at UTC

local PRODUCTS = { "automation", "app-automation", "hyperexecute", "realtime", "realdevice",
  "smartui" }

local function escape(text)
  return (tostring(text):gsub("[^%w%-_.]", function(c) return ("%%%02X"):format(c:byte()) end))
end

local function query(args)
  local parts = {}
  for name, value in pairs(args) do
    if value ~= false then parts[#parts + 1] = name .. "=" .. escape(value) end
  end
  return table.concat(parts, "&")
end

local function wall_clock(epoch, offset_s)
  return os.date("!%Y-%m-%d %H:%M:%S", epoch + (offset_s or 0))
end

describe("the TestMu test vendor", function()
  local server

  setup(function() server = nginx.start { tls = false, vendors = { "testmu" } } end)
  teardown(function() server:stop() end)
  before_each(function()
    server:reset()
    server:control("/testmu/settings", {})
  end)

  local function ask(path, args, options)
    options = options or { user = ADA }
    local answer = curl.request(server:vendor_url "testmu" .. path .. "?" .. query(args), options)
    answer.json = cjson.decode(answer.body)
    return answer
  end

  local function with(changes)
    local args = { type = "account-user", from = "2026-06-01 00:00:00", to = "2026-06-30 23:59:59" }
    for name, value in pairs(changes or {}) do args[name] = value end
    return args
  end

  local function summary(changes, options)
    return ask("/usage-report/summary", with(changes), options)
  end

  local function drilldown(changes, options)
    local args = with(changes)
    if args.product == nil then args.product = "automation" end
    return ask("/usage-report/drilldown", args, options)
  end

  local function total(args)
    return server:control("/testmu/total?" .. query(args))
  end

  local function assert_error(status, message, answer)
    assert.equal(status, answer.status)
    assert.same({ status = "error", message = message }, answer.json)
    assert.equal("application/json", answer.headers["content-type"])
  end

  describe("refuses", function()
    local TYPE = "invalid or missing type (valid: [account-user service-user])"
    local PRODUCT = "invalid or missing product (valid: [automation app-automation hyperexecute " ..
      "realtime realdevice smartui])"
    local SPAN = "date range exceeds maximum allowed span of 90 days"
    local ORDER = "to must be after from"

    local function zone(text)
      return ("invalid timezone format: %s (expected +HH:MM or -HH:MM, e.g. +05:30)"):format(text)
    end

    for _, case in ipairs {
      { { type = false }, TYPE },
      { { type = "human" }, TYPE },
      { { type = "Account-User" }, TYPE },
      { { from = false }, "from is required" },
      { { to = false }, "to is required" },
      { { to = "2026-05-31 23:59:59" }, ORDER },
      { { to = "2026-06-01 00:00:00" }, ORDER },
      { { to = "2026-08-30 00:00:01" }, SPAN },
      { { timezone = "IST" }, zone "IST" },
      { { timezone = "+5:30" }, zone "+5:30" },
      { { timezone = "+05:30:00" }, zone "+05:30:00" },
      { { timezone = "+15:00" }, zone "+15:00" },
      { { from = "2026-06-01" }, "invalid from format: 2026-06-01 (expected YYYY-MM-DD HH:MM:SS)" },
      { { from = "2026-02-30 00:00:00" },
        "invalid from format: 2026-02-30 00:00:00 (expected YYYY-MM-DD HH:MM:SS)" },
      { { product = "automation" }, "unexpected parameter: product", "summary" },
      { { product = false }, PRODUCT, "drilldown" },
      { { product = "Automation" }, PRODUCT, "drilldown" },
      { { page = 0 }, "page must be a positive integer", "drilldown" },
      { { limit = 101 }, "limit must be a positive integer between 1 and 100", "drilldown" },
    } do
      local changes, message, only = case[1], case[2], case[3]
      it(query(changes) .. " in " .. (only or "both") .. ": " .. message, function()
        if only ~= "drilldown" then assert_error(400, message, summary(changes)) end
        if only ~= "summary" then assert_error(400, message, drilldown(changes)) end
      end)
    end

    for name, user in pairs { ["no credentials"] = false, ["a wrong key"] = "ada:wrong-key-0123",
      ["an unknown user"] = "eve:LT_eve-key-0123456789", ["an empty key"] = "ada:" } do
      it(name, function()
        local message = "Invalid or missing Basic Auth credentials"
        assert_error(401, message, summary({}, { user = user or nil }))
        assert_error(401, message, drilldown({}, { user = user or nil }))
      end)
    end

    for user, expected in pairs {
      ["mia:LT_mia-key-0123456789"] = { 403, "admin access required" },
      ["uma:LT_uma-key-0123456789"] = { 403, "access restricted: your role does not have the " ..
        "required permissions to view the usage report. Required permissions to add: analytics:admin" },
      ["bo:LT_bo-key-0123456789"] = { 500, "failed to resolve org users" },
    } do
      it(user:match "^%w+" .. ": " .. expected[2], function()
        assert_error(expected[1], expected[2], summary({}, { user = user }))
        assert_error(expected[1], expected[2], drilldown({}, { user = user }))
      end)
    end

    it("a parameter said twice, other methods, other paths", function()
      local url = server:vendor_url "testmu"
      local twice = curl.request(url .. "/usage-report/summary?type=a&type=b", { user = ADA })
      assert_error(400, "repeated parameter: type", { status = twice.status,
        json = cjson.decode(twice.body), headers = twice.headers })
      assert.equal(405, summary({}, { user = ADA, method = "POST" }).status)
      assert.equal(404, ask("/usage-report/trend", {}).status)
    end)
  end)

  describe("summary", function()
    it("gives the documented sample answer", function()
      server:control("/testmu/settings", { sample = true })
      local sample = [[{ "status": "success", "data": { "metadata": { "type": "account-user",
        "totalUsers": 12, "from": "2026-06-23 00:00:00", "to": "2026-06-23 23:59:59",
        "timezone": "+00:00", "organization": { "id": "12345", "name": "Acme Corp" } },
        "products": { "automation": { "totalTests": 8450, "totalDuration": 312540 },
        "app-automation": { "totalTests": 1200, "totalDuration": 98400 },
        "hyperexecute": { "totalTests": 3100, "totalDuration": 210000 },
        "realtime": { "totalTests": 540, "totalDuration": 43200 },
        "realdevice": { "totalTests": 275, "totalDuration": 22000 },
        "smartui": { "totalScreenshots": 6800 } } } }]]
      local answer = summary { from = "2026-06-23 00:00:00", to = "2026-06-23 23:59:59" }
      assert.same(cjson.decode(sample), answer.json)
      assert.equal(0, summary({ type = "service-user" }).json.data.metadata.totalUsers)
    end)

    it("gives exactly the ledger's totals, `to` included", function()
      local generator = random.new(11)
      for _ = 1, 8 do
        local from = JUNE_FROM + generator:integer(-4000, 4000) * HALF_HOUR_S
        local to = from + generator:integer(1, 90 * 48) * HALF_HOUR_S
        local kind = generator:item { "account-user", "service-user" }
        local data = summary({ type = kind, from = wall_clock(from), to = wall_clock(to - 1) }).json.data
        local ledger = total { from_epoch = from, to_epoch = to, type = kind }
        assert.equal(ledger.users, data.metadata.totalUsers)
        for _, row in ipairs(ledger.rows) do
          local product = data.products[row.product]
          local is_smartui = row.product == "smartui"
          assert.equal(not is_smartui and row.tests or nil, product.totalTests)
          assert.equal(not is_smartui and row.duration_ms or nil, product.totalDuration)
          assert.equal(is_smartui and row.screenshots or nil, product.totalScreenshots)
        end
      end
    end)

    it("reads the wall clock in the offset, in both forms", function()
      for text, offset_s in pairs { ["+05:30"] = 19800, [" 05:30"] = 19800, ["-330"] = 19800,
        ["05:30"] = 19800, ["-08:00"] = -28800, ["480"] = -28800, ["0"] = 0 } do
        local data = summary({ timezone = text }).json.data
        local ledger = total { from_epoch = JUNE_FROM - offset_s, to_epoch = JUNE_TO - offset_s,
          type = "account-user", product = "automation" }
        assert.equal(ledger.tests, data.products.automation.totalTests)
        assert.equal(ledger.duration_ms, data.products.automation.totalDuration)
        assert.equal(({ [19800] = "+05:30", [-28800] = "-08:00", [0] = "+00:00" })[offset_s],
          data.metadata.timezone)
      end
    end)

    it("takes 90 days to the second and echoes what was asked", function()
      local answer = summary { to = "2026-08-30 00:00:00" }
      assert.equal(200, answer.status)
      assert.equal("2026-08-30 00:00:00", answer.json.data.metadata.to)
      assert.equal("2026-06-01 00:00:00", answer.json.data.metadata.from)
    end)

    it("takes a Bearer token, and gives each organisation its own figures", function()
      local token = { headers = { Authorization = "Bearer testmu-jwt-ada.0123456789" } }
      assert.same(summary().json, summary({}, token).json)
      local other = summary({}, { user = "emil:LT_emil-key-0123456789" }).json.data
      assert.same({ id = "54321", name = "Acme EMEA" }, other.metadata.organization)
      assert.equal(total({ from_epoch = JUNE_FROM, to_epoch = JUNE_TO, username = "emil",
        type = "account-user", product = "automation" }).tests, other.products.automation.totalTests)
    end)

    it("shows zeros for a product whose fetch failed, and says partial", function()
      server:control("/faults", { rules = { { first = 1, quirks = { partial = "smartui" } } } })
      local whole = total { from_epoch = JUNE_FROM, to_epoch = JUNE_TO, type = "account-user" }
      local data = summary().json.data
      assert.is_true(data.metadata.partial)
      assert.same({ totalScreenshots = 0 }, data.products.smartui)
      assert.equal(whole.rows[1].tests, data.products.automation.totalTests)
      assert.is_nil(summary().json.data.metadata.partial)
    end)

    it("can be bent anywhere", function()
      server:control("/testmu/settings", { sample = true })
      server:control("/faults", { rules = { { quirks = {
        literals = { ["data.products.automation.totalTests"] = "9223372036854775808",
          ["data.products.kaneai"] = '{"totalTests":"3"}', ["data.metadata.type"] = '"service-user"' },
        drop = { "data.metadata.organization", "data.products.hyperexecute" },
        duplicate = { ["data.products.realtime"] = "{}" },
        reverse = { "data" },
      } } } })
      local body = curl.request(server:vendor_url "testmu" .. "/usage-report/summary?" .. query(with()),
        { user = ADA }).body
      assert.matches('^{"status":"success","data":{"products":{"automation":{"totalTests":' ..
        '9223372036854775808,"totalDuration":312540}', body)
      assert.matches('"kaneai":{"totalTests":"3"}', body)
      assert.matches('"realtime":{"totalTests":540,.*"realtime":{}', body)
      assert.matches('"metadata":{"type":"service%-user"', body)
      assert.is_nil(body:find "organization" or body:find "hyperexecute")
    end)
  end)

  describe("drilldown", function()
    local function all_pages(args)
      local rows, page = {}, 1
      repeat
        args.page = page
        local data = drilldown(args).json.data
        table.move(data.users, 1, #data.users, #rows + 1, rows)
        page = page + 1
      until page > data.metadata.pagination.totalPages
      return rows
    end

    it("gives all users over its pages, most usage first", function()
      server:control("/testmu/settings", { ledger = { users = 230, others_a_day = 300,
        first = "2026-05-01", last = "2026-08-01" } })
      local rows = all_pages { limit = 100 }
      local users = server:control("/testmu/users?" .. query { from_epoch = JUNE_FROM,
        to_epoch = JUNE_TO, type = "account-user", product = "automation" })
      assert.is_true(#users > 100)
      assert.equal(#users, #rows)
      for i, user in ipairs(users) do
        assert.same({ id = user.id, username = user.username, email = user.email,
          totalTestsRun = user.tests, totalDuration = user.duration_ms }, rows[i])
        assert.is_true(i == 1 or rows[i - 1].totalTestsRun >= rows[i].totalTestsRun)
      end
    end)

    it("pages by 10 where nothing is said", function()
      local metadata = drilldown().json.data.metadata
      assert.equal(10, metadata.pagination.limit)
      assert.equal(1, metadata.pagination.page)
      assert.equal(metadata.totalUsers, metadata.pagination.total)
      assert.same({}, drilldown({ page = 99 }).json.data.users)
    end)

    it("gives the whole organisation's totals, of both types, beside one type's rows", function()
      local both = total { from_epoch = JUNE_FROM, to_epoch = JUNE_TO, product = "automation" }
      for _, kind in ipairs { "account-user", "service-user" } do
        local data = drilldown({ type = kind, limit = 100 }).json.data
        local sum = 0
        for _, user in ipairs(data.users) do sum = sum + user.totalTestsRun end
        assert.equal(both.tests, data.metadata.totalTests)
        assert.is_true(sum < both.tests)
      end
    end)

    it("counts screenshots for smartui, and nothing else", function()
      local data = drilldown({ product = "smartui" }).json.data
      assert.is_nil(data.metadata.totalTests or data.metadata.totalDuration)
      assert.is_number(data.metadata.totalScreenshots)
      local user = data.users[1]
      assert.is_number(user.totalScreenshots)
      assert.is_nil(user.totalTestsRun or user.totalDuration)
    end)

    it("has an empty list when partial", function()
      server:control("/faults", { rules = { { quirks = { partial = "automation" } } } })
      local data = drilldown().json.data
      assert.is_true(data.metadata.partial)
      assert.same({}, data.users)
    end)

    it("gives users that add up to the summary, product by product", function()
      local products = summary().json.data.products
      for _, product in ipairs(PRODUCTS) do
        local sum = 0
        for _, user in ipairs(drilldown({ product = product, limit = 100 }).json.data.users) do
          sum = sum + (user.totalTestsRun or user.totalScreenshots)
        end
        assert.equal(products[product].totalTests or products[product].totalScreenshots, sum)
      end
    end)
  end)

  describe("concurrency", function()
    local function concurrency(changes, options)
      local args = { product = "automation", from_timestamp = "2026-06-01T00:00:00Z",
        to_timestamp = "2026-06-02T00:00:00Z" }
      for name, value in pairs(changes or {}) do args[name] = value end
      return ask("/concurrency", args, options)
    end

    for _, case in ipairs {
      { { product = false }, "product is required" },
      { { product = "Automation" }, 'invalid product: "Automation" (valid: app-automation, ' ..
        "automation, hyperexecute, realdevice, realtime)" },
      { { product = "smartui" }, 'invalid product: "smartui" (valid: app-automation, ' ..
        "automation, hyperexecute, realdevice, realtime)" },
      { { granularity = "5m" }, "invalid granularity: 5m (valid: 10m, 1h, 6h, 12h, 1d)" },
      { { timezone = "IST" }, "invalid timezone format: IST (expected +HH:MM or -HH:MM, e.g. +05:30)" },
      { { timezone = "-330" }, "invalid timezone format: -330 (expected +HH:MM or -HH:MM, e.g. +05:30)" },
      { { from_timestamp = false }, "from_timestamp is required when to_timestamp is provided" },
      { { to_timestamp = false }, "to_timestamp is required when from_timestamp is provided" },
      { { to_timestamp = "2026-05-02T00:00:00Z" }, "to_timestamp must be after from_timestamp" },
      { { to_timestamp = "2026-07-02T00:00:01Z" },
        "date range exceeds maximum allowed span of 31 days per API call" },
    } do
      it("refuses " .. query(case[1]), function()
        local answer = concurrency(case[1])
        assert.equal(400, answer.status)
        assert.same({ status = "failed", error = case[2] }, answer.json)
      end)
    end

    it("refuses a range that ends more than an hour from now", function()
      server:control("/testmu/settings", { now = JUNE_FROM })
      assert.equal(400, concurrency({}).status)
      server:control("/testmu/settings", { now = JUNE_FROM + DAY_S - 3600 })
      assert.equal(200, concurrency({}).status)
    end)

    it("has its own words for callers without credentials", function()
      local missing, wrong = concurrency({}, {}), concurrency({}, { user = "ada:wrong-key" })
      assert.equal(403, missing.status)
      assert.same({ message = "Authorization token missing." }, missing.json)
      assert.equal(401, wrong.status)
      assert.same({ message = "Invalid Token" }, wrong.json)
    end)

    it("gives buckets of any width with the same peak", function()
      local expected = server:control("/testmu/concurrency?" .. query { from_epoch = JUNE_FROM,
        to_epoch = JUNE_FROM + DAY_S, product = "automation" }).max_concurrency
      for granularity, count in pairs { ["10m"] = 144, ["1h"] = 24, ["6h"] = 4, ["12h"] = 2, ["1d"] = 1 } do
        local answer, peak = concurrency({ granularity = granularity }).json, 0
        for _, item in ipairs(answer.data) do peak = math.max(peak, item.max_concurrency) end
        assert.equal(count, #answer.data)
        assert.equal(count, answer.metadata.total_buckets)
        assert.equal(expected, peak)
      end
    end)

    it("shifts its buckets by the offset", function()
      local data = concurrency({ granularity = "1d", timezone = "+05:30" }).json.data
      assert.equal("2026-05-31T18:30:00Z", data[1].timestamp)
      assert.equal(2, #data)
    end)

    it("gives the last seven days where nothing is said", function()
      server:control("/testmu/settings", { now = JUNE_TO })
      local answer = concurrency({ from_timestamp = false, to_timestamp = false }).json
      assert.equal(1008, answer.metadata.total_buckets)
      assert.same({ start = "2026-06-24T00:00:00Z", ["end"] = "2026-07-01T00:00:00Z" },
        answer.metadata.date_range)
    end)
  end)

  describe("the ledger", function()
    it("has tests in the first and last second of days at many offsets", function()
      for _, offset_s in ipairs { 0, 3600, 7200, 19800, -28800, -25200, -14400, 45900 } do
        local midnight = JUNE_FROM - offset_s
        assert.is_true(total({ from_epoch = midnight, to_epoch = midnight + 1 }).tests +
          total({ from_epoch = midnight, to_epoch = midnight + 1 }).screenshots > 0)
        assert.is_true(total({ from_epoch = midnight - 1, to_epoch = midnight }).tests +
          total({ from_epoch = midnight - 1, to_epoch = midnight }).screenshots > 0)
      end
    end)

    it("counts as one by one counting does", function()
      local range = { from_epoch = JUNE_FROM - 1, to_epoch = JUNE_FROM + 3 * DAY_S }
      local list = server:control("/testmu/events?" .. query { from_epoch = range.from_epoch - DAY_S,
        to_epoch = range.to_epoch + DAY_S })
      local sum, users = { tests = 0, duration_ms = 0, screenshots = 0, users = 0 }, {}
      for _, event in ipairs(list) do
        if event.at >= range.from_epoch and event.at < range.to_epoch then
          for _, name in ipairs { "tests", "duration_ms", "screenshots" } do
            sum[name] = sum[name] + event[name]
          end
          local user = event.type .. event.user
          if not users[user] then users[user], sum.users = true, sum.users + 1 end
        end
      end
      local answer = total(range)
      answer.rows = nil
      assert.same(sum, answer)
    end)

    it("is the same for the same seed, another for another", function()
      local range = { from_epoch = JUNE_FROM, to_epoch = JUNE_TO }
      local first = total(range)
      server:control("/testmu/settings", { ledger = { seed = 99 } })
      assert.not_same(first, total(range))
      server:control("/testmu/settings", { ledger = { seed = 1 } })
      assert.same(first, total(range))
    end)

    it("adds up over any cut", function()
      local generator = random.new(4)
      local middle = generator:integer(JUNE_FROM, JUNE_TO)
      local whole = total { from_epoch = JUNE_FROM, to_epoch = JUNE_TO }
      local left = total { from_epoch = JUNE_FROM, to_epoch = middle }
      local right = total { from_epoch = middle, to_epoch = JUNE_TO }
      for _, name in ipairs { "tests", "duration_ms", "screenshots" } do
        assert.equal(whole[name], left[name] + right[name])
      end
      assert.is_true(left.users + right.users > whole.users)
    end)
  end)
end)
