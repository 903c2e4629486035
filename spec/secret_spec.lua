local core = require "usagelua.core"
local errors = require "usagelua.errors"
local child = require "support.child"
local secret = require "usagelua.secret"

local function temporary(content)
  local path = os.tmpname()
  local file <close> = assert(io.open(path, "wb"))
  file:write(content)
  return path
end

local function from(content)
  local path = temporary(content)
  local value, err = core.secret.file(path)
  os.remove(path)
  return value, err
end

local function assert_raises(kind, part, fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok)
  assert.are.equal(kind, err.kind, tostring(err))
  assert(tostring(err):find(part, 1, true), ("'%s' in '%s'"):format(part, tostring(err)))
end

-- What a child with this environment prints.
local function assert_prints(expected, env, code)
  local out, status, err = child.run(env, code)
  assert.are.equal(0, status, err)
  assert.are.equal(expected, out)
end

local KEY <const> = "key-of-the-tests-1"
local HOSTS <const> = "io.write(table.concat(core.secret.env(NAME):hosts(), ' '))"

describe("a secret", function()
  local value = assert(from(KEY))

  it("shows nothing of itself", function()
    assert.are.equal("***", tostring(value))
    assert.are.equal("key=***!", "key=" .. value .. "!")
    assert.are.equal("******", value .. value)
    assert.are.equal("1***", 1 .. value)
    assert.are.equal("***", ("%s"):format(value))
    assert.is_nil(value.bytes)
    assert.is_nil(value[1])
    assert.are.equal("usagelua.secret", getmetatable(value))
  end)

  it("is the same as another that holds the same, while both are open", function()
    local other = assert(from(KEY))
    assert.is_true(core.secret.same(value, other:bind "api.acme.test"))
    for _, text in ipairs { KEY .. "x", KEY:sub(1, -2), KEY:sub(1, -2) .. "x" } do
      assert.is_false(core.secret.same(value, assert(from(text))))
    end
    other:close()
    assert.is_false(core.secret.same(value, other))
    assert.is_false(core.secret.same(other, other))
    assert.has_error(function() core.secret.same(value, KEY) end)
  end)

  it("cannot be measured, ordered, called, walked or changed", function()
    for _, attempt in ipairs {
      function() return #value end, function() return value < value end,
      function() return value <= "z" end,
      function() return value + 1 end, function() return value() end, function() return -value end,
      function() for _ in pairs(value) do end end, function() value.x = 1 end,
      function() return value & 1 end,
      function() return value:sub(1, 1) end, function() return string.sub(value, 1) end,
      function() return setmetatable(value, {}) end, function() return ("%q"):format(value) end,
      function() return table.concat { value } end, function() return string.dump(value) end,
    } do
      local ok, err = pcall(attempt)
      assert.is_false(ok)
      assert.is_nil(tostring(err):find(KEY, 1, true))
    end
  end)

  it("equals only itself", function()
    assert.is_true(value == value)
    assert.is_false(value == from(KEY))
    assert.is_false(value == KEY)
  end)

  it("says where it came from and goes", function()
    local bound = from(KEY):bind("api.acme.test", "https://b.test:8443", "http://127.0.0.1:8080/")
    assert.are.same({ "api.acme.test", "https://b.test:8443", "http://127.0.0.1:8080" },
      bound:hosts())
    assert.are.same({}, value:hosts())
    assert(value:name():match "^/")
  end)

  it("is of no use once closed, and may be closed twice", function()
    local closed = from(KEY)
    closed:close()
    closed:close()
    assert.are.equal("***", tostring(closed))
    for _, method in ipairs { "bind", "hosts", "name" } do
      local ok, err = pcall(closed[method], closed, "h.test")
      assert.is_false(ok)
      assert(err:find("closed secret", 1, true))
    end
  end)

  it("is masked in all text, closed or not", function()
    local other = "another-key-of-the-tests"
    do local _ <close> = from(other) end
    collectgarbage()
    assert.are.equal("[***]", core.mask.text("[" .. other .. "]"))
  end)
end)

describe("secret:bind", function()
  local value = assert(from(KEY))

  it("makes a new secret and leaves the old one", function()
    assert.are.same({ "a.test" }, value:bind("a.test"):hosts())
    assert.are.same({ "b.test" }, value:bind("a.test"):bind("B.Test"):hosts())
    assert.are.same({}, value:hosts())
  end)

  it("refuses what is no host", function()
    for host, part in pairs { [""] = "no host", ["a b"] = "space", ["u@h.test"] = "user name",
        ["h.test/path"] = "does not begin", ["https://h.test/path"] = "path",
        ["https://h.test/?q"] = "path",
        ["h.test."] = "dot", ["*.h.test"] = "no host name", ["ftp://h.test"] = "does not begin",
        ["h.test\0.evil"] = "control", ["h%2etest"] = "no host name" } do
      assert_raises("usage", part, value.bind, value, host)
    end
    assert.has_error(function() value:bind() end)
    assert.has_error(function() value:bind {} end)
  end)

  it("refuses http to another machine", function()
    assert_raises("refused", "http://h.test", value.bind, value, "http://h.test")
    assert.are.same({ "http://localhost" }, value:bind("http://localhost"):hosts())
    assert.are.same({ "http://[::1]:81" }, value:bind("http://[::1]:81"):hosts())
  end)

  it("binds nothing where one of several is refused", function()
    assert.is_false((pcall(value.bind, value, "a.test", "http://b.test")))
    assert.are.same({}, value:hosts())
  end)
end)

describe("secret.file", function()
  it("takes one line, with or without its end", function()
    for _, content in ipairs { KEY, KEY .. "\n", KEY .. "\r\n", "  " .. KEY } do
      assert(from(content))
    end
  end)

  it("refuses what cannot be a key", function()
    for content, part in pairs { [""] = "is empty", ["\n"] = "is empty", ["short"] = "8 characters",
        ["sieben7"] = "8 characters", ["éééé"] = "8 characters", [KEY .. "\n\n"] = "line break",
        [KEY .. "\nmore"] = "line break", [KEY .. "\rmore"] = "line break",
        [KEY .. "\r"] = "line break", [KEY .. "\0"] = "NUL",
        [("K"):rep(65537)] = "64 KB" } do
      local value, err = from(content)
      assert.is_nil(value)
      assert.are.equal("credential", err.kind)
      assert(err.message:find(part, 1, true), err.message)
      assert.is_nil(err.message:find(KEY, 1, true))
    end
    assert(from(("K"):rep(65536)))
  end)

  it("names the path that cannot be read", function()
    for path, part in pairs { ["/nowhere/key"] = "No such file", ["/"] = "Is a directory",
        ["/etc/passwd/key"] = "Not a directory" } do
      assert_raises("credential", part, secret.file, path)
      assert_raises("credential", path, secret.file, path)
    end
  end)

  it("does not set a built-in credential free", function()
    local path = temporary(KEY)
    for _, variable in ipairs { "LT_ACCESS_KEY_FILE", "LT_ACCESS_KEY__EMEA_FILE" } do
      for _, capture in ipairs { "", "core.secret.capture() " } do
        assert_prints("refused " .. variable, { [variable] = path }, capture .. ([[
          local value, err = core.secret.file %q
          io.write(err.kind, " ", err.message:match "LT_[%%w_]+")]]):format(path:gsub("^/tmp",
            "/tmp/./")))
      end
    end
    os.remove(path)
  end)
end)

describe("secret.env", function()
  it("binds the built-in ones to their vendor's hosts", function()
    local testmu = "api.lambdatest.com eu-api.lambdatest.com"
    local browserstack = "api.browserstack.com api-enterprise.browserstack.com "
      .. "api-cloud.browserstack.com"
    for name, hosts in pairs {
      LT_ACCESS_KEY = testmu, LT_USERNAME = testmu, LT_ACCESS_KEY__EMEA = testmu,
        BROWSERSTACK_ACCESS_KEY = browserstack, BROWSERSTACK_USERNAME__B = browserstack } do
      assert_prints(hosts, { [name] = KEY }, HOSTS:gsub("NAME", ("%q"):format(name)))
    end
    local out = child.run({ WORKATO_API_TOKEN = KEY }, HOSTS:gsub("NAME", "'WORKATO_API_TOKEN'"))
    assert(out:find("www.workato.com", 1, true))
    assert(out:find("app.workatoapp.cn", 1, true))
  end)

  it("binds nothing else, however alike its name", function()
    for _, name in ipairs { "LT_ACCESS_KEYS", "MY_LT_ACCESS_KEY", "LT_ACCESS_KEY_", "lt_access_key",
      "ACME_TOKEN" } do
      assert_prints("", { [name] = KEY }, HOSTS:gsub("NAME", ("%q"):format(name)))
    end
  end)

  it("lets a built-in one be narrowed, never sent elsewhere", function()
    local code = [[
      local value = core.secret.env "LT_ACCESS_KEY"
      local function try(v, ...) local ok, r = pcall(v.bind, v, ...)
        print(ok and table.concat(r:hosts(), " ") or r.kind .. ": " .. tostring(r))
        return ok and r
      end
      local narrow = try(value, "API.LambdaTest.com")
      try(narrow, "eu-api.lambdatest.com")
      try(value, "api.lambdatest.com", "example.com")
      try(value, "api.lambdatest.com:444")
      try(value, "api.browserstack.co")
      try(value, "https://api.lambdatest.com.evil.test")
      try(value, "http://api.lambdatest.com")
      try(value, "http://127.0.0.1:80")]]
    local goes = "refused: the credential LT_ACCESS_KEY goes to api.lambdatest.com"
    local only = goes .. ", eu-api.lambdatest.com only, not to "
    assert_prints(table.concat({ "api.lambdatest.com",
      goes .. " only, not to eu-api.lambdatest.com",
      only .. "example.com", only .. "https://api.lambdatest.com:444",
      only .. "api.browserstack.co: browserstack.co is a typo in BrowserStack's documentation, and "
        .. "another domain: write api.browserstack.com",
      only .. "api.lambdatest.com.evil.test",
      "refused: cannot bind a secret to 'http://api.lambdatest.com': secrets go by https, "
        .. "and by http to this machine only",
      only .. "http://127.0.0.1", "" }, "\n"), { LT_ACCESS_KEY = KEY }, code)
  end)

  it("tells http from https on the same port", function()
    assert_prints("refused", { LT_ACCESS_KEY = KEY, USAGELUA_TESTMU_URL = "https://127.0.0.1:9" }, [[
      local value = core.secret.env "LT_ACCESS_KEY"
      assert(value:bind "https://127.0.0.1:9")
      local ok, err = pcall(value.bind, value, "http://127.0.0.1:9")
      io.write(ok and "bound" or err.kind)]])
  end)

  it("follows the vendor's URL variable, and only that", function()
    local code = HOSTS:gsub("NAME", "'LT_ACCESS_KEY'")
    for url, hosts in pairs { ["http://127.0.0.1:8080/base"] = "http://127.0.0.1:8080",
        ["https://gateway.test/lt?x"] = "gateway.test", ["https://[::1]:9/"] = "https://[::1]:9",
        [""] = "api.lambdatest.com eu-api.lambdatest.com" } do
      assert_prints(hosts, { LT_ACCESS_KEY = KEY, USAGELUA_TESTMU_URL = url }, code)
      assert_prints(hosts, { LT_ACCESS_KEY = KEY, USAGELUA_LAMBDATEST_URL = url }, code)
    end
    assert_prints("a.test", { LT_ACCESS_KEY = KEY, USAGELUA_TESTMU_URL = "https://a.test",
      USAGELUA_LAMBDATEST_URL = "https://b.test" }, code)
    assert_prints("api.lambdatest.com eu-api.lambdatest.com",
      { LT_ACCESS_KEY = KEY, USAGELUA_BROWSERSTACK_URL = "https://a.test" }, code)
  end)

  it("refuses a URL variable that leads astray, without showing it", function()
    local code = [[local v, err = core.secret.env "LT_ACCESS_KEY"
      io.write(tostring(v), " ", err.kind, " ", err.message)]]
    for url, expected in pairs {
      ["http://gateway.test"] = "^nil refused USAGELUA_TESTMU_URL leads to http://gateway",
        ["https://user:passw0rd@h.test"] = "^nil usage USAGELUA_TESTMU_URL .* holds a user name",
        ["gateway.test"] = "^nil usage USAGELUA_TESTMU_URL",
        ["http://127.0.0.1.evil.test"] = "^nil refused" } do
      local out = child.run({ LT_ACCESS_KEY = KEY, USAGELUA_TESTMU_URL = url }, code)
      assert(out:match(expected), out)
      assert.is_nil(out:find("passw0rd", 1, true))
    end
  end)

  it("names the variable and the next step where it is missing", function()
    local code = [[local ok, err = pcall(require "usagelua.secret", "LT_ACCESS_KEY")
      io.write(tostring(errors.is(err)), "|", err.kind, "|", tostring(err))]]
    local missing = "true|credential|the credential LT_ACCESS_KEY is %s; set it, "
      .. "or set LT_ACCESS_KEY_FILE to a file that holds it"
    assert_prints(missing:format "not set", {}, code)
    assert_prints(missing:format "empty", { LT_ACCESS_KEY = "" }, code)
    assert_prints(missing:format "empty", { LT_ACCESS_KEY = "", LT_ACCESS_KEY_FILE = "" }, code)
  end)

  it("refuses a value that is no key, without showing it", function()
    local code = [[local v, err = core.secret.env "LT_ACCESS_KEY"
      io.write(err.kind, ": ", err.message)]]
    for value, part in pairs { ["abc-123"] = "8 characters", ["abcdefgh\nijk"] = "line break",
        ["abcdefgh\r"] = "line break" } do
      local out = child.run({ LT_ACCESS_KEY = value }, code)
      assert(out:match "^credential: the credential LT_ACCESS_KEY ", out)
      assert(out:find(part, 1, true), out)
      assert.is_nil(out:find("abc", 1, true))
    end
  end)

  it("reads the file that NAME_FILE names, the variable first", function()
    local path = temporary("from-the-file\n")
    local code = [[local v, err = core.secret.env "ACME_TOKEN"
      io.write(core.mask.text "from-the-file from-the-variable", " ", err and err.message or "")]]
    assert_prints("*** from-the-variable ", { ACME_TOKEN_FILE = path }, code)
    assert_prints("*** from-the-variable ", { ACME_TOKEN = "", ACME_TOKEN_FILE = path }, code)
    assert_prints("from-the-file *** ",
      { ACME_TOKEN = "from-the-variable", ACME_TOKEN_FILE = path }, code)
    os.remove(path)
    local out = child.run({ ACME_TOKEN_FILE = path }, code)
    for _, part in ipairs { "ACME_TOKEN ", "ACME_TOKEN_FILE", path, "No such file" } do
      assert(out:find(part, 1, true), out)
    end
  end)

  it("names variable and path of a file that holds no key", function()
    local path = temporary("short\n")
    local out = child.run({ ACME_TOKEN_FILE = path },
      [[local v, err = core.secret.env "ACME_TOKEN" io.write(err.kind, " ", err.message)]])
    os.remove(path)
    for _, part in ipairs { "credential ", "ACME_TOKEN_FILE", path, "8 characters" } do
      assert(out:find(part, 1, true), out)
    end
    assert.is_nil(out:find("short", 1, true))
  end)

  it("reads a pipe once and remembers it", function()
    local path = os.tmpname()
    os.remove(path)
    assert(os.execute("mkfifo " .. path))
    assert(os.execute(("(echo %s > %s) &"):format(KEY, path)))
    assert_prints("*** ***", { ACME_TOKEN_FILE = path },
      [[local a = assert(core.secret.env "ACME_TOKEN")
      io.write(tostring(a), " ", tostring(assert(core.secret.env "ACME_TOKEN")))]])
    os.remove(path)
  end)

  it("takes user names of any length and masks none", function()
    for name, options in pairs { LT_USERNAME = "nil", ACME_USER = "{ secret = false }" } do
      assert_prints("billing@acme.test ***", { [name] = "billing@acme.test" }, ([[
        local v = assert(core.secret.env(%q, %s))
        io.write(core.mask.text "billing@acme.test", " ", tostring(v))]])
        :format(name, options))
      assert_prints("***", { [name] = "bo" },
        ("io.write(tostring(core.secret.env(%q, %s)))"):format(name, options))
    end
  end)

  it("hides a built-in key even where a script calls it no secret", function()
    assert_prints("***", { LT_ACCESS_KEY = KEY },
      ([[core.secret.env("LT_ACCESS_KEY", { secret = false })
      io.write(core.mask.text %q)]]):format(KEY))
  end)

  it("does not repeat a value given in place of a name", function()
    for _, name in ipairs { "", "abc-def-secret", "abc def", "1ABC", "A\0B", "A=B", "ключ" } do
      local ok, err = pcall(core.secret.env, name)
      assert.is_false(ok)
      assert.are.equal("usage", err.kind)
      assert(name == "" or not tostring(err):find(name, 1, true))
    end
    assert.has_error(function() core.secret.env(nil) end)
    assert.has_error(function() core.secret.env("A", 1) end)
  end)
end)

describe("secret.has", function()
  it("tells without reading", function()
    assert_prints("true true false false false",
      { A = "x", B_FILE = "/nowhere", C = "", D_FILE = "" }, [[
      local has = core.secret.has
      io.write(tostring(has "A"), " ", tostring(has "B"), " ", tostring(has "C"), " ",
        tostring(has "D"), " ",
        tostring(has "E"))]])
  end)

  it("names the file that it would be read from", function()
    assert_prints("nil /nowhere nil", { A = "x", A_FILE = "/elsewhere", B_FILE = "/nowhere" }, [[
      local function path(name) return tostring((select(2, core.secret.has(name)))) end
      io.write(path "A", " ", path "B", " ", path "C")]])
  end)
end)

describe("secret.capture", function()
  local env = { LT_ACCESS_KEY = KEY, LT_USERNAME = "billing", LT_ACCESS_KEY__EMEA = KEY .. "emea",
    BROWSERSTACK_ACCESS_KEY_FILE = "/nowhere", WORKATO_API_TOKEN__A_FILE = "/nowhere",
    ACME_TOKEN = KEY .. "acme",
    LT_ACCESS_KEYS = "another", KEPT = "kept" }

  it("leaves no credential to children, nor in /proc", function()
    local out = child.run(env, [[core.secret.capture() io.stdout:setvbuf "no"
      os.execute "env" io.write(io.open("/proc/self/environ"):read "a")]])
    for _, name in ipairs { "LT_ACCESS_KEY=", "LT_USERNAME=", "LT_ACCESS_KEY__EMEA=",
      "BROWSERSTACK_ACCESS_KEY_FILE=",
        "WORKATO_API_TOKEN__A_FILE=" } do
      local children = out:match "^[^\0]*"
      assert.is_nil(children:find(name, 1, true), name)
    end
    assert.is_nil(out:find(KEY .. "\n", 1, true))
    assert.is_nil(out:find(KEY .. "\0", 1, true))
    assert.is_nil(out:find(KEY .. "emea", 1, true))
    assert(out:find("KEPT=kept", 1, true))
    assert(out:find("LT_ACCESS_KEYS=another", 1, true))
    assert(out:find(KEY .. "acme", 1, true))
  end)

  it("keeps them for secret.env", function()
    assert_prints("nil true *** *** *** false", env, [[core.secret.capture() core.secret.capture()
      io.write(tostring(os.getenv "LT_ACCESS_KEY"), " ",
        tostring(core.secret.has "LT_ACCESS_KEY"), " ",
        tostring(core.secret.env "LT_ACCESS_KEY"), " ",
        tostring(core.secret.env "LT_ACCESS_KEY__EMEA"), " ",
        tostring(core.secret.env "LT_USERNAME"), " ",
        tostring(core.secret.has "LT_ACCESS_KEY__ASIA"))]])
  end)

  it("takes further names", function()
    assert_prints("nil *** nil", env, [[core.secret.capture { "ACME_TOKEN" }
      io.write(tostring(os.getenv "ACME_TOKEN"), " ", tostring(core.secret.env "ACME_TOKEN"), " ",
        tostring(os.getenv "ACME_TOKEN_FILE"))]])
  end)

  it("takes those of accounts and files with them, and nothing that only begins so", function()
    local own = { ACME_TOKEN = KEY .. "1", ACME_TOKEN__EMEA = KEY .. "2", ACME_TOKEN_FILE = "/nowhere",
      ACME_TOKEN__EMEA_FILE = "/nowhere", ACME_TOKENS = "kept-1", ACME_TOKEN_2 = "kept-2",
      ACME_USER = "kept-3" }
    assert_prints("false nil nil nil nil kept-1 kept-2 kept-3 ***", own, [[
      local found = core.secret.capture { "ACME_OTHER", "ACME_TOKEN" }
      io.write(tostring(found))
      for _, name in ipairs { "", "__EMEA", "_FILE", "__EMEA_FILE", "S", "_2" } do
        io.write(" ", tostring(os.getenv("ACME_TOKEN" .. name)))
      end
      io.write(" ", os.getenv "ACME_USER", " ", tostring(core.secret.env "ACME_TOKEN__EMEA"))]])
  end)

  it("masks the keys even where no script names them", function()
    assert_prints("*** billing *** kept", env, ([[core.secret.capture()
      io.write(core.mask.text "%s billing %semea kept")]]):format(KEY, KEY))
  end)
end)

describe("usage.secret", function()
  it("raises errors of the one kind", function()
    for _, attempt in ipairs {
      function() secret "NO_SUCH_VARIABLE_HERE" end, function() secret.file "/nowhere" end } do
      local ok, err = pcall(attempt)
      assert.is_false(ok)
      assert.is_true(errors.is(err))
      assert.are.equal("credential", err.kind)
    end
  end)

  it("reads, asks and binds", function()
    local path = temporary(KEY)
    assert.are.same({ "h.test" }, secret.file(path):bind("h.test"):hosts())
    assert.is_true(secret.has "PATH")
    assert.are.equal("PATH", secret("PATH", { secret = false }):name())
    os.remove(path)
  end)
end)
