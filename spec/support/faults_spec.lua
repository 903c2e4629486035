-- The fault plan of the test server: each trouble is what it says it is, seen by curl.
local curl = require "support.curl"
local nginx = require "support.nginx"
local shell = require "support.shell"

-- curl's exit statuses.
local OK, CUT, EMPTY, TIMED_OUT, RESET, BAD_ENCODING = 0, 18, 52, 28, 56, 61
local NOT_HTTP, HTTP2_RESET, TOO_LARGE = 1, 92, 56

local BODY = '{"hello":"wide world","list":[1,2,3,4,5,6,7,8,9,10]}'
local ESCAPED = "/_answer?body=" .. BODY:gsub("[^%w]", function(c) return ("%%%02X"):format(c:byte()) end)

describe("faults", function()
  local server

  setup(function() server = nginx.start() end)
  teardown(function() server:stop() end)
  before_each(function() server:reset() end)

  local function plan(...)
    server:control("/faults", { seed = 7, rules = { ... } })
  end

  local function get(path, options)
    return curl.request(server.url .. (path or ESCAPED), options)
  end

  local function statuses(count, path)
    local list = {}
    for i = 1, count do list[i] = get(path).status end
    return list
  end

  describe("on the wire", function()
    local half = BODY:sub(1, #BODY // 2)

    for name, expected in pairs {
      reset = { exit = RESET, body = "" },
      reset_headers = { exit = RESET, body = "" },
      reset_body = { exit = RESET, body = half },
      reset_end = { exit = RESET, body = BODY },
      close = { exit = EMPTY, body = "" },
      -- What libcurl takes for whole although it was cut: no error, no status to speak of.
      cut_headers = { exit = OK, body = "" },
      cut_body = { exit = CUT, body = half },
      cut_chunked = { exit = CUT, body = half },
      bad_chunk = { exit = RESET, body = half },
      chunked = { exit = OK, body = BODY },
      cut_close = { exit = OK, body = half },
      close_delimited = { exit = OK, body = BODY },
      short_length = { exit = OK, body = BODY:sub(1, -11) },
      long_length = { exit = CUT, body = BODY },
      garbage = { exit = NOT_HTTP, body = "" },
      huge_headers = { exit = TOO_LARGE, body = "" },
    } do
      it(name .. " is seen as such", function()
        plan { wire = name }
        local answer = get()
        assert.equal(expected.exit, answer.exit)
        assert.equal(expected.body, answer.body)
      end)
    end

    for name, expected in pairs {
      gzip = { exit = OK, body = BODY },
      gzip_no_trailer = { exit = OK, body = BODY },
      gzip_short_trailer = { exit = OK, body = BODY },
      gzip_wrong_sum = { exit = BAD_ENCODING },
      gzip_broken = { exit = BAD_ENCODING, body = half },
      gzip_plain = { exit = BAD_ENCODING },
      gzip_layered = { exit = OK, body = BODY },
      gzip_empty = { exit = OK, body = "" },
      gzip_empty_members = { exit = OK, body = "" },
    } do
      it(name .. " is seen as such", function()
        plan { wire = name }
        local answer = get(ESCAPED, { words = { "--compressed" } })
        assert.equal(expected.exit, answer.exit)
        if expected.body then assert.equal(expected.body, answer.body) end
      end)
    end

    it("gzip_cut is what libcurl takes for whole", function()
      plan { wire = "gzip_cut" }
      local answer = get(ESCAPED, { words = { "--compressed" } })
      assert.equal(OK, answer.exit)
      assert.is_true(#answer.body < #BODY)
    end)

    local function piped(command)
      local fetch = ("curl -q -s --noproxy '*' '%s' | "):format(server.url .. ESCAPED)
      return shell.output(fetch .. command)
    end

    it("gzip_members is a gzip file of two members", function()
      plan { wire = "gzip_members" }
      assert.equal(BODY, piped "gzip -dc")
    end)

    it("gzip_bomb is a valid gzip file, a thousandth of what it holds", function()
      local size = 16 * 1024 * 1024
      plan { wire = "gzip_bomb", mib = 16 }
      assert.is_true(tonumber(piped "wc -c") < size // 500)
      assert.equal(size, tonumber(piped "gzip -dc | wc -c"))
    end)

    it("stall sends half and then nothing", function()
      plan { wire = "stall" }
      local answer = get(ESCAPED, { limit_s = 6 }) -- half of it comes on a busy machine, too
      assert.equal(TIMED_OUT, answer.exit)
      assert.equal(half, answer.body)
    end)

    it("stall_first sends nothing at all", function()
      plan { wire = "stall_first" }
      assert.equal(TIMED_OUT, get(ESCAPED, { limit_s = 0.3 }).exit)
      plan { wire = "stall_first", stall_s = 0.05 }
      assert.equal(EMPTY, get().exit)
    end)

    it("drip sends piece by piece", function()
      plan { wire = "drip", piece = 10, gap_ms = 60000 }
      assert.equal(TIMED_OUT, get(ESCAPED, { limit_s = 0.3 }).exit)
      plan { wire = "drip", piece = 10, gap_ms = 60 }
      assert.equal(BODY, get().body)
    end)

    it("informational answers come before the real one", function()
      plan { wire = "informational", count = 100 }
      local answer = get()
      assert.equal(200, answer.status)
      assert.equal(BODY, answer.body)
    end)

    it("cuts a stream of HTTP/2 by a reset", function()
      plan({ wire = "cut_body", nth = 1 }, { wire = "reset", nth = 2 })
      for _ = 1, 2 do
        local answer = curl.request(server.tls_url .. ESCAPED, { ca_file = server.ca_file })
        assert.equal(HTTP2_RESET, answer.exit)
      end
    end)
  end)

  describe("in the answer", function()
    it("are status, body, type and headers", function()
      plan { status = 503, body = "<h1>busy</h1>", type = "text/html", headers = { ["X-Id"] = { "1" } } }
      local answer = get()
      assert.equal(503, answer.status)
      assert.equal("<h1>busy</h1>", answer.body)
      assert.equal("text/html", answer.headers["content-type"])
      assert.equal("1", answer.headers["x-id"])
    end)

    it("are HTML and nothing with status 200", function()
      plan({ nth = 1, body = "<html>", type = "text/html" }, { nth = 2, body = "" })
      assert.equal("<html>", get().body)
      local empty = get()
      assert.equal(200, empty.status)
      assert.equal("", empty.body)
    end)

    it("are Retry-After in seconds, and as a date against the answer's own Date", function()
      plan({ nth = 1, status = 429, retry_after = 7 },
        { nth = 2, status = 503, retry_after_date_s = 60, date_skew_s = -86400 })
      assert.equal("7", get().headers["retry-after"])
      local headers = get().headers
      local pipe <close> = io.popen(("date -d '%s' +%%s; date -d '%s' +%%s; date +%%s"):format(
        headers["retry-after"], headers.date))
      local again, date, now = pipe:read("n", "n", "n")
      assert.equal(60, again - date)
      assert.near(-86400, date - now, 600)
    end)

    it("are redirects", function()
      plan { status = 307, headers = { Location = "https://elsewhere.test/" } }
      assert.equal("https://elsewhere.test/", get().headers.location)
    end)

    it("are delays", function()
      plan { delay_ms = 60000 }
      assert.equal(TIMED_OUT, get(ESCAPED, { limit_s = 0.3 }).exit)
      plan { delay_ms = 300 }
      assert.equal(BODY, get().body)
      assert.is_true(server:log()[2].seconds > 0.29) -- timers and times are of two clocks there
    end)
  end)

  describe("meet", function()
    it("the requests numbered", function()
      plan { status = 500, nth = { 1, 3 } }
      assert.same({ 500, 200, 500, 200 }, statuses(4))
    end)

    it("the first, the later, each n-th", function()
      plan { status = 500, first = 2 }
      assert.same({ 500, 500, 200, 200 }, statuses(4))
      plan { status = 500, from = 3 }
      assert.same({ 200, 200, 500, 500 }, statuses(4))
      plan { status = 500, every = 2 }
      assert.same({ 200, 500, 200, 500 }, statuses(4))
      plan { status = 500, every = 2, times = 1 }
      assert.same({ 200, 500, 200, 200 }, statuses(4))
    end)

    it("the path, method and arguments named", function()
      plan({ status = 500, path = "^/_echo" }, { status = 501, args = { a = 1 } },
        { status = 502, method = "POST" })
      assert.equal(500, get("/_echo").status)
      assert.equal(501, get("/_count?a=1").status)
      assert.equal(200, get("/_count?a=2").status)
      assert.equal(502, get("/_count", { body = "" }).status)
    end)

    it("seeded draws: the same for the same requests in any order", function()
      local rule = { status = 500, probability = 0.5 }
      local function draws(order)
        plan(rule)
        local found = {}
        for _, path in ipairs(order) do found[path] = get("/_count?" .. path).status end
        return found
      end
      local forward = draws { "a", "b", "c", "d", "e", "f", "g", "h" }
      assert.same(forward, draws { "h", "g", "f", "e", "d", "c", "b", "a" })
      local faulted = 0
      for _, status in pairs(forward) do faulted = faulted + (status == 500 and 1 or 0) end
      assert.is_true(faulted > 0 and faulted < 8)
    end)

    it("another draw when the request comes again", function()
      plan { status = 500, probability = 0.5 }
      local again = {}
      for _, status in ipairs(statuses(12)) do again[status] = true end
      assert.same({ [200] = true, [500] = true }, again)
    end)

    it("no one after a reset, and say how often they did", function()
      plan { name = "down", status = 500, nth = 2 }
      statuses(3)
      assert.same({ { name = "down", matched = 3, fired = 1 } }, server:control "/faults")
      assert.equal("down", server:log()[2].fault)
      server:reset()
      assert.same({ 200, 200 }, statuses(2))
    end)
  end)
end)
