-- TZif files, which are not trusted: refused with a reason, or a zone whose
-- changes go forward and whose local times come back (the laws stand in
-- fuzz/host.c).

local host = ...

return function(bytes)
  local ok, reason = host.zone(bytes)
  assert(ok or type(reason) == "string", "refused without a reason")
end
