-- A transport without transfers: time passes, and keys can be signalled at a
-- given time by the spec.
return function(clock)
  local transport = { due = {}, steps = 0 }
  function transport:at(time, key) self.due[#self.due + 1] = { time = time, key = key } end
  function transport:active() return #self.due end
  function transport:close() self.closed = true end
  function transport:step(seconds)
    self.steps = self.steps + 1
    local now, first = clock.monotonic(), nil
    for _, event in ipairs(self.due) do first = math.min(first or event.time, event.time) end
    clock:advance(math.max(0, math.min(seconds, first and first - now or seconds)))
    local changed = {}
    for i = #self.due, 1, -1 do
      if self.due[i].time <= clock.monotonic() then
        changed[#changed + 1] = table.remove(self.due, i).key
      end
    end
    return changed, false
  end
  return transport
end
