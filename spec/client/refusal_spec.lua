-- What an answer means that is none: the vendor's rules over status, header, text and JSON.
local description = require "usagelua.vendor.description"
local simulated = require "support.simulated"

local function rules_of(rules, keys)
  local vendor = { name = "acme", version = 1, base_url = "https://api.acme.test/v1", errors = rules,
    auth = { kind = "bearer", token_env = "ACME_TOKEN" },
    datasets = { usage = { request = { path = "/u" }, rows = "[]", fields = { tests = "n" } } } }
  for key, value in pairs(keys or {}) do vendor[key] = value end
  return description.check(vendor, "acme.lua")
end

-- What a call over these answers, in turn, gives: "good", or nil and the error; the parts.
local function call(vendor, ...)
  local replies, asked = { ... }, 0
  local parts = simulated { answer = function()
    asked = asked + 1
    return replies[math.min(asked, #replies)]
  end }
  local got, err = parts.scheduler:run(function()
    return parts.client:call({ url = "https://api.acme.test/u", rules = vendor.errors,
      message_paths = vendor.error_message }, function(response)
      return response:text() and "good"
    end)
  end)
  return got, err, asked, parts
end

local function reply(status, body, media_type, headers)
  local all = { ["content-type"] = media_type or "application/json" }
  for name, value in pairs(headers or {}) do all[name] = value end
  return { status = status, body = body, headers = all }
end

local function assert_error(expected, text, vendor, ...)
  local got, err, asked = call(vendor, ...)
  assert.is_nil(got)
  assert.are.equal(expected, err.kind, err.message)
  assert(err.message:find(text, 1, true), err.message)
  return err, asked
end

describe("a vendor's own message", function()
  local ENVELOPES <const> = { "message", "error", "error.message" }

  it("is quoted from whichever envelope it comes in", function()
    local vendor = rules_of(nil, { error_message = ENVELOPES })
    for body, expected in pairs {
      ['{"status":"error","message":"to must be after from"}'] = "to must be after from",
      ['{"error":"date range too long","status":"failed"}'] = "date range too long",
      ['{"error":{"message":"Bad request","code":7}}'] = "Bad request",
      ['{"message":"Invalid Token"}'] = "Invalid Token",
    } do
      assert_error("http", "answered 400: " .. expected .. " (application/json)", vendor, reply(400, body))
    end
  end)

  it("is quoted so by the built-in description of TestMu, whose host answers in three", function()
    local vendor = require "usagelua.vendor.loader".new({}):load "testmu"
    for body, expected in pairs {
      ['{"status":"error","message":"date range exceeds"}'] = "answered 422: date range exceeds",
      ['{"error":"no such test","status":"failed"}'] = "answered 422: no such test",
      ['{"message":"Invalid Token"}'] = "answered 422: Invalid Token",
    } do
      assert_error("http", expected, vendor, reply(422, body))
    end
  end)

  it("is one safe line, masked before it is cut", function()
    local vendor = rules_of(nil, { error_message = ENVELOPES })
    local err = assert_error("http", "a [31mb ***", vendor,
      reply(400, '{"message":"a\\n\\u001b[31mb hunter2hunter2 ' .. ("x"):rep(190) .. 'hunter2hunter2"}'))
    assert.is_nil(err.message:find "[%c]")
    assert.is_nil(err.message:find "hunter")
    assert.is_true(#err.message < 400)
  end)

  it("is looked for in whole JSON only, and else the body is quoted", function()
    local vendor = rules_of(nil, { error_message = ENVELOPES })
    assert_error("auth", "answered 401 (text/html, 'HTTP Basic: Access denied.')", vendor,
      reply(401, "HTTP Basic: Access denied.\n", "text/html; charset=utf-8"))
    assert_error("not_found", "answered 404 (text/html, '<html><h1>404</h1>')", vendor,
      reply(404, "<html><h1>404</h1>", "text/html"))
    for _, body in ipairs { '{"message":"cut', '{"message":5', "{}", "[]", '{"message":null}' } do
      assert_error("http", "answered 400 (application/json, '", vendor, reply(400, body))
    end
    assert_error("http", [['{"message":"x"}']], rules_of(nil), reply(400, '{"message":"x"}'))
  end)
end)

describe("an error rule", function()
  it("tells a throttle from a permission by the text", function()
    local vendor = rules_of { { status = 403, body = "[Rr]ate [Ll]imit", kind = "throttled", retry_after_s = 60 } }
    local got, _, asked, parts = call(vendor, reply(403, "Rate Limit Exceeded", "text/plain"), reply(200, "[]"))
    assert.are.same({ "good", 2 }, { got, asked })
    assert.is_true(parts.clock.monotonic() >= 60)
    local _, once = assert_error("permission", "answered 403", vendor, reply(403, "not for you", "text/plain"))
    assert.are.equal(1, once)
  end)

  it("goes by status, by header, or by a value of the JSON", function()
    local vendor = rules_of {
      { status = 409, kind = "not_ready" },
      { header = { ["X-Reason"] = "^quota" }, kind = "throttled", retry = false },
      { path = "error.code", value = { "too_many_ids", 77 }, kind = "too_large" },
      { path = "errors[].code", value = "GONE", kind = "gone", message = "the report is over" },
      { status = 500, path = "fatal", kind = "vendor" },
    }
    assert_error("not_ready", "answered 409", vendor, reply(409, "{}"))
    assert_error("throttled", "answered 403", vendor, reply(403, "{}", nil, { ["x-reason"] = "quota used" }))
    assert_error("too_large", "answered 400", vendor, reply(400, '{"error":{"code":77}}'))
    assert_error("gone", "the report is over: answered 400", vendor, reply(400, '{"errors":[{"code":1},{"code":"GONE"}]}'))
    local _, asked = assert_error("vendor", "answered 500", vendor, reply(500, '{"fatal":{"x":1}}'))
    assert.are.equal(1, asked)
    assert_error("http", "answered 400", vendor, reply(400, '{"error":{"code":"other"}}'))
  end)

  it("takes a good status for none only where it names it", function()
    local vendor = rules_of { { status = 202, kind = "not_ready" }, { header = { ["x-state"] = "old" }, kind = "gone" },
      { status = 200, header = { ["x-state"] = "empty" }, kind = "gone" }, { body = "x", kind = "vendor" } }
    assert_error("not_ready", "answered 202", vendor, reply(202, "{}"))
    assert_error("gone", "answered 200", vendor, reply(200, "x", nil, { ["x-state"] = "empty" }))
    assert.are.equal("good", (call(vendor, reply(200, "x", nil, { ["x-state"] = "old" }))))
  end)

  it("is one of those that can be", function()
    for text, rule in pairs { ["'a..b' is not a path"] = { path = "a..b", kind = "gone" },
      ["kind"] = { status = 400, kind = "shape" } } do
      local ok, err = pcall(rules_of, { rule })
      assert.is_false(ok)
      assert(tostring(err):find(text, 1, true), tostring(err))
    end
    assert.has_error(function() rules_of(nil, { error_message = { "a b" } }) end)
  end)
end)

describe("a status", function()
  it("has its meaning without a rule", function()
    local vendor = rules_of(nil)
    for status, kind in pairs { [401] = "auth", [403] = "permission", [404] = "not_found", [410] = "gone",
      [413] = "too_large", [414] = "too_large", [422] = "http", [400] = "http", [416] = "http" } do
      local _, asked = assert_error(kind, "answered " .. status, vendor, reply(status, "x", "text/plain"))
      assert.are.equal(1, asked)
    end
  end)
end)
