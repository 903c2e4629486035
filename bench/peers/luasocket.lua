-- The main job by LuaSocket and lua-cjson.
local cjson = require "cjson"
local http = require "socket.http"
local ltn12 = require "ltn12"
local group = dofile(arg[0]:gsub("[^/]*$", "group.lua"))

local pieces = {}
local ok, status = http.request { url = arg[1], sink = ltn12.sink.table(pieces) }
assert(ok and status == 200, status)
group(cjson.decode(table.concat(pieces)))
