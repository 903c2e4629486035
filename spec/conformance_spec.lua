-- Each check of `usagelua test` passes for a good script and fails for one that
-- breaks just it.
local conformance = require "usagelua.conformance"
local tmp = require "support.tmp"

local SCRIPT <const> = [==[
local dataset = {
  params = { team = { help = "team" } },
  window = { max_days = 31, ends = "inclusive", format = "%Y-%m-%d" },
  request = { path = "/usage", query = { from = "{from}", to = "{to}", team = "{team}" } },
  pages = { kind = "page", size = 2, total = "total" },
  rows = "data.users[]",
  fields = { user_id = "email", tests = "tests.run", team = "team" },
  sample = { period = "2026-06",
    [[{"total":3,"data":{"users":[{"email":"ada@example.com","tests":{"run":1},"team":"a"},
      {"email":"bob@example.com","tests":{"run":2}}]}}]],
    [[{"total":3,"data":{"users":[{"email":"cy@example.com","tests":{"run":3}}]}}]],
  },
}
%s
return {
  name = "acme", version = 1, base_url = "https://api.acme.test/v1",
  auth = { kind = "bearer", token_env = "ACME_TOKEN" },
  datasets = { usage = dataset },
}]==]

local folder

local BEARER <const> = "{ kind = \"bearer\", token_env = \"ACME_TOKEN\" }"

local function try(change, options, auth)
  folder = tmp.folder()
  local text = SCRIPT:gsub("%%s\n", function() return (change or "") .. "\n" end)
  folder:write("acme.lua", (text:gsub("auth = %b{}", function() return "auth = " .. (auth or BEARER) end)))
  local by_check = {}
  for _, line in ipairs(conformance.of(folder.path .. "/acme.lua", options or {})) do
    by_check[line.check] = line
  end
  return by_check
end

local function assert_line(outcome, reason, line)
  assert.are.equal(outcome, line.outcome, line.reason)
  if reason then assert.truthy((line.reason or ""):find(reason, 1, true), line.reason) end
end

describe("conformance.of", function()
  it("finds nothing wrong with a good script", function()
    local count = 0
    for check, line in pairs(try()) do
      assert.are.equal("ok", line.outcome, check .. ": " .. tostring(line.reason))
      count = count + 1
    end
    assert.are.equal(8, count)
  end)

  for _, case in ipairs {
    { "the description is valid and its names are filled", "dataset.rowz = 1", "did you mean 'rows'?" },
    { "the description is valid and its names are filled", "dataset.request.query.x = '{tema}'",
      "did you mean 'team'?" },
    { "windows tile", "dataset.window.grains = { 'hour' }", "every period is refused" },
    { "answers are read whole", "dataset.sample[2] = nil", "request 2 (GET" },
    { "answers are read whole", "dataset.sample[2] = '{\"data\":1}'", "expected an object" },
    { "answers are read whole", "dataset.sample = nil", "there is no answer to try it on" },
    { "pages end", "dataset.pages.total = nil", "it does not end" },
    { "shapes are required", "dataset.sample[3] = '{\"data\":{\"users\":[]}}'",
      "in place of answer 3 is taken for a good one" },
    { "unknown fields are kept", "dataset.record = function(r) r.conformance_probe = nil end",
      "'conformance_probe' of an item is lost" },
    { "the same result twice", "dataset.record = function(r) r.team = tostring(math.random()) end",
      "another result" },
  } do
    it(("fails '%s' where %s"):format(case[1], case[2]), function()
      assert_line("failed", case[3], try(case[2])[case[1]])
    end)
  end

  for name, auth in pairs {
    query = "{ kind = 'query', parameter = 'key', value_env = 'ACME_KEY' }",
    headers = "{ kind = 'header', headers = { ['X-A'] = 'ACME_KEY', ['X-B'] = 'ACME_APP' } }",
    client_credentials = "{ kind = 'client_credentials', token_url = '/token', "
      .. "client_id_env = 'ACME_ID', client_secret_env = 'ACME_SECRET' }",
    several = "{ { kind = 'bearer', token_env = 'ACME_TOKEN' }, "
      .. "{ kind = 'basic', username_env = 'ACME_USER', password_env = 'ACME_KEY' } }",
  } do
    it("tries a script whose auth is of kind " .. name, function()
      for check, line in pairs(try(nil, nil, auth)) do
        assert.are.equal("ok", line.outcome, check .. ": " .. tostring(line.reason))
      end
    end)
  end

  it("fails where the credential shows", function()
    local function read(_, options)
      return options.secret == false and "x" or require("usagelua.core").secret.file(
        folder:write("key", "another-0123456789"))
    end
    local lines = try(nil, { planted = { value = "ada@example.com", read = read } })
    assert_line("failed", "shows in what comes out", lines["masks hold"])
    lines = try("dataset.request.query.x = 'planted-0123'",
      { planted = { value = "planted-0123", read = read } })
    assert_line("failed", "in a request beside its auth", lines["masks hold"])
  end)

  it("leaves out what has no meaning for a dataset", function()
    local lines = try [==[
      dataset.pages, dataset.window, dataset.request.query = nil, nil, nil
      dataset.each = "products{}"
      dataset.fields = { product = "@key", tests = "products.{key}.tests" }
      dataset.sample = { [[{"data":{"users":[{"products":{"a":{"tests":1}}}]}}]] }]==]
    assert_line("not tried", nil, lines["windows tile"])
    assert_line("not tried", nil, lines["pages end"])
    assert_line("not tried", nil, lines["unknown fields are kept"])
    assert_line("ok", nil, lines["shapes are required"])
  end)

  it("asks a sample for what it answers", function()
    local lines = try [==[
      dataset.params.team.required = true
      dataset.sample.params = { team = "a" }]==]
    assert_line("ok", nil, lines["answers are read whole"])
    assert_line("failed", "'team' is required",
      try("dataset.params.team.required = true")["answers are read whole"])
    assert_line("ok", nil,
      try("dataset.params.team.required = true", { set = { team = "b" } })["answers are read whole"])
  end)
end)
