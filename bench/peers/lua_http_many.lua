-- Many small requests by lua-http: lua_http_many.lua URL COUNT IN_FLIGHT. As many
-- connections as may be in flight, each kept alive and used by one coroutine.
local client = require "http.client"
local cqueues = require "cqueues"
local headers = require "http.headers"

local url, count, in_flight = arg[1], tonumber(arg[2]), tonumber(arg[3])
local host, port, path = url:match "^http://([^:/]+):(%d+)(/.*)$"

local asked, answers, bytes = 0, 0, 0

local function ask(connection)
  local stream = assert(connection:new_stream())
  local request = headers.new()
  request:append(":method", "GET")
  request:append(":scheme", "http")
  request:append(":authority", host .. ":" .. port)
  request:append(":path", path)
  assert(stream:write_headers(request, true))
  local response = assert(stream:get_headers())
  assert(response:get ":status" == "200")
  bytes = bytes + #assert(stream:get_body_as_string())
  answers = answers + 1
end

local queue = cqueues.new()
for _ = 1, in_flight do
  queue:wrap(function()
    local connection = assert(client.connect { host = host, port = tonumber(port), version = 1.1 })
    while asked < count do
      asked = asked + 1
      ask(connection)
    end
    connection:close()
  end)
end
assert(queue:loop())
print(("%d answers, %d bytes"):format(answers, bytes))
