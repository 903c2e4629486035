-- A flow function over real HTTP: its memory does not grow with what it is handed, and nothing of
-- what waits is left on disk.
local nginx = require "support.nginx"
local shell = require "support.shell"
local tmp = require "support.tmp"

local ACME <const> = [[
return { name = "acme", version = 1, base_url = "%s",
  auth = { kind = "bearer", token_env = "ACME_TOKEN" },
  datasets = { usage = { params = { count = { required = true } }, fields = { tests = "tests" },
    flow = function(ask, query, emit)
      local path = "/_json?items=" .. query.params.count
      for item in ask:each(path, "data[]") do emit(item) end
    end } } }
]]

local REPORT <const> = [[
local usage = require "usagelua"
local args = usage.args { count = { help = "how many" } }
local records = usage.collect { { "acme.usage", count = args.count } }
local total = records:aggregate { measures = { "tests" } }
local report = usage.report { title = "x", usage.table { total } }
report:write "text"
print("total " .. total:value "tests")
for line in io.lines "/proc/self/status" do
  local kb = line:match "^VmHWM:%s+(%d+)"
  if kb then print("peak " .. kb) end
end
]]

describe("a flow function", function()
  local server, folder

  setup(function()
    server, folder = nginx.start { tls = false, vendors = {} }, tmp.folder()
    os.execute(("mkdir '%s/vendors' '%s/waiting'"):format(folder.path, folder.path))
    folder:write("vendors/acme.lua", ACME:format(server.url))
    folder:write("report.lua", REPORT)
  end)

  teardown(function()
    server:stop()
    folder:remove()
  end)

  local function peak_kb(count)
    local result = shell.run({ shell.usagelua(), folder.path .. "/report.lua", "--count", tostring(count) },
      { env = { ACME_TOKEN = "acme-token-0123456789", TMPDIR = folder.path .. "/waiting" }, timeout_s = 300 })
    assert.are.equal(0, result.status, result.stderr)
    assert.are.equal(count * 49.5, tonumber(result.stdout:match "total (%d+)"))
    return tonumber(result.stdout:match "peak (%d+)")
  end

  it("is handed any number of items in the same memory", function()
    local few, many = peak_kb(200000), peak_kb(600000) -- both more than waits in memory
    if not os.getenv "ASAN_OPTIONS" then -- sanitizers hold freed memory back
      assert.is_true(many - few < 8192, ("%d KB, then %d KB"):format(few, many))
    end
    assert.are.equal("", shell.output { "ls", folder.path .. "/waiting" })
  end)
end)
