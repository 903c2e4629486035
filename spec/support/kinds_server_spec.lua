-- The small test vendors: every kind of paging, answer, window, job and credential is what it
-- says it is, and what it hands out agrees with the ledger. Seen by curl.
local cjson = require "cjson"
local curl = require "support.curl"
local nginx = require "support.nginx"

local BEARER = "Bearer kinds-token/with+odd=chars&%"
local API_KEY, APP_KEY = "kinds-api-key/with+odd=chars&%", "kinds-app-key-0123456789"
local CLIENT_SECRET = "kinds-secret/with+odd=chars&%"
local JUNE_FROM <const>, JUNE_TO <const> = 1780272000, 1782864000 -- June 2026 at UTC
-- Seconds of the vendor so long that none passes unless it is let pass.
local STILL_MS <const> = 1000000

local function escape(text)
  return (tostring(text):gsub("[^%w%-_.]", function(c) return ("%%%02X"):format(c:byte()) end))
end

describe("the small test vendors", function()
  local server

  setup(function() server = nginx.start { tls = false, vendors = { "kinds" } } end)
  teardown(function() server:stop() end)
  before_each(function()
    server:reset()
    server:control("/kinds/settings", {})
  end)

  local function set(given)
    server:control("/kinds/settings", given)
  end

  local function control(name)
    return server:control("/kinds/" .. name)
  end

  local function ask(url, options)
    options = options or {}
    options.headers = options.headers or {}
    options.headers.Authorization = options.headers.Authorization or BEARER
    options.words = options.words or { "-g" }
    if options.json then
      options.body = cjson.encode(options.json)
      options.headers["Content-Type"] = "application/json"
    end
    if not url:find "^http" then url = server:vendor_url "kinds" .. url end
    local answer = curl.request(url, options)
    local is_json = answer.headers["content-type"] == "application/json"
    answer.json = is_json and answer.exit == 0 and cjson.decode(answer.body)
    return answer
  end

  local function total(query)
    local sums = control("total" .. (query and "?" .. query or ""))
    sums.products = nil
    return sums
  end

  local function sums_of(rows)
    local sums = { items = #rows, tests = 0, minutes = 0 }
    for _, row in ipairs(rows) do
      sums.tests, sums.minutes = sums.tests + row.tests, sums.minutes + row.minutes
    end
    return sums
  end

  local function lines_of(answer)
    local rows = {}
    for line in answer.body:gmatch "[^\n]+" do rows[#rows + 1] = cjson.decode(line) end
    return rows
  end

  -- Walks pages: step(answer) gives the next URL, or nil.
  local function walk(url, rows_of, step)
    local rows, asked = {}, 0
    while url and asked < 20 do
      local answer = ask(url)
      local own = rows_of(answer.json)
      table.move(own, 1, #own, #rows + 1, rows)
      url, asked = step(answer, #own), asked + 1
    end
    return rows, asked
  end

  local function data(json) return json.data end

  local function filled(value)
    return value ~= cjson.null and value ~= "" and value or nil
  end

  local function after_cursor(answer)
    local following = filled(answer.json.meta.next)
    return following and "/cursor?cursor=" .. escape(following)
  end

  local function after_next(answer)
    return filled(answer.json.next)
  end

  describe("pages", function()
    it("by number, with a stated total", function()
      local number = 1
      local rows, asked = walk("/page", data, function(answer)
        number = number + 1
        assert.equal(53, answer.json.meta.total)
        return number <= answer.json.meta.pages and "/page?page=" .. number
      end)
      assert.same(total(), sums_of(rows))
      assert.equal(6, asked)
      assert.same({}, ask("/page?page=7").json.data)
      assert.equal(400, ask("/page?page=0").status)
      assert.equal(400, ask("/page?size=101").status)
      set { page_first = 0, total_off = -3 }
      assert.equal(1, ask("/page?page=0").json.data[1].id)
      assert.equal(50, ask("/page?page=0").json.meta.total)
    end)

    it("by offset and limit", function()
      local start = 0
      local rows = walk("/offset?limit=20", data, function(answer, count)
        start = start + count
        return start < answer.json.total and "/offset?limit=20&offset=" .. start
      end)
      assert.same(total(), sums_of(rows))
      assert.equal(400, ask("/offset?offset=-1").status)
    end)

    it("by a cursor in the body, whichever way it ends", function()
      for _, way in ipairs { "null", "absent", "empty" } do
        set { cursor_end = way }
        assert.same(total(), sums_of(walk("/cursor", data, after_cursor)))
      end
      assert.matches("[+/=]", ask("/cursor").json.meta.next)
      assert.equal(400, ask("/cursor?cursor=1").status)
    end)

    it("by a next link, absolute, below the host, or a query alone", function()
      assert.same(total(), sums_of(walk("/next?size=25", data, after_next)))
      set { link = "path" }
      assert.matches("^/kinds/next%?size=10&cursor=", ask("/next").json.next)
      set { link = "query" }
      assert.matches("^%?size=10&cursor=", ask("/next").json.next)
      set { link = "other", other_origin = "http://127.0.0.1:" .. server.ports.other }
      assert.matches(":" .. server.ports.other .. "/kinds/next", ask("/next").json.next, 1, true)
    end)

    it("by a Link header", function()
      local rows = walk("/link?size=20", function(json) return json end, function(answer)
        return answer.headers.link:match '<([^>]*)>; title="[^"]*"; rel="next"'
      end)
      assert.same(total(), sums_of(rows))
      assert.matches('title="page, 1"; rel="first", <', ask("/link?page=2").headers.link, 1, true)
    end)

    it("by numbered partitions, told with the first", function()
      local partitions = ask("/partition").json.partitions
      assert.equal(6, #partitions)
      assert.equal(3, partitions[6].rows)
      local number = 0
      local rows = walk("/partition?partition=0", data, function()
        number = number + 1
        return number < #partitions and "/partition?partition=" .. number
      end)
      assert.same(total(), sums_of(rows))
      assert.equal(404, ask("/partition?partition=6").status)
    end)

    it("with numbers in strings and a relative next_page_uri", function()
      local tests, url = 0, "/kinds/strings"
      while url do
        local json = ask(server.url .. url).json
        for _, record in ipairs(json.usage_records) do
          assert.is_string(record.count)
          assert.matches("^%d+%.50$", record.usage)
          tests = tests + math.tointeger(tonumber(record.count))
        end
        url = filled(json.next_page_uri)
      end
      assert.equal(total().tests, tests)
    end)

    it("with bracketed names, two keys and a next_record_id", function()
      local base = "/brackets?filter[timestamp][start]=2026-06-01T00:00:00Z" ..
        "&filter[timestamp][end]=2026-07-01T00:00:00Z&page[limit]=2"
      local keys = { ["X-Api-Key"] = API_KEY, ["X-App-Key"] = APP_KEY }
      local tests, record = 0, nil
      repeat
        local json = ask(base .. (record and "&page[next_record_id]=" .. record or ""),
          { headers = keys }).json
        for _, item in ipairs(json.data) do
          tests = tests + item.attributes.measurements[1].value
        end
        record = filled(json.meta.pagination.next_record_id)
      until not record
      assert.equal(total("from_epoch=" .. JUNE_FROM .. "&to_epoch=" .. JUNE_TO).tests, tests)
      assert.equal(403, ask(base).status)
      keys["X-App-Key"] = nil
      assert.equal(403, ask(base, { headers = keys }).status)
    end)

    it("may come again for ever, or bear a token again", function()
      set { repeat_from = 3 }
      assert.same(ask("/page?page=2").json.data, ask("/page?page=3").json.data)
      assert.same(ask("/offset?offset=10").json.data, ask("/offset?offset=20").json.data)
      local second = ask("/cursor").json.meta.next
      local answer = ask("/cursor?cursor=" .. escape(second))
      assert.equal(second, answer.json.meta.next)
      local link = ask(ask("/next").json.next).json.next
      assert.equal(link, ask(link).json.next)
    end)
  end)

  describe("answers", function()
    it("keyed by name, and null for none", function()
      local products = control("total").products
      for name, sums in pairs(ask("/named").json.data.products) do
        assert.same({ tests = products[name].tests, minutes = products[name].minutes }, sums)
      end
      assert.equal(cjson.null, ask("/null").json.data)
    end)

    it("as rows with their columns apart", function()
      local json, tests = ask("/columns").json, 0
      assert.equal("tests", json.columns[6])
      for _, row in ipairs(json.rows) do tests = tests + row[6] end
      assert.equal(total().tests, tests)
      set { columns_as = "objects" }
      assert.same({ name = "tests", type = "integer" }, ask("/columns").json.columns[6])
    end)

    it("as JSON lines, with or without an end mark, in each framing", function()
      for framing, header in pairs { chunked = "chunked", close_delimited = false } do
        set { text = { framing = framing } }
        local answer = ask("/lines")
        assert.same(total(), sums_of(lines_of(answer)))
        assert.is_nil(answer.headers["content-length"])
        assert.equal(header or nil, answer.headers["transfer-encoding"])
      end
      set { text = { end_mark = true, total = true }, total_off = 1 }
      local answer = ask("/lines")
      local rows = lines_of(answer)
      assert.same({ ["end"] = true, rows = 53 }, rows[54])
      assert.equal("54", answer.headers["x-total-count"])
      assert.equal(tostring(#answer.body), answer.headers["content-length"])
    end)

    it("as CSV, quoted where it must be", function()
      set { items = 5, text = { end_mark = true, bom = true } }
      local body = ask("/csv").body
      assert.equal("\239\187\191id,email,name,product,at,tests,minutes", body:match "^[^\r]*")
      assert.matches('"Bo ""the 1"""', body, 1, true)
      assert.matches('"Line\nbreak 3"', body, 1, true)
      assert.matches("#END,5,,,,,\r\n$", body)
    end)

    it("packed by gzip, as a coding or as a file", function()
      local plain = ask("/csv").body
      for _, framing in ipairs { false, "chunked", "close_delimited" } do
        set { text = { gzip = "coding", framing = framing } }
        local answer = ask("/csv", { words = { "--compressed" } })
        assert.equal("gzip", answer.headers["content-encoding"])
        assert.equal(plain, answer.body)
      end
      set { text = { gzip = "file" } }
      local file = ask("/csv")
      assert.equal("application/gzip", file.headers["content-type"])
      assert.equal("\31\139", file.body:sub(1, 2))
    end)

    it("cut by a fault, whatever their framing", function()
      set { text = { framing = "close_delimited" } }
      local whole = #ask("/lines").body
      server:control("/faults", { rules = { { wire = "cut_close" } } })
      local answer = ask("/lines")
      assert.equal(0, answer.exit)
      assert.equal(whole // 2, #answer.body)
    end)

    local function graphql(after)
      return ask("/graphql", { json = { query = "query($first: Int) { usage }",
        variables = { first = 20, after = after } } }).json
    end

    it("of GraphQL, over its pages", function()
      local rows, after = {}, nil
      repeat
        local usage = graphql(after).data.usage
        table.move(usage.nodes, 1, #usage.nodes, #rows + 1, rows)
        after = usage.pageInfo.hasNextPage and usage.pageInfo.endCursor
      until not after
      assert.same(total(), sums_of(rows))
    end)

    it("of GraphQL with errors inside 200", function()
      set { graphql = "all", graphql_throttles = 1 }
      local throttled, refused = graphql(), graphql()
      assert.equal(cjson.null, throttled.data)
      assert.equal("RATE_LIMITED", throttled.errors[1].extensions.code)
      assert.equal("FORBIDDEN", refused.errors[1].extensions.code)
      set { graphql = "partial" }
      assert.equal(20, #graphql().data.usage.nodes)
      assert.equal("PARTIAL", graphql().errors[1].extensions.code)
    end)
  end)

  describe("windows", function()
    local june = "from_epoch=" .. JUNE_FROM .. "&to_epoch=" .. JUNE_TO

    for format, edges in pairs {
      date = { "2026-06-01", "2026-06-30" },
      wall = { "2026-06-01 00:00:00", "2026-06-30 23:59:59" },
      rfc3339 = { "2026-06-01T02:00:00+02:00", "2026-06-30T23:59:59Z" },
      rfc3339ms = { "2026-06-01T00:00:00.000Z", "2026-06-30T23:59:59.999Z" },
      epoch = { "1780272000", "1782863999" },
      epoch_ms = { "1780272000000", "1782863999999" },
    } do
      it("as " .. format, function()
        set { window = { format = format } }
        local answer = ask("/window?from=" .. escape(edges[1]) .. "&to=" .. escape(edges[2]))
        assert.same(total(june), sums_of(answer.json.data))
        assert.equal(edges[2], answer.json.to)
        assert.is_true(#answer.json.data >= 2)
        assert.equal(400, ask("/window?from=x&to=y").status)
      end)
    end

    it("with an excluded end, and of limited length", function()
      set { window = { ends = "exclusive", max_days = 30 } }
      assert.same(total(june), sums_of(ask("/epoch?from=1780272000&to=1782864000").json.data))
      assert.equal(400, ask("/epoch?from=1780272000&to=1782864001").status)
      assert.equal(400, ask("/epoch?from=1782864000&to=1782864000").status)
    end)

    it("by calendar parts", function()
      assert.same(total(june), sums_of(ask("/parts?year=2026&month=6").json.data))
      local last = "from_epoch=" .. JUNE_TO - 86400 .. "&to_epoch=" .. JUNE_TO
      assert.same(total(last), sums_of(ask("/parts?year=2026&month=06&day=30").json.data))
      assert.equal(400, ask("/parts?year=2026&month=13").status)
      assert.equal(400, ask("/parts?year=2026").status)
    end)
  end)

  describe("batches", function()
    it("take ids in each form, up to a limit", function()
      local expected = total "ids=1,2,3"
      for _, query in ipairs { "ids=1,2,3", "ids=1&ids=2&ids=3", "ids[]=1&ids[]=2&ids[]=3,999" } do
        assert.same(expected, sums_of(ask("/batch?" .. query).json.data))
      end
      set { batch = { limit = 2 } }
      assert.equal(413, ask("/batch", { json = { ids = { 1, 2, 3 } } }).status)
      assert.equal(200, ask("/batch", { json = { ids = { 1, 2 } } }).status)
      assert.same({ { ids = 3, refused = true }, { ids = 2, refused = false } }, control "batches")
    end)

    it("may end in a time-out instead", function()
      set { batch = { limit = 2, status = 504, hang_s = 60 } }
      assert.equal(28, ask("/batch?ids=1,2,3", { limit_s = 0.2 }).exit)
    end)
  end)

  describe("exports", function()
    local function create()
      return ask("/export", { json = { from = "2026-06-01" } })
    end

    local function finished(url)
      local answer
      for _ = 1, 5 do
        answer = ask(url)
        if answer.json.state == "completed" then return answer.json end
      end
    end

    it("are created, told and deleted", function()
      local answer = create()
      assert.equal(202, answer.status)
      assert.equal("created", answer.json.state)
      assert.equal("/kinds/export/" .. answer.json.id, answer.headers.location)
      local url = "/export/" .. answer.json.id
      assert.same({}, ask(url).json.download_urls)
      assert.equal("processing", ask(url).json.state)
      assert.equal(3, #finished(url).download_urls)
      assert.equal(204, ask(url, { method = "DELETE" }).status)
      assert.equal(404, ask(url).status)
      assert.is_true(control("jobs")[1].deleted)
    end)

    it("give files on another port, to those who send no credentials", function()
      set { file_origin = "http://127.0.0.1:" .. server.ports.other,
        export = { states = { { state = "completed" } }, format = "lines" } }
      local urls = finished("/export/" .. create().json.id).download_urls
      local rows = {}
      for i, url in ipairs(urls) do
        assert.matches(":" .. server.ports.other .. "/", url, 1, true)
        local own = lines_of(curl.request(url))
        table.move(own, 1, #own, #rows + 1, rows)
        assert.is_false(control("files")[i].authorization)
      end
      assert.same(total(), sums_of(rows))
      assert.equal(400, ask(urls[1]).status)
      assert.is_true(control("files")[4].authorization)
      assert.equal(server.ports.other, control("files")[4].port)
      assert.equal(403, curl.request((urls[1]:gsub("=%x", "=x"))).status)
    end)

    it("may be answered at once, or by the status of the poll", function()
      set { export = { create = "answer" } }
      local answer = create()
      assert.equal(200, answer.status)
      assert.same(total(), sums_of(answer.json.data))
      set { export = { poll = "status", location = "absolute" } }
      local url = create().headers.location
      assert.equal(202, ask(url).status)
      assert.equal(202, ask(url).status)
      assert.same(total(), sums_of(ask(url).json.data))
    end)
  end)

  describe("credentials", function()
    local function token(form, options)
      options = options or { user = "kinds-client:" .. CLIENT_SECRET }
      return curl.request(server:vendor_url "kinds" .. "/token", { body = form, user = options.user,
        headers = { ["Content-Type"] = "application/x-www-form-urlencoded" } })
    end

    local function protected(access)
      return ask("/protected", { headers = { Authorization = "Bearer " .. access } })
    end

    local function granted(form)
      return cjson.decode(token(form or "grant_type=client_credentials").body)
    end

    it("by Bearer are needed everywhere else", function()
      assert.equal(401, ask("/page", { headers = { Authorization = "Bearer x" } }).status)
      local env = server:environment()
      assert.equal(server.url .. "/kinds", env.USAGELUA_KINDS_URL)
      assert.equal(BEARER, "Bearer " .. env.KINDS_TOKEN)
    end)

    it("by client credentials, for so many uses or seconds", function()
      set { oauth = { uses = 2 } }
      local access = granted().access_token
      assert.same(total(), sums_of(protected(access).json.data))
      assert.equal(200, protected(access).status)
      local over = protected(access)
      assert.equal(401, over.status)
      assert.equal('Bearer error="invalid_token"', over.headers["www-authenticate"])
      assert.same({ asked = 1, refreshed = 0, refused = 1 }, control "tokens")
      set { oauth = { expires_s = 3 }, second_ms = STILL_MS }
      access = granted().access_token
      assert.equal(200, protected(access).status)
      server:control("/pass", { seconds = 3 * STILL_MS / 1000 })
      assert.equal(401, protected(access).status)
    end)

    it("by refresh tokens, each good once, until all are revoked", function()
      set { oauth = { refresh = true } }
      local refresh = "grant_type=refresh_token&refresh_token=" .. granted().refresh_token
      local second = granted(refresh)
      assert.equal(200, protected(second.access_token).status)
      assert.equal(400, token(refresh).status)
      server:control("/kinds/tokens", {})
      assert.equal(401, protected(second.access_token).status)
      assert.same({ asked = 1, refreshed = 1, refused = 2 }, control "tokens")
    end)

    it("of the client in the header or in the form, never in the other", function()
      local form = "grant_type=client_credentials&client_id=kinds-client&client_secret=" ..
        escape(CLIENT_SECRET)
      assert.equal(401, token(form, {}).status)
      set { oauth = { client_in = "body" } }
      assert.equal(200, token(form, {}).status)
      assert.equal(401, token("grant_type=client_credentials").status)
    end)

    it("by two headers or in the query, and not in the log", function()
      assert.equal(403, ask("/keys").status)
      assert.equal(200, ask("/keys", { headers = { ["X-Api-Key"] = API_KEY,
        ["X-App-Key"] = APP_KEY } }).status)
      assert.equal(403, ask("/querykey?api_key=x").status)
      assert.equal(200, ask("/querykey?a=1&api_key=" .. escape(API_KEY)).status)
      local log = server:log()
      assert.equal("a=1&api_key=***", log[4].query)
      assert.equal("***", log[2].headers["x-api-key"])
      local text = cjson.encode(log)
      assert.is_nil(text:find("kinds-api-key", 1, true) or text:find("kinds-app-key", 1, true))
    end)
  end)
end)
