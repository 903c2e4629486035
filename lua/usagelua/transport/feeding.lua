-- An answer whose pieces pass through Lua, given to a sink piece by piece.

local feeding = {}

---@param exchange { read: function }
---@param sink { feed: function }
---@return "wait"|"end"|nil state
---@return usagelua.error|table|nil err
function feeding.all(exchange, sink)
  while true do
    local piece, state = exchange:read()
    if not piece then
      if state == "wait" or state == "end" then return state end
      return nil, state
    end
    if not sink:feed(piece) then return nil, { kind = "sink", message = "the sink takes no more" } end
  end
end

return feeding
