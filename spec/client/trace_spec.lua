local trace = require "usagelua.client.trace"

local function mask(text) return (text:gsub("hunter2hunter2", "***")) end

-- Stands for the core's opaque secret.
local function secret(name) return { name = function() return name end } end

describe("trace.curl", function()
  local function assert_line(expected, request) assert.equal(expected, trace.curl(request, mask)) end

  it("is a line to copy", function()
    assert_line("curl --compressed 'https://a.test/x?a=1&b=%20'", { url = "https://a.test/x?a=1&b=%20" })
    assert_line("curl -X POST -H 'Content-Type: application/json' --compressed "
      .. [[--data-raw '{"a":"it'\''s"}' https://a.test/x]],
      { method = "POST", url = "https://a.test/x", headers = { { "Content-Type", "application/json" } },
        body = [[{"a":"it's"}]] })
  end)

  it("has variables where credentials are", function()
    assert_line('curl -u "$LT_USERNAME:$LT_ACCESS_KEY" --compressed https://a.test/', {
      url = "https://a.test/",
      auth = { kind = "basic", username = secret "LT_USERNAME", password = secret "LT_ACCESS_KEY" } })
    assert_line('curl -u "an\\$a:***" https://a.test/', { url = "https://a.test/", gzip = false,
      auth = { kind = "basic", username = "an$a", password = secret "/run/secrets/key" } })
    assert_line('curl -H "X-A: $A" -H "Authorization: Bearer $B" --compressed https://a.test/', {
      url = "https://a.test/", auth = { { kind = "header", name = "X-A", value = secret "A" },
        { kind = "bearer", token = secret "B" } } })
  end)

  it("says what curl would take for something else", function()
    assert_line("curl --head --compressed https://a.test/", { method = "HEAD", url = "https://a.test/" })
    assert_line("curl -H 'X-Empty;' --compressed --data-raw @file --globoff 'https://a.test/?a[b]={1}'", {
      url = "https://a.test/?a[b]={1}", headers = { { "X-Empty", "" } }, body = "@file" })
  end)

  it("masks everything else", function()
    local line = trace.curl({ method = "PUT", url = "https://a.test/?k=hunter2hunter2",
      body = "hunter2hunter2", headers = { { "X", "hunter2hunter2" } } }, mask)
    assert.is_nil(line:find("hunter2", 1, true))
  end)

  it("stars the signature of a link", function()
    assert_line("curl --compressed 'https://s.test/f.csv?X-Amz-Expires=60&X-Amz-Signature=***&page=a1'",
      { url = "https://s.test/f.csv?X-Amz-Expires=60&X-Amz-Signature=0a1b2c3d4e5f&page=a1" })
  end)

  it("means to a shell what it says", function()
    local request = { url = "https://a.test/?a=$HOME&b='`id`", headers = { { "X", '"\\$(id)' } } }
    local command = trace.curl(request, mask):gsub("^curl", "printf '%%s\\n'")
    local pipe = io.popen(command)
    local words = {}
    for line in pipe:lines() do words[#words + 1] = line end
    pipe:close()
    assert.same({ "-H", 'X: "\\$(id)', "--compressed", request.url }, words)
  end)
end)
