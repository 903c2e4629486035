-- The specs' own HTTP client, the curl command: independent of the code under test.
local shell = require "support.shell"
local tmp = require "support.tmp"

local curl = {}

local LIMIT_S <const> = 60

---@class curl.Options
---@field method string?
---@field user string? "name:key", sent as Basic
---@field headers table<string, string>?
---@field body string? sent by POST where no method is named
---@field ca_file string? certificate authority to trust
---@field words string[]? further words of the command line
---@field limit_s number? seconds, default 60

---@class curl.Answer
---@field status integer? nil when no status line came
---@field headers table<string, string> by lower-case name; the last of a kind counts
---@field body string
---@field http string? "1.1" or "2"
---@field exit integer curl's exit status, 0 when the transfer was whole
---@field message string curl's words about it

local function add(words, ...)
  table.move({ ... }, 1, select("#", ...), #words + 1, words)
end

local function command(url, options, folder)
  local words = { "curl", "-q", "-sS", "--noproxy", "*", "--max-time",
    tostring(options.limit_s or LIMIT_S), "-D", folder.path .. "/head", "-o", folder.path .. "/body",
    "-w", "%{http_code} %{http_version}" }
  if options.method then add(words, "-X", options.method) end
  if options.user then add(words, "-u", options.user) end
  if options.ca_file then add(words, "--cacert", options.ca_file) end
  if options.body then add(words, "--data-binary", "@-") end
  for name, value in pairs(options.headers or {}) do add(words, "-H", name .. ": " .. value) end
  add(words, table.unpack(options.words or {}))
  add(words, url)
  return words
end

local function headers_of(head)
  local headers = {}
  for name, value in head:gmatch "([^\r\n:]+):%s*([^\r\n]*)" do headers[name:lower()] = value end
  return headers
end

-- Not by shell.run: curl keeps its own time limit, and specs ask hundreds of times.
local function run(words, body, folder)
  folder:write("input", body or "")
  local path = shell.quote(folder.path)
  local _, _, exit = os.execute("exec " .. shell.words(words) ..
    (" <%s/input >%s/written 2>%s/message"):format(path, path, path))
  return exit
end

--- Sends one request.
---@param url string
---@param options curl.Options?
---@return curl.Answer
function curl.request(url, options)
  options = options or {}
  local folder <close> = tmp.folder()
  local exit = run(command(url, options, folder), options.body, folder)
  local status, version = (folder:read "written" or ""):match "^(%d+) (%S+)"
  return {
    status = status ~= "000" and math.tointeger(tonumber(status)) or nil,
    http = version,
    headers = headers_of(folder:read "head" or ""),
    body = folder:read "body" or "",
    exit = exit,
    message = folder:read "message" or "",
  }
end

return curl
