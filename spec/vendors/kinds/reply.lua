-- Answers of the small test vendors.
local calendar = require "vendors.calendar"
local ordered_json = require "vendors.ordered_json"

local object, array = ordered_json.object, ordered_json.array

local reply = {}

--- An answer of JSON, bent by the quirks of a fault rule.
function reply.json(status, root, quirks, headers)
  ordered_json.bend(root, quirks)
  return { status = status, body = ordered_json.encode(root), headers = headers }
end

function reply.failure(status, message)
  return reply.json(status, object { { "error", message } })
end

--- An item as an object.
function reply.row(item)
  return object { { "id", item.id }, { "email", item.email }, { "name", item.name },
    { "product", item.product }, { "at", calendar.rfc3339(item.at) }, { "tests", item.tests },
    { "minutes", item.minutes } }
end

--- Items as an array of objects.
function reply.rows(items, row)
  local list = {}
  for i, item in ipairs(items) do list[i] = (row or reply.row)(item) end
  return array(list)
end

--- Where this server was asked: "http://127.0.0.1:8080".
function reply.origin()
  return ngx.var.scheme .. "://" .. ngx.var.http_host
end

return reply
