-- Records the examples' answers again, from the test vendors:
--
--     lua5.4 spec/record_examples.lua [org-usage …]
--
-- The recordings name the vendors' own hosts, so that they are replayed as
-- answers of theirs.
package.path = "spec/?.lua;" .. package.path

local nginx = require "support.nginx"
local shell = require "support.shell"

local NOW <const> = "2026-07-01T06:00:00Z"
local BASES <const> = {
  acme = "https://api.acme.test/v1",
  testmu = "https://api.lambdatest.com/insights/api/v3/public",
  browserstack = "https://api.browserstack.com",
  workato = "https://www.workato.com",
}
local LEDGERS <const> = {
  testmu = { users = 12 },
  browserstack = { users = 14, teams = 3 },
  workato = { workspaces = 12 },
}
local EXAMPLES <const> = { "org-usage", "idle-seats", "acme-licences" }

local function read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

local function write(path, text)
  local file <close> = assert(io.open(path, "wb"))
  assert(file:write(text))
end

local function plain(text)
  return (text:gsub("%p", "%%%0"))
end

local function with_own_hosts(server, text)
  for vendor, base in pairs(BASES) do
    local url = server:vendor_url(vendor)
    text = text:gsub(plain(url), function() return base end)
    text = text:gsub(plain(url:gsub("/", "\\/")), function() return (base:gsub("/", "\\/")) end)
  end
  return text
end

local function record(server, name)
  local path = ("examples/%s.har"):format(name)
  local result = shell.run({ shell.usagelua(), ("examples/%s.lua"):format(name), "--now", NOW,
    "--record", path, "-q" }, { env = server:environment(), timeout_s = 300 })
  assert(result.status == 0, result.stderr)
  write(path, with_own_hosts(server, read(path)))
  print(path)
end

local server <close> = nginx.start { tls = false, vendors = { "acme", "testmu", "browserstack", "workato" } }
for vendor, ledger in pairs(LEDGERS) do
  server:control(("/%s/settings"):format(vendor), { ledger = ledger })
end
for _, name in ipairs(#arg > 0 and arg or EXAMPLES) do record(server, name) end
