-- Decodes a document to Lua tables, three times: decode.lua MODULE FILE.
-- Prints what adding up some of it gives, so that all of it must be right.
local module, path = arg[1], arg[2]
local json = require(module)
if module == "dkjson" then json = json.use_lpeg() end

local file <close> = assert(io.open(path, "rb"))
local text = file:read "a"

local function sum_of_users(list)
  local tests = 0
  for _, user in ipairs(list) do
    for _, data in pairs(user.usage.product_data) do tests = tests + data.tests_run end
  end
  return tests
end

local function sum_of_hours(list)
  local tasks = 0
  for _, row in ipairs(list) do tasks = tasks + row.task_count + row.job_failed_count end
  return tasks
end

for _ = 1, 3 do
  local data = assert(json.decode(text)).data
  local list = data.users or data
  local sum = data.users and sum_of_users(list) or sum_of_hours(list)
  print(("%d items, %.0f"):format(#list, sum))
end
