-- The main job by lua-http and lua-cjson.
local cjson = require "cjson"
local request = require "http.request"
local group = dofile((arg[0]:gsub("[^/]*$", "group.lua")))

local headers, stream = assert(request.new_from_uri(arg[1]):go())
assert(headers:get ":status" == "200", headers:get ":status")
group(cjson.decode(assert(stream:get_body_as_string())))
