-- How many jobs of a credential live at the same time: each holds a place, and
-- whoever finds none waits until one is given back.

local live = {}

local place_methods = {}
local place_metatable = { __name = "usagelua.live.place", __index = place_methods }

local function places_of(lane)
  lane.live_jobs = lane.live_jobs or { count = 0 }
  return lane.live_jobs
end

---Jobs of the lane that hold a place: for each, one request of the rate is
---left free, so that deleting it never waits.
---@param lane usagelua.rate.lane
---@return integer
function live.count(lane)
  return places_of(lane).count
end

---Waits for a place.
---@param lane usagelua.rate.lane
---@param scheduler usagelua.scheduler
---@param most integer
---@return table place to be closed
function live.enter(lane, scheduler, most)
  local places = places_of(lane)
  while places.count >= most do scheduler:await(places) end
  places.count = places.count + 1
  return setmetatable({ places = places, scheduler = scheduler, lane = lane }, place_metatable)
end

---Gives the place back; again does nothing.
function place_methods:close()
  if self.is_closed then return end
  self.is_closed = true
  self.places.count = self.places.count - 1
  self.scheduler:signal(self.places)
  self.lane:reconsider()
end

place_metatable.__close = place_methods.close

return live
