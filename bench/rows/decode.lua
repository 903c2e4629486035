-- Decoding a document to Lua tables: all three libraries in plain lua5.4.
local documents = require "documents"
local paths = require "paths"
local program = require "program"

local decode = {}

---@param document string
---@param what string for people
---@param mb integer
---@param with_slow boolean
---@return bench.row
local function row(document, what, mb, with_slow)
  local path = documents.path(document)
  local own = { paths.peers .. "/decode.lua", "usagelua.json", path }
  local list = { program.module("usagelua.json in lua5.4", own), program.peer("lua_cjson", { path }) }
  if with_slow then list[3] = program.peer("dkjson", { path }) end
  return {
    title = ("Decode %d MB of %s to Lua tables, three times"):format(mb, what), mb = 3 * mb,
    programs = list, goals = { { to = "lua_cjson", at_least = 1.4 } },
  }
end

---@param mb integer
---@param with_slow boolean
---@return bench.row
function decode.users(mb, with_slow)
  return function() return row(documents.users(mb), "users", mb, with_slow) end
end

---@param mb integer
---@param with_slow boolean
---@return bench.row
function decode.hours(mb, with_slow)
  return function() return row(documents.hours(mb), "hourly rows", mb, with_slow) end
end

return decode
