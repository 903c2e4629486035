-- The BrowserStack test vendor against the documentation: envelopes, the queue, the rate, each
-- contradiction as a setting, and a ledger that every report agrees with. Seen by curl.
local cjson = require "cjson"
local curl = require "support.curl"
local nginx = require "support.nginx"

local ADA = "ada_bs:BS_ada-key/with+odd=chars&%"
local JUNE = { startDate = "2026-06-01", endDate = "2026-06-30" }
local UNLIMITED = { burst = 1000, per_minute = 60000 }
-- Seconds of the vendor so long that none passes unless it is let pass.
local STILL_MS <const> = 1000000

describe("the BrowserStack test vendor", function()
  local server

  setup(function() server = nginx.start { tls = false, vendors = { "browserstack" } } end)
  teardown(function() server:stop() end)
  before_each(function() server:reset() end)

  local function set(given)
    given.rate = given.rate or UNLIMITED
    given.states = given.states or { { state = "completed" } }
    return server:control("/browserstack/settings", given)
  end

  -- Lets seconds of a vendor that stands still pass.
  local function pass(seconds)
    server:control("/pass", { seconds = seconds * STILL_MS / 1000 })
  end

  local function call(method, path, body, user)
    local answer = curl.request(server:vendor_url "browserstack" .. path, { method = method,
      user = user or ADA, body = body and cjson.encode(body),
      headers = body and { ["Content-Type"] = "application/json" } })
    answer.json = answer.body:match "^{" and cjson.decode(answer.body)
    return answer
  end

  local function create(kind, body, user)
    local answer = call("POST", "/reports/usage/v1/" .. (kind or "user"), body, user)
    return answer, answer.status == 200 and answer.json.data.job_id or nil
  end

  local function get(kind, id, tail, user)
    return call("GET", ("/reports/usage/v1/%s/%s%s"):format(kind, id, tail or ""), nil, user)
  end

  local function delete(kind, id, tail)
    return call("DELETE", ("/reports/usage/v1/%s/%s%s"):format(kind, id, tail or "/status"))
  end

  local function report(kind, body, user)
    local _, id = create(kind, body, user)
    return get(kind, id, "", user).json.data[kind .. "s"]
  end

  local function control(name, args)
    local parts = {}
    for key, value in pairs(args or {}) do parts[#parts + 1] = key .. "=" .. value end
    return server:control("/browserstack/" .. name .. "?" .. table.concat(parts, "&"))
  end

  local function states_of(kind, id, count)
    local list = {}
    for i = 1, count do list[i] = get(kind, id, "/status").json.status end
    return list
  end

  describe("answers", function()
    it("create, status, report and delete in the documented envelopes", function()
      set { states = { { state = "enqueued", polls = 1 }, { state = "completed" } } }
      local created, id = create("user", JUNE)
      assert.same({ success = true, message = "Report is successfully queued.",
        data = { job_id = id } }, created.json)
      assert.matches("^[%w_-]+$", id)
      assert.same({ success = true, status = "enqueued",
        message = "Request enqueued successfully" }, get("user", id, "/status").json)
      assert.equal("completed", get("user", id, "/status").json.status)
      local answer = get("user", id)
      assert.is_true(answer.json.success)
      assert.equal("Success", answer.json.message)
      assert.equal(60, #answer.json.data.users)
      assert.same({ success = true, message = "Report is successfully removed from queue." },
        delete("user", id).json)
      assert.equal(404, delete("user", id).status)
      assert.equal(404, get("user", id, "/status").status)
    end)

    it("the snapshots of parallels, outside the rate", function()
      set { rate = { burst = 1, per_minute = 1 } }
      for path, expected in pairs { ["/automate/plan.json"] = "plan",
        ["/app-automate/plan.json"] = "app_plan" } do
        local answer = call("GET", path)
        assert.same(server:control("/browserstack/settings")[expected], answer.json)
      end
      assert.equal(0, control("rate").calls)
    end)

    it("strangers with text, unknown paths with HTML, other roles with reasons", function()
      set {}
      local stranger = create("user", nil, "ada_bs:wrong-key-0123")
      assert.equal(401, stranger.status)
      assert.equal("text/html; charset=utf-8", stranger.headers["content-type"])
      assert.equal("HTTP Basic: Access denied.\n", stranger.body)
      local unknown = call("GET", "/reports/usage/v2/user")
      assert.equal(404, unknown.status)
      assert.equal("text/html", unknown.headers["content-type"])
      assert.matches("<h1>404 Not Found</h1>", unknown.body)
      assert.matches("Owner or Admin", create("user", nil, "mia_bs:BS_mia-key-0123456789").body)
      assert.matches("not enabled", create("user", nil, "uma_bs:BS_uma-key-0123456789").body)
    end)

    for _, case in ipairs {
      { { startDate = "2026-06-31", endDate = "2026-07-02" }, "startDate is invalid: 2026-06-31" },
      { { startDate = "2026-06-01" }, "endDate is invalid: nil" },
      { { startDate = "2026-06-01T00:00:00Z", endDate = "2026-06-02" },
        "startDate is invalid: 2026-06-01T00:00:00Z" },
      { { startDate = "2026-06-02", endDate = "2026-06-01" }, "endDate is before startDate" },
      { { from = "2026-06-02" }, "unexpected parameter: from" },
      { { products = { "Live" } }, "unknown product: Live" },
      { { products = cjson.decode "[]" }, "no product is named" },
    } do
      it("a create with a mistake: " .. case[2], function()
        set {}
        local answer = create("user", case[1])
        assert.equal(422, answer.status)
        assert.same({ success = false, message = case[2] }, answer.json)
      end)
    end
  end)

  describe("the queue", function()
    it("is shared by both kinds, and full at its limit until a job is deleted", function()
      set { queue = { limit = 2, status = 429 } }
      local _, first = create "user"
      create "team"
      local full = create "user"
      assert.equal(429, full.status)
      assert.is_false(full.json.success)
      delete("user", first)
      assert.equal(200, create("user").status)
      assert.same({ created = 3, alive = 2, deleted = 1 }, control "queue")
    end)

    it("may count only jobs that are not completed", function()
      set { queue = { limit = 1, counts_completed = false } }
      create "user"
      assert.equal(200, create("user").status)
      set { queue = { limit = 1, counts_completed = false }, states = { { state = "enqueued" } } }
      create "user"
      assert.equal(422, create("user").status)
    end)

    it("goes through any words, by polls and by the vendor's time", function()
      set { second_ms = STILL_MS, states = { { state = "enqueued", polls = 2 },
        { state = "brewing", for_s = 10 }, { state = "completed" } } }
      local _, id = create "user"
      assert.same({ "enqueued", "enqueued", "brewing" }, states_of("user", id, 3))
      pass(10)
      assert.same({ "completed" }, states_of("user", id, 1))
    end)

    it("has plans for single jobs: failed once, stuck for ever, until told otherwise", function()
      set { plans = { { kind = "user", nth = 1, states = { { state = "failed" } } },
        { kind = "team", states = { { state = "enqueued" } } } } }
      local _, failed = create "user"
      local _, good = create "user"
      local _, stuck = create "team"
      assert.equal("failed", states_of("user", failed, 1)[1])
      assert.equal("completed", states_of("user", good, 1)[1])
      assert.equal("enqueued", states_of("team", stuck, 3)[3])
      assert.equal(409, get("team", stuck).status)
      server:control("/browserstack/job", { id = stuck, states = { { state = "completed" } } })
      assert.equal(200, get("team", stuck).status)
    end)

    it("may say completed and have no report yet", function()
      set { not_ready = { status = 404, fetches = 2 } }
      local _, id = create "user"
      assert.equal(404, get("user", id).status)
      assert.equal(404, get("user", id).status)
      assert.equal(200, get("user", id).status)
      assert.equal(1, control("jobs")[1].reports)
    end)

    it("keeps a job whose create was answered by a reset or by a gateway", function()
      set {}
      server:control("/faults", { rules = {
        { nth = 1, method = "POST", wire = "reset" },
        { nth = 2, method = "POST", quirks = { status = 502, body = "<h1>Bad Gateway</h1>" } } } })
      assert.is_nil(create("user").status)
      assert.equal(502, create("user").status)
      local jobs = control "jobs"
      assert.equal(2, #jobs)
      assert.is_true(jobs[1].alive and jobs[2].alive)
      assert.equal("user", jobs[1].kind)
      assert.is_number(jobs[1].created_at)
    end)

    it("may refuse to delete what is completed, and forget what is old", function()
      set { delete_completed_status = 422, lifetime_s = 5, second_ms = STILL_MS }
      local _, id = create "user"
      assert.equal(422, delete("user", id).status)
      pass(6)
      assert.equal(404, get("user", id, "/status").status)
    end)

    it("shows no job to another group, and its own ledger to each", function()
      set {}
      local _, id = create "user"
      local emil = "emil_bs:BS_emil-key-0123456789"
      assert.equal(404, get("user", id, "", emil).status)
      assert.equal(40, #report("user", nil, emil))
    end)

    it("starts anew with new settings only", function()
      set {}
      create "user"
      server:reset()
      server:control("/browserstack/change", { team_report = "user" })
      assert.equal(1, #control "jobs")
      set {}
      assert.equal(0, #control "jobs")
    end)
  end)

  describe("the rate", function()
    local RATE = { burst = 5, per_minute = 15 }

    local function statuses(count)
      local list = {}
      for i = 1, count do list[i] = get("user", "none", "/status").status end
      return list
    end

    it("takes five at once, then one in four seconds, and counts what it refused", function()
      set { rate = RATE, second_ms = STILL_MS }
      assert.same({ 404, 404, 404, 404, 404, 429 }, statuses(6))
      pass(4)
      assert.same({ 404, 429 }, statuses(2))
      assert.same({ calls = 8, limited = 2 }, control("rate").groups.acme)
    end)

    it("saves up no more than a burst", function()
      set { rate = { burst = 2, per_minute = 20 }, second_ms = STILL_MS }
      statuses(1)
      pass(4)
      assert.same({ 404, 404, 429 }, statuses(3))
    end)

    it("is one for the group, whoever asks", function()
      set { rate = RATE, second_ms = STILL_MS }
      statuses(5)
      assert.equal(429, create("team", nil, "lena_bs:BS_lena-key-0123456789").status)
      assert.equal(200, create("user", nil, "emil_bs:BS_emil-key-0123456789").status)
    end)

    it("may be said as 403, without Retry-After", function()
      set { rate = { burst = 0 }, throttle = 403 }
      local answer = create "user"
      assert.equal(403, answer.status)
      assert.matches("Rate Limit Exceeded", answer.body)
      assert.is_nil(answer.headers["retry-after"])
    end)
  end)

  describe("the reports", function()
    local function sum_of(users)
      local sums = {}
      for _, user in ipairs(users) do
        for product, data in pairs(user.usage.product_data) do
          sums[product] = sums[product] or { with_data = 0, with_access = 0 }
          sums[product].with_data = sums[product].with_data + 1
          for _, name in ipairs { "tests_run", "minutes_used", "cypress_executions_run" } do
            sums[product][name] = data[name] and (sums[product][name] or 0) + data[name] or nil
          end
        end
      end
      for product, sum in pairs(sums) do
        for _, user in ipairs(users) do
          if user.product_access[product] then sum.with_access = sum.with_access + 1 end
        end
      end
      return sums
    end

    it("of 5,000 users in 20 teams agree with the ledger, product by product", function()
      set { ledger = { users = 5000, teams = 20 } }
      local users, total = report("user", JUNE), control("total", JUNE)
      assert.equal(5000, #users)
      assert.equal(5000, total.users)
      assert.same(total.products, sum_of(users))
      assert.equal(20, #report("team", JUNE))
    end)

    it("add up over days, and hold the last day", function()
      set {}
      local whole = control("total", JUNE).products
      local left = control("total", { startDate = "2026-06-01", endDate = "2026-06-17" }).products
      local right = control("total", { startDate = "2026-06-18", endDate = "2026-06-30" }).products
      for product, sum in pairs(whole) do
        assert.equal(sum.tests_run, left[product].tests_run + right[product].tests_run)
        assert.is_true(right[product].tests_run > 0)
      end
      local day = { startDate = "2026-06-30", endDate = "2026-06-30" }
      assert.is_true(control("total", day).products.automate.tests_run > 0)
      assert.same(control("total", day).products, sum_of(report("user", day)))
    end)

    it("are of the last two weeks where no dates are sent", function()
      set {}
      local fortnight = { startDate = "2026-07-02", endDate = "2026-07-15" }
      assert.same(report("user", fortnight), report "user")
      assert.same(control("total", fortnight), control "total")
    end)

    it("hold all that may stand beside each other", function()
      set {}
      local seen = {}
      for _, user in ipairs(report("user", JUNE)) do
        local data, access = user.usage.product_data, user.product_access
        if user.usage.last_test == cjson.null then seen.never_tested = true end
        if user.usage.last_activity == cjson.null then seen.never_seen = true end
        if next(data) == nil then seen.no_data = true end
        for product, has in pairs(access) do
          if has and not data[product] then seen.access_without_data = true end
          if not has and data[product] then seen.data_without_access = true end
          if data[product] and data[product].tests_run == 0 then seen.zeros = true end
        end
      end
      assert.same({ never_tested = true, never_seen = true, no_data = true, zeros = true,
        access_without_data = true, data_without_access = true }, seen)
    end)

    it("repeat a team's parallels on each of its members", function()
      set {}
      local by_team = {}
      for _, item in ipairs(control("parallels", JUNE)) do
        by_team[item.team .. item.product] = item
      end
      for _, user in ipairs(report("user", JUNE)) do
        for _, product in ipairs { "automate", "app_automate" } do
          local data, own = user.usage.product_data[product], by_team[user.team .. product]
          if data then
            assert.equal(own.allocated, data.current_parallels_allocated)
            assert.equal(own.peak, data.max_parallels_used)
            assert.equal(own.from, data.parallel_consumption_type)
          end
        end
      end
      assert.equal("org", by_team["Acme Inc. (Org)app_automate"] and
        by_team["Acme Inc. (Org)automate"].from)
    end)

    it("of teams are their members', the root as type org", function()
      set {}
      local teams, users = report("team", JUNE), report("user", JUNE)
      assert.equal("Acme Inc.", teams[1].name)
      assert.equal("org", teams[1].type)
      assert.equal("team", teams[2].type)
      local minutes, count = 0, 0
      for _, user in ipairs(users) do
        if user.team == teams[2].name then
          count = count + 1
          local data = user.usage.product_data.live_testing
          minutes = minutes + (data and data.minutes_used or 0)
        end
      end
      assert.equal(count, teams[2].user_count)
      assert.equal(minutes, teams[2].usage.product_data.live_testing.minutes_used)
    end)

    it("have a root that contains the other teams, by setting", function()
      set { org_row = "all" }
      local root = report("team", JUNE)[1]
      assert.equal(60, root.user_count)
      assert.equal(control("total", JUNE).products.live_testing.minutes_used,
        root.usage.product_data.live_testing.minutes_used)
    end)

    it("hold only the products asked for, under the names that are set", function()
      set { products_parameter = "product_filter", product_words = { automate = "Automate" } }
      local body = { product_filter = { "Automate", "live_testing" }, startDate = JUNE.startDate,
        endDate = JUNE.endDate }
      local products = {}
      for _, user in ipairs(report("user", body)) do
        for product in pairs(user.usage.product_data) do products[product] = true end
      end
      assert.same({ automate = true, live_testing = true }, products)
    end)

    it("show a team admin the own team only", function()
      set {}
      local lena = "lena_bs:BS_lena-key-0123456789"
      for _, user in ipairs(report("user", JUNE, lena)) do assert.equal("Team 02", user.team) end
      assert.equal(1, #report("team", JUNE, lena))
    end)

    it("may stand and be deleted under /user/ only, right or of the wrong kind", function()
      set { team_report = "user", team_delete = "user" }
      local _, id = create "team"
      local missing = get("team", id)
      assert.equal(404, missing.status)
      assert.equal("text/html", missing.headers["content-type"])
      assert.equal("completed", states_of("team", id, 1)[1])
      assert.equal(4, #get("user", id).json.data.teams)
      assert.equal(404, delete("team", id).status)
      assert.equal(200, delete("user", id).status)
      set { team_report = "users" }
      _, id = create "team"
      local data = get("user", id).json.data
      assert.is_nil(data.teams)
      assert.equal(60, #data.users)
    end)

    it("give the parallels as an object where the documentation's type is believed", function()
      set { parallels_as_object = true }
      local team = report("team", JUNE)[2]
      assert.is_number(team.usage.product_data.automate.max_parallels_used.value)
    end)

    it("count idle seats as one by one counting does", function()
      set { ledger = { users = 200 } }
      local seats, teams = 0, {}
      for _, user in ipairs(report("user", JUNE)) do
        local has_access, tested = false, user.usage.last_test
        for _, has in pairs(user.product_access) do has_access = has_access or has end
        if has_access and (tested == cjson.null or tested < "2026-06-01") then
          seats, teams[user.team] = seats + 1, (teams[user.team] or 0) + 1
        end
      end
      local idle = control("idle", JUNE)
      assert.is_true(seats > 20)
      assert.equal(seats, idle.seats)
      assert.same(teams, idle.teams)
    end)

    it("can be bent anywhere", function()
      set {}
      server:control("/faults", { rules = { { method = "GET", quirks = {
        literals = { ["data.users.1.usage.product_data"] = "null" } } } } })
      assert.equal(cjson.null, report("user", JUNE)[1].usage.product_data)
    end)
  end)

  it("refuses settings that it does not know", function()
    assert.has_error(function() set { queue = { size = 1 } } end, 'control /browserstack/settings: '
      .. '{"message":"unknown setting of browserstack: queue.size"}')
  end)

  it("leads usagelua to itself", function()
    set {}
    local env = server:environment()
    assert.equal(server.url .. "/browserstack", env.USAGELUA_BROWSERSTACK_URL)
    assert.equal("ada_bs", env.BROWSERSTACK_USERNAME)
    assert.matches("^BS_ada", env.BROWSERSTACK_ACCESS_KEY)
  end)
end)
