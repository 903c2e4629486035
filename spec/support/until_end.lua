-- What specs start: folders, servers, processes. Each ends when the spec ends it, what no spec ends
-- does with its spec file, the newest first; outside busted, with the Lua. Never when its handle is
-- collected: a path, a URL or a process id that was handed on, as in `return shell.run
-- { folder:write(...) }`, is in use when nothing holds the handle any more.
local until_end = {}

local function let_go(held, handle)
  for place = #held, 1, -1 do
    if held[place].handle == handle then return table.remove(held, place) ~= nil end
  end
  return false
end

local function end_all(held)
  local failure
  while #held > 0 do
    local last = held[#held]
    local ok, err = pcall(last.ending, last.handle)
    if not ok then failure = failure or err end
    let_go(held, last.handle)
  end
  if failure then error(failure, 0) end
end

-- Every handle holds this by its methods, so that it is not collected before them.
local held = setmetatable({}, { __gc = end_all })

-- busted loads this file anew for each spec file; mediator wants the second result to go on.
if package.loaded.busted then
  require("busted").subscribe({ "file", "end" }, function()
    end_all(held)
    return nil, true
  end)
end

---Keeps the handle; `ending` is called with it at the end, unless it was let go.
---@param handle table
---@param ending fun(handle: table) lets it go
function until_end.keep(handle, ending)
  held[#held + 1] = { handle = handle, ending = ending }
end

---For who ends it now.
---@param handle table
---@return boolean was_kept false when it has ended already
function until_end.let_go(handle)
  return let_go(held, handle)
end

return until_end
