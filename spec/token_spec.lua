-- What is read of a token endpoint's answer, and what is not.
local core = require "usagelua.core"

local HOST <const> = "api.acme.test"

local function read(text, step)
  local reader <close> = core.token.reader("the token of ACME_KEY", HOST)
  step = step or #text + 1
  for i = 1, #text, step do
    local ok, err = reader:feed(text:sub(i, i + step - 1))
    if not ok then return nil, err end
  end
  return reader:finish()
end

local function assert_fails(kind, part, text)
  local tokens, err = read(text)
  assert.is_nil(tokens, text)
  assert.equal(kind, err.kind, text)
  assert(err.message:find(part, 1, true), ("'%s' in '%s'"):format(part, err.message))
end

describe("token.reader", function()
  it("gives secrets that are bound and masked, in whatever pieces they come", function()
    local text = '{"token_type":"Bearer","access_token":"piece\\u002dwise-%d","expires_in":3600,'
      .. '"refresh_token":"again-%d","scope":"a b","more":{"access_token":"inner-token"}}'
    for step = 1, 40, 3 do
      local tokens = assert(read(text:format(step, step * 1000), step))
      assert.same({ "***", "***", "Bearer", 3600.0 }, { tostring(tokens.access_token),
        tostring(tokens.refresh_token), tokens.token_type, tokens.expires_in })
      assert.same({ HOST }, tokens.access_token:hosts())
      assert.equal("the token of ACME_KEY", tokens.access_token:name())
      assert.equal("x *** y", core.mask.text(("x piece-wise-%d y"):format(step)))
      assert.equal("x inner-token", core.mask.text "x inner-token")
    end
  end)

  it("takes a lifetime in a string, and none that is no number", function()
    local function life(value)
      return assert(read(('{"access_token":"0123456789","expires_in":%s}'):format(value))).expires_in
    end
    assert.same({ 3600.0, 3600.0, 1.5, -1.0, 1e18 },
      { life "3600", life '"3600"', life '"1.5"', life "-1", life "1e18" })
    for _, value in ipairs { '"soon"', '""', "null", "true", "[1]", '{"expires_in":1}', '"12x"', '"1."',
      "100000000000000000000" } do
      assert.is_nil(life(value), value)
    end
  end)

  it("gives no token of an answer that has none, and shows nothing of it", function()
    assert_fails("shape", "has no access_token", "{}")
    assert_fails("shape", "has no access_token", '{"access_token":null,"refresh_token":"0123456789"}')
    assert_fails("shape", "has no access_token", '{"access_token":["0123456789"]}')
    assert_fails("shape", "has no access_token", '["access_token","0123456789"]')
    assert_fails("shape", "has no access_token", '"0123456789"')
    assert_fails("shape", "has no access_token", '[{"access_token":"0123456789"}]')
    assert_fails("auth", "the error 'invalid_client'", '{"error":"invalid_client"}')
    assert_fails("auth", "the error '?'", '{"error":"0123456789-is-the-key"}')
    assert_fails("shape", "is no JSON", "access_token=0123456789&token_type=bearer")
    assert_fails("shape", "is no JSON", "")
    assert_fails("shape", "is no JSON", '{"access_token":"0123456789"')
    assert_fails("shape", "is no JSON", '{"access_token":"0123456789"} x')
    assert_fails("shape", "has fewer than 8 characters", '{"access_token":"short"}')
    assert_fails("shape", "line break", '{"access_token":"0123456789\\r\\nX: y"}')
    assert_fails("shape", "is empty", '{"access_token":"0123456789","refresh_token":""}')
    assert_fails("limit", "larger than 65536 bytes",
      ('{"access_token":"0123456789","pad":"%s"}'):format(("x"):rep(70000)))
  end)

  it("takes the last of two, as JSON readers do", function()
    read '{"access_token":"first-token-1","access_token":"second-token-2"}'
    assert.equal("first-token-1 ***", core.mask.text "first-token-1 second-token-2")
  end)

  it("is bound to hosts that a secret may go to", function()
    for host, kind in pairs { ["http://api.acme.test"] = "refused", ["a b"] = "usage" } do
      local ok, err = pcall(core.token.reader, "x", host)
      assert.same({ false, kind }, { ok, err.kind })
    end
    assert.error_matches(function() core.token.reader "x" end, "expected a host")
  end)

  it("is of no use once closed", function()
    local reader = core.token.reader("x", HOST)
    reader:close()
    reader:close()
    for _, method in ipairs { "feed", "finish" } do
      assert.error_matches(function() reader[method](reader, "x") end, "closed usagelua.token")
    end
  end)
end)
