-- The number of rows, or of those that have the source.

local count = { numeric = false, grows = true }

function count.new()
  return { rows = 0 }
end

function count.add(state)
  state.rows = state.rows + 1
end

function count.merge(state, other)
  state.rows = state.rows + other.rows
end

function count.read(state)
  if state.rows > 0 then return state.rows end
end

return count
