-- The kinds of auth in a description: which keys each has, and which variables it names.
local acme = require "support.acme"
local auth = require "usagelua.vendor.auth"

local OAUTH <const> = { kind = "client_credentials", token_url = "/token", client_id_env = "ACME_ID",
  client_secret_env = "ACME_SECRET" }

local function with(changes)
  local copy = {}
  for key, value in pairs(OAUTH) do copy[key] = value end
  for key, value in pairs(changes) do copy[key] = value end
  return copy
end

local GOOD <const> = {
  { kind = "basic", username_env = "ACME_USER", password_env = "ACME_KEY" },
  { kind = "bearer", token_env = "ACME_TOKEN" },
  { kind = "header", header = "X-Key", prefix = "Key ", value_env = "ACME_KEY" },
  { kind = "header", headers = { ["DD-API-KEY"] = "ACME_KEY", ["DD-APPLICATION-KEY"] = "ACME_APP" } },
  { kind = "query", parameter = "api_key", value_env = "ACME_KEY" },
  { kind = "query", parameters = { key = "ACME_KEY", token = "ACME_TOKEN" } },
  OAUTH,
  with { scope = "usage:read", client_in = "form", form = { audience = "https://api.acme.test" },
    token_url = "https://login.acme.test/oauth/token" },
  with { kind = "refresh", refresh_token_env = "ACME_REFRESH" },
}

local function check(described)
  return pcall(acme.vendor, {}, { auth = described })
end

local function assert_refused(part, described)
  local ok, err = check(described)
  assert.is_false(ok, part)
  assert.equal("usage", err.kind)
  assert(err.message:find(part, 1, true), ("'%s' in '%s'"):format(part, err.message))
end

describe("an auth", function()
  it("of each kind is taken, alone or among others", function()
    for place, described in ipairs(GOOD) do
      local ok, vendor = check(described)
      assert.is_true(ok, tostring(place) .. ": " .. tostring(vendor))
      assert.same({ described }, vendor.auth)
    end
    local _, vendor = check(GOOD)
    assert.same(GOOD, vendor.auth)
  end)

  it("needs the keys of its kind", function()
    local needs = { basic = { "username_env", "password_env" }, bearer = { "token_env" },
      header = { "header", "value_env" }, query = { "parameter", "value_env" },
      client_credentials = { "token_url", "client_id_env", "client_secret_env" } }
    for _, described in ipairs(GOOD) do
      local keys = not (described.headers or described.parameters) and needs[described.kind]
      for _, key in ipairs(keys or {}) do
        local copy = {}
        for name, value in pairs(described) do copy[name] = value end
        copy[key] = nil
        assert_refused(("kind '%s' needs the key '%s'"):format(described.kind, key), copy)
      end
    end
    assert_refused("kind 'refresh' needs the key 'refresh_token_env'", with { kind = "refresh" })
    assert_refused("kind 'header' needs the key 'header'", { kind = "header" })
    assert_refused("auth: the key 'kind' is missing", {})
  end)

  it("has no key of another kind", function()
    assert_refused("kind 'bearer' has no key 'header'; known: token_env",
      { kind = "bearer", token_env = "ACME_TOKEN", header = "X" })
    assert_refused("kind 'client_credentials' has no key 'refresh_token_env'; known: token_url",
      with { refresh_token_env = "ACME_REFRESH" })
    assert_refused("the keys 'headers' and 'header' exclude one another", { kind = "header",
      header = "X-A", value_env = "ACME_KEY", headers = { ["X-B"] = "ACME_KEY" } })
    assert_refused("the keys 'headers' and 'prefix' exclude one another",
      { kind = "header", headers = { ["X-B"] = "ACME_KEY" }, prefix = "Key " })
    assert_refused("did you mean 'token_env'", { kind = "bearer", token_emv = "ACME_TOKEN" })
    assert_refused("auth[2]: kind 'basic' needs", { GOOD[2], { kind = "basic" } })
  end)

  it("never prints what stands where a variable's name should", function()
    for _, described in ipairs { { kind = "header", headers = { ["X-A"] = "sk-live-secret" } },
      { kind = "query", parameters = { key = "sk-live-secret" } },
      with { client_secret_env = "sk-live-secret" }, { { kind = "bearer", token_env = "sk-live-secret" } } } do
      local ok, err = check(described)
      assert.is_false(ok)
      assert.truthy(err.message:find("must be the name of an environment variable", 1, true))
      assert.is_nil(err.message:find("sk-live", 1, true))
    end
  end)

  it("refuses other values", function()
    assert_refused("'X A' does not match", { kind = "header", headers = { ["X A"] = "ACME_KEY" } })
    assert_refused("headers is empty", { kind = "header", headers = {} })
    assert_refused("parameters is a table", { kind = "query", parameters = { "ACME_KEY" } })
    assert_refused("known: form, header", with { client_in = "body" })
    assert_refused("form is a table", with { form = { audience = 1 } })
    for _, url in ipairs { "oauth/token", "https://login.acme.test", "ftp://a.test/x", "/a?b=1",
      "https://u@a.test/x" } do
      assert_refused("neither a path below base_url nor a URL", with { token_url = url })
    end
  end)

  it("names its variables in a fixed order", function()
    local function names(described)
      local list = {}
      for index, slot in ipairs(auth.variables(described)) do
        list[index] = slot.variable .. (slot.is_name and " (name)" or "")
      end
      return table.concat(list, ", ")
    end
    assert.equal("ACME_USER (name), ACME_KEY", names(GOOD[1]))
    assert.equal("ACME_KEY, ACME_APP", names(GOOD[4]))
    assert.equal("ACME_KEY, ACME_TOKEN", names(GOOD[6]))
    assert.equal("ACME_ID (name), ACME_SECRET, ACME_REFRESH", names(GOOD[9]))
  end)
end)
