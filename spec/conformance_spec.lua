-- Each check of `usagelua test` passes for a good script and fails for one that
-- breaks just it.
local conformance = require "usagelua.conformance"
local pages = require "usagelua.flow.pages"
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

  it("fails where pages that come again do not end", function()
    local each = pages.each
    pages.each = function(_, ask)
      local number, answer, err = 0
      repeat
        number = number + 1
        answer, err = ask { query = { { "page", number } } }
      until not answer or answer.items < 2
      return answer and true, err
    end
    local lines = try()
    pages.each = each
    assert_line("failed", "it does not end", lines["pages end"])
  end)

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

  for kind, case in pairs {
    next = { [[{ kind = "next", next = "next" }]], [['{"next":"/v1/usage?p=2","data":{"users":[%s]}}']],
      [['{"data":{"users":[%s]}}']] },
    cursor = { [[{ kind = "cursor", next = "next" }]], [['{"next":"c","data":{"users":[%s]}}']],
      [['{"next":null,"data":{"users":[%s]}}']] },
    link = { [[{ kind = "link" }]], [[{ '{"data":{"users":[%s]}}',
      headers = { Link = '<?p=2>; rel="next"' } }]], [['{"data":{"users":[%s]}}']] },
    offset = { [[{ kind = "offset", size = 1, ends = "empty" }]], [['{"data":{"users":[%s]}}']],
      [['{"data":{"users":[%s]}}', '{"data":{"users":[]}}']] },
    partition = { [[{ kind = "partition", count = "n" }]], [['{"n":2,"data":{"users":[%s]}}']],
      [['{"data":{"users":[%s]}}']] },
  } do
    it("tries pages of kind " .. kind, function()
      local row = '{"email":"%s@example.com","tests":{"run":1},"team":"a"}'
      local lines = try(("dataset.pages = %s; dataset.sample = { period = '2026-06', %s, %s }"):format(case[1],
        case[2]:format(row:format "a"), case[3]:format(row:format "b")))
      for check, line in pairs(lines) do assert.are.equal("ok", line.outcome, check .. ": " .. tostring(line.reason)) end
    end)
  end

  it("says of a sample what it must be", function()
    for message, sample in pairs { ["sample[1] must be the text of an answer, not a number"] = "{ 7 }",
      ["sample[1] must be the text of an answer, not a table"] = "{ { 7 } }",
      ["sample[1].headers must hold texts by their names"] = "{ { '{}', headers = { 7 } } }" } do
      assert_line("failed", message, try("dataset.sample = " .. sample)["the description is valid and its names are filled"])
    end
  end)

  it("tries months that are sent by their parts", function()
    local change = "dataset.window = { max_months = 1, whole = 'month', parts = { 'year', 'month' } };"
      .. "dataset.request.query = { y = '{year}', %s team = '{team}' }"
    assert_line("ok", nil, try(change:format "m = '{month}',")["windows tile"])
    assert_line("failed", "what is sent names one year",
      try(change:format "")["the description is valid and its names are filled"])
  end)

  it("plays a report job from its samples, one for each step", function()
    local script = [==[
      dataset.request, dataset.pages = nil, nil
      dataset.job = { create = { path = "/reports", json = { f = "{from}", t = "{to}" } },
        id = "id", state = "state", done = { "done" },
        status = { path = "/reports/{job_id}/status" }, result = { path = "/reports/{job_id}" },
        delete = { path = "/reports/{job_id}" } }
      dataset.sample = { '{"id":"a"}', '{"state":"done"}', dataset.sample[1], "" }]==]
    local lines = try(script)
    assert_line("ok", nil, lines["answers are read whole"])
    assert_line("ok", nil, lines["shapes are required"])
    lines = try(script .. [[ dataset.sample[2] = '{"state":"at work"}']])
    assert_line("failed", "it is still 'at work'", lines["answers are read whole"])
  end)

  describe("on a dataset with a function of its own", function()
    local FLOW <const> = [==[
      dataset.request, dataset.pages, dataset.rows, dataset.echo, dataset.ok = nil, nil, nil, nil, nil
      dataset.sample = { '{"users":[{"email":"a","tests":{"run":1}}],"next":"2"}', '{"users":[],"next":null}' }
      dataset.flow = function(ask, query, emit)
        local cursor, seen = "1", {}
        while cursor ~= kit.null do
          local page = ask:get("/users", { query = { cursor = cursor } })
          for _, user in ipairs(page.users) do emit(user) end
          %s
          cursor = page.next
        end
      end]==]
    local GUARD <const> = 'if seen[page.next] then kit.fail "the page comes again" end seen[page.next] = true'

    it("finds nothing wrong with a good one", function()
      local lines = try(FLOW:format(GUARD))
      for _, check in ipairs { "answers are read whole", "pages end", "shapes are required", "masks hold",
        "the same result twice" } do
        assert_line("ok", nil, lines[check])
      end
      assert_line("not tried", "asked by its own function", lines["unknown fields are kept"])
    end)

    it("fails one that would ask for ever", function()
      assert_line("failed", "use ask:pages, or compare each page with the one before",
        try(FLOW:format "")["pages end"])
    end)

    it("fails one that takes nothing for an answer", function()
      assert_line("failed", "in place of answer 1 is taken for a good one",
        try [==[
          dataset.request, dataset.pages, dataset.rows, dataset.echo, dataset.ok = nil, nil, nil, nil, nil
          dataset.sample = { '{"users":[{"email":"a","tests":{"run":1}}]}' }
          dataset.flow = function(ask, query, emit)
            local ok, page = pcall(ask.get, ask, "/users")
            for _, user in ipairs(ok and page.users or {}) do emit(user) end
          end]==]["shapes are required"])
    end)
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
