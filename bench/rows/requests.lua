-- Many small requests, at once on one host, with and without latency.
local documents = require "documents"
local program = require "program"

local requests = {}

local function own(url, count, in_flight)
  return program.script("requests", { "--url", url, "--count", tostring(count), "--in-flight",
    tostring(in_flight) })
end

-- wrk runs for a time: what so many requests take is told by its rate.
local function by_rate(count)
  return function(text)
    local rate = tonumber(text:match "Requests/sec:%s+([%d.]+)")
    return rate and count / rate
  end
end

---@param count integer
---@param in_flight integer
---@return bench.row
function requests.small(count, in_flight)
  return function(url)
    local address = ("%s/plain/%s.json"):format(url, documents.small())
    local n, c = tostring(count), tostring(in_flight)
    return {
      title = ("%d requests of 1 KB, %d in flight"):format(count, in_flight),
      amount = count, unit = "requests/s", measure = "figure",
      programs = { own(address, count, in_flight), program.peer("multi", { address, n, c }),
        program.peer("lua_http_many", { address, n, c }),
        program.peer("h2load", { "-n" .. n, "-c" .. c, address }, { is_floor = true }),
        program.peer("wrk", { "-c" .. c, address }, { is_floor = true, figure = by_rate(count) }) },
      goals = { { to = "multi", at_most = 1.2 }, { to = "lua_http_many", at_least = 3.5 } },
    }
  end
end

---@param count integer
---@param in_flight integer
---@return bench.row
function requests.late(count, in_flight)
  return function(url)
    local address = ("%s/late/%s.json"):format(url, documents.small())
    return {
      title = ("%d requests with 20 ms latency, %d in flight"):format(count, in_flight),
      amount = count, unit = "requests/s",
      programs = { own(address, count, in_flight),
        program.peer("multi", { address, tostring(count), tostring(in_flight) }) },
      goals = { { to = "multi", at_most = 1.05 } },
    }
  end
end

return requests
