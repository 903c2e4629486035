-- How many different values a dimension has: exact, by keeping each once.

local distinct = { numeric = false, grows = true }

function distinct.new()
  return { set = {}, count = 0 }
end

local function note(state, value)
  if state.set[value] then return end
  state.set[value] = true
  state.count = state.count + 1
end

function distinct.add(state, value)
  note(state, value)
end

function distinct.merge(state, other)
  for value in pairs(other.set) do note(state, value) end
end

function distinct.read(state)
  if state.count > 0 then return state.count end
end

return distinct
