-- The summaries of the vendors that come with usagelua, by name.

local kit = require "usagelua.vendor.kit"
local loader = require "usagelua.vendor.loader"
local summary = require "usagelua.vendor.summary"

local own = loader.new { kit = kit, folders = "" }
local list = {}
for _, name in ipairs(own:names()) do
  local vendor = own:load(name)
  if vendor.origin == "built-in" then list[#list + 1] = summary.of(vendor) end
end
return list
