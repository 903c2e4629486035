-- What `usagelua new vendor NAME` writes: a vendor script with its cassette and
-- spec, as a rock. @name@ stands for the name, @NAME@ for it in capitals.

local DESCRIPTION <const> = [==[
-- @name@: what it can be asked for, and how. Every key is listed in
-- usagelua's docs/vendor-description.md; what a table cannot say is asked by a
-- function (docs/flows.md). Say of each fact where it stands.

---@type usagelua.vendor_description
local vendor = {
  name     = "@name@",
  version  = 1,                                   -- of this description format
  title    = "@name@",
  base_url = "https://api.@host@.example/v1",
  auth     = { kind = "bearer", token_env = "@NAME@_TOKEN" },
  rate     = { burst = 5, per_minute = 60, in_flight = 4 },
  check    = { dataset = "usage" },               -- the cheapest call, for `usagelua check`

  errors = {
    { status = 401, kind = "auth", message = "the token was not accepted",
      hint = "compare @NAME@_TOKEN with the one on the vendor's page" },
  },

  datasets = {
    usage = {
      help    = "tests of each user",
      status  = "unverified",                     -- documented, observed, assumed
      sources = { { page = "the vendor's page", read = "@today@", status = "assumed" } },
      params  = { team = { help = "team id", match = "^[%w-]+$" } },
      window  = { max_days = 31, ends = "inclusive", format = "%Y-%m-%d" },
      request = { path = "/usage", query = { from = "{from}", to = "{to}", team = "{team}" } },
      pages   = { kind = "page", size_send = "limit", size = 100, ends = "short" },
      rows    = "data[]",
      fields  = {
        user_id    = { "email", lower = true },
        product    = { value = "@name@" },
        tests      = "tests_run",                 -- a known measure: kind and unit are known
        duration_s = { "minutes", unit = "min" }, -- unit of the source; converted
        licences   = { "seats", kind = "last", of = "team", unit = "1" },
        team       = "team",
      },
    },
  },
}

return vendor
]==]

-- The rows of the recorded answer, as they stand in a JSON string.
local ROWS <const> = table.concat({
  [[{\"email\":\"ada@example.com\",\"team\":\"web\",]],
  [[\"tests_run\":120,\"minutes\":90,\"seats\":5},]],
  [[{\"email\":\"Grace@example.com\",\"team\":\"web\",]],
  [[\"tests_run\":30,\"minutes\":12,\"seats\":5}]],
})

-- The answer to `usagelua fetch @name@.usage --period 2026-06`.
local CASSETTE <const> = [==[
{"log":{"version":"1.2","creator":{"name":"usagelua","version":"@version@"},
"_usagelua":{"format":1,"now":1782972000.000,"zone":"UTC","version":"@version@"},"entries":[
{"startedDateTime":"2026-07-02T06:00:00.000Z","time":120.000,
"request":{"method":"GET",
"url":"https://api.@host@.example/v1/usage?from=2026-06-01&to=2026-06-30&page=1&limit=100",
"httpVersion":"HTTP/1.1","cookies":[],"headers":[{"name":"Accept","value":"application/json"}],
"queryString":[{"name":"from","value":"2026-06-01"},{"name":"to","value":"2026-06-30"},
{"name":"page","value":"1"},{"name":"limit","value":"100"}],"headersSize":-1,"bodySize":0},
"response":{"status":200,"statusText":"","httpVersion":"HTTP/1.1","cookies":[],
"headers":[{"name":"content-type","value":"application/json"}],
"content":{"size":171,"mimeType":"application/json",
"text":"{\"data\":[]==] .. ROWS .. [==[]}"},
"redirectURL":"","headersSize":-1,"bodySize":171},
"cache":{},"timings":{"send":0,"wait":100.000,"receive":20.000}}
]}}
]==]

local SPEC <const> = [==[
-- Run with `busted`, in the folder of the rockspec, with usagelua on PATH (or
-- USAGELUA_BIN its path).

local function run(command)
  local binary = os.getenv "USAGELUA_BIN" or "usagelua"
  local pipe = io.popen(("USAGELUA_VENDORS=vendors '%s' %s 2>&1; echo status $?"):format(binary, command))
  local text = pipe:read "*a"
  pipe:close()
  return text
end

describe("@name@", function()
  it("conforms, on its cassette", function()
    local text = run "test vendors/@name@.lua"
    assert.truthy(text:find("status 0\n", 1, true), text)
  end)

  it("gives the recorded figures", function()
    local text = run("fetch @name@.usage --group-by team --measures tests,duration_s,licences "
      .. "-q -f csv --replay vendors/@name@.har")
    assert.truthy(text:find("web,150,6120,5,", 1, true), text)
    assert.truthy(text:find("status 0\n", 1, true), text)
  end)
end)
]==]

local ROCKSPEC <const> = [==[
rockspec_format = "3.0"
package = "usagelua-@name@"
version = "0.1-1"
source = {
  url = "git+https://github.com/YOU/usagelua-@name@.git", -- yours
  tag = "v0.1",
}
description = {
  summary = "@name@ for usagelua: its usage API as a vendor script",
  homepage = "https://github.com/YOU/usagelua-@name@",
  license = "MIT",
  labels = { "usagelua" },
}
dependencies = {
  "lua >= 5.4", -- the script is a table; usagelua itself is installed by its user
}
test_dependencies = { "busted >= 2.0" }
test = { type = "busted" }
build = {
  type = "builtin",
  modules = { ["usagelua.vendors.@name@"] = "vendors/@name@.lua" },
}
]==]

local README <const> = [==[
# @name@ for usagelua

    export @NAME@_TOKEN=…                        # or @NAME@_TOKEN_FILE, a file that holds it
    usagelua check @name@
    usagelua fetch @name@.usage --period "last month"

From this folder say where the script lies: `export USAGELUA_VENDORS=$PWD/vendors`.

## Working on it

    usagelua test vendors/@name@.lua              # conformance, on vendors/@name@.har
    usagelua fetch @name@.usage --record vendors/@name@.har
    busted

A cassette holds no credential, and what your vendor answered: look through it
before it is published. After a new one, put its figures into spec/@name@_spec.lua.

## Publishing it

    luarocks --lua-version=5.4 make              # installs it here
    git tag v0.1 && git push --tags
    luarocks upload usagelua-@name@-0.1-1.rockspec

Users then have it by `luarocks --lua-version=5.4 install usagelua-@name@`.
]==]

local FOLDER <const> = "usagelua-@name@/"

return {
  { path = FOLDER .. "vendors/@name@.lua", text = DESCRIPTION },
  { path = FOLDER .. "vendors/@name@.har", text = CASSETTE },
  { path = FOLDER .. "spec/@name@_spec.lua", text = SPEC },
  { path = FOLDER .. "usagelua-@name@-0.1-1.rockspec", text = ROCKSPEC },
  { path = FOLDER .. "README.md", text = README },
}
