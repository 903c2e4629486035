-- Many small requests by the primitives: usage.http.all.
local usage = require "usagelua"

local args = usage.args {
  url = { help = "what is asked for", required = true },
  count = { type = "integer", default = 1, help = "how often" },
  in_flight = { type = "integer", default = 16, help = "how many at once" },
}

local list = { in_flight = args.in_flight }
for place = 1, args.count do list[place] = args.url end

local responses, errs = usage.http.all(list)
assert(not errs, errs and select(2, next(errs)))

local bytes = 0
for _, response in ipairs(responses) do
  assert(response.status == 200, response.status)
  bytes = bytes + #response.body
end
print(("%d answers, %d bytes"):format(#responses, bytes))
