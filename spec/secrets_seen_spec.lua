-- A vendor that repeats whatever it was sent, asked with awkward keys: no form of them is seen in
-- any format, file or message, nor in the state, the trace, the recording or a command line.
local key_forms = require "support.key_forms"
local nginx = require "support.nginx"
local shell = require "support.shell"
local tmp = require "support.tmp"

local KEYS <const> = {
  ["quotes and slashes"] = [[q"uo'te\and/slash"0123456789]],
  ["percent, plus and equals"] = "per%cent+plus=equals&0123456789%41",
  ["markup"] = "<b>mark&up</b>|*_`[x](y)0123456789",
  ["blanks within"] = "two words and\tmore 0123456789",
  ["other scripts"] = "ключ-пароль-é€😀-0123456789",
  ["control bytes"] = "esc\27[31m-bell\7-del\127-0123456789",
  ["formula"] = "=cmd|' /C calc'!A0-0123456789",
  ["a command of a log"] = "::set-env name=x::##vso[task]0123456789",
  ["direction marks"] = "left\u{202E}right\u{200B}\u{AD}-0123456789",
  ["long"] = ("long/key+with=all%of&it-"):rep(20),
}

local KINDS <const> = {
  basic = [[{ kind = "basic", username_env = "ACME_USER", password_env = "ACME_KEY" }]],
  bearer = [[{ kind = "bearer", token_env = "ACME_KEY" }]],
  header = [[{ kind = "header", headers = { ["X-Api-Key"] = "ACME_KEY" } }]],
  query = [[{ kind = "query", parameter = "api_key", value_env = "ACME_KEY" }]],
}

-- What it was sent stands in texts that become columns, and in the names of fields.
local VENDOR <const> = [[
return { name = "acme", version = 1, base_url = "%s", auth = %s,
  errors = { { status = 400, kind = "vendor" } }, error_message = { "headers.x-api-key", "target" },
  datasets = {
    usage = { request = { path = "/_echo" }, rows = ".", fields = {
      user_name = { "headers.authorization", else_path = "headers.x-api-key" }, team = "target",
      tests = "n" } },
    broken = { request = { path = "/_echo" }, rows = "target", fields = { tests = "headers" } },
  } }]]

local FORMATS <const> = { "text", "markdown", "html", "csv", "json", "ndjson", "junit", "openmetrics", "focus" }

describe("a key that the vendor repeats is nowhere seen:", function()
  local server, folder

  setup(function() server = nginx.start { tls = false, vendors = {} } end)
  teardown(function() server:stop() end)
  before_each(function()
    server:reset()
    folder = tmp.folder()
    shell.output { "mkdir", folder.path .. "/out", folder.path .. "/state" }
  end)
  after_each(function() folder:remove() end)

  local function environment(key)
    return { USAGELUA_VENDORS = folder.path, USAGELUA_STATE = folder.path .. "/state", ACME_KEY = key,
      ACME_USER = "ada", GITHUB_STEP_SUMMARY = folder.path .. "/out/summary", CI = false }
  end

  local function run(key, words)
    return shell.run({ shell.usagelua(), table.unpack(words) }, { env = environment(key),
      cwd = folder.path })
  end

  local function outputs()
    local words = {}
    for _, format in ipairs(FORMATS) do
      table.move({ "-o", ("%s=out/%s"):format(format, format) }, 1, 2, #words + 1, words)
    end
    return words
  end

  local function assert_unseen(key, texts)
    for place, text in pairs(texts) do
      local form = key_forms.seen(text, key)
      if form then error(("%s shows the key (%s):\n%s"):format(place, form, text), 2) end
    end
  end

  local function files()
    local texts = {}
    for path in shell.output({ "find", "out", "state", "-type", "f" }, { cwd = folder.path }):gmatch "[^\n]+" do
      texts[path] = folder:read(path)
    end
    return texts
  end

  for kind, auth in pairs(KINDS) do
    for name, key in pairs(KEYS) do
      it(("%s, %s"):format(kind, name), function()
        folder:write("acme.lua", VENDOR:format(server.url, auth))
        local words = { "fetch", "acme.usage", "-v", "--trace", "out/trace", "--record", "out/run.har",
          "--step-summary", table.unpack(outputs()) }
        local fetched = run(key, words)
        assert.are.equal(0, fetched.status, fetched.stderr)
        local written = files()
        assert.truthy(written["out/json"]:find('"user_name":"%*%*%*"') or written["out/json"]:find("***", 1, true))
        local broken = run(key, { "fetch", "acme.broken", "-v" })
        assert.are_not.equal(0, broken.status)
        server:control("/faults", { rules = { { path = "^/_echo", status = 400, body = key } } })
        local refused = run(key, { "fetch", "acme.usage", "-v", "-f", "json" })
        assert.are.equal(5, refused.status, refused.stderr)
        local told = run(key, { "fetch", "acme.usage" })
        for label, result in pairs { fetched = fetched, broken = broken, refused = refused, told = told } do
          written[label .. " stdout"], written[label .. " stderr"] = result.stdout, result.stderr
        end
        assert_unseen(key, written)
      end)
    end
  end

  it("in no command line, of the run or of its children", function()
    local key = KEYS.long
    folder:write("acme.lua", VENDOR:format(server.url, KINDS.bearer))
    folder:write("report.lua", [[
      local usage = require "usagelua"
      local records = usage.collect { { "acme.usage" } }
      assert(#records == 1)
      os.execute "cat /proc/[0-9]*/cmdline >lines 2>/dev/null; env >children"
      return usage.report { title = "T", usage.table { records } }]])
    local result = run(key, { "report.lua", "--trace", "out/trace" })
    assert.are.equal(0, result.status, result.stderr)
    assert.truthy(folder:read("lines"):find("report.lua", 1, true))
    assert_unseen(key, { lines = folder:read "lines", children = folder:read "children" })
  end)
end)
